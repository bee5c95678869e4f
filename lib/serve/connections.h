/*
 * connections.h -- the connections that are open, and until when each may be.
 *
 * The library's own timeout is for silence: a byte now and then holds a
 * connection for good.  Here each has a time by which it must have got
 * further, whatever it sends: its headers, taking its answer, or coming
 * with another request.
 */
#ifndef SERVE_CONNECTIONS_H
#define SERVE_CONNECTIONS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>

#include "serve/call.h"

struct connection {
	struct connection *next, **link;	/* under the list's lock */
	int fd;				/* its socket, borrowed */
	_Atomic int64_t until_ms;
	atomic_int busy;		/* between headers and answer's end */
	char address[CALL_ADDRESS_BYTES];
	struct call call;		/* the request at hand */
};

struct connections {
	pthread_mutex_t lock;
	struct connection *first;		/* owned */
	int64_t headers_ms, idle_ms, answer_ms;
	_Atomic int64_t n, cut;		/* open; shut for being slow */
};

/* headers_ms: for all headers of a request that began. */
void connections_init(struct connections *g, int64_t headers_ms);
void connections_release(struct connections *g);

/* A connection begins, and ends.  NULL: there is no memory for it. */
struct connection *connection_new(struct connections *g, int fd,
    const struct sockaddr *from);
void connection_free(struct connections *g, struct connection *connection);

/* Its headers are in; its answer is out. */
void connection_begin(struct connections *g, struct connection *connection);
void connection_end(struct connections *g, struct connection *connection);

/* Shut the sockets of those whose time is over. */
void connections_sweep(struct connections *g);

/* How many of them wait for an answer, or take one. */
int64_t connections_busy(struct connections *g);

#endif
