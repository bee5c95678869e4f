#include "store/snapshot_fill.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "store/canon_table.h"
#include "store/follow.h"

#define SQL_BYTES ((size_t)4 << 20)

/* KiB of page cache, and of what each sort keeps before it goes to disk:
 * rows come in order of their keys, so that more is no faster. */
#define CACHE_KIB 2048

static int
db_failed(const struct snapshot_fill *f)
{
	return snapshot_fail(f->e, db_status(&f->c->db), "%s",
	    db_message(&f->c->db));
}

/* SQL of the declaration: what is wrong with it stands there. */
static int
declared_failed(const struct snapshot_fill *f, const char *section,
    const char *name)
{
	struct db *db = &f->c->db;

	if (db_status(db) != EXIT_BUG && db_status(db) != EXIT_DATA)
		return db_failed(f);
	return snapshot_fail(f->e, db_status(db) == EXIT_BUG ? EXIT_USAGE :
	    EXIT_DATA, "%s: snapshot.%s.%s: %s", f->c->d->file, section,
	    name, sqlite3_errmsg(db->h));
}

/* --- files -------------------------------------------------------------- */

int
snapshot_fill_path(const struct snapshot_fill *f, const char *file,
    struct buf *b)
{
	buf_clear(b);
	return buf_printf(b, "%s/%s.sqlite", f->folder, file) == 0 ? 0 :
	    snapshot_fail_errno(f->e, f->folder);
}

static int
attach_file(const struct snapshot_fill *f, const char *file)
{
	struct db *db = &f->c->db;
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	r = snapshot_fill_path(f, file, &path);
	if (r == 0 && (db_attach(db, path.data, file, DB_CREATE) == -1 ||
	    db_execf(db, "PRAGMA %s.journal_mode = OFF; "
	    "PRAGMA %s.synchronous = OFF; PRAGMA %s.application_id = %d; "
	    "PRAGMA %s.user_version = %d", file, file, file,
	    SNAPSHOT_APPLICATION_ID, file, SNAPSHOT_SCHEMA) == -1))
		r = db_failed(f);
	buf_release(&path);
	return r;
}

int
snapshot_fill_attach(const struct snapshot_fill *f)
{
	size_t i;

	/* Declared SQL has to be a query; what is written is ours. */
	if (db_execf(&f->c->db, "PRAGMA query_only = OFF; "
	    "PRAGMA main.cache_size = -%d", CACHE_KIB) == -1)
		return db_failed(f);
	for (i = 0; i < f->s->n_files; i++)
		if (attach_file(f, f->s->files[i]) == -1)
			return -1;
	return 0;
}

int
snapshot_fill_detach(const struct snapshot_fill *f)
{
	size_t i;

	for (i = 0; i < f->s->n_files; i++)
		if (db_execf(&f->c->db, "DETACH %s", f->s->files[i]) == -1)
			return db_failed(f);
	return 0;
}

/* So that the planner knows the table, also for those that follow. */
static int
analyze(const struct snapshot_fill *f, const char *file, const char *table)
{
	return db_execf(&f->c->db, "ANALYZE %s.\"%s\"", file, table) == -1 ?
	    db_failed(f) : 0;
}

/* --- copies ------------------------------------------------------------- */

static int
run_template(const struct snapshot_fill *f, const struct decl_table *t,
    const char *file, const char *text)
{
	struct db *db = &f->c->db;
	struct buf sql;
	int r;

	buf_init(&sql, SQL_BYTES);
	if (canon_sql(&sql, f->c->d, t, file, text) == -1)
		r = db_fail_errno(db, db->path);
	else
		r = db_exec(db, sql.data);
	buf_release(&sql);
	return r == -1 ? db_failed(f) : 0;
}

/* A canonical table as it is, in the order of its key. */
static int
copy_table(const struct snapshot_fill *f, const struct decl_table *t)
{
	size_t i;

	if (run_template(f, t, f->s->copy, "CREATE TABLE {schema}.{name} ("
	    "{defs}, valid_from TEXT NOT NULL) STRICT") == -1 ||
	    run_template(f, t, f->s->copy, "INSERT INTO {schema}.{name} "
	    "SELECT {columns}, t.valid_from FROM {name} AS t ORDER BY {key}")
	    == -1 || run_template(f, t, f->s->copy, "CREATE UNIQUE INDEX "
	    "{schema}.{name_key} ON {name} ({index})") == -1)
		return -1;
	for (i = 0; i < t->n_indexes; i++)
		if (db_execf(&f->c->db, "CREATE INDEX %s.\"%s\" ON \"%s\" "
		    "(%s)", f->s->copy, t->indexes[i].name, t->name,
		    t->indexes[i].columns) == -1)
			return db_failed(f);
	return analyze(f, f->s->copy, t->name);
}

