/*
 * canon_judge.h -- what would a staging schema change, and may it?
 *
 * Internal to canon.  Everything here reads only; what it finds out is in
 * the result and the counts.
 */
#ifndef CANON_JUDGE_H
#define CANON_JUDGE_H

#include "store/canon.h"

/* One call of canon_promote() or canon_preview(); pointers are borrowed. */
struct canon_work {
	struct canon *c;
	const struct part *dataset;
	const struct canon_options *o;
	struct canon_result *r;
	struct buf label;		/* "2026/A" */
	struct version_active active;
	struct version_ref ref;		/* the version to be made */
	int repeats;			/* its run made the active one */
	const unsigned char *only;	/* per table: compared; NULL: all */
	const char *target;		/* of a rollback, or NULL */
	int64_t began_ms;
	struct change_head head;
	change_fn show;			/* a preview's; NULL to promote */
	void *arg;
};

/*
 * Start a call; the caller owes buf_release(&w->label).  w stays where it
 * is: it points into itself.  0 or -1.
 */
int canon_begin(struct canon_work *w, struct canon *c,
    const struct part *dataset, const struct canon_options *o,
    struct canon_result *r);

/* Is table number t one that this call compares? */
int canon_takes(const struct canon_work *w, size_t t);

/* Find out what is staged and what is active.  0 or -1. */
int canon_look_up(struct canon_work *w);

/*
 * Was staging made by the map that made the active rows?  Rows of two maps
 * must not stand side by side.  0; or -1, refused with what to do instead.
 */
int canon_check_map(struct canon_work *w);

/* Compare every table, to be applied, or shown to w->show.  0 or -1. */
int canon_compare(struct canon_work *w);

/* Compare, and set the outcome.  0 or -1. */
int canon_judge(struct canon_work *w);

#endif
