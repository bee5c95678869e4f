/*
 * inspect.h -- what the ledger says about many partitions, as rows.
 *
 * The partitions are those of partition_state, and those that were only
 * ever answered with failures: "pending" has no row there.  Each call fills
 * one sheet in one statement, changes nothing, and returns 0, or -1 with
 * db_message(); failures of the sheet are the sheet's.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include "base/clock.h"
#include "record/sheet.h"
#include "store/db.h"
#include "store/pick.h"

struct inspect {
	struct pick only;
	const char *status;	/* "valid", "invalid", "pending", or NULL */
	const char *last;	/* the last attempt: "ok", "failed", or NULL */
	struct pick_time since, until;	/* inclusive */
	int64_t limit;		/* rows, or -1 */
	int64_t now_ms;
};

/* Is nothing said about which partitions? */
int inspect_is_all(const struct inspect *q);

/* The rows of each kind. */
extern const struct sheet_column inspect_list_columns[];
extern const struct sheet_column inspect_count_columns[];
extern const struct sheet_column inspect_fresh_columns[];
extern const struct sheet_column inspect_gap_columns[];
extern const struct sheet_column inspect_retry_columns[];
extern const struct sheet_column inspect_action_columns[];

/* The partitions, those that changed last first. */
int inspect_list(struct db *db, const struct inspect *q, struct sheet *s);

/* How many of each source, status and last attempt. */
int inspect_counts(struct db *db, const struct inspect *q, struct sheet *s);

/*
 * The newest valid date of each key, which is the partition's without its
 * date, and how many days ago that was; for keys without a date, when the
 * content was confirmed last.  The stalest first.
 */
int inspect_freshness(struct db *db, const struct inspect *q,
    struct sheet *s);

/*
 * The dates of which a key has no valid partition: from since, or its first
 * one, to until, or its last one; in ranges.
 */
int inspect_gaps(struct db *db, const struct inspect *q, struct sheet *s);

/* How many partitions took how many answers, and how many failed how often
 * in a row. */
int inspect_retries(struct db *db, const struct inspect *q,
    struct sheet *s);

/* What people said, the last first. */
int inspect_actions(struct db *db, const struct inspect *q,
    struct sheet *s);

/* --- for inspect_dates.c ------------------------------------------------- */

/*
 * The statement sql, with q's conditions in the place of "$STATE", for
 * partition_state, and of "$PENDING", for partition_asked; ?1 is the limit.
 * NULL on failure.
 */
sqlite3_stmt *inspect_prepare(struct db *db, const struct inspect *q,
    const char *sql);

#endif
