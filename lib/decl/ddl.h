/*
 * ddl.h -- declared tables as SQL text.
 *
 * Staging and canonical tables have the same columns in the same order
 * (decl.h), and both come from here.  Names of a checked declaration need
 * no more than quotes.  Every call appends to b and returns 0, or -1 with
 * errno as buf_add().
 */
#ifndef DDL_H
#define DDL_H

#include "decl/decl.h"

/*
 * The definitions of all columns up to row_hash, separated by ", ":
 * name, type and NOT NULL where a blank is ''.  occurrence and
 * parent_occurrence default to 1.
 */
int ddl_definitions(struct buf *b, const struct decl_table *t);

/*
 * The names of the same columns, separated by ", ", each after prefix
 * ("s." or "").
 */
int ddl_names(struct buf *b, const struct decl_table *t, const char *prefix);

/*
 * The terms of the key in its order, separated by ", ", for a unique index
 * or ORDER BY: dataset key, key columns (those that may be NULL inside
 * ifnull(…, '')), occurrence.
 */
int ddl_key(struct buf *b, const struct decl_table *t, const char *prefix);

/* The same without the dataset's key. */
int ddl_own_key(struct buf *b, const struct decl_table *t,
    const char *prefix);

/* How many columns ddl_definitions() defines. */
size_t ddl_count(const struct decl_table *t);

/* The SQL type of a column: "TEXT", "INTEGER" or "REAL", static. */
const char *ddl_type(enum decl_type type);

#endif
