/*
 * tally.h -- what the replica was asked and what it answered.
 *
 * Tests see here how polite a client is: in counts, and in a log of one
 * JSON line per request.  The replica's own routes are not counted, only
 * their connections.
 */
#ifndef REPLICA_TALLY_H
#define REPLICA_TALLY_H

#include <pthread.h>
#include <stdint.h>

#include "base/buf.h"
#include "record/jsonw.h"

/* Room for the key that fault rules match; a longer one is cut. */
#define VISIT_KEY 256

/* Bytes of a request's body: a question is no upload. */
#define VISIT_BODY_MAX ((size_t)1 << 20)

/* One request; made for the server when its first line is read. */
struct visit {
	int64_t connection;	/* number of its connection, from 1 */
	int64_t at_ms, mono_ms;	/* wall clock, and one never set */
	char *target;		/* owned; path and query as they came */
	const char *method;	/* while it is answered */
	struct buf body;	/* that came with it */
	int body_too_big;	/* for VISIT_BODY_MAX */
	char key[VISIT_KEY];	/* that fault rules match, or "" */
	const char *fault;	/* what was done to it, or NULL */
	int begun;		/* its headers have been seen */
	int counted, told;
};

struct tally {
	pthread_mutex_t lock;
	int log;		/* descriptor, or -1: no log */
	int64_t requests, connections;
	int64_t by_class[6];	/* answers 2xx at [2], and so on */
	int64_t not_modified, unanswered, faults;
	int64_t parallel, parallel_max;	/* requests not yet answered whole */
	int64_t last_ms, gap_min_ms;	/* between starts; -1: none yet */
};

/* log: a descriptor to append lines to, borrowed; -1: none. */
void tally_init(struct tally *t, int log);
void tally_release(struct tally *t);

/* A connection has been made.  Returns its number. */
int64_t tally_connection(struct tally *t);

/* A request for target has come over a connection.  NULL without memory. */
struct visit *visit_new(const char *target);
void visit_free(struct visit *q);

/*
 * Count a request; say how it is answered (0: not at all), before or after
 * that is done, only once; say that its last byte is out.  A request that
 * is not counted is passed over by the last two.
 */
void tally_start(struct tally *t, struct visit *q);
void tally_answer(struct tally *t, struct visit *q, int status);
void tally_end(struct tally *t, struct visit *q);

/* Append all counts as members. */
void tally_write(struct tally *t, struct jsonw *j);

#endif
