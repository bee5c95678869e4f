/*
 * kinds.h -- the kinds of dataset that a source has.
 *
 *	[source]
 *	dataset_key = ["match"]      what most datasets are named by
 *
 *	[dataset.NAME]               another kind, in the same database
 *	key = ["match", "number"]
 *
 * Internal to lib/decl.
 */
#ifndef DECL_KINDS_H
#define DECL_KINDS_H

#include "decl/decl.h"
#include "decl/reader.h"

/*
 * Read the keys of d->root.  [source] is known to be a table, and
 * d->part_member is known.  Returns 0, or -1 after saying why.
 */
int kinds_read(const struct reader *r, struct decl *d);

/*
 * Take member "dataset" of obj, a part or a table: *kind is that kind, or
 * is left alone when nothing is said.  0, or -1 after saying why.
 */
int kinds_take(const struct reader *r, const char *where,
    const struct decl *d, yyjson_val *obj, const struct decl_kind **kind);

#endif
