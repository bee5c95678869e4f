/*
 * gate_hold.h -- a part that the gate holds, and what would release it.
 */
#ifndef GATE_HOLD_H
#define GATE_HOLD_H

#include "base/buf.h"
#include "store/gate.h"
#include "store/gate_series.h"

struct gate_hold {
	const char *part;		/* NULL: nothing is held */
	const char *table;		/* that decided; NULL: none is gated */
	enum gate_verdict verdict;
	struct gate_sample sample;	/* of the table */
	const struct decl_gate *rules;	/* of the table, or NULL */
	enum gate_limits limits;	/* that it was judged by */
	int64_t samples, ms;		/* that agree so far, first to last */
};

/*
 * Append why, in one sentence: "open: too many rows of the active version
 * are missing (8,146 came, 3,277 of 11,423 missing, 1,143 are too many)".
 * 0 or -1.
 */
int gate_hold_why(struct buf *b, const struct gate_hold *h);

/*
 * Append what would release it, a person apart: "it passes under 572
 * missing and under 2,856 added, or after 3 answers over 300 s that agree
 * (13 over 41 s so far)".  0 or -1.
 */
int gate_hold_until(struct buf *b, const struct gate_hold *h);

#endif
