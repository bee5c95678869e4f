/*
 * ledger.h -- DATA/ledger.sqlite: runs, snapshots, attempts, authority.
 *
 * Each table has one writer: runs is run-new's, raw_snapshots raw-write's,
 * partition_state and attempts raw-verify's (authority.h).
 *
 * A partition is named by its source and part_path, "2026/A/items".
 * Every call returns -1 as those of db.h do, with db_message().
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "store/db.h"
#include "store/raw.h"

/* Bytes of a run id, "20261120T223114123Z-7f3a9c", with its '\0'. */
#define LEDGER_RUN_TEXT 27

/* Bytes of the word that tells one ledger from the next, with its '\0'. */
#define LEDGER_ID_TEXT 9

/* Open DATA/ledger.sqlite and check or (DB_CREATE) make its schema.
 * Errors as db_open() and db_schema(); db needs db_close() then too. */
int ledger_open(struct db *db, const char *data, enum db_mode mode);

/* The word that was drawn when this ledger was made. */
int ledger_id(struct db *db, char id[LEDGER_ID_TEXT]);

/* --- runs --------------------------------------------------------------- */

struct ledger_run {
	const char *source, *mode, *host;	/* mode may be NULL */
	int64_t pid;
	int64_t at_ms;		/* wall clock */
	int exact;		/* the id shows at_ms, whatever came before */
	uint32_t salt;		/* 24 random bits for the end of the id */
};

/*
 * Register a run and write its id.  Ids sort as they were allocated: when
 * the clock stands or went back, the time in the id is the last id's plus
 * 1 ms, unless exact.
 */
int ledger_run_new(struct db *db, const struct ledger_run *r,
    char id[LEDGER_RUN_TEXT]);

/* --- snapshots ---------------------------------------------------------- */

/* A sealed partition as raw_snapshots has it. */
struct ledger_snapshot {
	const struct raw_meta *meta;
	const char *dataset;
	const char *sealed_at;
	int64_t attempt;	/* of the fetch, or -1 */
};

/* Register a sealed partition; a second time is nothing new. */
int ledger_snapshot_add(struct db *db, const struct ledger_snapshot *s);

/* --- authority ---------------------------------------------------------- */

/* The authoritative state of a partition; texts are in the arena given. */
struct ledger_current {
	const char *run, *snapshot, *path;	/* path is relative to DATA */
	const char *dataset, *sha256, *schema_version;
	const char *fetched_at;		/* of the payload; may be NULL */
	const char *confirmed_at;	/* latest answer with this content */
	const char *etag;		/* of that answer; may be NULL */
	struct part part;
	int64_t size_bytes, stored_bytes, record_count;
	int64_t seq;		/* of the last change of what counts here: each
				 * gets the greatest one of the ledger */
};

/*
 * What is authoritative for a partition.  Returns 1 and fills c, or 0 when
 * nothing is valid.
 */
int ledger_current(struct db *db, const char *source, const char *part_path,
    struct arena *a, struct ledger_current *c);

/*
 * As ledger_current(), for a conditional request: 0 also when the payload
 * is not there or has another schema version than the one declared.
 */
int ledger_known(struct db *db, const char *data, const char *source,
    const char *part_path, const char *schema_version, struct arena *a,
    struct ledger_current *c);

/* The status text of a partition: "valid", "invalid", "pending" (no row);
 * NULL on failure. */
const char *ledger_status(struct db *db, const char *source,
    const char *part_path);

/* Has this run a good answer for the partition?  1, 0 or -1. */
int ledger_attempt_ok(struct db *db, const char *run, const char *source,
    const char *part_path);

/*
 * One good answer about a partition: its number, when it came (wall clock)
 * and the digest of its content.  Returns 0 to go on, -1 to stop.
 */
typedef int (*ledger_answer_fn)(int64_t seq, int64_t at_ms,
    const char *sha256, void *arg);

/*
 * Hand every good answer after number since to fn, in their order; body,
 * unchanged and same_as alike.  A since that the ledger has not reached is
 * another ledger's, and counts as 0.  Returns 0, or -1 when fn did or the
 * ledger failed.
 */
int ledger_answers(struct db *db, const char *source, const char *part_path,
    int64_t since, ledger_answer_fn fn, void *arg);

#endif
