/*
 * sheet.h -- rows of columns, as people or programs want them: a table with
 * aligned columns, one JSON array, records, or tab-separated values.
 *
 * All of it is kept in memory until it is printed, so that nobody who reads
 * slowly keeps what it was made from.  Errors stick; sheet_print() has them.
 */
#ifndef SHEET_H
#define SHEET_H

#include <stdint.h>

#include "base/buf.h"
#include "record/jsonw.h"

enum sheet_format {
	SHEET_TABLE,		/* "table" */
	SHEET_JSON,		/* "json": an array of objects */
	SHEET_JSONL,		/* "jsonl": records, with their end */
	SHEET_TSV		/* "tsv": a line of names, then rows */
};

struct sheet_column {
	const char *name;	/* NULL ends the columns */
	int detail;		/* not in a table: there is no room */
};

struct sheet {
	enum sheet_format format;
	const char *type;	/* of the records; borrowed */
	const struct sheet_column *columns;	/* borrowed */
	size_t n_columns, column;	/* how many, and the next one */
	int64_t n;		/* rows */
	struct buf text;	/* what is printed; a table's cells */
	struct buf widths;	/* of a table's columns, size_t each */
	struct jsonw json;
	int failed;		/* errno of the first failure, or 0 */
};

/* The format of that name in *out; 0, or -1 if there is none. */
int sheet_format_parse(const char *name, enum sheet_format *out);

/* The caller owes sheet_release(). */
void sheet_init(struct sheet *s, enum sheet_format format, const char *type,
    const struct sheet_column *columns);
void sheet_release(struct sheet *s);

/*
 * Add the next cell; after the last column a row is complete.  What is not
 * known is NULL: '-' in a table, empty between tabs, absent in JSON.
 */
void sheet_text(struct sheet *s, const char *value);
void sheet_int(struct sheet *s, int64_t value);
/* json is valid JSON already; tables and tabs show its text. */
void sheet_raw(struct sheet *s, const char *json);

/* Write it to fd.  Returns 0, or -1 with errno. */
int sheet_print(struct sheet *s, int fd);

#endif
