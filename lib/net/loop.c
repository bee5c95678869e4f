#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { INPUT, OURS };		/* the first one of loop.fds */

/* --- what libcurl wants -------------------------------------------------- */

static struct pollfd *
find(struct loop *l, int fd)
{
	size_t i;

	for (i = OURS; i < l->n; i++)
		if (l->fds[i].fd == fd)
			return &l->fds[i];
	return NULL;
}

static struct pollfd *
add(struct loop *l, int fd)
{
	size_t cap = 2 * l->cap;
	struct pollfd *fds, *ready;

	if (l->n == l->cap) {
		if ((fds = realloc(l->fds, cap * sizeof(*fds))) == NULL)
			return NULL;
		l->fds = fds;
		if ((ready = realloc(l->ready, cap * sizeof(*fds))) == NULL)
			return NULL;
		l->ready = ready;
		l->cap = cap;
	}
	l->fds[l->n] = (struct pollfd){ .fd = fd };
	return &l->fds[l->n++];
}

/* CURLMOPT_SOCKETFUNCTION */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *own)
{
	struct loop *l = arg;
	struct pollfd *p = find(l, fd);

	(void)easy;
	(void)own;
	if (what == CURL_POLL_REMOVE) {
		if (p != NULL)
			*p = l->fds[--l->n];
		return 0;
	}
	if (p == NULL && (p = add(l, fd)) == NULL) {
		l->failed = ENOMEM;
		return -1;
	}
	p->events = 0;
	if (what & CURL_POLL_IN)
		p->events |= POLLIN;
	if (what & CURL_POLL_OUT)
		p->events |= POLLOUT;
	return 0;
}

/* CURLMOPT_TIMERFUNCTION */
static int
on_timer(CURLM *multi, long ms, void *arg)
{
	struct loop *l = arg;

	(void)multi;
	l->timer_ms = ms < 0 ? INT64_MAX : clock_mono_ms() + ms;
	return 0;
}

/* --- serving it ---------------------------------------------------------- */

static int
act(struct loop *l, int fd, int events)
{
	int running;
	CURLMcode rc = curl_multi_socket_action(l->multi, fd, events,
	    &running);

	if (rc == CURLM_OK && l->failed == 0)
		return 0;
	/* All else would be a wrong call of ours. */
	errno = l->failed != 0 ? l->failed : ENOMEM;
	return -1;
}

/* New requests are begun by the timer too, which then is due at once. */
static int
serve_timer(struct loop *l, loop_fn fn, void *arg)
{
	while (l->timer_ms <= clock_mono_ms()) {
		l->timer_ms = INT64_MAX;
		if (act(l, CURL_SOCKET_TIMEOUT, 0) == -1 || fn(arg) == -1)
			return -1;
	}
	return 0;
}

static int
serve_socket(struct loop *l, const struct pollfd *p)
{
	int events = 0;

	if (p->revents & (POLLIN | POLLHUP))
		events |= CURL_CSELECT_IN;
	if (p->revents & POLLOUT)
		events |= CURL_CSELECT_OUT;
	if (p->revents & (POLLERR | POLLNVAL))
		events |= CURL_CSELECT_ERR;
	return act(l, p->fd, events);
}

/* The sockets change while they are served: look at a copy. */
static int
serve(struct loop *l, loop_fn fn, void *arg)
{
	size_t i, n = l->n;

	memcpy(l->ready, l->fds, n * sizeof(*l->fds));
	for (i = OURS; i < n; i++)
		if (l->ready[i].revents != 0 &&
		    (serve_socket(l, &l->ready[i]) == -1 || fn(arg) == -1 ||
		    serve_timer(l, fn, arg) == -1))
			return -1;
	return serve_timer(l, fn, arg);
}

int
loop_turn(struct loop *l, int fd, int64_t wait_ms, loop_fn fn, void *arg)
{
	int64_t timer = l->timer_ms == INT64_MAX ? wait_ms :
	    l->timer_ms - clock_mono_ms();

	if (timer < wait_ms)
		wait_ms = timer > 0 ? timer : 0;
	l->fds[INPUT].fd = fd;
	if (poll(l->fds, (nfds_t)l->n, (int)wait_ms) == -1)
		return errno == EINTR ? 0 : -1;
	return fn(arg) == -1 ? -1 : serve(l, fn, arg);
}

int
loop_readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return fd != -1 && poll(&p, 1, 0) == 1;
}

/* --- beginning and end --------------------------------------------------- */

int
loop_init(struct loop *l)
{
	*l = (struct loop){ .n = OURS, .cap = 32, .timer_ms = INT64_MAX };
	if ((l->fds = calloc(l->cap, sizeof(*l->fds))) == NULL ||
	    (l->ready = calloc(l->cap, sizeof(*l->ready))) == NULL ||
	    (l->multi = curl_multi_init()) == NULL) {
		loop_release(l);
		errno = ENOMEM;
		return -1;
	}
	l->fds[INPUT] = (struct pollfd){ -1, POLLIN, 0 };
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
	return 0;
}

void
loop_release(struct loop *l)
{
	curl_multi_cleanup(l->multi);
	free(l->fds);
	free(l->ready);
	l->multi = NULL;
	l->fds = l->ready = NULL;
}
