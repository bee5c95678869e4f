#include "store/db.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/stop.h"
#include "store/busy.h"

#define POLL_MS 20		/* how often a waiter asks again */

static enum exits
status_of(int code)
{
	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
		return EXIT_TEMP;
	case SQLITE_NOMEM:
		return EXIT_OS;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		return EXIT_DATA;
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		return EXIT_BUG;
	default:
		return EXIT_IO;
	}
}

static int
errno_of(int code)
{
	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EBUSY;
	case SQLITE_NOMEM:
		return ENOMEM;
	case SQLITE_FULL:
		return ENOSPC;
	default:
		return EIO;
	}
}

static void
say(struct db *d, const char *path, const char *what)
{
	buf_clear(&d->message);
	buf_printf(&d->message, "%s: %s", path == NULL ? "?" :
	    path[0] == '\0' ? "temporary database" : path, what);
}

/* Others had the file for as long as we wait: who? */
static void
say_busy(struct db *d)
{
	if (stop_requested()) {
		say(d, d->path, "interrupted while others have it");
		return;
	}
	buf_clear(&d->message);
	buf_printf(&d->message, "%s: still locked after %lld ms: ", d->path,
	    (long long)d->waited_ms);
	if (busy_holders(&d->message, d->path) == 0)
		buf_cut(&d->message, d->message.len - 2);
}

/* Only looking at it, we find a journal that is to be played back. */
static int
half_done(struct db *d, int code)
{
	return code == SQLITE_READONLY &&
	    sqlite3_db_readonly(d->h, "main") == 1;
}

int
db_fail(struct db *d, int code)
{
	if (half_done(d, code)) {
		say(d, d->path, "a writer died in the middle; the next one, "
		    "or any other reader, mends it");
		code = SQLITE_BUSY;
	} else if (code == SQLITE_BUSY) {
		say_busy(d);
	} else {
		say(d, d->path, code == sqlite3_errcode(d->h) ?
		    sqlite3_errmsg(d->h) : sqlite3_errstr(code));
	}
	d->status = status_of(code);
	errno = errno_of(code);
	return -1;
}

/* Keep what SQLite says. */
static int
fail(struct db *d)
{
	return db_fail(d, sqlite3_errcode(d->h));
}

int
db_fail_errno(struct db *d, const char *path)
{
	int saved = errno;

	say(d, path, strerror(saved));
	d->status = msg_status(saved);
	errno = saved;
	return -1;
}

/*
 * Another holds the lock we need: nap and ask again, but not for longer
 * than is left, nor after a stop request.
 */
static int
wait_busy(void *arg, int asked)
{
	struct db *d = arg;
	int64_t began_ms = clock_mono_ms(), left_ms;

	if (asked == 0 && !d->writing)
		d->waited_ms = 0;
	left_ms = d->wait_ms - d->waited_ms;
	if (left_ms <= 0 || stop_requested())
		return 0;
	sqlite3_sleep(left_ms < POLL_MS ? (int)left_ms : POLL_MS);
	d->waited_ms += clock_mono_ms() - began_ms;
	return 1;
}

/* What mode is in a URI. */
static const char *
mode_text(enum db_mode mode)
{
	switch (mode) {
	case DB_LOOK:
	case DB_READ:
		return "ro";
	case DB_IMMUTABLE:
		return "ro&immutable=1";
	case DB_WRITE:
		return "rw";
	default:
		return "rwc";
	}
}

/* A file: URI for path, so that no path can be taken for one. */
static int
uri(struct buf *b, const char *path, enum db_mode mode)
{
	const char *p = path;

	if (buf_str(b, "file:") == -1)
		return -1;
	while (p[0] == '/' && p[1] == '/')	/* "//" would name a host */
		p++;
	for (; *p != '\0'; p++)
		if ((strchr("%?#", *p) != NULL ? buf_printf(b, "%%%02X",
		    (unsigned char)*p) : buf_chr(b, *p)) == -1)
			return -1;
	return buf_printf(b, "?mode=%s", mode_text(mode));
}

static int
open_handle(struct db *d, enum db_mode mode)
{
	struct buf b;
	int r;

	buf_init(&b, 3 * PATH_BYTES_MAX);
	if (uri(&b, d->path, mode == DB_READ ? DB_WRITE : mode) == -1) {
		buf_release(&b);
		return db_fail_errno(d, d->path);
	}
	r = sqlite3_open_v2(b.data, &d->h, SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_URI | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	    NULL);
	buf_release(&b);
	return r == SQLITE_OK ? 0 : fail(d);
}

