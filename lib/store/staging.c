#include "store/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "decl/ddl.h"
#include "store/staging_meta.h"

static const char own_tables[] =
    "CREATE TABLE staging_meta (name TEXT PRIMARY KEY,"
    " value TEXT NOT NULL) STRICT;"
    "CREATE TABLE staging_inputs (part TEXT PRIMARY KEY,"
    " run TEXT NOT NULL, snapshot TEXT, sha256 TEXT,"
    " size_bytes INTEGER NOT NULL, record_count INTEGER NOT NULL,"
    " schema_version TEXT, fetched_at TEXT, path TEXT) STRICT;"
    "CREATE TABLE staging_tables (table_name TEXT PRIMARY KEY,"
    " payload_rows INTEGER, rows INTEGER NOT NULL,"
    " quarantined INTEGER NOT NULL) STRICT;"
    "CREATE TABLE findings (code TEXT NOT NULL, severity TEXT NOT NULL,"
    " table_name TEXT, column_name TEXT, n INTEGER NOT NULL,"
    " row_key TEXT, detail TEXT) STRICT;"
    "CREATE TABLE quarantine (table_name TEXT NOT NULL,"
    " part TEXT NOT NULL, element INTEGER NOT NULL,"
    " reason TEXT NOT NULL, payload TEXT NOT NULL) STRICT;";

int
staging_path(struct buf *b, const char *data, const struct decl *d,
    const struct part *dataset)
{
	if (buf_printf(b, "%s/staging/%s/", data, d->source) == -1 ||
	    part_values(dataset, 0, dataset->n, b) == -1)
		return -1;
	return buf_str(b, ".sqlite");
}

/* --- failures ----------------------------------------------------------- */

int
staging_fail(struct staging *s, enum exits status, const char *fmt, ...)
{
	va_list ap;

	s->status = status;
	buf_clear(&s->message);
	va_start(ap, fmt);
	buf_vprintf(&s->message, fmt, ap);
	va_end(ap);
	return -1;
}

static int
fail_errno(struct staging *s, const char *what)
{
	int err = errno;

	return staging_fail(s, msg_status(err), "%s: %s", what, strerror(err));
}

int
staging_fail_errno(struct staging *s, const char *what)
{
	int code = s->db.h != NULL ? sqlite3_errcode(s->db.h) : SQLITE_OK;

	if (s->status != EXIT_OK || (code != SQLITE_OK &&
	    code != SQLITE_DONE && code != SQLITE_ROW))
		return -1;
	return fail_errno(s, what);
}

/* A declared SQL text failed: that is the declaration's mistake, unless
 * the machine was at fault. */
static int
fail_sql(struct staging *s, const char *section, const char *name)
{
	enum exits status = db_status(&s->db);

	return staging_fail(s, status == EXIT_BUG || status == EXIT_DATA ?
	    EXIT_USAGE : status, "%s: %s.%s: sql: %s", s->decl->file,
	    section, name, sqlite3_errmsg(s->db.h));
}

enum exits
staging_status(const struct staging *s)
{
	return s->status != EXIT_OK ? s->status : db_status(&s->db);
}

const char *
staging_message(const struct staging *s)
{
	return s->status != EXIT_OK ? s->message.data : db_message(&s->db);
}

/* --- opening ------------------------------------------------------------ */

/* The folder of path, then its name, hidden, and suffix. */
static char *
beside(const char *path, const char *suffix)
{
	const char *name = strrchr(path, '/');
	struct buf b;

	buf_init(&b, PATH_BYTES_MAX);
	name = name != NULL ? name + 1 : path;
	if (buf_add(&b, path, (size_t)(name - path)) == -1 ||
	    buf_printf(&b, "%s%s%s", name[0] == '.' ? "" : ".", name,
	    suffix) == -1) {
		buf_release(&b);
		return NULL;
	}
	return buf_detach(&b);
}

static int
take_lock(struct staging *s)
{
	char *file = beside(s->path, ".lock"), holder[LOCK_HOLDER];
	int r;

	if (file == NULL)
		return fail_errno(s, s->path);
	r = lock_take(&s->lock, file, msg_tool(), DB_BUSY_MS, holder);
	if (r == -1 && errno == EWOULDBLOCK)
		staging_fail(s, EXIT_TEMP, "%s: held by %s", file, holder);
	else if (r == -1)
		fail_errno(s, file);
	free(file);
	return r;
}

