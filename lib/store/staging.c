#include "store/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "decl/ddl.h"
#include "store/staging_derive.h"
#include "store/staging_meta.h"

static const char *const own_tables[] = {
	"staging_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
	"staging_inputs (part TEXT PRIMARY KEY, run TEXT NOT NULL,"
	" snapshot TEXT, sha256 TEXT, size_bytes INTEGER NOT NULL,"
	" record_count INTEGER NOT NULL, schema_version TEXT,"
	" fetched_at TEXT, path TEXT)",
	"staging_tables (table_name TEXT PRIMARY KEY, payload_rows INTEGER,"
	" rows INTEGER NOT NULL, quarantined INTEGER NOT NULL)",
	"findings (code TEXT NOT NULL, severity TEXT NOT NULL,"
	" table_name TEXT, column_name TEXT, n INTEGER NOT NULL,"
	" row_key TEXT, detail TEXT)",
	"quarantine (table_name TEXT NOT NULL, part TEXT NOT NULL,"
	" element INTEGER NOT NULL, reason TEXT NOT NULL,"
	" payload TEXT NOT NULL)",
};

/* What an item leaves something in; inputs it has none. */
static const char *const forget_own[STAGING_OWN] = {
	"DELETE FROM temp.staging_meta", "DELETE FROM temp.staging_tables",
	"DELETE FROM temp.findings", "DELETE FROM temp.quarantine",
};

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
	int code = s->db->h != NULL ? sqlite3_errcode(s->db->h) : SQLITE_OK;

	if (s->status != EXIT_OK || (code != SQLITE_OK &&
	    code != SQLITE_DONE && code != SQLITE_ROW))
		return -1;
	return fail_errno(s, what);
}

int
staging_fail_sql(struct staging *s, const char *section, const char *name)
{
	enum exits status = db_status(s->db);

	return staging_fail(s, status == EXIT_BUG || status == EXIT_DATA ?
	    EXIT_USAGE : status, "%s: %s.%s: sql: %s", s->decl->file,
	    section, name, sqlite3_errmsg(s->db->h));
}

enum exits
staging_status(const struct staging *s)
{
	return s->status != EXIT_OK ? s->status : db_status(s->db);
}

const char *
staging_message(const struct staging *s)
{
	return s->status != EXIT_OK ? s->message.data : db_message(s->db);
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

/* Do rows of this table come by staging_put()? */
static int
takes_rows(const struct staging *s, const struct decl_table *t)
{
	if (s->db != &s->own)
		return t->paged;
	return t->sql == NULL && !t->paged && decl_has(t->kind, &s->dataset);
}

static int
create_table(struct staging *s, const struct decl_table *t)
{
	buf_clear(&s->scratch);
	if (buf_printf(&s->scratch, "CREATE TABLE %s.\"%s\" (", s->schema,
	    t->name) == -1 || ddl_definitions(&s->scratch, t) == -1 ||
	    buf_str(&s->scratch, ") STRICT") == -1)
		return fail_errno(s, t->name);
	return db_exec(s->db, s->scratch.data);
}

/* Declared findings may look at any table: a file has all of them. */
static int
create_tables(struct staging *s)
{
	const struct decl_table *t = s->decl->tables;
	size_t i;

	for (i = 0; i < sizeof(own_tables) / sizeof(own_tables[0]); i++)
		if (db_execf(s->db, "CREATE TABLE %s.%s STRICT", s->schema,
		    own_tables[i]) == -1)
			return -1;
	for (i = 0; i < s->decl->n_tables; i++)
		if ((s->db == &s->own || takes_rows(s, &t[i])) &&
		    create_table(s, &t[i]) == -1)
			return -1;
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
	if (buf_printf(sql, "INSERT INTO %s.\"%s\" SELECT ", s->schema,
	    t->name) == -1)
		return fail_errno(s, t->name);
	for (i = 0; i < t->kind->n_key; i++)
		buf_printf(sql, "?%zu, ", i + 1);
	for (i = 0; i < t->n_columns; i++)
		buf_printf(sql, "c%zu, ", i);
	if (buf_printf(sql, "%s1, c%zu, c%zu FROM bulk",
	    decl_nested(t) ? "1, " : "", i, i + 1) == -1)
		return fail_errno(s, t->name);
	return bulk_prepare(&s->bulk, table, i + 2, sql->data);
}

/* Rows are of this dataset. */
static void
bind_dataset(struct staging *s)
{
	size_t i, t;

	for (t = 0; t < s->decl->n_tables; t++)
		for (i = 0; takes_rows(s, &s->decl->tables[t]) &&
		    i < s->dataset.n; i++)
			db_bind(s->bulk.tables[t].insert, (int)i + 1,
			    s->dataset.m[i].value);
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
	    bulk_init(&s->bulk, s->db, s->decl->n_tables, n) == -1)
		return staging_fail_errno(s, s->path);
	for (i = 0; i < s->decl->n_tables; i++)
		if (takes_rows(s, &s->decl->tables[i]) &&
		    prepare_insert(s, i) == -1)
			return -1;
	bind_dataset(s);
	buf_clear(&s->scratch);
	if (buf_printf(&s->scratch, "INSERT INTO %s.quarantine"
	    " VALUES (?, ?, ?, ?, ?)", s->schema) == -1)
		return fail_errno(s, s->path);
	s->quarantine = db_prepare(s->db, s->scratch.data);
	return s->quarantine == NULL ? -1 : 0;
}

