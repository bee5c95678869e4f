#include "store/canon_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/canon_table.h"

/* Bytes of one statement: a table of 200 columns needs some 20 kB. */
#define SQL_BYTES ((size_t)1 << 20)

/* Parameters: ?1 to ?8 are the dataset's key; see {dataset}. */
#define PARAM_VERSION (LIMIT_PART_MEMBERS + 1)	/* ?9 */
#define PARAM_TABLE (LIMIT_PART_MEMBERS + 2)	/* ?10 */

enum rows_sql {
	SQL_ACTIVE_KEYS,
	SQL_STAGE_KEYS,
	SQL_FORGET,
	SQL_FOUND,
	SQL_ARCHIVE,
	SQL_REMOVE,
	SQL_REPLACE,
	SQL_ADD,
	SQL_OLD_KEYS,
	SQL_NEW_KEYS,
	SQL_ACTIVE_ROW,
	SQL_STAGE_ROW,
	SQL_HISTORY_ROW,
	SQL_LATER_ROW,
	SQL_COUNT
};

static const char *const templates[SQL_COUNT] = {
	[SQL_ACTIVE_KEYS] =
	    "SELECT t.rowid, {same}, {key} FROM main.{name} AS t"
	    " WHERE {dataset} ORDER BY {key}",
	[SQL_STAGE_KEYS] =
	    "SELECT t.rowid, {same}, {key} FROM {schema}.{name} AS t"
	    " WHERE {dataset} ORDER BY {key}",
	[SQL_FORGET] = "DELETE FROM temp.canon_change WHERE tbl = ?10",
	[SQL_FOUND] =
	    "INSERT INTO temp.canon_change (tbl, seq, old_id, new_id)"
	    " VALUES (?10, ?9, nullif(?1, 0), nullif(?2, 0))",
	/* CROSS JOIN: the changes lead, each finds its row by number. */
	[SQL_ARCHIVE] =
	    "INSERT INTO main.{name_history} ({names}, valid_from, valid_to)"
	    " SELECT {columns}, t.valid_from, ?9 FROM temp.canon_change AS c"
	    " CROSS JOIN main.{name} AS t ON t.rowid = c.old_id"
	    " WHERE c.tbl = ?10 ORDER BY c.seq",
	[SQL_REMOVE] =
	    "DELETE FROM main.{name} WHERE rowid IN"
	    " (SELECT c.old_id FROM temp.canon_change AS c"
	    " WHERE c.tbl = ?10 AND c.new_id IS NULL)",
	[SQL_REPLACE] =
	    "UPDATE main.{name} AS u SET {set}, valid_from = ?9"
	    " FROM temp.canon_change AS c"
	    " CROSS JOIN {schema}.{name} AS t ON t.rowid = c.new_id"
	    " WHERE c.tbl = ?10 AND u.rowid = c.old_id",
	[SQL_ADD] =
	    "INSERT INTO main.{name} ({names}, valid_from)"
	    " SELECT {columns}, ?9 FROM temp.canon_change AS c"
	    " CROSS JOIN {schema}.{name} AS t ON t.rowid = c.new_id"
	    " WHERE c.tbl = ?10 AND c.old_id IS NULL ORDER BY c.seq",
	[SQL_OLD_KEYS] =
	    "SELECT t.rowid, {same}, {key} FROM main.{name_history} AS t"
	    " WHERE {dataset} AND t.valid_to = ?9 ORDER BY {key}",
	/* A row made then may have been replaced since. */
	[SQL_NEW_KEYS] =
	    "SELECT t.rowid, {same}, {key} FROM main.{name} AS t"
	    " WHERE {dataset} AND t.valid_from = ?9"
	    " UNION ALL SELECT -t.rowid, {same}, {key}"
	    " FROM main.{name_history} AS t"
	    " WHERE {dataset} AND t.valid_from = ?9 AND t.valid_to > ?9"
	    " ORDER BY {numbers}",
	[SQL_ACTIVE_ROW] =
	    "SELECT {columns} FROM main.{name} AS t WHERE t.rowid = ?1",
	[SQL_STAGE_ROW] =
	    "SELECT {columns} FROM {schema}.{name} AS t WHERE t.rowid = ?1",
	[SQL_HISTORY_ROW] =
	    "SELECT {columns} FROM main.{name_history} AS t"
	    " WHERE t.rowid = ?1",
	/* The same again: both rows of a change may be history. */
	[SQL_LATER_ROW] =
	    "SELECT {columns} FROM main.{name_history} AS t"
	    " WHERE t.rowid = ?1",
};

