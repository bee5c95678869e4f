/*
 * loop.h -- wait for libcurl's sockets and timer, and for what else.
 *
 * libcurl says which sockets matter (CURLMOPT_SOCKETFUNCTION); poll(2) says
 * which of them are ready; each is served alone, and after each one the
 * caller may start the next request.  So a crowd of answers that come
 * together does not keep the server waiting until all of them are read.
 */
#ifndef LOOP_H
#define LOOP_H

#include <curl/curl.h>
#include <poll.h>
#include <stdint.h>

struct loop {
	CURLM *multi;		/* owned */
	struct pollfd *fds;	/* owned; one of ours, then libcurl's */
	struct pollfd *ready;	/* owned; while they are served */
	size_t n, cap;
	int64_t timer_ms;	/* monotonic; when libcurl wants a call */
	int failed;		/* errno of a callback */
};

/* Called after anything has happened; 0, or -1 with errno to stop. */
typedef int (*loop_fn)(void *arg);

/* Returns 0, or -1 with errno and nothing to release. */
int loop_init(struct loop *l);
void loop_release(struct loop *l);

/*
 * Wait until something happens or wait_ms have passed, and see to it.  fd,
 * unless -1, only ends the wait when it can be read.  Returns 0 (also for a
 * signal), or -1 with errno.
 */
int loop_turn(struct loop *l, int fd, int64_t wait_ms, loop_fn fn,
    void *arg);

/* Can fd be read, or has it hung up?  -1 cannot. */
int loop_readable(int fd);

#endif
