/*
 * diff.h -- what differs between two ordered sets of rows, by merge.
 *
 * Both statements give rows ordered by the same key, as
 *
 *	id, same1, same2, key1, … keyN
 *
 * where id is a positive row number, the two same columns tell whether a
 * row with the same key has changed, and the key columns compare as SQLite
 * orders them without collation.  Memory does not grow with the rows.
 */
#ifndef DIFF_H
#define DIFF_H

#include "store/db.h"

struct diff_count {
	int64_t old_rows, new_rows;
	int64_t inserted, updated, deleted;
};

/*
 * One difference: old_id 0 is an insert, new_id 0 a delete.  Called in key
 * order.  Returns 0 to go on, -1 to stop.
 */
typedef int (*diff_fn)(int64_t old_id, int64_t new_id, void *arg);

/*
 * Walk both statements to their ends and reset them; count is set.
 * Returns 0, or -1 when a step or fn failed.
 */
int diff_merge(struct db *db, sqlite3_stmt *older, sqlite3_stmt *newer,
    diff_fn fn, void *arg, struct diff_count *count);

/* Order of two column values: NULL, numbers, text, blobs. <0, 0, >0. */
int diff_compare(sqlite3_value *a, sqlite3_value *b);

#endif
