/*
 * gate.h -- may this replace what was there?
 *
 * HTTP 200 is not good data: an unknown key is answered with an empty
 * list, a sick backend with a part of one.  The gate sees the counts of a
 * gated table before and after, and holds what looks like a loss until a
 * person accepts it.
 */
#ifndef GATE_H
#define GATE_H

#include <stdint.h>

enum gate_verdict {
	GATE_OPEN,		/* may pass */
	GATE_EMPTY,		/* nothing came, and before there was some */
	GATE_EMPTY_FIRST,	/* nothing came, and nothing is known yet */
	GATE_NO_INTERSECTION,	/* not one row of before is there */
	GATE_MISSING		/* too many rows of before are not there */
};

struct gate_sample {
	int64_t active;		/* rows of the active version */
	int64_t staged;		/* rows that would replace them */
	int64_t missing;	/* of the active, those without their key */
	int first;		/* there is no active version */
};

/*
 * Judge one table.  missing_max is the part of the active rows, 0 to 1,
 * that may be missing.
 */
enum gate_verdict gate_judge(const struct gate_sample *s, double missing_max);

/* The verdict's stable name ("no_intersection") / as a phrase, static. */
const char *gate_name(enum gate_verdict v);
const char *gate_text(enum gate_verdict v);

#endif
