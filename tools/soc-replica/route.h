/*
 * route.h -- what the replica knows, by URL.
 *
 * Data routes answer as the real servlet does, wrong input included; those
 * under /_replica/ move time and tell what happened.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "fault.h"
#include "reply.h"
#include "source.h"
#include "tally.h"
#include "tick.h"

/* All borrowed. */
struct routes {
	const struct source *source;
	struct cache *cache;
	struct faults *faults;
	struct tick *tick;
	struct tally *tally;
};

/* Is url one of the replica's own, not of the API? */
int route_is_own(const char *url);

/* Answer a request.  Returns the HTTP status, or -1: close without one. */
int route_answer(const struct routes *r, struct MHD_Connection *c,
    const char *url, const char *method);

#endif
