/*
 * source.h -- where answers come from: a folder of captures or a generator.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdint.h>

#include "replica/packed.h"

enum endpoint { COURSES, OPEN_SECTIONS, ENDPOINTS };

/* The longest campus code kept; a longer one is an unknown one. */
#define CAMPUS_TEXT 16

/* What one data request asks for. */
struct query {
	enum endpoint endpoint;
	int64_t year, term;
	char campus[CAMPUS_TEXT];
};

/* Room for a query's key, "20261/NB/courses", which fault rules match. */
#define QUERY_KEY 64

void query_key(const struct query *q, char out[QUERY_KEY]);

/*
 * Set q to what key says; a part of it that is "*" leaves q's own.
 * Returns 0, or -1 with errno EINVAL.
 */
int query_read_key(struct query *q, const char *key);

/* "courses" or "openSections", static; and back, -1 if it is neither. */
const char *endpoint_name(enum endpoint e);
int endpoint_find(const char *name);

struct source {
	int64_t steps;		/* after these nothing changes; 0: no end */
	/*
	 * Make the answer to q at a tick.  Returns a new body, or NULL
	 * with errno; *nothing is set, and errno is not, when the answer
	 * is the empty list.  Calls never overlap.
	 */
	struct packed *(*make)(void *arg, const struct query *q,
	    int64_t tick, int *nothing);
	void *arg;		/* borrowed */
};

/* The empty list "[]" as a body for campus, or NULL with errno. */
struct packed *source_nothing(const char *campus);

/*
 * The answers made so far.  Requests in parallel share one body; the
 * oldest unused ones go when all together exceed a few megabytes.
 */
struct cache;

/* Returns NULL with errno ENOMEM. */
struct cache *cache_new(const struct source *source);
void cache_free(struct cache *c);

/* A shared body for q at tick, made if need be, or NULL with errno. */
struct packed *cache_get(struct cache *c, const struct query *q,
    int64_t tick);

#endif
