/*
 * bulk.h -- insert many rows with few statements.
 *
 * Most of the time of an insert goes into starting and ending a statement.
 * Rows are collected in memory instead, and each table's take one INSERT
 * ... SELECT from a virtual table that reads them there: half the time of
 * one statement per row.  Rows get the rowids 1, 2, ... of a table that
 * nothing else writes, in the order in which they were added.
 */
#ifndef BULK_H
#define BULK_H

#include "base/arena.h"
#include "store/db.h"
#include "store/rowhash.h"

struct bulk_table {
	sqlite3_stmt *insert;	/* owned by the connection */
	struct cell *cells;	/* owned; n rows of width cells */
	size_t width, n, cap;
};

struct bulk {
	struct db *db;			/* borrowed */
	struct bulk_table *tables;	/* owned */
	size_t n_tables;
	const struct bulk_table *now;	/* whose rows are being read */
	struct arena text;		/* of the rows collected */
	size_t bytes, rows;
	int width;			/* columns of the virtual table */
};

/*
 * Make room for n tables of at most width columns, on a connection that
 * outlives b.  Returns 0, or -1 with errno ENOMEM or the db's message.
 */
int bulk_init(struct bulk *b, struct db *db, size_t n, size_t width);
void bulk_release(struct bulk *b);

/*
 * Say how rows of a table are inserted: "INSERT INTO ... SELECT ... FROM
 * bulk", where c0, c1, ... are the cells added.  Returns 0 or -1.
 */
int bulk_prepare(struct bulk *b, size_t table, size_t width,
    const char *sql);

/*
 * Add a row of the table's width in cells, which are copied, then maybe
 * flush.  Returns 0, or -1 with errno ENOMEM or the db's message.
 */
int bulk_add(struct bulk *b, size_t table, const struct cell *cells);

/* Forget what was collected. */
void bulk_clear(struct bulk *b);

/* Insert what was collected.  Returns 0 or -1. */
int bulk_flush(struct bulk *b);

#endif
