#include "store/row_check.h"

#include <stdlib.h>
#include <string.h>

#include "store/extra.h"

#define SQL_BYTES ((size_t)1 << 20)

/* What was put aside of the item at hand; the key is '[]' without one. */
static const char aside_ddl[] =
    "CREATE TEMP TABLE canon_aside (table_name TEXT NOT NULL,"
    " row_key TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,"
    " place TEXT NOT NULL, payload TEXT NOT NULL) STRICT";

/* Parameters of one row that goes: ?1 is its number. */
enum { ASIDE_ROW = 1, ASIDE_CODE, ASIDE_REASON, ASIDE_PLACE, ASIDE_PAYLOAD };

/* Parameters of what is written down. */
enum { WRITE_LABEL = 1, WRITE_RUN, WRITE_NOW };

/* --- opening ------------------------------------------------------------ */

/* Each alone, so that a mistake is told by its name. */
static int
try_check(struct row_checks *k, const struct decl_table *t,
    const struct decl_sql *c)
{
	struct buf sql, name;
	sqlite3_stmt *s = NULL;

	buf_init(&sql, SQL_BYTES);
	buf_init(&name, 256);
	if (buf_printf(&sql, "SELECT NOT (%s\n) FROM temp.\"%s\"", c->sql,
	    t->name) == 0)
		s = db_prepare(k->s->db, sql.data);
	if (s == NULL && buf_printf(&name, "%s.checks.%s", t->name, c->name)
	    == 0)
		staging_fail_sql(k->s, "table", name.data);
	sqlite3_finalize(s);
	buf_release(&name);
	buf_release(&sql);
	return s == NULL ? -1 : 0;
}

/* The row's own key as one text; the columns after prefix. */
static int
key_sql(struct buf *b, const struct decl_table *t, const char *prefix)
{
	size_t i;

	for (i = 0; i < t->n_key; i++)
		if (buf_printf(b, "%s%s\"%s\"", i > 0 ? ", " : "json_array(",
		    prefix, t->columns[t->key[i]].name) == -1)
			return -1;
	return buf_chr(b, ')');
}

/* Columns of a row that is not all well; then each check. */
enum { FOUND_ROW, FOUND_KEY, FOUND_CHECK };

static int
find_sql(struct buf *b, const struct decl_table *t)
{
	size_t i;

	if (buf_str(b, "SELECT * FROM (SELECT rowid, ") == -1 ||
	    key_sql(b, t, "") == -1)
		return -1;
	for (i = 0; i < t->n_checks; i++)
		if (buf_printf(b, ", (NOT (%s\n)) IS 1 AS c%zu",
		    t->checks[i].sql, i) == -1)
			return -1;
	if (buf_printf(b, " FROM temp.\"%s\") WHERE 0", t->name) == -1)
		return -1;
	for (i = 0; i < t->n_checks; i++)
		if (buf_printf(b, " OR c%zu", i) == -1)
			return -1;
	return 0;
}

static int
aside_sql(struct buf *b, const struct decl_table *t)
{
	if (buf_printf(b, "INSERT INTO temp.canon_aside SELECT '%s', ",
	    t->name) == -1 || key_sql(b, t, "") == -1)
		return -1;
	return buf_printf(b, ", ?2, ?3, ?4, ?5 FROM temp.\"%s\""
	    " WHERE rowid = ?1", t->name);
}

static int
remove_sql(struct buf *b, const struct decl_table *t)
{
	return buf_printf(b, "DELETE FROM temp.\"%s\" WHERE rowid = ?1",
	    t->name);
}

/* It is over, unless the very row was put aside again. */
static int
resolve_sql(struct buf *b, const struct decl_table *t)
{
	if (buf_printf(b, "UPDATE main.quarantine AS q SET resolved_at = ?3,"
	    " resolved_run = ?2, resolution = iif(EXISTS (SELECT 1"
	    " FROM temp.\"%s\" AS t WHERE ", t->name) == -1 ||
	    key_sql(b, t, "t.") == -1)
		return -1;
	return buf_printf(b, " = q.row_key), 'good', 'gone')"
	    " WHERE q.dataset = ?1 AND q.resolved_at IS NULL"
	    " AND q.table_name = '%s' AND NOT EXISTS (SELECT 1"
	    " FROM temp.canon_aside AS a WHERE a.table_name = q.table_name"
	    " AND a.row_key = q.row_key AND a.code = q.code"
	    " AND a.payload = q.\"row\")", t->name);
}

static sqlite3_stmt *
prepare(struct row_checks *k, const struct decl_table *t,
    int (*sql)(struct buf *, const struct decl_table *))
{
	sqlite3_stmt *s = NULL;
	struct buf b;

	buf_init(&b, SQL_BYTES);
	if (sql(&b, t) == 0)
		s = db_prepare(k->s->db, b.data);
	buf_release(&b);
	return s;
}

