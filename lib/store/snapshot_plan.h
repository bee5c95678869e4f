/*
 * snapshot_plan.h -- which version of each dataset readers are given, and
 * the id of a snapshot of them.
 *
 * The id follows from the versions and from what is declared, so that a
 * snapshot that is there already need not be made.
 */
#ifndef SNAPSHOT_PLAN_H
#define SNAPSHOT_PLAN_H

#include "base/arena.h"
#include "decl/snapshot.h"
#include "store/canon.h"
#include "store/snapshot.h"

struct plan_dataset {
	const char *label;	/* "2026/A", for decl_dataset(); texts are in
				 * the plan's arena */
	const char *version, *promoted_at;	/* NULL: none is ready */
	const char *newest;	/* that was promoted */
	const char *withheld;	/* why that is another one, or NULL */
	int64_t seq;		/* of version */
	int active;		/* version is the newest one */
};

/* A version whose changes are told. */
struct plan_change {
	size_t dataset;		/* index */
	const char *version, *parent, *promoted_at, *run;
	int64_t seq, inserted, updated, deleted;
	int kept;		/* its changes are in the snapshot */
};

struct snapshot_plan {
	char id[SNAPSHOT_ID_BYTES];
	const char *version, *generated_at;	/* of the newest version */
	int partial;		/* only some datasets were asked for */
	int all_active;		/* the canonical tables are what readers get */
	size_t n, n_changes;
	struct plan_dataset *list;	/* owned; in the order of labels */
	struct plan_change *changes;	/* owned; by seq */
	struct arena arena;
};

/*
 * Find it, within the caller's transaction on c.  only is a list of labels
 * ended by NULL; empty: all.  Returns 0; or -1 with e set: EXIT_NOINPUT
 * when no dataset has a version for readers.  p needs
 * snapshot_plan_release() in either case.
 */
int snapshot_plan(struct canon *c, const struct decl_snapshot *s,
    char *const *only, struct snapshot_plan *p, struct snapshot_error *e);
void snapshot_plan_release(struct snapshot_plan *p);

#endif