static int
copy_tables(const struct snapshot_fill *f)
{
	size_t i;

	for (i = 0; f->s->copy != NULL && i < f->c->d->n_tables; i++)
		if (copy_table(f, &f->c->d->tables[i]) == -1)
			return -1;
	return 0;
}

static int
copy_values(const struct snapshot_fill *f, const struct decl_values *v)
{
	if (v->file == NULL)
		return 0;
	return db_execf(&f->c->db, "CREATE TABLE %s.\"%s\" AS "
	    "SELECT * FROM temp.\"%s\"", v->file, v->name, v->name) == -1 ?
	    db_failed(f) : 0;
}

/* --- declared tables ---------------------------------------------------- */

/* "a", "b": the columns that a query gives. */
static int
add_names(struct buf *b, sqlite3_stmt *s)
{
	int i, n = sqlite3_column_count(s);

	for (i = 0; i < n; i++)
		if ((i > 0 && buf_str(b, ", ") == -1) ||
		    db_ident(b, sqlite3_column_name(s, i)) == -1)
			return -1;
	return 0;
}

/* INSERT INTO file.table (names of its columns) SELECT …. */
static int
insert_sql(const struct snapshot_fill *f,
    const struct decl_snapshot_table *t, struct buf *b)
{
	struct db *db = &f->c->db;
	sqlite3_stmt *s = db_prepare(db, t->sql);
	int r = -1;

	if (s == NULL)
		return declared_failed(f, "table", t->name);
	if (!sqlite3_stmt_readonly(s) || sqlite3_column_count(s) == 0)
		snapshot_fail(f->e, EXIT_USAGE, "%s: snapshot.table.%s: no "
		    "query: %.200s", f->c->d->file, t->name, t->sql);
	else if (buf_printf(b, "INSERT INTO %s.\"%s\" (", t->file, t->name)
	    == -1 || add_names(b, s) == -1 ||
	    buf_printf(b, ") %s", t->sql) == -1)
		snapshot_fail_errno(f->e, t->name);
	else
		r = 0;
	sqlite3_finalize(s);
	return r;
}

static int
make_indexes(const struct snapshot_fill *f,
    const struct decl_snapshot_table *t)
{
	size_t i;

	for (i = 0; i < t->n_indexes; i++)
		if (db_execf(&f->c->db, "CREATE INDEX %s.\"%s\" ON \"%s\" %s",
		    t->file, t->indexes[i].name, t->name,
		    t->indexes[i].columns) == -1)
			return declared_failed(f, "table", t->name);
	return 0;
}

static int
make_table(const struct snapshot_fill *f,
    const struct decl_snapshot_table *t)
{
	struct db *db = &f->c->db;
	struct buf sql;
	int r;

	if ((t->columns != NULL ? db_execf(db, "CREATE TABLE %s.\"%s\" "
	    "(%s) STRICT", t->file, t->name, t->columns) :
	    db_execf(db, "CREATE VIRTUAL TABLE %s.\"%s\" USING fts5(%s)",
	    t->file, t->name, t->fts5)) == -1)
		return declared_failed(f, "table", t->name);
	buf_init(&sql, SQL_BYTES);
	r = insert_sql(f, t, &sql);
	if (r == 0 && db_exec(db, sql.data) == -1)
		r = declared_failed(f, "table", t->name);
	/* One segment is read faster than several. */
	if (r == 0 && t->fts5 != NULL && db_execf(db, "INSERT INTO "
	    "%s.\"%s\" (\"%s\") VALUES ('optimize')", t->file, t->name,
	    t->name) == -1)
		r = declared_failed(f, "table", t->name);
	buf_release(&sql);
	if (r == 0 && t->fts5 == NULL)
		r = make_indexes(f, t) == -1 ? -1 :
		    analyze(f, t->file, t->name);
	return r;
}

int
snapshot_fill_tables(const struct snapshot_fill *f)
{
	size_t i;

	if (copy_tables(f) == -1)
		return -1;
	for (i = 0; i < f->s->n_values; i++)
		if (copy_values(f, &f->s->values[i]) == -1)
			return -1;
	for (i = 0; i < f->s->n_tables; i++)
		if (make_table(f, &f->s->tables[i]) == -1)
			return -1;
	return 0;
}

/* --- changes ------------------------------------------------------------ */

