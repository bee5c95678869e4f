#include "store/gate.h"

enum gate_verdict
gate_judge(const struct gate_sample *s, double missing_max)
{
	if (s->first)
		return s->staged == 0 ? GATE_EMPTY_FIRST : GATE_OPEN;
	if (s->active == 0)
		return GATE_OPEN;
	if (s->staged == 0)
		return GATE_EMPTY;
	if (s->missing == s->active)
		return GATE_NO_INTERSECTION;
	if ((double)s->missing > missing_max * (double)s->active)
		return GATE_MISSING;
	return GATE_OPEN;
}

const char *
gate_name(enum gate_verdict v)
{
	switch (v) {
	case GATE_OPEN:
		return "open";
	case GATE_EMPTY:
		return "empty";
	case GATE_EMPTY_FIRST:
		return "empty_first";
	case GATE_NO_INTERSECTION:
		return "no_intersection";
	case GATE_MISSING:
		return "missing";
	}
	return "unknown";
}

const char *
gate_text(enum gate_verdict v)
{
	switch (v) {
	case GATE_OPEN:
		return "may pass";
	case GATE_EMPTY:
		return "an empty answer after a non-empty one";
	case GATE_EMPTY_FIRST:
		return "the first answer is empty";
	case GATE_NO_INTERSECTION:
		return "not one row of the active version is in it";
	case GATE_MISSING:
		return "too many rows of the active version are missing";
	}
	return "unknown";
}
