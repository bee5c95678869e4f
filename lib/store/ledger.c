#include "store/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/pick.h"

#define VERSION 3

static const char ddl[] =
"CREATE TABLE ledger (id TEXT NOT NULL) STRICT;"
"INSERT INTO ledger VALUES (lower(hex(randomblob(4))));"
"CREATE TABLE runs ("
"	run_id TEXT PRIMARY KEY,"
"	source TEXT NOT NULL,"
"	mode TEXT,"
"	created_at TEXT NOT NULL,"
"	host TEXT NOT NULL,"
"	pid INTEGER NOT NULL) STRICT;"
"CREATE TABLE raw_snapshots ("
"	seq INTEGER PRIMARY KEY,"
"	snapshot_id TEXT NOT NULL UNIQUE,"
"	run TEXT NOT NULL,"
"	source TEXT NOT NULL,"
"	dataset TEXT NOT NULL,"
"	part TEXT NOT NULL,"
"	part_path TEXT NOT NULL,"
"	path TEXT NOT NULL,"
"	sha256 TEXT NOT NULL,"
"	size_bytes INTEGER NOT NULL,"
"	stored_bytes INTEGER NOT NULL,"
"	record_count INTEGER NOT NULL,"
"	schema_version TEXT NOT NULL,"
"	format TEXT NOT NULL,"
"	url TEXT,"
"	request TEXT,"
"	status INTEGER,"
"	etag TEXT,"
"	last_modified TEXT,"
"	content_type TEXT,"
"	fetched_at TEXT,"
"	attempt INTEGER,"
"	sealed_at TEXT NOT NULL,"
"	UNIQUE (source, part_path, run)) STRICT;"
"CREATE TABLE partition_state ("
"	source TEXT NOT NULL,"
"	part_path TEXT NOT NULL,"
"	dataset TEXT NOT NULL,"
"	part TEXT NOT NULL,"
"	status TEXT NOT NULL CHECK (status IN ('valid', 'invalid')),"
"	run TEXT,"
"	snapshot TEXT,"
"	sha256 TEXT,"
"	size_bytes INTEGER,"
"	stored_bytes INTEGER,"
"	record_count INTEGER,"
"	schema_version TEXT,"
"	fetched_at TEXT,"
"	confirmed_at TEXT,"
"	etag TEXT,"
"	last_attempt TEXT NOT NULL CHECK (last_attempt IN ('ok', 'failed')),"
"	last_error TEXT,"
"	last_attempt_run TEXT NOT NULL,"
"	attempts INTEGER NOT NULL,"
"	updated_at TEXT NOT NULL,"
"	seq INTEGER NOT NULL UNIQUE,"
"	PRIMARY KEY (source, part_path),"
"	CHECK (status = 'invalid' OR (run IS NOT NULL AND"
"	    snapshot IS NOT NULL AND sha256 IS NOT NULL AND"
"	    schema_version IS NOT NULL))) STRICT;"
"CREATE TABLE attempts ("
"	seq INTEGER PRIMARY KEY,"
"	source TEXT NOT NULL,"
"	part_path TEXT NOT NULL,"
"	run TEXT NOT NULL,"
"	at TEXT NOT NULL,"
"	kind TEXT NOT NULL CHECK"
"	    (kind IN ('body', 'unchanged', 'same_as', 'error')),"
"	outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'failed')),"
"	code TEXT,"
"	sha256 TEXT,"
"	etag TEXT,"
"	size_bytes INTEGER,"
"	record_count INTEGER,"
"	snapshot TEXT,"
"	answer TEXT NOT NULL,"
"	UNIQUE (answer, outcome)) STRICT;"
"CREATE INDEX attempts_part ON attempts (source, part_path, run);"
"CREATE TABLE partition_asked ("
"	source TEXT NOT NULL,"
"	part_path TEXT NOT NULL,"
"	dataset TEXT NOT NULL,"
"	part TEXT NOT NULL,"
"	task TEXT,"
"	failures INTEGER NOT NULL,"
"	code TEXT,"
"	failed_run TEXT,"
"	failed_at TEXT,"
"	pending INTEGER NOT NULL,"
"	PRIMARY KEY (source, part_path),"
"	CHECK (failures = 0 OR (code IS NOT NULL AND"
"	    failed_run IS NOT NULL AND failed_at IS NOT NULL))) STRICT;"
"CREATE TABLE state_actions ("
"	seq INTEGER PRIMARY KEY,"
"	source TEXT NOT NULL,"
"	part_path TEXT NOT NULL,"
"	dataset TEXT NOT NULL,"
"	part TEXT NOT NULL,"
"	action TEXT NOT NULL CHECK (action IN"
"	    ('retry', 'backfill', 'terminal', 'clear-terminal')),"
"	at TEXT NOT NULL,"
"	who TEXT NOT NULL,"
"	why TEXT NOT NULL,"
"	command TEXT NOT NULL,"
"	after INTEGER NOT NULL) STRICT;"
/* What state-inspect goes by: whole rows would be too much to read. */
"CREATE INDEX state_changed ON partition_state"
"    (updated_at, part, source, dataset, status, last_attempt);"
"CREATE INDEX state_counted ON partition_state"
"    (source, status, last_attempt, attempts);"
"CREATE INDEX asked_pending ON partition_asked"
"    (failed_at, part, source, dataset) WHERE pending;"
"CREATE INDEX asked_failing ON partition_asked"
"    (failed_at, part, source, dataset, failures) WHERE failures > 0;"
"CREATE INDEX actions_part ON state_actions (source, part_path, action);";

