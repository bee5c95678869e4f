#include "store/snapshot_rows.h"

#include <errno.h>
#include <string.h>

#include "store/canon_asof.h"
#include "store/canon_table.h"

#define SQL_BYTES ((size_t)1 << 20)

/* Bytes of "20261120T223114123Z", with which the id of a run begins. */
#define STAMP_BYTES 19

/* --- version_at() ------------------------------------------------------- */

static void
version_at(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	static const char form[] = "ddddddddTdddddddddZ";
	const char *id = (const char *)sqlite3_value_text(argv[0]);
	char at[CLOCK_TEXT];
	int i;

	(void)argc;
	for (i = 0; id != NULL && i < STAMP_BYTES; i++)
		if (form[i] == 'd' ? id[i] < '0' || id[i] > '9' :
		    id[i] != form[i])
			return;		/* NULL */
	if (id == NULL)
		return;
	snprintf(at, sizeof(at), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.%.3sZ", id,
	    id + 4, id + 6, id + 9, id + 11, id + 13, id + 15);
	sqlite3_result_text(ctx, at, -1, SQLITE_TRANSIENT);
}

/* --- SQL from templates ------------------------------------------------- */

static sqlite3_stmt *
prepare(struct canon *c, const struct decl_table *t, const char *text)
{
	sqlite3_stmt *s = NULL;
	struct buf sql;

	buf_init(&sql, SQL_BYTES);
	if (canon_sql(&sql, c->d, t, NULL, text) == 0)
		s = db_prepare(&c->db, sql.data);
	else
		db_fail_errno(&c->db, c->db.path);
	buf_release(&sql);
	return s;
}

static int
run(struct canon *c, const struct decl_table *t, const char *text)
{
	sqlite3_stmt *s = prepare(c, t, text);
	int r = db_run(&c->db, s);

	sqlite3_finalize(s);
	return r;
}

static void
bind_key(sqlite3_stmt *s, const struct part *key)
{
	size_t i;

	for (i = 0; s != NULL && i < key->n; i++)
		db_bind(s, (int)i + 1, key->m[i].value);
}

/* --- the rows of earlier versions --------------------------------------- */

/* One dataset's rows, active or as they were. */
static int
add_rows(struct canon *c, const struct decl_table *t,
    const struct plan_dataset *d, const struct part *key)
{
	sqlite3_stmt *s = prepare(c, t, d->active ?
	    "INSERT INTO temp.{name} SELECT {columns}, t.valid_from"
	    " FROM main.{name} AS t WHERE {dataset} ORDER BY {key}" :
	    "INSERT INTO temp.{name} SELECT {columns}, t.valid_from"
	    " FROM main.{name_as_of} AS t WHERE t.as_of = ?9 AND {dataset}"
	    " ORDER BY {key}");
	int r;

	bind_key(s, key);
	if (s != NULL && !d->active)
		db_bind(s, ASOF_VERSION, d->version);
	r = db_run(&c->db, s);
	sqlite3_finalize(s);
	return r;
}

static int
declared_indexes(struct canon *c, const struct decl_table *t)
{
	size_t i;

	for (i = 0; i < t->n_indexes; i++)
		if (db_execf(&c->db, "CREATE INDEX temp.\"%s\" ON \"%s\" "
		    "(%s)", t->indexes[i].name, t->name,
		    t->indexes[i].columns) == -1)
			return -1;
	return 0;
}

static int
make_table(struct canon *c, const struct decl_table *t,
    const struct snapshot_plan *p)
{
	struct part key;
	size_t i;

	if (run(c, t, "CREATE TEMP TABLE {name} ({defs},"
	    " valid_from TEXT NOT NULL) STRICT") == -1)
		return -1;
	for (i = 0; i < p->n; i++)
		if (p->list[i].version != NULL &&
		    decl_dataset(c->d, p->list[i].label, &key) == 0 &&
		    decl_has(t->kind, &key) &&
		    add_rows(c, t, &p->list[i], &key) == -1)
			return -1;
	if (run(c, t, "CREATE UNIQUE INDEX temp.{name_key} ON {name}"
	    " ({index})") == -1)
		return -1;
	return declared_indexes(c, t);
}

