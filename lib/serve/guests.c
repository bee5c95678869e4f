#include "serve/guests.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/clock.h"

/* To come with another request, and to take an answer. */
#define IDLE_MS 30000
#define ANSWER_MS 60000

void
guests_init(struct guests *g, int64_t headers_ms)
{
	*g = (struct guests){ .headers_ms = headers_ms,
	    .idle_ms = headers_ms > IDLE_MS ? headers_ms : IDLE_MS,
	    .answer_ms = ANSWER_MS };
	pthread_mutex_init(&g->lock, NULL);
}

void
guests_release(struct guests *g)
{
	while (g->first != NULL)
		guest_free(g, g->first);
	pthread_mutex_destroy(&g->lock);
}

static void
set_address(struct guest *guest, const struct sockaddr *from)
{
	union {
		const struct sockaddr *any;
		const struct sockaddr_in *v4;
		const struct sockaddr_in6 *v6;
	} u = { from };
	const void *a = from->sa_family == AF_INET6 ?
	    (const void *)&u.v6->sin6_addr : &u.v4->sin_addr;

	if (inet_ntop(from->sa_family, a, guest->address,
	    sizeof(guest->address)) == NULL)
		guest->address[0] = '\0';
}

struct guest *
guest_new(struct guests *g, int fd, const struct sockaddr *from)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	if (guest == NULL)
		return NULL;
	guest->fd = fd;
	guest->until_ms = clock_mono_ms() + g->headers_ms;
	set_address(guest, from);
	call_init(&guest->call);
	pthread_mutex_lock(&g->lock);
	if ((guest->next = g->first) != NULL)
		guest->next->link = &guest->next;
	guest->link = &g->first;
	g->first = guest;
	pthread_mutex_unlock(&g->lock);
	g->n++;
	return guest;
}

void
guest_free(struct guests *g, struct guest *guest)
{
	pthread_mutex_lock(&g->lock);
	if ((*guest->link = guest->next) != NULL)
		guest->next->link = guest->link;
	pthread_mutex_unlock(&g->lock);
	g->n--;
	call_release(&guest->call);
	free(guest);
}

void
guest_begin(struct guests *g, struct guest *guest)
{
	guest->busy = 1;
	guest->until_ms = clock_mono_ms() + g->answer_ms;
}

void
guest_end(struct guests *g, struct guest *guest)
{
	guest->until_ms = clock_mono_ms() + g->idle_ms;
	guest->busy = 0;
}

/*
 * The library sees the end of a connection that was shut as if the client
 * had gone.  It closes no socket before guest_free(), so that the number
 * is still that of the same one here.
 */
void
guests_sweep(struct guests *g)
{
	int64_t now_ms = clock_mono_ms();
	struct guest *guest;

	pthread_mutex_lock(&g->lock);
	for (guest = g->first; guest != NULL; guest = guest->next)
		if (now_ms > guest->until_ms) {
			shutdown(guest->fd, SHUT_RDWR);
			guest->until_ms = INT64_MAX;
			g->cut++;
		}
	pthread_mutex_unlock(&g->lock);
}

int64_t
guests_busy(struct guests *g)
{
	struct guest *guest;
	int64_t n = 0;

	pthread_mutex_lock(&g->lock);
	for (guest = g->first; guest != NULL; guest = guest->next)
		n += guest->busy;
	pthread_mutex_unlock(&g->lock);
	return n;
}
