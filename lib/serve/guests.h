/*
 * guests.h -- the connections that are open, and until when each may be.
 *
 * The library's own timeout is for silence: a byte now and then holds a
 * connection for good.  Here each has a time by which it must have got
 * further, whatever it sends: its headers, taking its answer, or coming
 * with another request.
 */
#ifndef SERVE_GUESTS_H
#define SERVE_GUESTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>

#include "serve/call.h"

struct guest {
	struct guest *next, **link;	/* under the list's lock */
	int fd;				/* its socket, borrowed */
	_Atomic int64_t until_ms;
	atomic_int busy;		/* between headers and answer's end */
	char address[CALL_ADDRESS_BYTES];
	struct call call;		/* the request at hand */
};

struct guests {
	pthread_mutex_t lock;
	struct guest *first;		/* owned */
	int64_t headers_ms, idle_ms, answer_ms;
	_Atomic int64_t n, cut;		/* open; shut for being slow */
};

/* headers_ms: for all headers of a request that began. */
void guests_init(struct guests *g, int64_t headers_ms);
void guests_release(struct guests *g);

/* A connection begins, and ends.  NULL: there is no memory for it. */
struct guest *guest_new(struct guests *g, int fd,
    const struct sockaddr *from);
void guest_free(struct guests *g, struct guest *guest);

/* Its headers are in; its answer is out. */
void guest_begin(struct guests *g, struct guest *guest);
void guest_end(struct guests *g, struct guest *guest);

/* Shut the sockets of those whose time is over. */
void guests_sweep(struct guests *g);

/* How many of them wait for an answer, or take one. */
int64_t guests_busy(struct guests *g);

#endif