static const char change_ddl[] =
    "CREATE TEMP TABLE IF NOT EXISTS canon_change ("
    "tbl INTEGER NOT NULL, seq INTEGER NOT NULL, old_id INTEGER, "
    "new_id INTEGER, PRIMARY KEY (tbl, seq)) WITHOUT ROWID";

/* The statement of table t, prepared when first asked for; NULL: failed. */
static sqlite3_stmt *
get(struct canon_rows *r, size_t t, enum rows_sql which)
{
	sqlite3_stmt **s = &r->s[t * SQL_COUNT + which];
	struct buf b;

	if (*s != NULL)
		return *s;
	buf_init(&b, SQL_BYTES);
	if (canon_sql(&b, r->d, &r->d->tables[t], r->stage, templates[which])
	    == 0)
		*s = db_prepare(r->db, b.data);
	buf_release(&b);
	return *s;
}

/* The same with its parameters bound; version may be NULL. */
static sqlite3_stmt *
bound(struct canon_rows *r, const struct part *dataset, size_t t,
    enum rows_sql which, const char *version)
{
	sqlite3_stmt *s = get(r, t, which);

	if (s == NULL)
		return NULL;
	canon_bind(s, dataset);
	db_bind(s, PARAM_VERSION, version);
	sqlite3_bind_int64(s, PARAM_TABLE, (sqlite3_int64)t);
	return s;
}

static int
run(struct canon_rows *r, const struct part *dataset, size_t t,
    enum rows_sql which, const char *version)
{
	return db_run(r->db, bound(r, dataset, t, which, version));
}

int
canon_rows_init(struct canon_rows *r, struct db *db, const struct decl *d)
{
	r->db = db;
	r->d = d;
	r->stage = NULL;
	r->s = calloc(d->n_tables * SQL_COUNT, sizeof(*r->s));
	return r->s == NULL ? -1 : 0;
}

int
canon_rows_writable(struct canon_rows *r)
{
	return db_exec(r->db, change_ddl);
}

void
canon_rows_reset(struct canon_rows *r)
{
	size_t i;

	for (i = 0; r->s != NULL && i < r->d->n_tables * SQL_COUNT; i++) {
		sqlite3_finalize(r->s[i]);
		r->s[i] = NULL;
	}
}

void
canon_rows_release(struct canon_rows *r)
{
	canon_rows_reset(r);
	free(r->s);
	free(r->stage);
	r->s = NULL;
	r->stage = NULL;
}

int
canon_rows_stage(struct canon_rows *r, const char *schema)
{
	if (r->stage != NULL && strcmp(r->stage, schema) == 0)
		return 0;
	canon_rows_reset(r);
	free(r->stage);
	return (r->stage = strdup(schema)) == NULL ? -1 : 0;
}

/* What diff_merge() finds goes to the temporary table. */
struct finder {
	struct db *db;
	sqlite3_stmt *s;
	size_t t;
	int64_t seq;
};

static int
keep(int64_t old_id, int64_t new_id, void *arg)
{
	struct finder *f = arg;

	sqlite3_bind_int64(f->s, 1, old_id);
	sqlite3_bind_int64(f->s, 2, new_id);
	sqlite3_bind_int64(f->s, PARAM_VERSION, f->seq++);
	sqlite3_bind_int64(f->s, PARAM_TABLE, (sqlite3_int64)f->t);
	return db_run(f->db, f->s);
}