static int
open_table(struct row_checks *k, size_t i)
{
	const struct decl_table *t = &k->s->decl->tables[i];
	struct row_check_table *p = &k->tables[i];
	size_t c;

	if ((p->resolve = prepare(k, t, resolve_sql)) == NULL)
		return -1;
	for (c = 0; c < t->n_checks; c++)
		if (try_check(k, t, &t->checks[c]) == -1)
			return -1;
	if (t->n_checks == 0)
		return 0;
	p->find = prepare(k, t, find_sql);
	p->aside = prepare(k, t, aside_sql);
	p->remove = prepare(k, t, remove_sql);
	return p->find == NULL || p->aside == NULL || p->remove == NULL ? -1 :
	    0;
}

static int
open_writing(struct row_checks *k)
{
	struct db *db = k->s->db;

	k->keyless = db_prepare(db, "INSERT INTO temp.canon_aside"
	    " SELECT table_name, '[]', 'missing_key', reason, part || ' row '"
	    " || (element + 1), payload FROM temp.quarantine");
	k->open = db_prepare(db, "SELECT 1 FROM main.quarantine"
	    " WHERE dataset = ?1 AND resolved_at IS NULL LIMIT 1");
	k->forget = db_prepare(db, "DELETE FROM temp.canon_aside");
	/* The very row that waits already is nothing new. */
	k->add = db_prepare(db, "INSERT INTO main.quarantine (dataset,"
	    " table_name, row_key, code, reason, place, \"row\", run, at)"
	    " SELECT ?1, a.table_name, a.row_key, a.code, a.reason, a.place,"
	    " a.payload, ?2, ?3 FROM temp.canon_aside AS a WHERE NOT EXISTS"
	    " (SELECT 1 FROM main.quarantine AS q WHERE q.dataset = ?1"
	    " AND q.resolved_at IS NULL AND q.table_name = a.table_name"
	    " AND q.row_key = a.row_key AND q.code = a.code"
	    " AND q.\"row\" = a.payload) ORDER BY a.rowid");
	return k->keyless == NULL || k->open == NULL || k->forget == NULL ||
	    k->add == NULL ? -1 : 0;
}

int
row_checks_open(struct row_checks *k, struct staging *s)
{
	const struct decl *d = s->decl;
	size_t i;

	*k = (struct row_checks){ .s = s };
	arena_init(&k->arena);
	k->tables = calloc(d->n_tables + 1, sizeof(*k->tables));
	if (k->tables == NULL)
		return staging_fail_errno(s, d->file);
	if (db_exec(s->db, aside_ddl) == -1 || open_writing(k) == -1)
		return -1;
	for (i = 0; i < d->n_tables; i++)
		if (d->tables[i].paged && open_table(k, i) == -1)
			return -1;
	return 0;
}

void
row_checks_close(struct row_checks *k)
{
	size_t i;

	if (k->s == NULL)
		return;
	for (i = 0; k->tables != NULL && i < k->s->decl->n_tables; i++) {
		struct row_check_table *t = &k->tables[i];

		sqlite3_finalize(t->find);
		sqlite3_finalize(t->aside);
		sqlite3_finalize(t->remove);
		sqlite3_finalize(t->resolve);
		free(t->raw);
	}
	sqlite3_finalize(k->keyless);
	sqlite3_finalize(k->open);
	sqlite3_finalize(k->forget);
	sqlite3_finalize(k->add);
	free(k->tables);
	arena_release(&k->arena);
	*k = (struct row_checks){ 0 };
}

/* --- the rows of an item ------------------------------------------------ */

int
row_checks_clear(struct row_checks *k)
{
	size_t i;

	for (i = 0; i < k->s->decl->n_tables; i++)
		k->tables[i].n = 0;
	k->aside = 0;
	arena_clear(&k->arena);
	return db_run(k->s->db, k->forget);
}

int
row_checks_keep(struct row_checks *k, size_t table, int64_t element,
    yyjson_val *values)
{
	struct row_check_table *t = &k->tables[table];
	struct row_raw *more;

	if (t->find == NULL)
		return 0;
	if (t->n == t->room) {
		t->room = t->room * 2 + 16;
		more = realloc(t->raw, t->room * sizeof(*more));
		if (more == NULL)
			return -1;
		t->raw = more;
	}
	t->raw[t->n].element = element;
	if (extra_canonical(&k->arena, values, &t->raw[t->n].text) == -1)
		return -1;
	t->n++;
	return 0;
}

/* --- checking ----------------------------------------------------------- */

/* A note of the check, with the row that s is on as its example. */
static int
note(struct row_checks *k, const struct decl_table *t,
    const struct decl_sql *c, enum finding_severity severity,
    sqlite3_stmt *s)
{
	const char *key = db_text(s, FOUND_KEY);
	struct note *p = notes_count(&k->s->notes, c->name, severity,
	    t->name, "", 1);

	if (p == NULL || key == NULL)
		return staging_fail_errno(k->s, t->name);
	if (note_wants(p, key))
		note_example(p, key, c->text);
	return 0;
}