int
ledger_open(struct db *db, const char *data, enum db_mode mode)
{
	struct buf path;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	buf_printf(&path, "%s/ledger.sqlite", data);
	r = db_open(db, path.data, mode);
	buf_release(&path);
	if (r == -1 || pick_functions(db) == -1)
		return -1;
	return db_schema(db, VERSION, ddl,
	    "move it away and make a full refresh");
}

int
ledger_id(struct db *db, char id[LEDGER_ID_TEXT])
{
	sqlite3_stmt *s = db_prepare(db, "SELECT id FROM ledger");
	int r = db_step(db, s);

	snprintf(id, LEDGER_ID_TEXT, "%s", r == 1 ? db_text(s, 0) : "");
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

/* --- runs --------------------------------------------------------------- */

/* The instant as it stands in an id: without punctuation. */
static void
run_id(int64_t at_ms, uint32_t salt, char id[LEDGER_RUN_TEXT])
{
	char text[CLOCK_TEXT], *p = id;
	size_t i;

	clock_format(at_ms, text);
	for (i = 0; text[i] != '\0'; i++)
		if (strchr("-:.", text[i]) == NULL)
			*p++ = text[i];
	snprintf(p, LEDGER_RUN_TEXT - (size_t)(p - id), "-%06x",
	    (unsigned int)(salt & 0xffffff));
}

/* The instant in the greatest id, or -1 when there is none; -2 failed. */
static int64_t
last_run_ms(struct db *db)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT created_at FROM runs "
	    "ORDER BY run_id DESC LIMIT 1");
	int64_t ms = -1;
	int r = db_step(db, s);

	if (r == 1 && clock_parse(db_text(s, 0), &ms) == -1)
		ms = -1;
	sqlite3_finalize(s);
	return r == -1 ? -2 : ms;
}

/* 1 if it is registered now, 0 if the id is taken, or -1. */
static int
insert_run(struct db *db, const struct ledger_run *r, const char *id,
    int64_t at_ms)
{
	sqlite3_stmt *s = db_prepare(db, "INSERT INTO runs (run_id, source, "
	    "mode, created_at, host, pid) VALUES (?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT DO NOTHING");
	char at[CLOCK_TEXT];
	int done;

	if (s == NULL)
		return -1;
	clock_format(at_ms, at);
	db_bind(s, 1, id);
	db_bind(s, 2, r->source);
	db_bind(s, 3, r->mode);
	db_bind(s, 4, at);
	db_bind(s, 5, r->host);
	sqlite3_bind_int64(s, 6, r->pid);
	done = db_run(db, s);
	sqlite3_finalize(s);
	return done == -1 ? -1 : sqlite3_changes(db->h);
}

static int
allocate(struct db *db, const struct ledger_run *r, char id[LEDGER_RUN_TEXT])
{
	int64_t at = r->at_ms, last = last_run_ms(db);
	uint32_t salt = r->salt;
	int done;

	if (last == -2)
		return -1;
	if (!r->exact && last >= at)
		at = last + 1;
	do {
		run_id(at, salt++, id);
		done = insert_run(db, r, id, at);
	} while (done == 0);
	return done == -1 ? -1 : 0;
}