static const char changes_ddl[] =
    "CREATE TABLE %s.versions (seq INTEGER PRIMARY KEY,"
    " dataset TEXT NOT NULL, version TEXT NOT NULL, parent TEXT,"
    " promoted_at TEXT NOT NULL, inserted INTEGER NOT NULL,"
    " updated INTEGER NOT NULL, deleted INTEGER NOT NULL,"
    " kept INTEGER NOT NULL) STRICT;"
    "CREATE TABLE %s.changes (n INTEGER PRIMARY KEY,"
    " seq INTEGER NOT NULL, dataset TEXT NOT NULL,"
    " table_name TEXT NOT NULL, op TEXT NOT NULL,"
    " record TEXT NOT NULL) STRICT;";

/* The lines of a stream of changes; ?1 is the line. */
static const char change_sql[] =
    "changes (seq, dataset, table_name, op, record)"
    " SELECT ?2, ?3, ?1 ->> '$.table', ?1 ->> '$.op', ?1"
    " WHERE ?1 ->> '$.type' = 'change'";

static int
add_lines(const struct snapshot_fill *f, FILE *fp, sqlite3_stmt *s)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = getline(&line, &room, fp)) != -1) {
		if (n > 0 && line[n - 1] == '\n')
			n--;
		sqlite3_bind_text(s, 1, line, (int)n, SQLITE_STATIC);
		r = db_run(&f->c->db, s);
	}
	free(line);
	return r;
}

static int
add_changes(const struct snapshot_fill *f, const struct plan_change *v,
    sqlite3_stmt *s)
{
	const char *label = f->p->list[v->dataset].label;
	struct follow_version w = { .label = label, .version = v->version,
	    .parent = v->parent, .run = v->run,
	    .promoted_at = v->promoted_at, .seq = v->seq,
	    .inserted = v->inserted, .updated = v->updated,
	    .deleted = v->deleted };
	FILE *fp;
	int r;

	if (follow_changes(f->c, f->data, &w, &fp) == -1)
		return -1;
	sqlite3_bind_int64(s, 2, v->seq);
	db_bind(s, 3, label);
	if ((r = db_exec(&f->c->db, "BEGIN")) == 0 &&
	    (r = add_lines(f, fp, s)) == 0)
		r = db_exec(&f->c->db, "COMMIT");
	fclose(fp);
	return r;
}

static int
add_version(const struct snapshot_fill *f, const struct plan_change *v,
    sqlite3_stmt *s)
{
	sqlite3_bind_int64(s, 1, v->seq);
	db_bind(s, 2, f->p->list[v->dataset].label);
	db_bind(s, 3, v->version);
	db_bind(s, 4, v->parent);
	db_bind(s, 5, v->promoted_at);
	sqlite3_bind_int64(s, 6, v->inserted);
	sqlite3_bind_int64(s, 7, v->updated);
	sqlite3_bind_int64(s, 8, v->deleted);
	sqlite3_bind_int(s, 9, v->kept);
	return db_run(&f->c->db, s);
}

static sqlite3_stmt *
prepare_insert(const struct snapshot_fill *f, const char *into)
{
	sqlite3_stmt *s;
	struct buf sql;

	buf_init(&sql, 4096);
	buf_printf(&sql, "INSERT INTO %s.%s", f->s->changes, into);
	s = db_prepare(&f->c->db, sql.data);
	buf_release(&sql);
	return s;
}

int
snapshot_fill_changes(const struct snapshot_fill *f)
{
	const char *file = f->s->changes;
	sqlite3_stmt *change, *version;
	size_t i;
	int r = 0;

	if (file == NULL)
		return 0;
	if (db_execf(&f->c->db, changes_ddl, file, file) == -1)
		return db_failed(f);
	change = prepare_insert(f, change_sql);
	version = prepare_insert(f,
	    "versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
	if (change == NULL || version == NULL)
		r = -1;
	for (i = 0; r == 0 && i < f->p->n_changes; i++)
		if (f->p->changes[i].kept)
			r = add_changes(f, &f->p->changes[i], change);
	for (i = 0; r == 0 && i < f->p->n_changes; i++)
		r = add_version(f, &f->p->changes[i], version);
	sqlite3_finalize(change);
	sqlite3_finalize(version);
	if (r == 0)
		r = db_execf(&f->c->db, "CREATE INDEX %s.changes_seq ON "
		    "changes (seq, n); CREATE INDEX %s.versions_version ON "
		    "versions (version)", file, file);
	return r == -1 ? db_failed(f) : analyze(f, file, "changes");
}
