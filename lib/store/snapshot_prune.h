/*
 * snapshot_prune.h -- snapshots that are kept no longer.
 *
 * What stays: those that current and previous point at, the newest ones by
 * their ids, those that are young, and whatever is no snapshot of this
 * source.  A folder loses its name before its files, so that there is no
 * half snapshot; who has it open reads on.  The caller holds the root.
 */
#ifndef SNAPSHOT_PRUNE_H
#define SNAPSHOT_PRUNE_H

#include "store/snapshot.h"

/* Returns 0 to go on; another value is returned at once. */
typedef int (*snapshot_pruned_fn)(const char *id, int64_t bytes, void *arg);

struct snapshot_prune {
	const char *root, *source;	/* borrowed */
	int64_t keep, keep_days;
	int64_t now_ms;
	int dry;			/* only tell what would go */
	snapshot_pruned_fn fn;		/* of each that went */
	void *arg;
};

/* What killed writers left behind goes too.  0 or -1 with e. */
int snapshot_prune(const struct snapshot_prune *p,
    struct snapshot_error *e);

#endif
