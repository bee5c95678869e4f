/*
 * call.h -- one request, from its first line to the end of its answer.
 */
#ifndef SERVE_CALL_H
#define SERVE_CALL_H

#include <stdint.h>

#include "base/buf.h"
#include "store/snapshot.h"

/* Bytes of a path with its query; longer ones are answered 414. */
#define CALL_TARGET_BYTES 8192

/* Bytes of a request's id, and of an address, each with its '\0'. */
#define CALL_ID_BYTES 65
#define CALL_ADDRESS_BYTES 46

struct call {
	struct buf target;	/* the path, as it came, then the query */
	const char *query;	/* within it, as it came; NULL: none */
	int too_long;		/* target is only its beginning */
	const char *method;	/* borrowed; NULL until its headers are in */
	char id[CALL_ID_BYTES];
	int64_t began_us;	/* by clock_mono_us() */
	/* Of the answer: */
	size_t place;		/* what was asked, for metrics.h */
	unsigned int status;	/* 0: none yet */
	uint64_t bytes;		/* of its body as sent */
	int gzip;
	char snapshot[SNAPSHOT_ID_BYTES];	/* "": of none */
};

void call_init(struct call *c);
void call_release(struct call *c);

/* Another request begins: its target, "/path?query".  0 or -1. */
int call_begin(struct call *c, const char *target);

/* Take the client's id, or make one: n is another one each time. */
void call_name(struct call *c, const char *id, uint64_t n);

#endif
