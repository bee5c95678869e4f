/*
 * gate_view.h -- where a part stands at the gate; reads only.
 *
 * What is on record, and the answers that came since, which nobody has
 * judged yet.
 */
#ifndef GATE_VIEW_H
#define GATE_VIEW_H

#include "decl/decl.h"
#include "store/gate_hold.h"
#include "store/gate_state.h"

struct gate_view {
	/* Given by the caller; all borrowed. */
	struct db *db;			/* canonical, as main */
	struct db *ledger;		/* or NULL: there is none */
	const struct decl *d;
	const struct part *dataset;
	const char *label;		/* "2026/A" */
	const struct decl_part *part;
	int64_t now_ms;
	/* Found. */
	struct gate_part state;
	struct gate_walk walk;		/* with the answers since */
	char active[GATE_NAME_BYTES];	/* version; "" for none */
	char input[DIGEST_TEXT];	/* its payload of the part */
	int64_t fetched_ms;		/* when that came; 0: not known */
	char reason[256], who[64], at[CLOCK_TEXT];	/* a person's last
							 * word, or "" */
};

/* How one gated table of the part stands. */
struct gate_view_table {
	const struct decl_table *t;
	int64_t active;			/* rows; -1: no active version */
	int64_t baseline;
	size_t counts;			/* that it is made of */
	int64_t good_ms, age_ms;	/* of the last good sample; 0: none */
	struct gate_row last;		/* the last sample that was judged;
					 * answers 0: none */
};

/* Find out.  0, or -1 with the message in v->db. */
int gate_view_read(struct gate_view *v);
int gate_view_table(const struct gate_view *v, const struct decl_table *t,
    struct gate_view_table *out);

/* Does this gated table belong to the part? */
int gate_view_has(const struct gate_view *v, const struct decl_table *t);

/*
 * What is held, for gate_hold_why() and gate_hold_until(); h->part is NULL
 * when nothing is.  0 or -1.
 */
int gate_view_hold(const struct gate_view *v, struct gate_hold *h);

#endif
