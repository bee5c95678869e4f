/*
 * rowhash.h -- the values of a row, and the hash that stands for them.
 *
 * Two rows with the same hash are the same row: a diff compares hashes and
 * looks at fields only where they differ.  The hash is XXH3 with 128 bits
 * over the declared columns in declared order, then extra; each value as a
 * type tag and its bytes, text after its length, so that no two lists of
 * values give the same bytes.  Provenance, occurrence and the dataset's key
 * are not part of it.  The algorithm never changes: hashes are stored.
 */
#ifndef ROWHASH_H
#define ROWHASH_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define ROWHASH_BYTES 16

enum cell_type {
	CELL_NULL,
	CELL_INTEGER,
	CELL_REAL,
	CELL_TEXT,
	CELL_BLOB
};

/* One value of a row, as SQLite stores it. */
struct cell {
	enum cell_type type;
	union {
		int64_t integer;
		double real;
		size_t len;	/* bytes of text */
	} u;
	const char *text;	/* borrowed; of text and blobs */
};

/* Text of len bytes; text is borrowed. */
struct cell cell_text(const char *text, size_t len);

/* Bind c; text must live until the statement is bound anew. */
void cell_bind(sqlite3_stmt *s, int i, const struct cell *c);

/* Column i of the present row; valid until the next step. */
struct cell cell_column(sqlite3_stmt *s, int i);

/*
 * Hash n cells, then one more unless it is NULL (a pointer, not a cell).
 * scratch is reused memory.  Returns 0, or -1 with errno ENOMEM or E2BIG.
 */
int rowhash(struct buf *scratch, const struct cell *cells, size_t n,
    const struct cell *more, unsigned char out[ROWHASH_BYTES]);

#endif
