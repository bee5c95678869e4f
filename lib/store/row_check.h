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

#include "store/staging.h"

/* What the rows of one table are, besides those that are staged. */
struct row_raw {
	struct cell *text;	/* owned; per row from 1, as it came */
	size_t n, room;
};

struct row_check_table {
	sqlite3_stmt *find;	/* owned, or NULL: nothing to check */
	sqlite3_stmt *aside, *remove;	/* owned; of one row */
	struct row_raw raw;
};

struct row_checks {
	struct staging *s;	/* borrowed */
	struct row_check_table *tables;	/* owned, as decl.tables */
	sqlite3_stmt *keyless;	/* owned, as the rest */
	sqlite3_stmt *open, *forget, *add, *resolve;
};

/*
 * Prepare every check of s's tables.  Returns 0, or -1 as staging.h says,
 * with EXIT_USAGE for a check that is no SQL.  row_checks_close() is owed.
 */
int row_checks_open(struct row_checks *k, struct staging *s);
void row_checks_close(struct row_checks *k);

/* Forget the rows of the item before. */
void row_checks_clear(struct row_checks *k);

/*
 * Keep text, the row just put into table as it came, in case it must be
 * put aside; it lives until row_checks_clear().  0, or -1 with ENOMEM.
 */
int row_checks_keep(struct row_checks *k, size_t table, struct cell text);

/*
 * Check every row that is staged of a table: a warning is a note, a row
 * with an error leaves staging and waits to be written down.  Returns the
 * number of warnings, or -1.
 */
int64_t row_checks_run(struct row_checks *k, size_t table);

/*
 * Write down in main.quarantine what was put aside of the item label, and
 * that what was of the tables asked for is over: a good row has the same
 * key now, or the row has not come again.  Returns how many rows were put
 * aside this time, or -1.
 */
int64_t row_checks_write(struct row_checks *k, const char *label,
    const unsigned char *asked, const char *run, const char *now);

#endif
