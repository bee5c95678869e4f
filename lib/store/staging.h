/*
 * staging.h -- the staging database of one dataset; sluice-store(5).
 *
 * All declared tables of the dataset as one set of payloads gives them,
 * with what was found odd.  It is written under a temporary name by one
 * process at a time (a lock beside it) and renamed when it is complete, so
 * a reader never sees half of one, and a killed one is written anew.
 *
 * Rows that come item by item are staged the same way, in the temporary
 * schema of a connection to the database that they are meant for
 * (staging_open_temp()): nothing is a file there, or is published, and one
 * item follows the other.
 *
 * Rows come in by staging_put().  staging_complete() then numbers equal
 * keys and runs the derived tables and the declared findings; until
 * staging_publish() nothing is to be seen.  After any -1 the caller looks
 * at staging_status() and staging_message(); staging_release() is owed in
 * any case.
 */
#ifndef STAGING_H
#define STAGING_H

#include "base/digest.h"
#include "base/lock.h"
#include "store/bulk.h"
#include "store/occurrence.h"

/* Schema version of staging databases. */
#define STAGING_VERSION 1

struct staging_table {
	struct occurrence_keys content;	/* distinct tables: hashes so far */
	int64_t payload_rows, rows, quarantined;
	sqlite3_stmt *forget;	/* of an item; NULL: never had a row */
};

#define STAGING_META_SQL 3	/* statements of staging_meta.c */
#define STAGING_OWN 4		/* tables that an item leaves something in */

struct staging {
	const struct decl *decl;	/* borrowed */
	struct part dataset;
	char *path, *tmp;	/* owned */
	struct lock lock;
	struct db *db;		/* own, or borrowed */
	struct db own;
	const char *schema;	/* "main", or "temp" for items */
	char map_sha256[DIGEST_TEXT];	/* "": not asked for yet */
	sqlite3_stmt *meta[STAGING_META_SQL];	/* once they were needed */
	sqlite3_stmt *forget[STAGING_OWN];	/* of items */
	struct staging_table *tables;	/* owned, as decl.tables */
	struct bulk bulk;
	struct cell *row;	/* owned; one row with extra and hash */
	struct occurrences occurrences;
	struct notes notes;
	sqlite3_stmt *quarantine;
	struct buf scratch;
	struct buf message;	/* what went wrong, if not SQLite */
	enum exits status;	/* 0: ask the database */
};

/* A payload that went in. */
struct staging_input {
	const char *part, *run, *snapshot, *sha256, *schema_version;
	const char *fetched_at, *path;	/* any but part and run: NULL */
	int64_t size_bytes, record_count;
};

/*
 * Start the database that will be path.  Waits up to DB_BUSY_MS for
 * another process that writes it.  d must outlive s.  Returns 0 or -1.
 */
int staging_open(struct staging *s, const struct decl *d,
    const struct part *dataset, const char *path);

/*
 * Stage rows of tables that are made of pages in the temporary schema of
 * db, which is not in a transaction and whose temporary tables are kept in
 * memory.  Returns 0 or -1.
 */
int staging_open_temp(struct staging *s, const struct decl *d,
    struct db *db);

/* Of that: forget what is staged, and begin with a dataset.  0 or -1. */
int staging_restart(struct staging *s, const struct part *dataset);

/*
 * Add a row: the table's declared columns and extra.  Text is borrowed for
 * the call.  Sets hash.  Returns the rowid, 0 if the table is distinct and
 * has the row already, or -1.
 */
int64_t staging_put(struct staging *s, size_t table,
    const struct cell *cells, const struct cell *extra,
    unsigned char hash[ROWHASH_BYTES]);

/* Rows may wait in memory: make what was put be seen in s->db.  0 or -1. */
int staging_flush(struct staging *s);

/* Put aside an element, canonical JSON, and say why.  0 or -1. */
int staging_quarantine(struct staging *s, size_t table, const char *part,
    int64_t element, const char *reason, const struct cell *payload);

int staging_add_input(struct staging *s, const struct staging_input *in);

/* Number the rows with equal keys of every table whose rows were put.  0 or
 * -1. */
int staging_number(struct staging *s);

/*
 * Number, derive, find, and write what is known.  run and normalized_at
 * go into staging_meta.  The tables can be read from s->db afterwards.
 * Returns 0 or -1.
 */
int staging_complete(struct staging *s, const char *run,
    const char *normalized_at);

/*
 * Sync it and give it its name.  Returns 0, or -1: with EXIT_REFUSED if a
 * newer run has staged the dataset.
 */
int staging_publish(struct staging *s);

/* Forget it unless it is published, and let the lock go.  A zeroed s, one
 * that was never opened, is fine. */
void staging_release(struct staging *s);

/* Say what went wrong, with the status to exit with.  Returns -1. */
int staging_fail(struct staging *s, enum exits status, const char *fmt, ...)
    MSG_FMT(3, 4);

/* Say that the declared SQL of SECTION.NAME is wrong, if it was that.
 * Returns -1. */
int staging_fail_sql(struct staging *s, const char *section,
    const char *name);

/* Say errno about what, unless SQLite or a call has failed.  Returns -1. */
int staging_fail_errno(struct staging *s, const char *what);

/* After a failure: the status to exit with, and what to say. */
enum exits staging_status(const struct staging *s);
const char *staging_message(const struct staging *s);

/* DATA/staging/SOURCE/2026/A.sqlite into b.  0, or -1 as buf_add(). */
int staging_path(struct buf *b, const char *data, const struct decl *d,
    const struct part *dataset);

#endif
