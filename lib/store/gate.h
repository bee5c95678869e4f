/*
 * gate.h -- may this replace what was there?  The rules alone.
 *
 * HTTP 200 is not good data: an unknown key is answered with an empty
 * list, a sick backend with a part of one.  The gate compares what came of
 * a gated table with what is active, and holds what looks like a loss, or
 * like too much at once.  What is held stays so until
 *
 *  - it is close to what is active again (recovered),
 *  - it has lasted: enough samples, over enough time, that agree, or
 *  - a person accepts it.
 *
 * An empty answer and one that has no row in common with before pass by no
 * time; nor does what a person rejected.  A sample is an answer of the
 * source, so that promoting twice is no second one.
 *
 * Nothing here reads a clock or a database.  The numbers are the
 * declaration's, see decl/gate.h.
 */
#ifndef GATE_H
#define GATE_H

#include <stddef.h>
#include <stdint.h>

#include "decl/gate.h"

enum gate_verdict {
	GATE_OPEN,		/* may pass */
	GATE_EMPTY,		/* nothing came, and before there was some */
	GATE_EMPTY_FIRST,	/* nothing came, and nothing is known yet */
	GATE_NO_INTERSECTION,	/* not one row of before is there */
	GATE_MISSING,		/* too many rows of before are not there */
	GATE_GROWTH,		/* too many rows are new */
	GATE_REJECTED		/* a person said no to it */
};

/* Which of the declared limits hold. */
enum gate_limits { GATE_YOUNG, GATE_OLD, GATE_RECOVERED };

/* What came of one table, against what is active. */
struct gate_sample {
	int64_t active;		/* rows of the active version */
	int64_t staged;		/* rows that would replace them */
	int64_t gone;		/* of the active, those without their key */
	int64_t added;		/* of the staged, those with a new key */
	int64_t baseline;	/* gate_baseline() */
	int64_t records;	/* elements of the payload, -1: not known */
	int first;		/* there is no active version */
};

/*
 * What a normal answer has: the lower median of the n accepted counts, of
 * which the last is the newest, or the last of them if that is more.
 * n is at most GATE_MEDIAN_MAX; 0 gives 0.
 */
int64_t gate_baseline(const int64_t *counts, size_t n);

/* The limits that a baseline of this age asks for. */
enum gate_limits gate_limits(const struct decl_gate *g, int64_t age_ms);

/*
 * The least number of rows that is too much: part times baseline, rounded
 * up, and no less than least.
 */
int64_t gate_limit(double part, int64_t baseline, int64_t least);

/* That of rows missing, and of rows added. */
int64_t gate_missing_limit(const struct decl_gate *g, enum gate_limits l,
    int64_t baseline);
int64_t gate_growth_limit(const struct decl_gate *g, enum gate_limits l,
    int64_t baseline);

/* Active rows that did not come, or what the baseline has more. */
int64_t gate_missing(const struct gate_sample *s);

/* Judge one table. */
enum gate_verdict gate_judge(const struct decl_gate *g,
    const struct gate_sample *s, enum gate_limits l);

/* Can it pass by lasting? */
int gate_may_last(enum gate_verdict v);

/*
 * Do two sets of keys agree, which differ in this many keys and of which
 * the larger has so many?
 */
int gate_agrees(const struct decl_gate *g, int64_t differing,
    int64_t larger);

/* Have so many samples, the first and the last this far apart, lasted? */
int gate_lasted(const struct decl_gate *g, int64_t samples, int64_t ms);

/* The verdict's stable name ("no_intersection") / as a phrase, static. */
const char *gate_name(enum gate_verdict v);
const char *gate_text(enum gate_verdict v);

/* The verdict of that name, GATE_OPEN if there is none. */
enum gate_verdict gate_verdict(const char *name);

#endif
