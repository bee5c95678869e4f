/*
 * occurrence.h -- number the rows that have equal keys.
 *
 * Sources repeat keys, and array order carries no meaning: rows with equal
 * key columns are numbered 1, 2, … by row hash, then by the content of the
 * rows below them, then by their parent's number.  Rows still equal after
 * that are equal in everything, so any numbering gives the same tables.
 *
 * Rows are inserted with occurrence 1; only keys seen twice cost more.
 * Memory: 24 to 48 bytes per row for the keys, and per row that has tables
 * below it 16 bytes and 8 for each such table.
 */
#ifndef OCCURRENCE_H
#define OCCURRENCE_H

#include "decl/decl.h"
#include "store/db.h"
#include "store/notes.h"
#include "store/rowhash.h"

struct occurrence_slot {
	uint64_t key[2];	/* hash of the key columns */
	int64_t row;		/* the first with it; < 0: listed; 0: free */
};

/* Keys seen so far, and the rows whose key is not alone. */
struct occurrence_keys {
	struct occurrence_slot *slots, *twins;	/* owned */
	size_t n, cap, n_twins, cap_twins;
};

struct occurrence_table {
	const struct decl_table *table;
	struct occurrence_keys keys;
	size_t n_below, *below;	/* tables nested in it, owned */
	struct buf family;	/* per row: content hash, first rows below */
	int64_t rows;
};

struct occurrences {
	const struct decl *decl;	/* borrowed */
	struct occurrence_table *tables;	/* owned, as decl.tables */
	struct buf scratch;
};

/* Is there a row with this hash? */
int occurrence_keys_has(const struct occurrence_keys *k,
    const unsigned char hash[ROWHASH_BYTES]);

/* Note it, and list it if it is not the first.  0, or -1 with ENOMEM. */
int occurrence_keys_add(struct occurrence_keys *k,
    const unsigned char hash[ROWHASH_BYTES], int64_t row);
void occurrence_keys_release(struct occurrence_keys *k);

/* Returns 0, or -1 with errno ENOMEM. */
int occurrences_init(struct occurrences *o, const struct decl *d);
void occurrences_release(struct occurrences *o);

/* Forget every row, and keep the memory. */
void occurrences_clear(struct occurrences *o);

/*
 * Note a row of a table that has been inserted under rowid row.  In tables
 * that have others below them rowids count from 1, and the rows below one
 * come before the table's next.  Returns 0, or -1 with errno ENOMEM.
 */
int occurrences_add(struct occurrences *o, size_t table,
    const struct cell *cells, int64_t row);

/* Is anything nested in the table?  Then a row's content is asked for. */
int occurrences_has_below(const struct occurrences *o, size_t table);

/* Set the hash of row's content: its own hash and all below it. */
void occurrences_set_content(struct occurrences *o, size_t table,
    int64_t row, const unsigned char hash[ROWHASH_BYTES]);

/*
 * Write the final numbers of one table into db, occurrence and the
 * parent_occurrence of the rows below; upper tables must be done first.
 * A key that repeats is a finding unless the table says may_repeat.  Rows
 * that have left the table meanwhile are not counted.
 * Returns 0, or -1 (db's message, or errno ENOMEM).
 */
int occurrences_resolve(struct occurrences *o, size_t table, struct db *db,
    struct notes *notes);

/* Append the key's values, blanks left out, as people read them. */
int occurrence_key_text(struct buf *b, const struct cell *const *cells,
    size_t n);

#endif
