/*
 * row_check.h -- the declared checks of rows that come item by item.
 *
 *	[table.NAME.checks.WORD]
 *	severity = "error"           or "warning"
 *	text = "a sentence for people"
 *	sql = "kills >= headshots"   true of every good row
 *
 * The expression is SQL over the row's columns, run in the temporary schema
 * of a connection where all rows of one item are staged; it may look at the
 * item's other tables.  As with CHECK of SQL, a row passes where it is true
 * or NULL.  Tables are looked at in declared order, and what was put aside
 * is gone for those that follow.
 */
#ifndef ROW_CHECK_H
#define ROW_CHECK_H

#include <yyjson.h>

#include "base/arena.h"
#include "store/staging.h"

struct row_raw {		/* a row as it came */
	int64_t element;	/* its number in the item, from 0 */
	struct cell text;	/* canonical JSON, in the arena */
};

struct row_check_table {
	sqlite3_stmt *find;	/* owned, as the rest; NULL: no checks */
	sqlite3_stmt *aside, *remove;	/* of one row */
	sqlite3_stmt *resolve;
	struct row_raw *raw;	/* owned; by row number, from 1 */
	size_t n, room;
};

struct row_checks {
	struct staging *s;	/* borrowed */
	struct row_check_table *tables;	/* owned, as decl.tables */
	struct arena arena;	/* of one item */
	int64_t aside;		/* rows that failed */
	sqlite3_stmt *keyless, *open, *forget, *add;	/* owned */
};

/*
 * Prepare every check of s's tables.  Returns 0, or -1 as staging.h says,
 * with EXIT_USAGE for a check that is no SQL.  row_checks_close() is owed.
 */
int row_checks_open(struct row_checks *k, struct staging *s);
void row_checks_close(struct row_checks *k);

/* Forget the rows of the item before.  0 or -1. */
int row_checks_clear(struct row_checks *k);

/*
 * Keep values, the row just put into table, in case it must be put aside;
 * element is its number in the item.  0, or -1 with ENOMEM or E2BIG.
 */
int row_checks_keep(struct row_checks *k, size_t table, int64_t element,
    yyjson_val *values);

/*
 * Check every row that is staged of a table: a warning is a note, a row
 * with an error leaves staging and waits to be written down.  Returns the
 * number of warnings, or -1.
 */
int64_t row_checks_run(struct row_checks *k, size_t table);

/*
 * Write down in main.quarantine what was put aside of the item label, and
 * that what was of the tables asked for is over: a good row has the same
 * key now, or the row has not come again.  by is the run.  Returns how
 * many rows were put aside this time, or -1.
 */
int64_t row_checks_write(struct row_checks *k, const char *label,
    const unsigned char *asked, const char *by, const char *now);

#endif
