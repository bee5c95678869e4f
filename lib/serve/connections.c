#include "serve/connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/clock.h"

/* To come with another request, and to take an answer. */
#define IDLE_MS 30000
#define ANSWER_MS 60000

void
connections_init(struct connections *g, int64_t headers_ms)
{
	*g = (struct connections){ .headers_ms = headers_ms,
	    .idle_ms = headers_ms > IDLE_MS ? headers_ms : IDLE_MS,
	    .answer_ms = ANSWER_MS };
	pthread_mutex_init(&g->lock, NULL);
}

void
connections_release(struct connections *g)
{
	while (g->first != NULL)
		connection_free(g, g->first);
	pthread_mutex_destroy(&g->lock);
}

static void
set_address(struct connection *connection, const struct sockaddr *from)
{
	union {
		const struct sockaddr *any;
		const struct sockaddr_in *v4;
		const struct sockaddr_in6 *v6;
	} u = { from };
	const void *a = from->sa_family == AF_INET6 ?
	    (const void *)&u.v6->sin6_addr : &u.v4->sin_addr;

	if (inet_ntop(from->sa_family, a, connection->address,
	    sizeof(connection->address)) == NULL)
		connection->address[0] = '\0';
}

struct connection *
connection_new(struct connections *g, int fd, const struct sockaddr *from)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		return NULL;
	connection->fd = fd;
	connection->until_ms = clock_mono_ms() + g->headers_ms;
	set_address(connection, from);
	call_init(&connection->call);
	pthread_mutex_lock(&g->lock);
	if ((connection->next = g->first) != NULL)
		connection->next->link = &connection->next;
	connection->link = &g->first;
	g->first = connection;
	pthread_mutex_unlock(&g->lock);
	g->n++;
	return connection;
}

void
connection_free(struct connections *g, struct connection *connection)
{
	pthread_mutex_lock(&g->lock);
	if ((*connection->link = connection->next) != NULL)
		connection->next->link = connection->link;
	pthread_mutex_unlock(&g->lock);
	g->n--;
	call_release(&connection->call);
	free(connection);
}

void
connection_begin(struct connections *g, struct connection *connection)
{
	connection->busy = 1;
	connection->until_ms = clock_mono_ms() + g->answer_ms;
}

void
connection_end(struct connections *g, struct connection *connection)
{
	connection->until_ms = clock_mono_ms() + g->idle_ms;
	connection->busy = 0;
}

/*
 * The library sees the end of a connection that was shut as if the client
 * had gone.  It closes no socket before connection_free(), so that the number
 * is still that of the same one here.
 */
void
connections_sweep(struct connections *g)
{
	int64_t now_ms = clock_mono_ms();
	struct connection *connection;

	pthread_mutex_lock(&g->lock);
	for (connection = g->first; connection != NULL;
	    connection = connection->next)
		if (now_ms > connection->until_ms) {
			shutdown(connection->fd, SHUT_RDWR);
			connection->until_ms = INT64_MAX;
			g->cut++;
		}
	pthread_mutex_unlock(&g->lock);
}

int64_t
connections_busy(struct connections *g)
{
	struct connection *connection;
	int64_t n = 0;

	pthread_mutex_lock(&g->lock);
	for (connection = g->first; connection != NULL;
	    connection = connection->next)
		n += connection->busy;
	pthread_mutex_unlock(&g->lock);
	return n;
}
