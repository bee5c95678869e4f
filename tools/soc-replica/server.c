#include "server.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/msg.h"
#include "route.h"

/* Each connection has a thread: more than any polite client opens. */
#define CONNECTIONS_MAX 64
#define THREAD_STACK ((size_t)256 << 10)

struct server {
	struct server_conf conf;
	struct cache *cache;		/* owned */
	struct MHD_Daemon *daemon;	/* owned */
	struct tally tally;
	pthread_mutex_t lock;		/* stopping */
	pthread_cond_t stop;
	int stopping;
};

/* A connection begins or ends. */
static void
on_connection(void *arg, struct MHD_Connection *c, void **socket_arg,
    enum MHD_ConnectionNotificationCode code)
{
	struct server *s = arg;

	(void)c;
	(void)socket_arg;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		tally_connection(&s->tally);
}

/* The last byte of an answer is out, or the client went away. */
static void
on_completed(void *arg, struct MHD_Connection *c, void **request_arg,
    enum MHD_RequestTerminationCode code)
{
	struct server *s = arg;

	(void)c;
	(void)code;
	if (*request_arg == &s->tally)
		tally_end(&s->tally);
}

/* Wait as --latency says, or until the server stops. */
static void
delay(struct server *s)
{
	int64_t until = clock_wall_ms() + s->conf.latency_ms;
	struct timespec ts = { (time_t)(until / 1000),
	    (long)(until % 1000) * 1000000 };
	int r = 0;

	if (s->conf.latency_ms == 0)
		return;
	pthread_mutex_lock(&s->lock);
	while (!s->stopping && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&s->stop, &s->lock, &ts);
	pthread_mutex_unlock(&s->lock);
}

static int
answer_whole(struct server *s, struct MHD_Connection *c, const char *url,
    const char *method)
{
	const struct routes routes = { s->conf.source, s->cache,
	    s->conf.faults, s->conf.tick, &s->tally };
	int own = route_is_own(url), status;

	if (!own)
		delay(s);
	status = route_answer(&routes, c, url, method);
	if (!own)
		tally_answer(&s->tally, status);
	msg_debug("%s %s: %d", method, url, status);
	return status;
}

/*
 * Called at the headers, for each piece of a body, and at the end.  Only
 * an answer given at the end keeps the connection open for the next
 * request.  request_arg tells the calls apart: the tally, if it is counted.
 */
static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **request_arg)
{
	struct server *s = arg;

	(void)version;
	(void)upload;
	if (*request_arg == NULL) {
		*request_arg = s;
		if (!route_is_own(url)) {
			*request_arg = &s->tally;
			tally_start(&s->tally);
		}
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;	/* no route has a use for a body */
		return MHD_YES;
	}
	return answer_whole(s, c, url, method) > 0 ? MHD_YES : MHD_NO;
}

/* Decode a URL, but leave "%00" as it is: it would end the string. */
static size_t
unescape(void *arg, struct MHD_Connection *c, char *s)
{
	(void)arg;
	(void)c;
	return strstr(s, "%00") != NULL ? strlen(s) : MHD_http_unescape(s);
}

static struct MHD_Daemon *
listen_on(struct server *s)
{
	struct sockaddr_in addr = { 0 };

	addr.sin_family = AF_INET;
	addr.sin_port = htons((uint16_t)s->conf.port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL, NULL,
	    answer, s,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&addr,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
	    MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
	    MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_END);
}

struct server *
server_start(const struct server_conf *conf)
{
	struct server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->conf = *conf;
	tally_init(&s->tally);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->stop, NULL);
	errno = 0;
	if ((s->cache = cache_new(conf->source)) == NULL ||
	    (s->daemon = listen_on(s)) == NULL) {
		if (errno == 0)
			errno = EADDRNOTAVAIL;
		server_stop(s);
		return NULL;
	}
	return s;
}

void
server_stop(struct server *s)
{
	int saved = errno;

	pthread_mutex_lock(&s->lock);
	s->stopping = 1;
	pthread_cond_broadcast(&s->stop);
	pthread_mutex_unlock(&s->lock);
	if (s->daemon != NULL)
		MHD_stop_daemon(s->daemon);
	cache_free(s->cache);
	tally_release(&s->tally);
	pthread_cond_destroy(&s->stop);
	pthread_mutex_destroy(&s->lock);
	free(s);
	errno = saved;
}

int
server_port(const struct server *s)
{
	return (int)MHD_get_daemon_info(s->daemon,
	    MHD_DAEMON_INFO_BIND_PORT)->port;
}
