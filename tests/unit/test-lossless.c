/*
 * test-lossless -- nothing of a payload is lost.
 *
 * Every element of the real captures is built again from the staged tables
 * and extra alone, by code that shares nothing with the map: it knows the
 * declaration's list of columns and SQL.  Rebuilt and original elements
 * are brought into one normal form and compared as sets.  The normal form
 * ignores what the declaration says may go: blanks at the ends of trimmed
 * text, the difference between null, "" and absent, the form of numbers,
 * value maps, and the order of members and arrays.
 *
 * So that extra is needed at all, the same is done with a capture whose
 * values were replaced at random by others that fit nowhere.
 */
#include <ctype.h>
#include <stddef.h>

#include "base/rng.h"
#include "captures.h"

/* --- the normal form ---------------------------------------------------- */

/* How the text at a path is stored; paths have "*" for array items. */
struct rule {
	char path[256];
	const struct decl_column *column;
};

struct rules {
	struct rule list[512];
	size_t n;
};

static void
table_path(const struct decl *d, const struct decl_table *t, char *out,
    size_t size)
{
	char up[256] = "";

	if (t->parent != -1)
		table_path(d, &d->tables[t->parent], up, sizeof(up));
	snprintf(out, size, "%s%s/*", up, t->rows);
}

static void
rules_init(struct rules *r, const struct decl *d, const char *part)
{
	const struct decl_table *t;
	const struct decl_column *c;
	char path[256];

	r->n = 0;
	for (t = d->tables; t < d->tables + d->n_tables; t++) {
		if (t->sql != NULL || strcmp(t->part, part) != 0)
			continue;
		table_path(d, t, path, sizeof(path));
		for (c = t->columns; c < t->columns + t->n_columns; c++)
			if (c->lossless && c->type == DECL_TEXT &&
			    (!c->trim || c->n_values > 0)) {
				r->list[r->n].column = c;
				if (snprintf(r->list[r->n++].path, 256,
				    "%s%s", path, c->pointer) >= 256)
					staged_die(c->name, "path");
			}
	}
}

static const struct decl_column *
rule_of(const struct rules *r, const char *path)
{
	size_t i;

	for (i = 0; r != NULL && i < r->n; i++)
		if (strcmp(r->list[i].path, path) == 0)
			return r->list[i].column;
	return NULL;
}

static void
normal_text(yyjson_val *v, const struct decl_column *c, struct jsonw *w)
{
	const char *s = yyjson_get_str(v);
	size_t i, n = yyjson_get_len(v);

	if (c == NULL || c->trim) {
		while (n > 0 && isspace((unsigned char)s[n - 1]))
			n--;
		for (; n > 0 && isspace((unsigned char)*s); n--)
			s++;
	}
	for (i = 0; c != NULL && i < c->n_values; i++)
		if (strlen(c->values[i].from) == n &&
		    memcmp(c->values[i].from, s, n) == 0) {
			jsonw_str(w, NULL, c->values[i].to);
			return;
		}
	jsonw_strn(w, NULL, s, n);
}

static void normal(yyjson_val *, const struct rules *, const char *,
    struct buf *);

static int
text_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort and join what was made of the items, and free it. */
static void
join(char **items, size_t n, const char *brackets, struct buf *out)
{
	size_t i;

	qsort(items, n, sizeof(*items), text_cmp);
	buf_chr(out, brackets[0]);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_chr(out, ',');
		buf_str(out, items[i]);
		free(items[i]);
	}
	buf_chr(out, brackets[1]);
	free(items);
}

static int
is_nothing(const char *text)
{
	return strcmp(text, "\"\"") == 0 || strcmp(text, "null") == 0 ||
	    strcmp(text, "{}") == 0 || strcmp(text, "[]") == 0;
}

static void
normal_object(yyjson_val *v, const struct rules *r, const char *path,
    struct buf *out)
{
	char **items = calloc(yyjson_obj_size(v) + 1, sizeof(*items));
	char below[512];
	const char *name;
	yyjson_val *key, *value;
	size_t i, max, n = 0;
	struct buf member;
	struct jsonw w;
	size_t start;

	yyjson_obj_foreach(v, i, max, key, value) {
		name = unsafe_yyjson_get_str(key);
		snprintf(below, sizeof(below), "%s/%s", path, name);
		buf_init(&member, (size_t)64 << 20);
		jsonw_init(&w, &member);
		jsonw_str(&w, NULL, name);
		buf_chr(&member, ':');
		start = member.len;
		normal(value, r, below, &member);
		if (is_nothing(member.data + start))
			buf_release(&member);
		else
			items[n++] = buf_detach(&member);
	}
	join(items, n, "{}", out);
}

