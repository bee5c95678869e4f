/*
 * counts.h -- what a server did, for /metrics.
 *
 * Any thread counts, at any time; nobody waits.
 */
#ifndef SERVE_COUNTS_H
#define SERVE_COUNTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "serve/call.h"

#define COUNTS_STATUSES 12
#define COUNTS_BUCKETS 13

struct counts_place {		/* a route, or a page of the server's own */
	const char *name;	/* borrowed */
	_Atomic int64_t statuses[COUNTS_STATUSES];
	_Atomic int64_t buckets[COUNTS_BUCKETS + 1];	/* by duration */
	_Atomic int64_t us, bytes;	/* in all */
};

struct counts {
	size_t n;
	struct counts_place *places;	/* owned */
	_Atomic int64_t swaps, failed_swaps, hits, misses;
};

/* Begin with n places, whose names the caller sets.  0 or -1. */
int counts_init(struct counts *c, size_t n);
void counts_release(struct counts *c);

/* An answer is out, or its client went away; us: how long it took. */
void counts_add(struct counts *c, const struct call *call, int64_t us);

/*
 * Append all of them.  0 or -1.
 * Source: Prometheus text exposition format 0.0.4.
 */
int counts_write(struct counts *c, struct buf *b);

/* Append one number with its help; kind is "counter" or "gauge". */
int counts_one(struct buf *b, const char *name, const char *kind,
    const char *help, int64_t value);

#endif
