/*
 * db.h -- SQLite as this project uses it.
 *
 * STRICT tables, application_id and user_version set, foreign keys on,
 * rollback journal (no WAL: the system library may have the WAL-reset
 * bug), one writer at a time with a busy timeout, NOMUTEX connections of
 * one thread.  Every call returns 0, or -1 with errno EBUSY, ENOMEM,
 * ENOSPC or EIO; what SQLite said is then the connection's message,
 * db_message(), as "FILE: what".
 *
 * Whoever finds the file locked waits: the wait_ms of its connection for
 * all locks of one write transaction together, or for one statement
 * outside of one.  Then it fails with EBUSY and the message names who has
 * the file.  A stop request (stop.h) ends waiting.
 */
#ifndef DB_H
#define DB_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/exits.h"

/* How long a connection waits for others, in ms, unless told otherwise. */
#define DB_BUSY_MS 30000

enum db_mode {
	/* Nothing is changed whatsoever.  What a killed writer left half done
	 * cannot be read then: EBUSY, until somebody else opens it. */
	DB_LOOK,
	/* Nothing is changed but what a killed writer left half done; the
	 * file must exist. */
	DB_READ,
	DB_IMMUTABLE,		/* a file that nobody ever writes: no locks */
	DB_WRITE,		/* read and write; the file must exist */
	DB_CREATE		/* as DB_WRITE, created with its folders */
};

/* "slce", the application_id of every database of ours but snapshots. */
#define DB_APPLICATION_ID 0x736c6365

struct db {
	sqlite3 *h;		/* owned */
	char *path;		/* owned */
	struct buf message;
	enum exits status;	/* what the last failure asks for */
	int read_only;		/* opened with DB_READ or DB_LOOK */
	int writing;		/* since db_begin() */
	int64_t wait_ms;	/* DB_BUSY_MS; to be changed once open */
	int64_t waited_ms;	/* of that, so far */
};

/*
 * Open path; "" with DB_CREATE is a database of our own without a name, in
 * a temporary file as far as the cache does not hold it.  Returns 0, or -1
 * with errno: ENOENT (no such file), what the system said, or as every
 * call.  d has the message and still needs db_close().
 */
int db_open(struct db *d, const char *path, enum db_mode mode);

/* Close; finalises statements left over.  Safe on a failed open. */
void db_close(struct db *d);

/* What went wrong last, or "". */
const char *db_message(const struct db *d);

/*
 * The exit status that the last failure asks for: 75 busy or interrupted,
 * 74 I/O or full, 71 memory, 66 no such file, 65 corrupt, constraint or
 * another schema, 70 SQL of ours that is wrong.  A rollback in between
 * does not change it.
 */
enum exits db_status(const struct db *d);

/*
 * Fail with this result code of SQLite, and what it says about it; errno
 * follows the kind of failure.  Returns -1.
 */
int db_fail(struct db *d, int code);

/*
 * Fail with errno for a file that belongs to the database's work: message
 * and status are then as if SQLite had said it.  Returns -1, errno kept.
 */
int db_fail_errno(struct db *d, const char *path);

/*
 * Make sure the schema is there: on an empty file run ddl and set
 * user_version, in one transaction that concurrent openers wait for; else
 * compare.  Returns 0, or -1 with errno EPROTO for another application or
 * version (the message says which command rebuilds it), ENOENT for an
 * empty file that was opened to be read.
 */
int db_schema(struct db *d, int version, const char *ddl,
    const char *rebuild_hint);

/* Run statements without rows or parameters. */
int db_exec(struct db *d, const char *sql);
int db_execf(struct db *d, const char *fmt, ...) MSG_FMT(2, 3);

/* Prepare; NULL on failure.  The caller owes sqlite3_finalize(). */
sqlite3_stmt *db_prepare(struct db *d, const char *sql);

/*
 * Step.  Returns 1 with a row, 0 when done (then the statement is reset),
 * -1 on failure (reset as well).
 */
int db_step(struct db *d, sqlite3_stmt *s);

/* Step a statement that returns no rows, and reset it.  0 or -1. */
int db_run(struct db *d, sqlite3_stmt *s);

/* The first column of the first row as an integer, fallback if no row. */
int64_t db_int(struct db *d, const char *sql, int64_t fallback);

/*
 * Start a write transaction at once (BEGIN IMMEDIATE: here it waits for
 * writers), commit it (here for readers; after a failure it is still
 * open), or give it up (errors ignored).
 */
int db_begin(struct db *d);
int db_commit(struct db *d);
void db_rollback(struct db *d);

/* Attach path under name; read-only attaches never create a file. */
int db_attach(struct db *d, const char *path, const char *name,
    enum db_mode mode);

/* Append name as a quoted SQL identifier. */
int db_ident(struct buf *b, const char *name);

/* Bind text, NULL as SQL NULL.  The text must live until the next bind. */
void db_bind(sqlite3_stmt *s, int i, const char *text);

/* Bind a count, -1 (not known) as SQL NULL. */
void db_bind_count(sqlite3_stmt *s, int i, int64_t value);

/* Column i as text, or NULL; valid until the next step. */
const char *db_text(sqlite3_stmt *s, int i);

#endif