static int
open_db(struct staging *s)
{
	if (unlink(s->tmp) == -1 && errno != ENOENT)
		return fail_errno(s, s->tmp);
	/* Nothing reads it before it is complete: no journal, no syncs. */
	if (db_open(s->db, s->tmp, DB_CREATE) == -1 ||
	    db_execf(s->db, "PRAGMA page_size = 16384;"
	    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
	    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = OFF;"
	    "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    DB_APPLICATION_ID, STAGING_VERSION) == -1 ||
	    db_begin(s->db) == -1 || create_tables(s) == -1)
		return -1;
	return prepare_inserts(s);
}

/* What needs no database; path is a name for messages, too. */
static int
init(struct staging *s, const struct decl *d, struct db *db,
    const char *schema, const char *path)
{
	memset(s, 0, sizeof(*s));
	s->decl = d;
	s->db = db;
	s->schema = schema;
	s->lock.fd = -1;
	buf_init(&s->message, 4096);
	buf_init(&s->scratch, SIZE_MAX / 2);
	buf_init(&s->own.message, 4096);
	notes_init(&s->notes);
	s->path = strdup(path);
	s->tables = calloc(d->n_tables + 1, sizeof(*s->tables));
	return s->path == NULL || s->tables == NULL ||
	    occurrences_init(&s->occurrences, d) == -1 ? -1 : 0;
}

int
staging_open(struct staging *s, const struct decl *d,
    const struct part *dataset, const char *path)
{
	if (init(s, d, &s->own, "main", path) == -1 ||
	    (s->tmp = beside(path, ".tmp")) == NULL)
		return fail_errno(s, path);
	s->dataset = *dataset;
	if (take_lock(s) == -1)
		return -1;
	return open_db(s);
}

int
staging_open_temp(struct staging *s, const struct decl *d, struct db *db)
{
	size_t i;

	if (init(s, d, db, "temp", db->path) == -1)
		return fail_errno(s, db->path);
	if (create_tables(s) == -1 || prepare_inserts(s) == -1)
		return -1;
	for (i = 0; i < STAGING_OWN; i++)
		if ((s->forget[i] = db_prepare(db, forget_own[i])) == NULL)
			return -1;
	return 0;
}

/* Rows that a rollback brought back go, too: so any table that ever had. */
static int
forget_rows(struct staging *s)
{
	size_t i;

	for (i = 0; i < s->decl->n_tables; i++) {
		struct staging_table *t = &s->tables[i];

		t->payload_rows = t->rows = t->quarantined = 0;
		if (t->forget != NULL && db_run(s->db, t->forget) == -1)
			return -1;
	}
	for (i = 0; i < STAGING_OWN; i++)
		if (db_run(s->db, s->forget[i]) == -1)
			return -1;
	return 0;
}

int
staging_restart(struct staging *s, const struct part *dataset)
{
	s->status = EXIT_OK;
	s->dataset = *dataset;
	bulk_clear(&s->bulk);
	occurrences_clear(&s->occurrences);
	notes_release(&s->notes);
	notes_init(&s->notes);
	bind_dataset(s);
	return forget_rows(s);
}

/* What a connection that goes on must not keep. */
static void
finalize(struct staging *s)
{
	size_t i;

	if (s->db == &s->own)
		return;
	for (i = 0; s->tables != NULL && i < s->decl->n_tables; i++) {
		sqlite3_finalize(s->tables[i].forget);
		if (s->bulk.tables != NULL)
			sqlite3_finalize(s->bulk.tables[i].insert);
	}
	for (i = 0; i < STAGING_META_SQL; i++)
		sqlite3_finalize(s->meta[i]);
	for (i = 0; i < STAGING_OWN; i++)
		sqlite3_finalize(s->forget[i]);
	sqlite3_finalize(s->quarantine);
}

void
staging_release(struct staging *s)
{
	size_t i;

	if (s->decl == NULL)
		return;
	finalize(s);
	db_close(&s->own);
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

int
staging_hash(struct staging *s, const struct decl_table *t,
    const struct cell *cells, const struct cell *extra,
    unsigned char hash[ROWHASH_BYTES])
{
	size_t i, n = 0;

	if (!t->has_provenance)
		return rowhash(&s->scratch, cells, t->n_columns, extra, hash);
	for (i = 0; i < t->n_columns; i++)
		if (!t->columns[i].provenance)
			s->row[n++] = cells[i];
	return rowhash(&s->scratch, s->row, n, extra, hash);
}

/* An item's rows have to be forgotten. */
static int
prepare_forget(struct staging *s, size_t table)
{
	buf_clear(&s->scratch);
	if (buf_printf(&s->scratch, "DELETE FROM temp.\"%s\"",
	    s->decl->tables[table].name) == -1)
		return -1;
	s->tables[table].forget = db_prepare(s->db, s->scratch.data);
	return s->tables[table].forget == NULL ? -1 : 0;
}

int64_t
staging_put(struct staging *s, size_t table, const struct cell *cells,
    const struct cell *extra, unsigned char hash[ROWHASH_BYTES])
{
	struct staging_table *st = &s->tables[table];
	const struct decl_table *t = &s->decl->tables[table];
	size_t n = t->n_columns;

	if (staging_hash(s, t, cells, extra, hash) == -1)
		return fail_errno(s, t->name);
	if (s->db != &s->own && st->forget == NULL &&
	    prepare_forget(s, table) == -1)
		return staging_fail_errno(s, t->name);
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
	return db_run(s->db, s->quarantine);
}

int
staging_add_input(struct staging *s, const struct staging_input *in)
{
	const char *const text[] = { in->part, in->run, in->snapshot,
	    in->sha256, in->schema_version, in->fetched_at, in->path };
	sqlite3_stmt *stmt = db_prepare(s->db, "INSERT INTO staging_inputs"
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
	r = db_run(s->db, stmt);
	sqlite3_finalize(stmt);
	return r;
}

/* --- the end ------------------------------------------------------------ */

static int
resolve(struct staging *s, size_t table)
{
	if (occurrences_resolve(&s->occurrences, table, s->db, &s->notes)
	    == 0)
		return 0;
	return staging_fail_errno(s, s->decl->tables[table].name);
}

int
staging_number(struct staging *s)
{
	size_t i;

	for (i = 0; i < s->decl->n_tables; i++)
		if (takes_rows(s, &s->decl->tables[i]) && resolve(s, i) == -1)
			return -1;
	return 0;
}

int
staging_complete(struct staging *s, const char *run,
    const char *normalized_at)
{
	const struct decl *d = s->decl;
	size_t i;

	if (staging_flush(s) == -1 || staging_number(s) == -1)
		return -1;
	for (i = 0; i < d->n_tables; i++)
		if (d->tables[i].sql != NULL &&
		    decl_has(d->tables[i].kind, &s->dataset) &&
		    (staging_derive(s, i) == -1 || resolve(s, i) == -1))
			return -1;
	for (i = 0; i < d->n_findings; i++)
		if (staging_find(s, &d->findings[i]) == -1)
			return -1;
	if (staging_meta_write(s, run, normalized_at) == -1)
		return -1;
	return db_commit(s->db);
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
