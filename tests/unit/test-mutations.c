/*
 * test-mutations -- no change of the source goes unseen.
 *
 * 1,000 times, one leaf of one element of a real capture is changed to
 * something that is not the same by any rule of the declaration, and the
 * element is mapped again: the hashes of its rows must differ.
 */
#include "base/rng.h"
#include "captures.h"

#define MUTATIONS 1000

struct leaves {
	yyjson_mut_val **list;	/* owned */
	size_t n, cap;
};

static void
collect(yyjson_mut_val *v, struct leaves *l)
{
	yyjson_mut_val *key, *item;
	size_t i, max;

	if (yyjson_mut_is_arr(v)) {
		yyjson_mut_arr_foreach(v, i, max, item)
			collect(item, l);
		return;
	}
	if (yyjson_mut_is_obj(v)) {
		yyjson_mut_obj_foreach(v, i, max, key, item)
			collect(item, l);
		return;
	}
	if (l->n == l->cap) {
		l->cap = 2 * l->cap + 64;
		l->list = realloc(l->list, l->cap * sizeof(*l->list));
	}
	l->list[l->n++] = v;
}

/* Another value of the same type, or of another one. */
static void
change_text(yyjson_mut_doc *doc, yyjson_mut_val *v, uint64_t random)
{
	size_t n = yyjson_mut_get_len(v), at = random / 16 % (n + 1);
	char *text = malloc(n + 2);

	memcpy(text, yyjson_mut_get_str(v), n);
	text[n] = '\0';
	switch (random % 4) {
	case 0:			/* one more character at the end */
		text[n] = 'x';
		text[n + 1] = '\0';
		break;
	case 1:			/* one more in front */
		memmove(text + 1, text, n + 1);
		text[0] = '7';
		break;
	case 2:			/* another one somewhere; stays ASCII */
		if (at < n && text[at] > ' ') {
			text[at] = text[at] == 'Q' ? 'R' : 'Q';
			break;
		}
		/* FALLTHROUGH */
	default:
		yyjson_mut_set_int(v, 5);	/* no text at all */
		free(text);
		return;
	}
	v->uni.str = unsafe_yyjson_mut_strncpy(doc, text, strlen(text));
	unsafe_yyjson_set_len(v, strlen(text));
	free(text);
}

static void
change(yyjson_mut_doc *doc, yyjson_mut_val *v, uint64_t random)
{
	if (yyjson_mut_is_str(v))
		change_text(doc, v, random);
	else if (yyjson_mut_is_null(v))
		yyjson_mut_set_str(v, "x");
	else if (yyjson_mut_is_bool(v) && random % 2 == 0)
		yyjson_mut_set_bool(v, !yyjson_mut_get_bool(v));
	else if (yyjson_mut_is_num(v) && random % 2 == 0)
		yyjson_mut_set_real(v, yyjson_mut_get_num(v) + 0.5);
	else if (yyjson_mut_is_num(v))
		yyjson_mut_set_sint(v, yyjson_mut_get_sint(v) + 1);
	else
		yyjson_mut_set_null(v);
}

/* The hashes of the rows that one element makes, as one sorted text. */
static void
map_one(struct staged *g, const char *part, yyjson_mut_val *element,
    struct buf *out)
{
	yyjson_doc *doc = yyjson_mut_val_imut_copy(element, NULL);
	const struct decl_table *t = g->decl->tables;
	char sql[256];

	if (map_begin(&g->map, part) == -1 ||
	    map_element(&g->map, yyjson_doc_get_root(doc)) == -1 ||
	    staging_flush(&g->staging) == -1)
		staged_die(part, staging_message(&g->staging));
	yyjson_doc_free(doc);
	buf_clear(out);
	for (; t < g->decl->tables + g->decl->n_tables; t++) {
		if (t->sql != NULL || t->distinct)
			continue;
		snprintf(sql, sizeof(sql), "SELECT '%s', hex(row_hash) FROM "
		    "\"%s\" ORDER BY 2", t->name, t->name);
		staged_query(g, sql, out);
		snprintf(sql, sizeof(sql), "DELETE FROM \"%s\"", t->name);
		if (db_exec(g->staging.db, sql) == -1)
			staged_die(sql, db_message(g->staging.db));
	}
	staged_query(g, "SELECT payload FROM quarantine", out);
	db_exec(g->staging.db, "DELETE FROM quarantine");
}

static int
mutate(struct staged *g, const char *part, yyjson_val *root, uint64_t *state)
{
	yyjson_val *element = yyjson_arr_get(root, rng_next(state) %
	    yyjson_arr_size(root));
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *copy = yyjson_val_mut_copy(doc, element);
	struct leaves leaves = { NULL, 0, 0 };
	struct buf before, after;
	yyjson_mut_val *leaf;
	char *was, *is;
	int seen;

	buf_init(&before, (size_t)16 << 20);
	buf_init(&after, (size_t)16 << 20);
	map_one(g, part, copy, &before);
	collect(copy, &leaves);
	leaf = leaves.list[rng_next(state) % leaves.n];
	was = yyjson_mut_val_write(leaf, 0, NULL);
	change(doc, leaf, rng_next(state));
	is = yyjson_mut_val_write(leaf, 0, NULL);
	map_one(g, part, copy, &after);
	seen = strcmp(before.data, after.data) != 0;
	if (!seen)
		printf("# unseen: %s -> %s\n", was, is);
	free(was);
	free(is);
	free(leaves.list);
	buf_release(&before);
	buf_release(&after);
	yyjson_mut_doc_free(doc);
	return seen;
}

static void
test_part(const struct decl *d, const char *part, const char *file,
    const char *db, int mutations, uint64_t *state)
{
	yyjson_doc *doc = captures_read(file);
	struct staged g;
	int i, seen = 0;

	staged_open(&g, d, "20261/CM", db);
	for (i = 0; i < mutations; i++)
		seen += mutate(&g, part, yyjson_doc_get_root(doc), state);
	tap_ok(seen == mutations, "%s: %d of %d changes are seen", part, seen,
	    mutations);
	staged_close(&g);
	yyjson_doc_free(doc);
}

int
main(void)
{
	char db[128], *top;
	uint64_t state;
	struct decl d;
	int n = captures_count() == 1 ? 20 : MUTATIONS;

	if (!captures_there("every change is seen"))
		return tap_done();
	top = captures_tmpdir();
	snprintf(db, sizeof(db), "%s/s.sqlite", tmpdir_path);
	state = captures_seed();
	staged_decl(&d, CAPTURES_DECL);
	test_part(&d, "courses", captures[1].courses, db, n, &state);
	test_part(&d, "openSections", captures[1].open, db, n / 10, &state);
	decl_release(&d);
	tmpdir_leave();
	free(top);
	return tap_done();
}