int
db_open(struct db *d, const char *path, enum db_mode mode)
{
	d->h = NULL;
	d->path = strdup(path);
	d->status = EXIT_OK;
	d->read_only = mode == DB_LOOK || mode == DB_READ ||
	    mode == DB_IMMUTABLE;
	d->writing = 0;
	d->wait_ms = DB_BUSY_MS;
	d->waited_ms = 0;
	buf_init(&d->message, 4096);
	if (d->path == NULL ||
	    (mode == DB_CREATE && path_mkparents(path) == -1) ||
	    (mode != DB_CREATE && access(path, F_OK) == -1))
		return db_fail_errno(d, d->path);
	if (open_handle(d, mode) == -1)
		return -1;
	sqlite3_extended_result_codes(d->h, 0);
	sqlite3_busy_handler(d->h, wait_busy, d);
	/* A connection that cannot write could not clear away what a killed
	 * writer left half done, and then could not read either. */
	if (mode == DB_READ && db_exec(d, "PRAGMA query_only = ON") == -1)
		return -1;
	return db_exec(d, "PRAGMA foreign_keys = ON");
}

void
db_close(struct db *d)
{
	sqlite3_stmt *s;

	/* Closing lets go of virtual tables first: their statements, which
	 * are in the same list, are not ours to finalise. */
	if (sqlite3_close(d->h) == SQLITE_BUSY) {
		while ((s = sqlite3_next_stmt(d->h, NULL)) != NULL)
			sqlite3_finalize(s);
		sqlite3_close(d->h);
	}
	free(d->path);
	buf_release(&d->message);
	d->h = NULL;
	d->path = NULL;
}

const char *
db_message(const struct db *d)
{
	return d->message.data;
}

enum exits
db_status(const struct db *d)
{
	return d->status;
}

/* What is in the file at one moment. */
struct schema {
	int64_t app, version, objects;
};

/* Read it, within a transaction: an opener at work changes all three. */
static int
read_schema(struct db *d, struct schema *s)
{
	s->app = db_int(d, "PRAGMA application_id", -1);
	s->version = db_int(d, "PRAGMA user_version", -1);
	s->objects = db_int(d, "SELECT count(*) FROM sqlite_schema", -1);
	return s->app == -1 || s->version == -1 || s->objects == -1 ? -1 : 0;
}

static int
is_empty(const struct schema *s)
{
	return s->app == 0 && s->version == 0 && s->objects == 0;
}

static int
is_ours(const struct schema *s, int version)
{
	return s->app == DB_APPLICATION_ID && s->version == version;
}

static int
wrong_schema(struct db *d, const struct schema *s, int version,
    const char *hint)
{
	buf_clear(&d->message);
	if (s->app != DB_APPLICATION_ID)
		buf_printf(&d->message, "%s: not a database of ours",
		    d->path);
	else
		buf_printf(&d->message,
		    "%s: schema version %lld, this program needs %d; %s",
		    d->path, (long long)s->version, version, hint);
	d->status = EXIT_DATA;
	errno = EPROTO;
	return -1;
}

/* Its writer died before the schema was there: as good as no file. */
static int
not_yet(struct db *d)
{
	buf_clear(&d->message);
	buf_printf(&d->message, "%s: empty", d->path);
	d->status = EXIT_NOINPUT;
	errno = ENOENT;
	return -1;
}

/* In a write transaction; another opener may have been first. */
static int
create_schema(struct db *d, int version, const char *ddl)
{
	struct schema s;

	if (read_schema(d, &s) == -1)
		return -1;
	if (!is_empty(&s))
		return 0;	/* db_schema() looks again */
	if (db_exec(d, ddl) == -1 ||
	    db_execf(d, "PRAGMA application_id = %d", DB_APPLICATION_ID)
	    == -1)
		return -1;
	return db_execf(d, "PRAGMA user_version = %d", version);
}

int
db_schema(struct db *d, int version, const char *ddl,
    const char *rebuild_hint)
{
	struct schema s;
	int r;

	if (db_exec(d, "BEGIN") == -1)
		return -1;
	r = read_schema(d, &s);
	db_rollback(d);
	if (r == -1)
		return -1;
	if (is_ours(&s, version))
		return 0;
	if (!is_empty(&s))
		return wrong_schema(d, &s, version, rebuild_hint);
	if (d->read_only)
		return not_yet(d);
	if (db_begin(d) == -1)
		return -1;
	if (create_schema(d, version, ddl) == -1 || db_commit(d) == -1) {
		db_rollback(d);
		return -1;
	}
	return db_schema(d, version, ddl, rebuild_hint);
}