static int
make_tables(struct canon *c, const struct snapshot_plan *p)
{
	const struct decl *d = c->d;
	size_t i;

	for (i = 0; i < d->n_tables; i++)
		if (make_table(c, &d->tables[i], p) == -1)
			return -1;
	for (i = 0; i < d->n_views; i++)
		if (db_execf(&c->db, "CREATE TEMP VIEW \"%s\" AS %s",
		    d->views[i].name, d->views[i].sql) == -1)
			return -1;
	return 0;
}

/* --- what there is besides ---------------------------------------------- */

/* The members of all kinds' keys; NULL where this one has none. */
static void
bind_members(sqlite3_stmt *s, const struct decl *d, const struct part *key)
{
	size_t i;

	for (i = 0; i < d->n_members; i++)
		db_bind(s, (int)i + 1, part_get(key, d->members[i]));
}

static int
add_datasets(struct canon *c, const struct snapshot_plan *p)
{
	sqlite3_stmt *s = prepare(c, NULL, "INSERT INTO temp.reader_dataset"
	    " ({dataset_key}, dataset, version, promoted_at)"
	    " VALUES ({dataset_values}, ?9, ?10, ?11)");
	int r = s == NULL ? -1 : 0;
	struct part key;
	size_t i;

	for (i = 0; r == 0 && i < p->n; i++) {
		if (p->list[i].version == NULL ||
		    decl_dataset(c->d, p->list[i].label, &key) == -1)
			continue;
		bind_members(s, c->d, &key);
		db_bind(s, 9, p->list[i].label);
		db_bind(s, 10, p->list[i].version);
		db_bind(s, 11, p->list[i].promoted_at);
		r = db_run(&c->db, s);
	}
	sqlite3_finalize(s);
	return r;
}

static int
fill_values(struct canon *c, const struct decl_values *v)
{
	sqlite3_stmt *s;
	struct buf sql;
	size_t i, j;
	int r = 0;

	buf_init(&sql, SQL_BYTES);
	buf_printf(&sql, "INSERT INTO temp.\"%s\" VALUES (?", v->name);
	for (i = 1; i < v->n_columns; i++)
		buf_str(&sql, ", ?");
	buf_chr(&sql, ')');
	s = db_prepare(&c->db, sql.data);
	buf_release(&sql);
	if (s == NULL)
		return -1;
	for (i = 0; r == 0 && i < v->n_rows; i++) {
		for (j = 0; j < v->n_columns; j++)
			db_bind(s, (int)j + 1,
			    v->cells[i * v->n_columns + j]);
		r = db_run(&c->db, s);
	}
	sqlite3_finalize(s);
	return r;
}

static int
make_values(struct canon *c, const struct decl_values *v)
{
	struct buf sql;
	size_t i;
	int r;

	buf_init(&sql, SQL_BYTES);
	buf_printf(&sql, "CREATE TEMP TABLE \"%s\" (", v->name);
	for (i = 0; i < v->n_columns; i++)
		buf_printf(&sql, "%s\"%s\" TEXT NOT NULL", i > 0 ? ", " : "",
		    v->columns[i]);
	r = buf_str(&sql, ") STRICT") == -1 ?
	    db_fail_errno(&c->db, v->name) : db_exec(&c->db, sql.data);
	buf_release(&sql);
	return r == 0 ? fill_values(c, v) : -1;
}

int
snapshot_rows(struct canon *c, const struct decl_snapshot *s,
    const struct snapshot_plan *p)
{
	size_t i;

	if (sqlite3_create_function_v2(c->db.h, "version_at", 1,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
	    version_at, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(&c->db, sqlite3_errcode(c->db.h));
	if (run(c, NULL, "CREATE TEMP TABLE reader_dataset AS SELECT"
	    " {dataset_key}, dataset, version_id AS version, promoted_at"
	    " FROM main.dataset_versions LIMIT 0") == -1 ||
	    add_datasets(c, p) == -1)
		return -1;
	for (i = 0; i < s->n_values; i++)
		if (make_values(c, &s->values[i]) == -1)
			return -1;
	return p->all_active ? 0 : make_tables(c, p);
}