static int
create_tables(struct staging *s)
{
	const struct decl_table *t = s->decl->tables;
	size_t i;

	for (i = 0; i < s->decl->n_tables; i++) {
		buf_clear(&s->scratch);
		if (buf_printf(&s->scratch, "CREATE TABLE \"%s\" (",
		    t[i].name) == -1 ||
		    ddl_definitions(&s->scratch, &t[i]) == -1 ||
		    buf_str(&s->scratch, ") STRICT") == -1)
			return fail_errno(s, t[i].name);
		if (db_exec(&s->db, s->scratch.data) == -1)
			return -1;
	}
	return 0;
}

/* The cells of a row are its columns, extra and the hash. */
static int
prepare_insert(struct staging *s, size_t table)
{
	const struct decl_table *t = &s->decl->tables[table];
	struct buf *sql = &s->scratch;
	size_t i;

	buf_clear(sql);
	if (buf_printf(sql, "INSERT INTO \"%s\" SELECT ", t->name) == -1)
		return fail_errno(s, t->name);
	for (i = 0; i < t->kind->n_key; i++)
		buf_printf(sql, "?%zu, ", i + 1);
	for (i = 0; i < t->n_columns; i++)
		buf_printf(sql, "c%zu, ", i);
	if (buf_printf(sql, "%s1, c%zu, c%zu FROM bulk",
	    decl_nested(t) ? "1, " : "", i, i + 1) == -1)
		return fail_errno(s, t->name);
	if (bulk_prepare(&s->bulk, table, i + 2, sql->data) == -1)
		return -1;
	for (i = 0; i < t->kind->n_key; i++)
		db_bind(s->bulk.tables[table].insert, (int)i + 1,
		    s->dataset.m[i].value);
	return 0;
}

/* Cells of the widest row. */
static size_t
width(const struct decl *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n_tables; i++)
		if (d->tables[i].n_columns > n)
			n = d->tables[i].n_columns;
	return n + 2;
}

static int
prepare_inserts(struct staging *s)
{
	size_t i, n = width(s->decl);

	if ((s->row = calloc(n, sizeof(*s->row))) == NULL ||
	    bulk_init(&s->bulk, &s->db, s->decl->n_tables, n) == -1)
		return staging_fail_errno(s, s->tmp);
	for (i = 0; i < s->decl->n_tables; i++)
		if (s->decl->tables[i].sql == NULL &&
		    decl_has(s->decl->tables[i].kind, &s->dataset) &&
		    prepare_insert(s, i) == -1)
			return -1;
	s->quarantine = db_prepare(&s->db,
	    "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?)");
	return s->quarantine == NULL ? -1 : 0;
}

