/*
 * staging_derive.h -- derived tables and declared findings of a staging
 * database, when all payloads are in.
 *
 * Internal to staging.  Both return 0, or -1 as staging.h says: EXIT_USAGE
 * when the declared SQL is wrong.
 */
#ifndef STAGING_DERIVE_H
#define STAGING_DERIVE_H

#include "store/staging.h"

/* Run the SQL of a table, then hash and note the rows that it inserted. */
int staging_derive(struct staging *s, size_t table);

/* Count what a declared finding selects. */
int staging_find(struct staging *s, const struct decl_sql *f);

/* The hash of a row: all but its columns of provenance. */
int staging_hash(struct staging *s, const struct decl_table *t,
    const struct cell *cells, const struct cell *extra,
    unsigned char hash[ROWHASH_BYTES]);

#endif
