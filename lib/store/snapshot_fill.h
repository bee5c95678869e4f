/*
 * snapshot_fill.h -- the files of a snapshot, filled.
 *
 * They are attached to the canonical connection by their names, without a
 * journal: who dies leaves a folder that nobody takes for a snapshot.
 */
#ifndef SNAPSHOT_FILL_H
#define SNAPSHOT_FILL_H

#include "store/snapshot_plan.h"

struct snapshot_fill {
	struct canon *c;			/* all borrowed */
	const char *data;
	const char *folder;			/* of the snapshot to be */
	const struct decl_snapshot *s;
	const struct snapshot_plan *p;
	struct snapshot_error *e;
};

/* Create and attach the files; not within a transaction.  0, or -1 with e. */
int snapshot_fill_attach(const struct snapshot_fill *f);

/*
 * Fill every table but those of changes, in the transaction that planned,
 * after snapshot_rows(): copies, tables of constants, declared tables, and
 * their indexes.  0 or -1 with e: EXIT_USAGE when declared SQL is wrong.
 */
int snapshot_fill_tables(const struct snapshot_fill *f);

/* Fill versions and changes, after that transaction. */
int snapshot_fill_changes(const struct snapshot_fill *f);

/* Let the files go. */
int snapshot_fill_detach(const struct snapshot_fill *f);

/* "FOLDER/FILE.sqlite" into b, which is cleared.  0 or -1 with e. */
int snapshot_fill_path(const struct snapshot_fill *f, const char *file,
    struct buf *b);

#endif
