/*
 * work.h -- what the parts of diff-promote share.
 */
#ifndef WORK_H
#define WORK_H

#include "base/clock.h"
#include "store/canon.h"

/* One call: its options, checked, and the declaration. */
struct work {
	const char *data, *run;
	const char *accept, *reject;	/* reasons, or NULL */
	const char *part;		/* that they are about; NULL: all */
	const char *rollback;		/* a version, or NULL */
	const char *who;
	int dry_run;
	int64_t wait_ms;
	char now[CLOCK_TEXT];
	struct decl decl;
};

/* Make what is staged of a dataset its active version. */
enum exits promote_dataset(const struct work *w, const char *label);

/* Remove the versions that are kept no longer: of these, or all. */
enum exits past_prune(struct work *w, char *const labels[]);

/* Make the database again of the raw store: these datasets, or all. */
enum exits past_rebuild(const struct work *w, char *const labels[]);

#endif