static void
normal_array(yyjson_val *v, const struct rules *r, const char *path,
    struct buf *out)
{
	char **items = calloc(yyjson_arr_size(v) + 1, sizeof(*items));
	char below[512];
	yyjson_val *value;
	size_t i, max;
	struct buf item;

	snprintf(below, sizeof(below), "%s/*", path);
	yyjson_arr_foreach(v, i, max, value) {
		buf_init(&item, (size_t)64 << 20);
		normal(value, r, below, &item);
		if (is_nothing(item.data)) {
			buf_clear(&item);
			buf_str(&item, "{}");
		}
		items[i] = buf_detach(&item);
	}
	join(items, yyjson_arr_size(v), "[]", out);
}

static void
normal(yyjson_val *v, const struct rules *r, const char *path,
    struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	if (yyjson_is_obj(v))
		normal_object(v, r, path, out);
	else if (yyjson_is_arr(v))
		normal_array(v, r, path, out);
	else if (yyjson_is_str(v))
		normal_text(v, rule_of(r, path), &w);
	else if (yyjson_is_num(v))
		jsonw_real(&w, NULL, yyjson_get_num(v));
	else
		jsonw_val(&w, NULL, v);
}

/* --- building elements from tables -------------------------------------- */

struct builder {
	const struct decl *d;
	struct db *db;
	sqlite3_stmt **below;	/* rows of a table, by parent */
	yyjson_mut_doc *doc;
};

/* SELECT the columns and extra of t, its number, and its parent's key. */
static sqlite3_stmt *
prepare(struct builder *b, const struct decl_table *t)
{
	const struct decl_table *up;
	struct buf sql, index;
	sqlite3_stmt *s;
	size_t i;

	buf_init(&sql, 65536);
	buf_init(&index, 65536);
	buf_str(&sql, "SELECT occurrence, extra");
	for (i = 0; i < t->n_columns; i++)
		buf_printf(&sql, ", \"%s\"", t->columns[i].name);
	buf_printf(&sql, " FROM \"%s\"", t->name);
	if (t->parent != -1) {
		up = &b->d->tables[t->parent];
		buf_printf(&index, "CREATE INDEX \"t_%s\" ON \"%s\" ("
		    "parent_occurrence", t->name, t->name);
		buf_str(&sql, " WHERE parent_occurrence = ?");
		for (i = 0; i < up->n_key; i++) {
			const char *name = up->columns[up->key[i]].name;

			buf_printf(&sql, " AND \"%s\" IS ?", name);
			buf_printf(&index, ", \"%s\"", name);
		}
		buf_str(&index, ")");
		if (db_exec(b->db, index.data) == -1)
			staged_die(index.data, db_message(b->db));
	}
	if ((s = db_prepare(b->db, sql.data)) == NULL)
		staged_die(sql.data, db_message(b->db));
	buf_release(&sql);
	buf_release(&index);
	return s;
}

static yyjson_mut_val *
cell_value(struct builder *b, const struct decl_column *c, sqlite3_stmt *s,
    int i)
{
	const char *text = db_text(s, i);
	size_t n = (size_t)sqlite3_column_bytes(s, i);
	char hhmm[32];

	switch (c->type) {
	case DECL_TEXT:
		return yyjson_mut_strncpy(b->doc, text, n);
	case DECL_INTEGER:
	case DECL_DIGITS:
		return yyjson_mut_sint(b->doc, sqlite3_column_int64(s, i));
	case DECL_REAL:
		return yyjson_mut_real(b->doc, sqlite3_column_double(s, i));
	case DECL_BOOLEAN:
		return yyjson_mut_bool(b->doc, sqlite3_column_int(s, i) == 1);
	case DECL_MINUTES:
		snprintf(hhmm, sizeof(hhmm), "%02d%02d",
		    sqlite3_column_int(s, i) / 60,
		    sqlite3_column_int(s, i) % 60);
		return yyjson_mut_strcpy(b->doc, hhmm);
	case DECL_JSON:
		break;
	}
	staged_die(c->name, "no such column in these captures");
	return NULL;
}

