/*
 * column.h -- a column of a row into what a program keeps of it.
 */
#ifndef COLUMN_H
#define COLUMN_H

#include <stddef.h>

#include "store/db.h"

/* Copy column i to out of size bytes: "" for NULL; what is too long for it
 * is none of ours, and cut. */
void column_copy(sqlite3_stmt *s, int i, char *out, size_t size);

/* Column i, RFC 3339, in ms since 1970; otherwise if it is none. */
int64_t column_instant(sqlite3_stmt *s, int i, int64_t otherwise);

#endif
