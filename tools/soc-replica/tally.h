/*
 * tally.h -- what the replica was asked and what it answered.
 *
 * Tests see here how polite a client is.  The replica's own routes are
 * not counted, only their connections.
 */
#ifndef TALLY_H
#define TALLY_H

#include <pthread.h>
#include <stdint.h>

#include "record/jsonw.h"

struct tally {
	pthread_mutex_t lock;
	int64_t requests, connections;
	int64_t by_class[6];	/* answers 2xx at [2], and so on */
	int64_t not_modified;
	int64_t parallel, parallel_max;	/* requests not yet answered whole */
	int64_t last_ms, gap_min_ms;	/* between starts; -1: none yet */
};

void tally_init(struct tally *t);
void tally_release(struct tally *t);

void tally_connection(struct tally *t);

/* A request has come; its answer is decided; its last byte is out. */
void tally_start(struct tally *t);
void tally_answer(struct tally *t, int status);
void tally_end(struct tally *t);

/* Append all counts as members. */
void tally_write(struct tally *t, struct jsonw *j);

#endif