static int
open_db(struct staging *s)
{
	if (unlink(s->tmp) == -1 && errno != ENOENT)
		return fail_errno(s, s->tmp);
	/* Nothing reads it before it is complete: no journal, no syncs. */
	if (db_open(&s->db, s->tmp, DB_CREATE) == -1 ||
	    db_execf(&s->db, "PRAGMA page_size = 16384;"
	    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
	    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = OFF;"
	    "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    DB_APPLICATION_ID, STAGING_VERSION) == -1 ||
	    db_begin(&s->db) == -1 || db_exec(&s->db, own_tables) == -1 ||
	    create_tables(s) == -1)
		return -1;
	return prepare_inserts(s);
}

int
staging_open(struct staging *s, const struct decl *d,
    const struct part *dataset, const char *path)
{
	memset(s, 0, sizeof(*s));
	s->decl = d;
	s->dataset = *dataset;
	s->lock.fd = -1;
	buf_init(&s->message, 4096);
	buf_init(&s->scratch, SIZE_MAX / 2);
	buf_init(&s->db.message, 4096);
	notes_init(&s->notes);
	s->path = strdup(path);
	s->tmp = beside(path, ".tmp");
	s->tables = calloc(d->n_tables + 1, sizeof(*s->tables));
	if (s->path == NULL || s->tmp == NULL || s->tables == NULL ||
	    occurrences_init(&s->occurrences, d) == -1)
		return fail_errno(s, path);
	if (take_lock(s) == -1)
		return -1;
	return open_db(s);
}

void
staging_release(struct staging *s)
{
	size_t i;

	if (s->decl == NULL)
		return;
	db_close(&s->db);
	bulk_release(&s->bulk);
	if (s->lock.fd != -1)
		unlink(s->tmp);
	for (i = 0; s->tables != NULL && i < s->decl->n_tables; i++)
		occurrence_keys_release(&s->tables[i].content);
	if (s->occurrences.decl != NULL)
		occurrences_release(&s->occurrences);
	notes_release(&s->notes);
	if (s->lock.fd != -1)
		lock_release(&s->lock);
	free(s->tables);
	free(s->row);
	free(s->path);
	free(s->tmp);
	buf_release(&s->scratch);
	buf_release(&s->message);
	memset(s, 0, sizeof(*s));
	s->lock.fd = -1;
}

/* --- rows --------------------------------------------------------------- */

int64_t
staging_put(struct staging *s, size_t table, const struct cell *cells,
    const struct cell *extra, unsigned char hash[ROWHASH_BYTES])
{
	struct staging_table *st = &s->tables[table];
	const struct decl_table *t = &s->decl->tables[table];
	size_t n = t->n_columns;

	if (rowhash(&s->scratch, cells, n, extra, hash) == -1)
		return fail_errno(s, t->name);
	if (t->distinct && occurrence_keys_has(&st->content, hash))
		return 0;
	memcpy(s->row, cells, n * sizeof(*s->row));
	s->row[n] = *extra;
	s->row[n + 1] = (struct cell){ CELL_BLOB, { .len = ROWHASH_BYTES },
	    (const char *)hash };
	st->rows++;
	if (bulk_add(&s->bulk, table, s->row) == -1 ||
	    occurrences_add(&s->occurrences, table, cells, st->rows) == -1 ||
	    (t->distinct &&
	    occurrence_keys_add(&st->content, hash, st->rows) == -1))
		return staging_fail_errno(s, t->name);
	return st->rows;
}

int
staging_flush(struct staging *s)
{
	return bulk_flush(&s->bulk);
}

int
staging_quarantine(struct staging *s, size_t table, const char *part,
    int64_t element, const char *reason, const struct cell *payload)
{
	db_bind(s->quarantine, 1, s->decl->tables[table].name);
	db_bind(s->quarantine, 2, part);
	sqlite3_bind_int64(s->quarantine, 3, element);
	db_bind(s->quarantine, 4, reason);
	cell_bind(s->quarantine, 5, payload);
	return db_run(&s->db, s->quarantine);
}

int
staging_add_input(struct staging *s, const struct staging_input *in)
{
	const char *const text[] = { in->part, in->run, in->snapshot,
	    in->sha256, in->schema_version, in->fetched_at, in->path };
	sqlite3_stmt *stmt = db_prepare(&s->db, "INSERT INTO staging_inputs"
	    " (part, run, snapshot, sha256, schema_version, fetched_at,"
	    " path, size_bytes, record_count)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
	int i, r;

	if (stmt == NULL)
		return -1;
	for (i = 0; i < 7; i++)
		db_bind(stmt, i + 1, text[i]);
	sqlite3_bind_int64(stmt, 8, in->size_bytes);
	sqlite3_bind_int64(stmt, 9, in->record_count);
	r = db_run(&s->db, stmt);
	sqlite3_finalize(stmt);
	return r;
}

/* --- derived tables and declared findings ------------------------------- */

/* Hash and number the rows that a table's own SQL has inserted. */
static int
hash_derived(struct staging *s, size_t table, sqlite3_stmt *get,
    sqlite3_stmt *set)
{
	const struct decl_table *t = &s->decl->tables[table];
	struct cell *cells = calloc(t->n_columns + 1, sizeof(*cells));
	unsigned char hash[ROWHASH_BYTES];
	int64_t row;
	size_t i;
	int r = -1;

	if (cells == NULL)
		return fail_errno(s, t->name);
	while ((r = db_step(&s->db, get)) == 1) {
		row = sqlite3_column_int64(get, 0);
		for (i = 0; i <= t->n_columns; i++)
			cells[i] = cell_column(get, (int)i + 1);
		if (rowhash(&s->scratch, cells, t->n_columns,
		    &cells[t->n_columns], hash) == -1 ||
		    occurrences_add(&s->occurrences, table, cells, row)
		    == -1) {
			r = fail_errno(s, t->name);
			break;
		}
		sqlite3_bind_blob(set, 1, hash, ROWHASH_BYTES,
		    SQLITE_STATIC);
		sqlite3_bind_int64(set, 2, row);
		if ((r = db_run(&s->db, set)) == -1)
			break;
		s->tables[table].rows++;
	}
	free(cells);
	return r;
}

static int
derive(struct staging *s, size_t table)
{
	const struct decl_table *t = &s->decl->tables[table];
	struct buf *sql = &s->scratch;
	sqlite3_stmt *get, *set;
	size_t i;
	int r = -1;

	if (db_exec(&s->db, t->sql) == -1)
		return fail_sql(s, "table", t->name);
	buf_clear(sql);
	buf_str(sql, "SELECT rowid, ");
	for (i = 0; i < t->n_columns; i++)
		buf_printf(sql, "\"%s\", ", t->columns[i].name);
	buf_printf(sql, "extra FROM \"%s\"", t->name);
	get = db_prepare(&s->db, sql->data);
	buf_clear(sql);
	buf_printf(sql, "UPDATE \"%s\" SET row_hash = ? WHERE rowid = ?",
	    t->name);
	set = db_prepare(&s->db, sql->data);
	if (get != NULL && set != NULL)
		r = hash_derived(s, table, get, set);
	sqlite3_finalize(get);
	sqlite3_finalize(set);
	return r;
}

static int
resolve(struct staging *s, size_t table)
{
	if (occurrences_resolve(&s->occurrences, table, &s->db, &s->notes)
	    == 0)
		return 0;
	return staging_fail_errno(s, s->decl->tables[table].name);
}

static enum finding_severity
severity(const char *name)
{
	return strcmp(name, "error") == 0 ? FINDING_ERROR :
	    strcmp(name, "warning") == 0 ? FINDING_WARNING : FINDING_INFO;
}

/* The columns that a finding's SELECT may have, by name. */
static int
column_index(sqlite3_stmt *stmt, const char *name)
{
	int i;

	for (i = 0; i < sqlite3_column_count(stmt); i++)
		if (strcmp(sqlite3_column_name(stmt, i), name) == 0)
			return i;
	return -1;
}

/* Each row that a declared finding selects is one occurrence of it. */
static int
count_rows(struct staging *s, const struct decl_sql *f, sqlite3_stmt *stmt)
{
	int key = column_index(stmt, "row_key");
	int detail = column_index(stmt, "detail"), r;
	const char *k, *text;
	struct note *p;

	if (key == -1 || detail == -1)
		return staging_fail(s, EXIT_USAGE, "%s: finding.%s: sql: "
		    "needs the columns row_key and detail", s->decl->file,
		    f->name);
	while ((r = db_step(&s->db, stmt)) == 1) {
		k = db_text(stmt, key);
		text = db_text(stmt, detail);
		p = notes_count(&s->notes, f->name, severity(f->severity),
		    "", "", 1);
		if (p == NULL)
			return fail_errno(s, f->name);
		note_example(p, k != NULL ? k : "", text != NULL ? text : "");
	}
	return r == -1 ? fail_sql(s, "finding", f->name) : 0;
}

static int
find(struct staging *s, const struct decl_sql *f)
{
	sqlite3_stmt *stmt = db_prepare(&s->db, f->sql);
	int r = stmt == NULL ? fail_sql(s, "finding", f->name) :
	    count_rows(s, f, stmt);

	sqlite3_finalize(stmt);
	return r;
}

/* --- the end ------------------------------------------------------------ */

int
staging_complete(struct staging *s, const char *run,
    const char *normalized_at)
{
	const struct decl *d = s->decl;
	size_t i;

	if (staging_flush(s) == -1)
		return -1;
	for (i = 0; i < d->n_tables; i++)
		if (d->tables[i].sql == NULL && resolve(s, i) == -1)
			return -1;
	for (i = 0; i < d->n_tables; i++)
		if (d->tables[i].sql != NULL &&
		    decl_has(d->tables[i].kind, &s->dataset) &&
		    (derive(s, i) == -1 || resolve(s, i) == -1))
			return -1;
	for (i = 0; i < d->n_findings; i++)
		if (find(s, &d->findings[i]) == -1)
			return -1;
	if (staging_meta_write(s, run, normalized_at) == -1)
		return -1;
	return db_commit(&s->db);
}

/* SQLite was told not to sync: the whole file is synced here, once. */
int
staging_publish(struct staging *s)
{
	int fd, r;

	if (staging_meta_fence(s) == -1)
		return -1;
	if ((fd = open(s->tmp, O_RDONLY | O_CLOEXEC)) == -1)
		return fail_errno(s, s->tmp);
	if ((r = fsync(fd)) == -1)
		fail_errno(s, s->tmp);
	close(fd);
	if (r == -1)
		return -1;
	if (rename(s->tmp, s->path) == -1 ||
	    path_sync_parent(s->path) == -1)
		return fail_errno(s, s->path);
	return 0;
}