/* Deep union; what is there already stays beside what comes. */
static void
merge(struct builder *b, yyjson_mut_val *to, yyjson_val *from)
{
	yyjson_val *key, *value;
	yyjson_mut_val *there;
	size_t i, max;

	yyjson_obj_foreach(from, i, max, key, value) {
		there = yyjson_mut_obj_get(to, yyjson_get_str(key));
		if (yyjson_is_obj(value) && yyjson_mut_is_obj(there))
			merge(b, there, value);
		else
			yyjson_mut_obj_add(to, yyjson_val_mut_copy(b->doc,
			    key), yyjson_val_mut_copy(b->doc, value));
	}
}

static yyjson_mut_val *rebuild(struct builder *, const struct decl_table *,
    sqlite3_stmt *);

/* Ask for the rows of child whose parent is the present row s of t. */
static void
bind_parent(const struct decl_table *t, sqlite3_stmt *s, sqlite3_stmt *below)
{
	size_t i;

	sqlite3_bind_int64(below, 1, sqlite3_column_int64(s, 0));
	for (i = 0; i < t->n_key; i++)
		sqlite3_bind_value(below, (int)i + 2,
		    sqlite3_column_value(s, (int)t->key[i] + 2));
}

static void
add_children(struct builder *b, const struct decl_table *t, sqlite3_stmt *s,
    yyjson_mut_val *element)
{
	const struct decl_table *child;
	yyjson_mut_val *array;
	sqlite3_stmt *below;

	for (child = t + 1; child < b->d->tables + b->d->n_tables; child++) {
		if (child->parent != t - b->d->tables)
			continue;
		below = b->below[child - b->d->tables];
		bind_parent(t, s, below);
		array = yyjson_mut_arr(b->doc);
		while (db_step(b->db, below) == 1)
			yyjson_mut_arr_append(array, rebuild(b, child,
			    below));
		if (yyjson_mut_arr_size(array) > 0 &&
		    !yyjson_mut_ptr_add(element, child->rows, array, b->doc))
			staged_die(child->name, "two values in one place");
	}
}

