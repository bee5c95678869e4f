/*
 * metrics.h -- what a server did, for /metrics.
 *
 * Any thread counts, at any time; nobody waits.
 */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "serve/call.h"

#define METRICS_STATUSES 12
#define METRICS_BUCKETS 13

struct metrics_place {		/* a route, or a page of the server's own */
	const char *name;	/* borrowed */
	_Atomic int64_t statuses[METRICS_STATUSES];
	_Atomic int64_t buckets[METRICS_BUCKETS + 1];	/* by duration */
	_Atomic int64_t us, bytes;	/* in all */
};

struct metrics {
	size_t n;
	struct metrics_place *places;	/* owned */
	_Atomic int64_t swaps, failed_swaps;
};

/* Begin with n places, whose names the caller sets.  0 or -1. */
int metrics_init(struct metrics *c, size_t n);
void metrics_release(struct metrics *c);

/* An answer is out, or its client went away; us: how long it took. */
void metrics_add(struct metrics *c, const struct call *call, int64_t us);

/*
 * Append all of them.  0 or -1.
 * Source: Prometheus text exposition format 0.0.4.
 */
int metrics_write(struct metrics *c, struct buf *b);

/* Append one number with its help; kind is "counter" or "gauge". */
int metrics_one(struct buf *b, const char *name, const char *kind,
    const char *help, int64_t value);

#endif