int
canon_rows_diff(struct canon_rows *r, const struct part *dataset, size_t t,
    struct diff_count *count)
{
	struct finder f = { r->db, NULL, t, 0 };
	sqlite3_stmt *older, *newer;

	f.s = get(r, t, SQL_FOUND);
	older = bound(r, dataset, t, SQL_ACTIVE_KEYS, NULL);
	newer = bound(r, dataset, t, SQL_STAGE_KEYS, NULL);
	if (f.s == NULL || older == NULL || newer == NULL ||
	    run(r, dataset, t, SQL_FORGET, NULL) == -1)
		return -1;
	return diff_merge(r->db, older, newer, keep, &f, count);
}

int
canon_rows_apply(struct canon_rows *r, const struct part *dataset, size_t t,
    const char *version)
{
	if (run(r, dataset, t, SQL_ARCHIVE, version) == -1 ||
	    run(r, dataset, t, SQL_REMOVE, version) == -1 ||
	    run(r, dataset, t, SQL_REPLACE, version) == -1 ||
	    run(r, dataset, t, SQL_ADD, version) == -1)
		return -1;
	return 0;
}

/* Fetches the rows of a change and hands them on. */
struct giver {
	struct canon_rows *r;
	size_t t;
	enum rows_sql older, newer;	/* where the rows are by number */
	struct change change;
	change_fn fn;
	void *arg;
};

/*
 * The statement positioned on row id, of the history if that is below 0.
 * NULL for none; *failed is set on an error.
 */
static sqlite3_stmt *
fetch(struct giver *g, enum rows_sql which, int64_t id, int *failed)
{
	sqlite3_stmt *s;

	if (id == 0)
		return NULL;
	s = get(g->r, g->t, id < 0 ? SQL_LATER_ROW : which);
	if (s == NULL) {
		*failed = 1;
		return NULL;
	}
	sqlite3_bind_int64(s, 1, id < 0 ? -id : id);
	if (db_step(g->r->db, s) != 1)
		*failed = 1;
	return s;
}

static int
give(int64_t old_id, int64_t new_id, void *arg)
{
	struct giver *g = arg;
	struct change *c = &g->change;
	int failed = 0, r = -1;

	c->older = fetch(g, g->older, old_id, &failed);
	c->newer = fetch(g, g->newer, new_id, &failed);
	if (!failed)
		r = g->fn(c, g->arg);
	sqlite3_reset(c->older);
	sqlite3_reset(c->newer);
	return r;
}

static struct giver
giver(struct canon_rows *r, const struct change_head *who, size_t t,
    change_fn fn, void *arg)
{
	return (struct giver){ .r = r, .t = t, .older = SQL_ACTIVE_ROW,
	    .newer = SQL_STAGE_ROW, .change = { r->d, &r->d->tables[t], who,
	    NULL, NULL }, .fn = fn, .arg = arg };
}

int
canon_rows_show(struct canon_rows *r, const struct change_head *who,
    size_t t, change_fn fn, void *arg, struct diff_count *count)
{
	struct giver g = giver(r, who, t, fn, arg);
	sqlite3_stmt *older, *newer;

	older = bound(r, who->dataset, t, SQL_ACTIVE_KEYS, NULL);
	newer = bound(r, who->dataset, t, SQL_STAGE_KEYS, NULL);
	if (older == NULL || newer == NULL)
		return -1;
	return diff_merge(r->db, older, newer, give, &g, count);
}

int
canon_rows_made(struct canon_rows *r, const struct change_head *who,
    size_t t, change_fn fn, void *arg)
{
	struct giver g = giver(r, who, t, fn, arg);
	struct diff_count count;
	sqlite3_stmt *older, *newer;

	g.older = SQL_HISTORY_ROW;
	g.newer = SQL_ACTIVE_ROW;
	older = bound(r, who->dataset, t, SQL_OLD_KEYS, who->version);
	newer = bound(r, who->dataset, t, SQL_NEW_KEYS, who->version);
	if (older == NULL || newer == NULL)
		return -1;
	return diff_merge(r->db, older, newer, give, &g, &count);
}