int
ledger_run_new(struct db *db, const struct ledger_run *r,
    char id[LEDGER_RUN_TEXT])
{
	if (db_begin(db) == -1)
		return -1;
	if (allocate(db, r, id) == 0 && db_commit(db) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

/* --- snapshots ---------------------------------------------------------- */

/* The texts of a key that several tables hold. */
struct names {
	struct buf json, values, path, snapshot, request;
};

static void
names_release(struct names *n)
{
	buf_release(&n->json);
	buf_release(&n->values);
	buf_release(&n->path);
	buf_release(&n->snapshot);
	buf_release(&n->request);
}

/* What was asked beyond a GET; "" if that is nothing. */
static int
request_text(struct buf *b, yyjson_val *request)
{
	struct jsonw w;

	if (request == NULL)
		return buf_str(b, "");
	jsonw_init(&w, b);
	jsonw_val(&w, NULL, request);
	errno = w.failed;
	return w.failed == 0 ? 0 : -1;
}

/* Returns 0, or -1 with errno and nothing to release. */
static int
names_init(struct names *n, const struct raw_meta *m)
{
	buf_init(&n->json, PATH_BYTES_MAX);
	buf_init(&n->values, PATH_BYTES_MAX);
	buf_init(&n->path, PATH_BYTES_MAX);
	buf_init(&n->snapshot, PATH_BYTES_MAX);
	buf_init(&n->request, LIMIT_RECORD_BYTES);
	if (part_json(&m->part, &n->json) == 0 &&
	    part_values(&m->part, 0, m->part.n, &n->values) == 0 &&
	    raw_path(m->source, &m->part, m->run, &n->path) == 0 &&
	    raw_snapshot_id(&m->part, m->run, &n->snapshot) == 0 &&
	    request_text(&n->request, m->request) == 0)
		return 0;
	names_release(n);
	return -1;
}

static int
insert_snapshot(struct db *db, const struct ledger_snapshot *snap,
    const struct names *n)
{
	const struct raw_meta *m = snap->meta;
	const char *texts[] = { n->snapshot.data, m->run, m->source,
	    snap->dataset, n->json.data, n->values.data, n->path.data,
	    m->sha256, m->schema_version, m->url, m->etag, m->last_modified,
	    m->content_type, m->fetched_at, snap->sealed_at,
	    payload_format_text(m->form.format),
	    n->request.len > 0 ? n->request.data : NULL };
	sqlite3_stmt *s = db_prepare(db, "INSERT INTO raw_snapshots "
	    "(snapshot_id, run, source, dataset, part, part_path, path, "
	    "sha256, schema_version, url, etag, last_modified, content_type, "
	    "fetched_at, sealed_at, format, request, status, attempt, "
	    "size_bytes, stored_bytes, record_count) VALUES (?, ?, ?, ?, ?, "
	    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT (snapshot_id) DO NOTHING");
	int i, r;

	if (s == NULL)
		return -1;
	for (i = 0; i < 17; i++)
		db_bind(s, i + 1, texts[i]);
	db_bind_count(s, 18, m->status);
	db_bind_count(s, 19, snap->attempt);
	db_bind_count(s, 20, m->size_bytes);
	db_bind_count(s, 21, m->stored_bytes);
	db_bind_count(s, 22, m->record_count);
	r = db_run(db, s);
	sqlite3_finalize(s);
	return r;
}

int
ledger_snapshot_add(struct db *db, const struct ledger_snapshot *s)
{
	struct names n;
	int r;

	if (names_init(&n, s->meta) == -1)
		return db_fail_errno(db, s->meta->source);
	r = insert_snapshot(db, s, &n);
	names_release(&n);
	return r;
}

/* --- reading authority -------------------------------------------------- */

/* A statement with source and part_path bound; NULL on failure. */
static sqlite3_stmt *
select_part(struct db *db, const char *sql, const char *source,
    const char *part_path)
{
	sqlite3_stmt *s = db_prepare(db, sql);

	if (s != NULL) {
		db_bind(s, 1, source);
		db_bind(s, 2, part_path);
	}
	return s;
}

/* Column i in the arena; NULL if it is NULL, or without memory. */
static const char *
keep(struct arena *a, sqlite3_stmt *s, int i)
{
	const char *text = db_text(s, i);

	return text != NULL ? arena_strdup(a, text) : NULL;
}

static int64_t
count_at(sqlite3_stmt *s, int i)
{
	return sqlite3_column_type(s, i) == SQLITE_NULL ? -1 :
	    sqlite3_column_int64(s, i);
}

/* Take the row of ledger_current().  Returns 0, or -1 with errno. */
static int
take_current(sqlite3_stmt *s, const char *source, struct arena *a,
    struct ledger_current *c)
{
	struct buf path;
	const char *part = db_text(s, 9);
	int r = -1;

	c->run = keep(a, s, 0);
	c->snapshot = keep(a, s, 1);
	c->dataset = keep(a, s, 2);
	c->sha256 = keep(a, s, 3);
	c->schema_version = keep(a, s, 4);
	c->fetched_at = keep(a, s, 5);
	c->confirmed_at = keep(a, s, 6);
	c->etag = keep(a, s, 7);
	c->seq = sqlite3_column_int64(s, 8);
	c->size_bytes = count_at(s, 10);
	c->stored_bytes = count_at(s, 11);
	c->record_count = count_at(s, 12);
	errno = ENOMEM;
	if (c->run == NULL || c->snapshot == NULL || c->dataset == NULL ||
	    c->sha256 == NULL || c->schema_version == NULL)
		return -1;
	buf_init(&path, PATH_BYTES_MAX);
	if (part_parse(&c->part, part) == 0 &&
	    raw_path(source, &c->part, c->run, &path) == 0 &&
	    (c->path = arena_strdup(a, path.data)) != NULL)
		r = 0;
	buf_release(&path);
	return r;
}

int
ledger_current(struct db *db, const char *source, const char *part_path,
    struct arena *a, struct ledger_current *c)
{
	sqlite3_stmt *s = select_part(db, "SELECT run, snapshot, dataset, "
	    "sha256, schema_version, fetched_at, confirmed_at, etag, seq, "
	    "part, size_bytes, stored_bytes, record_count "
	    "FROM partition_state WHERE source = ? AND part_path = ? AND "
	    "status = 'valid'", source, part_path);
	int r = db_step(db, s);

	if (r == 1 && take_current(s, source, a, c) == -1)
		r = db_fail_errno(db, part_path);
	sqlite3_finalize(s);
	return r;
}

int
ledger_known(struct db *db, const char *data, const char *source,
    const char *part_path, const char *schema_version, struct arena *a,
    struct ledger_current *c)
{
	int r = ledger_current(db, source, part_path, a, c);

	if (r != 1)
		return r;
	return strcmp(c->schema_version, schema_version) == 0 &&
	    raw_present(data, c->path);
}

const char *
ledger_status(struct db *db, const char *source, const char *part_path)
{
	sqlite3_stmt *s = select_part(db, "SELECT status = 'valid' FROM "
	    "partition_state WHERE source = ? AND part_path = ?", source,
	    part_path);
	int r = db_step(db, s);
	const char *status = r == -1 ? NULL : r == 0 ? "pending" :
	    sqlite3_column_int(s, 0) ? "valid" : "invalid";

	sqlite3_finalize(s);
	return status;
}

int
ledger_attempt_ok(struct db *db, const char *run, const char *source,
    const char *part_path)
{
	sqlite3_stmt *s = select_part(db, "SELECT 1 FROM attempts WHERE "
	    "source = ? AND part_path = ? AND run = ? AND outcome = 'ok'",
	    source, part_path);
	int r;

	if (s != NULL)
		db_bind(s, 3, run);
	r = db_step(db, s);
	sqlite3_finalize(s);
	return r;
}

int
ledger_answers(struct db *db, const char *source, const char *part_path,
    int64_t since, ledger_answer_fn fn, void *arg)
{
	sqlite3_stmt *s;
	int64_t at_ms;
	int r;

	if (since > db_int(db, "SELECT max(seq) FROM attempts", 0))
		since = 0;
	s = select_part(db, "SELECT seq, at, sha256 FROM attempts "
	    "WHERE source = ? AND part_path = ? AND seq > ? "
	    "AND outcome = 'ok' AND sha256 IS NOT NULL ORDER BY seq",
	    source, part_path);
	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 3, since);
	while ((r = db_step(db, s)) == 1)
		/* Nobody knows when one without a time came. */
		if (clock_parse(db_text(s, 1), &at_ms) == 0 &&
		    fn(sqlite3_column_int64(s, 0), at_ms, db_text(s, 2),
		    arg) == -1)
			break;
	sqlite3_finalize(s);
	return r == 0 ? 0 : -1;
}
