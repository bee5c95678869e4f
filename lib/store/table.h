/*
 * table.h -- the rows of a query as an aligned table.
 */
#ifndef TABLE_H
#define TABLE_H

#include "store/db.h"

enum table_form {
	TABLE_TEXT,		/* columns aligned by blanks, no heading */
	TABLE_MARKDOWN		/* | a | b | with the column names on top */
};

/*
 * Append the rows of the bound statement s, run twice, and reset it.
 * Numbers are aligned right; control characters are masked; NULL is empty,
 * and a column without any value is left out.
 * Text lines begin with two blanks.  Widths count characters, not columns
 * of a terminal.  Returns the number of rows, or -1 with errno.
 */
int64_t table_print(struct buf *b, struct db *db, sqlite3_stmt *s,
    enum table_form form);

#endif
