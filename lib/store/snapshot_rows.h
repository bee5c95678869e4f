/*
 * snapshot_rows.h -- the canonical tables as readers are given them, under
 * their own names.
 *
 * When every dataset's active version is what readers get, they are the
 * tables themselves.  Otherwise temporary tables of the same names, which
 * SQL finds first, hold the rows of the versions that were planned, and
 * the declared views are made over those.  Besides there are
 *
 *	reader_dataset    the dataset's key, dataset, version, promoted_at
 *	the declared tables of constants
 *	version_at(ID)    the instant in the id of a version, or NULL
 */
#ifndef SNAPSHOT_ROWS_H
#define SNAPSHOT_ROWS_H

#include "store/snapshot_plan.h"

/*
 * Make them, within the transaction that planned.  They last as long as
 * the connection.  0, or -1 with canon_message().
 */
int snapshot_rows(struct canon *c, const struct decl_snapshot *s,
    const struct snapshot_plan *p);

#endif