static yyjson_mut_val *
rebuild(struct builder *b, const struct decl_table *t, sqlite3_stmt *s)
{
	yyjson_mut_val *element = yyjson_mut_obj(b->doc);
	const char *extra = db_text(s, 1);
	const struct decl_column *c;
	yyjson_doc *doc;
	size_t i;

	for (i = 0; i < t->n_columns; i++) {
		c = &t->columns[i];
		if (!c->lossless ||
		    sqlite3_column_type(s, (int)i + 2) == SQLITE_NULL)
			continue;
		if (c->pointer[0] == '\0')
			return cell_value(b, c, s, (int)i + 2);
		if (yyjson_mut_ptr_get(element, c->pointer) == NULL)
			yyjson_mut_ptr_add(element, c->pointer,
			    cell_value(b, c, s, (int)i + 2), b->doc);
	}
	add_children(b, t, s, element);
	if (extra == NULL)
		return element;
	doc = yyjson_read(extra, strlen(extra), 0);
	if (yyjson_is_obj(yyjson_doc_get_root(doc)))
		merge(b, element, yyjson_doc_get_root(doc));
	else
		element = yyjson_val_mut_copy(b->doc,
		    yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	return element;
}

/* --- comparing ---------------------------------------------------------- */

struct set {
	char **items;
	size_t n;
};

static void
set_free(struct set *s)
{
	while (s->n > 0)
		free(s->items[--s->n]);
	free(s->items);
}

static void
set_original(struct set *s, const struct rules *rules, yyjson_doc *doc)
{
	yyjson_val *root = yyjson_doc_get_root(doc), *v;
	struct buf text;
	size_t i, max;

	s->n = yyjson_arr_size(root);
	s->items = calloc(s->n + 1, sizeof(*s->items));
	yyjson_arr_foreach(root, i, max, v) {
		buf_init(&text, (size_t)64 << 20);
		normal(v, rules, "/*", &text);
		s->items[i] = buf_detach(&text);
	}
	qsort(s->items, s->n, sizeof(*s->items), text_cmp);
}

static void
set_add(struct set *s, const struct rules *rules, yyjson_mut_val *element)
{
	yyjson_doc *doc = yyjson_mut_val_imut_copy(element, NULL);
	struct buf text;

	if (s->n % 1024 == 0)
		s->items = realloc(s->items, (s->n + 1024) *
		    sizeof(*s->items));
	buf_init(&text, (size_t)64 << 20);
	normal(yyjson_doc_get_root(doc), rules, "/*", &text);
	s->items[s->n++] = buf_detach(&text);
	yyjson_doc_free(doc);
}

static void
set_rebuilt(struct set *s, const struct rules *rules, struct builder *b,
    const char *part)
{
	const struct decl_table *t = b->d->tables;
	sqlite3_stmt *rows;

	while (t->parent != -1 || t->distinct || t->sql != NULL ||
	    strcmp(t->part, part) != 0)
		t++;
	s->n = 0;
	s->items = NULL;
	rows = b->below[t - b->d->tables];
	while (db_step(b->db, rows) == 1) {
		b->doc = yyjson_mut_doc_new(NULL);
		set_add(s, rules, rebuild(b, t, rows));
		yyjson_mut_doc_free(b->doc);
	}
	qsort(s->items, s->n, sizeof(*s->items), text_cmp);
}

/* The index of the first difference, or -1. */
static ptrdiff_t
difference(const struct set *a, const struct set *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return (ptrdiff_t)i;
	return a->n == b->n ? -1 : (ptrdiff_t)i;
}

static const char *
item(const struct set *s, ptrdiff_t i)
{
	return (size_t)i < s->n ? s->items[i] : "(none)";
}

static void
compare(struct builder *b, const char *what, const char *part,
    yyjson_doc *payload)
{
	static struct rules rules;
	struct set original, rebuilt;
	ptrdiff_t i;

	rules_init(&rules, b->d, part);
	set_original(&original, &rules, payload);
	set_rebuilt(&rebuilt, &rules, b, part);
	i = difference(&original, &rebuilt);
	if (!tap_ok(i == -1, "%s %s: %zu elements are rebuilt", what, part,
	    original.n))
		printf("# original: %.3000s\n#  rebuilt: %.3000s\n",
		    item(&original, i), item(&rebuilt, i));
	set_free(&original);
	set_free(&rebuilt);
}

/* The test must be able to fail: change a cell, move a row, lose a row. */
static void
test_damage(struct builder *b, yyjson_doc *payload)
{
	static const char *const damage[] = {
		"UPDATE section_comments SET description = 'x' "
		"WHERE rowid = 7",
		"UPDATE section_meetings SET index_number = (SELECT "
		"max(index_number) FROM sections) WHERE rowid = 7",
		"DELETE FROM section_instructors WHERE rowid = 7"
	};
	static struct rules rules;
	struct set original, rebuilt;
	size_t i;

	rules_init(&rules, b->d, "courses");
	set_original(&original, &rules, payload);
	for (i = 0; i < TAP_COUNT(damage); i++) {
		if (db_exec(b->db, damage[i]) == -1)
			staged_die(damage[i], db_message(b->db));
		set_rebuilt(&rebuilt, &rules, b, "courses");
		tap_ok(difference(&original, &rebuilt) != -1,
		    "seen: %s", damage[i]);
		set_free(&original);
		original = rebuilt;
	}
	set_free(&original);
}

/* --- values that fit nowhere -------------------------------------------- */

/* What no key may become, or its row would be put aside. */
static int
may_change(const char *name, yyjson_mut_val *value)
{
	return strcmp(name, "courseString") != 0 &&
	    strcmp(name, "index") != 0 && !(strcmp(name, "sections") == 0 &&
	    yyjson_mut_is_arr(value));
}

static yyjson_mut_val *
odd_value(yyjson_mut_doc *doc, uint64_t random)
{
	static const char *const odd[] = { "null", "\"  x \"", "\" \"",
	    "\"a\\u0000b\"", "7", "-7.25", "9007199254740993", "true", "[]",
	    "{}", "{\"code\":{\"deep\":[1,{\"x\":null}]}}",
	    "[1,\"b\",null,{\"code\":\" c\"}]", "{\"TH\":\"TH\"}" };
	const char *text = odd[random % TAP_COUNT(odd)];
	yyjson_doc *value = yyjson_read(text, strlen(text), 0);
	yyjson_mut_val *copy = yyjson_val_mut_copy(doc,
	    yyjson_doc_get_root(value));

	yyjson_doc_free(value);
	return copy;
}

/* Put another value where v is; its place in the list stays. */
static void
replace(yyjson_mut_val *v, const yyjson_mut_val *other)
{
	yyjson_mut_val *next = v->next;

	*v = *other;
	v->next = next;
}

/* Replace one value in 50, and add a member to one object in 50. */
static void
make_odd(yyjson_mut_doc *doc, yyjson_mut_val *v, uint64_t *state)
{
	yyjson_mut_val *key, *value;
	yyjson_mut_obj_iter members;
	yyjson_mut_arr_iter items;

	if (yyjson_mut_is_arr(v)) {
		yyjson_mut_arr_iter_init(v, &items);
		while ((value = yyjson_mut_arr_iter_next(&items)) != NULL)
			make_odd(doc, value, state);
		return;
	}
	if (!yyjson_mut_is_obj(v))
		return;
	yyjson_mut_obj_iter_init(v, &members);
	while ((key = yyjson_mut_obj_iter_next(&members)) != NULL) {
		value = yyjson_mut_obj_iter_get_val(key);
		if (rng_next(state) % 50 == 0 &&
		    may_change(yyjson_mut_get_str(key), value))
			replace(value, odd_value(doc,
			    rng_next(state)));
		else
			make_odd(doc, value, state);
	}
	if (rng_next(state) % 50 == 0)
		yyjson_mut_obj_add_val(doc, v, "new member",
		    odd_value(doc, rng_next(state)));
}

/* A capture with odd values, as a file and as a document. */
static yyjson_doc *
write_odd(const char *from, const char *to)
{
	yyjson_doc *doc = captures_read(from);
	yyjson_mut_doc *copy = yyjson_doc_mut_copy(doc, NULL);
	uint64_t state = captures_seed();

	make_odd(copy, yyjson_mut_doc_get_root(copy), &state);
	if (!yyjson_mut_write_file(to, copy, 0, NULL, NULL))
		staged_die(to, "cannot write");
	yyjson_doc_free(doc);
	doc = yyjson_mut_doc_imut_copy(copy, NULL);
	yyjson_mut_doc_free(copy);
	return doc;
}

/* --- the captures ------------------------------------------------------- */

static void
build_open(struct builder *b, const struct decl *d, struct staged *g)
{
	size_t i;

	b->d = d;
	b->db = g->staging.db;
	b->below = calloc(d->n_tables, sizeof(sqlite3_stmt *));
	for (i = 0; i < d->n_tables; i++)
		if (d->tables[i].sql == NULL && !d->tables[i].distinct)
			b->below[i] = prepare(b, &d->tables[i]);
}

static void
build_close(struct builder *b)
{
	size_t i;

	for (i = 0; i < b->d->n_tables; i++)
		sqlite3_finalize(b->below[i]);
	free(b->below);
}

static void
test_capture(const struct decl *d, const struct capture *c, const char *db)
{
	yyjson_doc *courses = captures_read(c->courses);
	yyjson_doc *open = captures_read(c->open);
	struct builder b;
	struct staged g;

	staged_open(&g, d, c->dataset, db);
	if (staged_file(&g, "courses", c->courses) == -1 ||
	    staged_file(&g, "openSections", c->open) == -1)
		staged_die(c->dataset, staging_message(&g.staging));
	staged_complete(&g);
	build_open(&b, d, &g);
	compare(&b, c->dataset, "courses", courses);
	compare(&b, c->dataset, "openSections", open);
	if (c == captures)
		test_damage(&b, courses);
	build_close(&b);
	staged_close(&g);
	yyjson_doc_free(courses);
	yyjson_doc_free(open);
}

static void
test_odd(const struct decl *d, const struct capture *c, const char *db,
    const char *file)
{
	yyjson_doc *doc = write_odd(c->courses, file);
	struct builder b;
	struct staged g;
	struct buf out;

	buf_init(&out, 65536);
	staged_open(&g, d, c->dataset, db);
	if (staged_file(&g, "courses", file) == -1)
		staged_die(c->dataset, staging_message(&g.staging));
	staged_complete(&g);
	staged_query(&g, "SELECT count(*) FROM quarantine", &out);
	tap_str(out.data, "0\n", "no row of odd values is put aside");
	build_open(&b, d, &g);
	compare(&b, "odd values in", "courses", doc);
	build_close(&b);
	staged_close(&g);
	yyjson_doc_free(doc);
	buf_release(&out);
}

int
main(void)
{
	char db[128], file[128], *top;
	struct decl d;
	size_t i;

	if (!captures_there("payloads are rebuilt"))
		return tap_done();
	top = captures_tmpdir();
	snprintf(db, sizeof(db), "%s/s.sqlite", tmpdir_path);
	snprintf(file, sizeof(file), "%s/odd.json", tmpdir_path);
	staged_decl(&d, CAPTURES_DECL);
	for (i = 0; i < captures_count(); i++)
		test_capture(&d, &captures[i], db);
	test_odd(&d, &captures[captures_count() / 2], db, file);
	decl_release(&d);
	tmpdir_leave();
	free(top);
	return tap_done();
}