static int
put_aside(struct row_checks *k, size_t table, int64_t row,
    const struct decl_sql *c)
{
	const struct decl_table *t = &k->s->decl->tables[table];
	struct row_check_table *p = &k->tables[table];
	const struct row_raw *raw = &p->raw[row - 1];
	struct buf place;
	int r = -1;

	buf_init(&place, 256);
	if (buf_printf(&place, "%s row %lld", t->part,
	    (long long)raw->element + 1) == -1) {
		staging_fail_errno(k->s, t->name);
	} else {
		sqlite3_bind_int64(p->aside, ASIDE_ROW, row);
		db_bind(p->aside, ASIDE_CODE, c->name);
		db_bind(p->aside, ASIDE_REASON, c->text);
		db_bind(p->aside, ASIDE_PLACE, place.data);
		cell_bind(p->aside, ASIDE_PAYLOAD, &raw->text);
		sqlite3_bind_int64(p->remove, ASIDE_ROW, row);
		r = db_run(k->s->db, p->aside) == -1 ||
		    db_run(k->s->db, p->remove) == -1 ? -1 : 0;
	}
	buf_release(&place);
	k->s->tables[table].rows--;
	k->s->tables[table].quarantined++;
	k->aside++;
	return r;
}

/* The first error of a row that was found, or NULL. */
static const struct decl_sql *
first_error(const struct decl_table *t, sqlite3_stmt *s)
{
	size_t i;

	for (i = 0; i < t->n_checks; i++)
		if (sqlite3_column_int(s, FOUND_CHECK + (int)i) &&
		    strcmp(t->checks[i].severity, "error") == 0)
			return &t->checks[i];
	return NULL;
}

/* Only of a row that stays the warnings are told. */
static int64_t
warn(struct row_checks *k, const struct decl_table *t, sqlite3_stmt *s)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < t->n_checks; i++) {
		if (!sqlite3_column_int(s, FOUND_CHECK + (int)i))
			continue;
		n++;
		if (note(k, t, &t->checks[i], FINDING_WARNING, s) == -1)
			return -1;
	}
	return n;
}

/* A row that goes when all have been looked at. */
struct doomed {
	struct doomed *next;
	int64_t row;
	const struct decl_sql *check;
};

static int
doom(struct row_checks *k, struct doomed **list, int64_t row,
    const struct decl_sql *c)
{
	struct doomed *p = arena_alloc(&k->arena, sizeof(*p));

	if (p == NULL)
		return staging_fail_errno(k->s, c->name);
	*p = (struct doomed){ *list, row, c };
	*list = p;
	return 0;
}

/* One row that is not all well.  Its warnings, or -1. */
static int64_t
found(struct row_checks *k, const struct decl_table *t, sqlite3_stmt *s,
    struct doomed **list)
{
	const struct decl_sql *c = first_error(t, s);

	if (c == NULL)
		return warn(k, t, s);
	return note(k, t, c, FINDING_ERROR, s) == -1 ? -1 :
	    doom(k, list, sqlite3_column_int64(s, FOUND_ROW), c);
}

int64_t
row_checks_run(struct row_checks *k, size_t table)
{
	const struct decl_table *t = &k->s->decl->tables[table];
	sqlite3_stmt *s = k->tables[table].find;
	struct doomed *list = NULL;
	int64_t n = 0, more = 0;
	int r = 0;

	if (s == NULL || k->s->tables[table].rows == 0)
		return 0;
	while (more != -1 && (r = db_step(k->s->db, s)) == 1) {
		more = found(k, t, s, &list);
		n += more;
	}
	sqlite3_reset(s);
	if (more == -1 || r == -1)
		return -1;
	for (; list != NULL; list = list->next)
		if (put_aside(k, table, list->row, list->check) == -1)
			return -1;
	return n;
}

/* --- writing ------------------------------------------------------------ */

/* Run s, which may use any of the parameters. */
static int
run(struct row_checks *k, sqlite3_stmt *s, const char *label,
    const char *by, const char *now)
{
	db_bind(s, WRITE_LABEL, label);
	db_bind(s, WRITE_RUN, by);
	db_bind(s, WRITE_NOW, now);
	return db_run(k->s->db, s);
}

/* Does anything of the item wait?  1, 0 or -1. */
static int
is_open(struct row_checks *k, const char *label)
{
	int r;

	db_bind(k->open, WRITE_LABEL, label);
	r = db_step(k->s->db, k->open);
	sqlite3_reset(k->open);
	return r;
}

static int64_t
keyless(const struct row_checks *k)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < k->s->decl->n_tables; i++)
		n += k->s->tables[i].quarantined;
	return n - k->aside;
}

int64_t
row_checks_write(struct row_checks *k, const char *label,
    const unsigned char *asked, const char *by, const char *now)
{
	const struct decl *d = k->s->decl;
	int64_t bare = keyless(k);
	int waits = is_open(k, label);
	size_t i;

	if (waits == -1 || (bare > 0 && db_run(k->s->db, k->keyless) == -1))
		return -1;
	for (i = 0; waits == 1 && i < d->n_tables; i++)
		if (asked[i] && run(k, k->tables[i].resolve, label, by, now)
		    == -1)
			return -1;
	if (k->aside + bare == 0)
		return 0;
	if (run(k, k->add, label, by, now) == -1)
		return -1;
	return k->aside + bare;
}
