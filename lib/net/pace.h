/*
 * pace.h -- how fast one host may be asked, and what it answers to that.
 *
 * A host has an interval between two starts and a number of requests that
 * may be in flight.  Each sign of strain (429, 503, 504, a time-out)
 * doubles the interval and halves the number, up to PACE_LEVELS times; five
 * successes in a row take one such step back.  Other failures only end the
 * row: nothing that fails ever makes it faster.  Signs from requests that
 * were started before the last step are about what that step has mended,
 * and make no further one.
 *
 * Pure: times are the caller's monotonic milliseconds.
 */
#ifndef PACE_H
#define PACE_H

#include <stdint.h>

/* Steps down; the longest interval that they lead to, in ms; and what an
 * interval of 0 counts as when it is to be doubled. */
#define PACE_LEVELS 10
#define PACE_INTERVAL_MAX ((int64_t)60 * 1000)
#define PACE_INTERVAL_MIN 100

/* Successes in a row that take a step back. */
#define PACE_RECOVERY 5

enum pace_news {
	PACE_GOOD,		/* a body, or 304 */
	PACE_NONE,		/* no answer yet: it redirects */
	PACE_BAD,		/* failed, but not for haste */
	PACE_STRAIN		/* the host is asked too much */
};

struct pace {
	int64_t interval_ms;	/* at its best */
	int64_t slots;		/* in flight at its best, 1 or more */
	int64_t running;	/* in flight now */
	int64_t free_ms;	/* no start before */
	int64_t slowed_ms;	/* the last step down */
	int level;		/* steps down from the best, 0..PACE_LEVELS */
	int row;		/* successes since the last failure or step */
};

void pace_init(struct pace *p, int64_t interval_ms, int64_t slots);

/* Between two starts now, and in flight at most now. */
int64_t pace_interval(const struct pace *p);
int64_t pace_slots(const struct pace *p);

/* The earliest start of another request; INT64_MAX until one ends. */
int64_t pace_due(const struct pace *p);

/* A request starts; least_ms is its own wish for the interval, or 0. */
void pace_start(struct pace *p, int64_t now_ms, int64_t least_ms);

/* It has ended, started_ms being when pace_start() was called. */
void pace_end(struct pace *p, int64_t now_ms, int64_t started_ms,
    enum pace_news news);

/* No start before until_ms, whatever else. */
void pace_hold(struct pace *p, int64_t until_ms);

#endif
