#include "store/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 0.1 is a little more than a tenth: of 1,000 rows it is 100, not 101. */
#define EPSILON 1e-6

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t
gate_baseline(const int64_t *counts, size_t n)
{
	int64_t sorted[GATE_MEDIAN_MAX], median, last;

	if (n == 0)
		return 0;
	if (n > GATE_MEDIAN_MAX) {
		counts += n - GATE_MEDIAN_MAX;
		n = GATE_MEDIAN_MAX;
	}
	memcpy(sorted, counts, n * sizeof(*counts));
	qsort(sorted, n, sizeof(*sorted), compare);
	median = sorted[(n - 1) / 2];
	last = counts[n - 1];
	return median > last ? median : last;
}

enum gate_limits
gate_limits(const struct decl_gate *g, int64_t age_ms)
{
	return age_ms >= g->young_ms ? GATE_OLD : GATE_YOUNG;
}

int64_t
gate_limit(double part, int64_t baseline, int64_t least)
{
	int64_t limit = (int64_t)ceil(part * (double)baseline - EPSILON);

	return limit > least ? limit : least;
}

static double
part_of(const struct decl_gate_limits *limits, enum gate_limits l)
{
	switch (l) {
	case GATE_OLD:
		return limits->old;
	case GATE_RECOVERED:
		return limits->recovered;
	case GATE_YOUNG:
		break;
	}
	return limits->young;
}

int64_t
gate_missing_limit(const struct decl_gate *g, enum gate_limits l,
    int64_t baseline)
{
	return gate_limit(part_of(&g->missing, l), baseline, g->least_rows);
}

int64_t
gate_growth_limit(const struct decl_gate *g, enum gate_limits l,
    int64_t baseline)
{
	return gate_limit(part_of(&g->growth, l), baseline, g->least_rows);
}

int64_t
gate_missing(const struct gate_sample *s)
{
	int64_t fewer = s->baseline - s->staged;

	return fewer > s->gone ? fewer : s->gone;
}

/* What no rule declares: nothing came, or nothing of before. */
static enum gate_verdict
judge_sets(const struct decl_gate *g, const struct gate_sample *s)
{
	if (s->staged == 0 && s->first)
		return g->empty_first && s->records == 0 ? GATE_OPEN :
		    GATE_EMPTY_FIRST;
	if (s->staged == 0)
		return s->active > 0 ? GATE_EMPTY : GATE_OPEN;
	return s->active > 0 && s->gone == s->active ? GATE_NO_INTERSECTION :
	    GATE_OPEN;
}

enum gate_verdict
gate_judge(const struct decl_gate *g, const struct gate_sample *s,
    enum gate_limits l)
{
	enum gate_verdict v = judge_sets(g, s);

	/* Rows where there were none are a beginning, no growth. */
	if (v != GATE_OPEN || s->active == 0)
		return v;
	if (gate_missing(s) >= gate_missing_limit(g, l, s->baseline))
		return GATE_MISSING;
	if (s->added >= gate_growth_limit(g, l, s->baseline))
		return GATE_GROWTH;
	return GATE_OPEN;
}

int
gate_may_last(enum gate_verdict v)
{
	return v == GATE_MISSING || v == GATE_GROWTH;
}

int
gate_agrees(const struct decl_gate *g, int64_t differing, int64_t larger)
{
	return (double)differing <= g->lasting_difference * (double)larger +
	    EPSILON;
}

int
gate_lasted(const struct decl_gate *g, int64_t samples, int64_t ms)
{
	return samples >= g->lasting_samples && ms >= g->lasting_ms;
}

static const struct {
	const char *name, *text;
} words[] = {
	[GATE_OPEN] = { "open", "may pass" },
	[GATE_EMPTY] = { "empty", "an empty answer after a non-empty one" },
	[GATE_EMPTY_FIRST] = { "empty_first", "the first answer is empty" },
	[GATE_NO_INTERSECTION] = { "no_intersection",
	    "not one row of the active version is in it" },
	[GATE_MISSING] = { "missing",
	    "too many rows of the active version are missing" },
	[GATE_GROWTH] = { "growth", "too many rows are new" },
	[GATE_REJECTED] = { "rejected", "a person rejected it" },
};

const char *
gate_name(enum gate_verdict v)
{
	return words[v].name;
}

const char *
gate_text(enum gate_verdict v)
{
	return words[v].text;
}

enum gate_verdict
gate_verdict(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (name != NULL && strcmp(words[i].name, name) == 0)
			return (enum gate_verdict)i;
	return GATE_OPEN;
}
