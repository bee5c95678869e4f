/*
 * test-shuffle -- the order of members and arrays means nothing.
 *
 * The real captures, with the members of every object and the items of
 * every array in another order, give the same tables: each column of each
 * row, its number and its hash.
 */
#include "base/rng.h"
#include "captures.h"
#include "decl/ddl.h"

static void
swap(yyjson_mut_val **v, size_t a, size_t b)
{
	yyjson_mut_val *t = v[a];

	v[a] = v[b];
	v[b] = t;
}

static void shuffle(yyjson_mut_val *, uint64_t *);

static void
shuffle_array(yyjson_mut_val *v, uint64_t *state)
{
	size_t i, n = yyjson_mut_arr_size(v);
	yyjson_mut_val **items = calloc(n + 1, sizeof(*items));

	for (i = 0; i < n; i++)
		shuffle(items[i] = yyjson_mut_arr_remove_first(v), state);
	for (i = n; i > 1; i--)
		swap(items, i - 1, rng_next(state) % i);
	for (i = 0; i < n; i++)
		yyjson_mut_arr_append(v, items[i]);
	free(items);
}

static void
shuffle_object(yyjson_mut_val *v, uint64_t *state)
{
	size_t i, j, max, n = yyjson_mut_obj_size(v);
	yyjson_mut_val **pairs = calloc(2 * n + 2, sizeof(*pairs));
	yyjson_mut_val *key, *value;

	yyjson_mut_obj_foreach(v, i, max, key, value) {
		pairs[2 * i] = key;
		shuffle(pairs[2 * i + 1] = value, state);
	}
	yyjson_mut_obj_clear(v);
	for (i = n; i > 1; i--) {
		j = rng_next(state) % i;
		swap(pairs, 2 * (i - 1), 2 * j);
		swap(pairs, 2 * (i - 1) + 1, 2 * j + 1);
	}
	for (i = 0; i < n; i++)
		yyjson_mut_obj_add(v, pairs[2 * i], pairs[2 * i + 1]);
	free(pairs);
}

static void
shuffle(yyjson_mut_val *v, uint64_t *state)
{
	if (yyjson_mut_is_arr(v))
		shuffle_array(v, state);
	else if (yyjson_mut_is_obj(v))
		shuffle_object(v, state);
}

/* The file's payload in another order, as a file of its own. */
static void
write_shuffled(const char *file, const char *out, uint64_t *state)
{
	yyjson_doc *doc = captures_read(file);
	yyjson_mut_doc *copy = yyjson_doc_mut_copy(doc, NULL);

	shuffle(yyjson_mut_doc_get_root(copy), state);
	if (!yyjson_mut_write_file(out, copy, 0, NULL, NULL))
		staged_die(out, "cannot write");
	yyjson_mut_doc_free(copy);
	yyjson_doc_free(doc);
}

/* One hash of a table's rows in key order, each with all its columns. */
static void
hash_table(struct staged *g, const struct decl_table *t, struct buf *out)
{
	unsigned char hash[ROWHASH_BYTES];
	struct buf sql, scratch;
	struct cell cells[128];
	sqlite3_stmt *s;
	int i, n, r;

	buf_init(&sql, 65536);
	buf_init(&scratch, (size_t)64 << 20);
	buf_str(&sql, "SELECT ");
	ddl_names(&sql, t, "");
	buf_printf(&sql, ", hex(row_hash) FROM \"%s\" ORDER BY ", t->name);
	ddl_key(&sql, t, "");
	if ((s = db_prepare(g->staging.db, sql.data)) == NULL)
		staged_die(sql.data, db_message(g->staging.db));
	n = sqlite3_column_count(s);
	while ((r = db_step(g->staging.db, s)) == 1) {
		for (i = 0; i < n; i++)
			cells[i] = cell_column(s, i);
		if (rowhash(&scratch, cells, (size_t)n, NULL, hash) == -1)
			staged_die(t->name, "rowhash");
		for (i = 0; i < ROWHASH_BYTES; i++)
			buf_printf(out, "%02x", hash[i]);
		buf_chr(out, '\n');
	}
	if (r == -1)
		staged_die(t->name, db_message(g->staging.db));
	sqlite3_finalize(s);
	buf_release(&sql);
	buf_release(&scratch);
}

static void
content(const struct decl *d, const char *dataset, const char *courses,
    const char *open, const char *db, struct buf *out)
{
	struct staged g;
	size_t i;

	staged_open(&g, d, dataset, db);
	if (staged_file(&g, "courses", courses) == -1 ||
	    staged_file(&g, "openSections", open) == -1)
		staged_die(dataset, staging_message(&g.staging));
	staged_complete(&g);
	for (i = 0; i < d->n_tables; i++)
		hash_table(&g, &d->tables[i], out);
	staged_query(&g, "SELECT * FROM findings", out);
	staged_close(&g);
}

static void
test_capture(const struct decl *d, const struct capture *c, const char *dir,
    uint64_t *state)
{
	char courses[128], open[128], db[128];
	struct buf a, b;

	snprintf(courses, sizeof(courses), "%s/courses.json", dir);
	snprintf(open, sizeof(open), "%s/open.json", dir);
	snprintf(db, sizeof(db), "%s/s.sqlite", dir);
	buf_init(&a, (size_t)64 << 20);
	buf_init(&b, (size_t)64 << 20);
	write_shuffled(c->courses, courses, state);
	write_shuffled(c->open, open, state);
	content(d, c->dataset, c->courses, c->open, db, &a);
	content(d, c->dataset, courses, open, db, &b);
	tap_ok(a.len == b.len && memcmp(a.data, b.data, a.len) == 0,
	    "%s: the same tables in any order", c->dataset);
	buf_release(&a);
	buf_release(&b);
}

int
main(void)
{
	uint64_t state;
	struct decl d;
	size_t i;
	char *top;

	if (!captures_there("shuffled payloads give the same tables"))
		return tap_done();
	top = captures_tmpdir();
	state = captures_seed();
	staged_decl(&d, CAPTURES_DECL);
	for (i = 0; i < captures_count(); i++)
		test_capture(&d, &captures[i], tmpdir_path, &state);
	decl_release(&d);
	tmpdir_leave();
	free(top);
	return tap_done();
}
