/*
 * rawreply.h -- answers that no HTTP server would send, by a fault.
 *
 * They are written to the connection's socket by hand, without the server
 * that accepted it; that server closes it afterwards.  Plain HTTP only:
 * over TLS the bytes would be none.
 */
#ifndef RAWREPLY_H
#define RAWREPLY_H

#include <stddef.h>
#include <stdint.h>

#include "net/faultscript.h"

/* The right answer, borrowed.  headers: whole lines, each ending in \r\n,
 * without the length. */
struct rawreply {
	const char *headers;
	const char *bytes;
	size_t n;
};

/* Is f one of those that rawreply_send() makes? */
int rawreply_is(const struct fault *f);

/* Of those: does it need no right answer to begin with? */
int rawreply_is_alone(const struct fault *f);

/* The status that it sends, 200, or 0 when there is none. */
int rawreply_status(const struct fault *f);

/*
 * Do f to the answer r of the socket fd, which may be non-blocking; r may
 * be NULL if f is alone.  Returns
 * when it is done, the client is gone, or stop becomes readable.
 */
void rawreply_send(int fd, int stop, const struct fault *f,
    const struct rawreply *r);

/*
 * Wait for ms milliseconds (-1: without end).  Returns 0, or -1 as soon as
 * fd's client has closed its side or stop is readable.
 */
int rawreply_wait(int fd, int stop, int64_t ms);

#endif