int
db_exec(struct db *d, const char *sql)
{
	if (sqlite3_exec(d->h, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(d);
	return 0;
}

int
db_execf(struct db *d, const char *fmt, ...)
{
	struct buf b;
	va_list ap;
	int r;

	buf_init(&b, (size_t)1 << 20);
	va_start(ap, fmt);
	r = buf_vprintf(&b, fmt, ap);
	va_end(ap);
	r = r == -1 ? db_fail_errno(d, d->path) : db_exec(d, b.data);
	buf_release(&b);
	return r;
}

sqlite3_stmt *
db_prepare(struct db *d, const char *sql)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(d->h, sql, -1, &s, NULL) != SQLITE_OK)
		fail(d);
	return s;
}

int
db_step(struct db *d, sqlite3_stmt *s)
{
	int r;

	if (s == NULL)
		return -1;
	r = sqlite3_step(s);
	if (r == SQLITE_ROW)
		return 1;
	if (r != SQLITE_DONE)
		fail(d);
	sqlite3_reset(s);
	return r == SQLITE_DONE ? 0 : -1;
}

int
db_run(struct db *d, sqlite3_stmt *s)
{
	int r = db_step(d, s);

	if (r == 1)
		sqlite3_reset(s);
	return r == -1 ? -1 : 0;
}

int64_t
db_int(struct db *d, const char *sql, int64_t fallback)
{
	sqlite3_stmt *s = db_prepare(d, sql);
	int64_t value = fallback;

	if (db_step(d, s) == 1)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

void
db_rollback(struct db *d)
{
	if (!sqlite3_get_autocommit(d->h))
		sqlite3_exec(d->h, "ROLLBACK", NULL, NULL, NULL);
	d->writing = 0;
}

int
db_begin(struct db *d)
{
	d->waited_ms = 0;
	d->writing = 1;
	if (db_exec(d, "BEGIN IMMEDIATE") == 0)
		return 0;
	d->writing = !sqlite3_get_autocommit(d->h);
	return -1;
}

int
db_commit(struct db *d)
{
	if (db_exec(d, "COMMIT") == -1)
		return -1;
	d->writing = 0;
	return 0;
}

/* Read once, so that what a killed writer left half done is undone. */
static int
recover(struct db *d, const char *path)
{
	struct db other;
	int r = 0;

	if (db_open(&other, path, DB_READ) == -1 ||
	    db_int(&other, "SELECT count(*) FROM sqlite_schema", -1) == -1) {
		buf_clear(&d->message);
		buf_str(&d->message, db_message(&other));
		d->status = db_status(&other);
		r = -1;
	}
	db_close(&other);
	return r;
}

int
db_attach(struct db *d, const char *path, const char *name,
    enum db_mode mode)
{
	sqlite3_stmt *s = NULL;
	struct buf b;
	int r = -1;

	if (mode == DB_READ && recover(d, path) == -1)
		return -1;
	s = db_prepare(d, "ATTACH ? AS ?");
	buf_init(&b, 3 * PATH_BYTES_MAX);
	if (s != NULL && uri(&b, path, mode) == -1) {
		db_fail_errno(d, d->path);
	} else if (s != NULL) {
		db_bind(s, 1, b.data);
		db_bind(s, 2, name);
		r = db_run(d, s);
	}
	sqlite3_finalize(s);
	buf_release(&b);
	return r;
}

int
db_ident(struct buf *b, const char *name)
{
	const char *p;

	if (buf_chr(b, '"') == -1)
		return -1;
	for (p = name; *p != '\0'; p++)
		if ((*p == '"' && buf_chr(b, '"') == -1) ||
		    buf_chr(b, *p) == -1)
			return -1;
	return buf_chr(b, '"');
}

void
db_bind(sqlite3_stmt *s, int i, const char *text)
{
	if (text == NULL)
		sqlite3_bind_null(s, i);
	else
		sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
}

void
db_bind_count(sqlite3_stmt *s, int i, int64_t value)
{
	if (value == -1)
		sqlite3_bind_null(s, i);
	else
		sqlite3_bind_int64(s, i, value);
}

const char *
db_text(sqlite3_stmt *s, int i)
{
	return (const char *)sqlite3_column_text(s, i);
}
