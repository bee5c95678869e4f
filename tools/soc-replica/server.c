#include "server.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/num.h"
#include "reply.h"

/* Each connection has a thread: more than any polite client opens. */
#define CONNECTIONS_MAX 64
#define THREAD_STACK ((size_t)256 << 10)

#define DATA_PREFIX "/soc/api/"

/* What happened so far; the replica's own routes do not count. */
struct counts {
	int64_t requests, connections;
	int64_t by_class[6];	/* answers 2xx at [2], and so on */
	int64_t not_modified;
	int64_t open, open_max;	/* requests at the same time */
	int64_t last_ms, gap_min_ms;	/* between request starts; -1 none */
};

struct server {
	struct server_conf conf;
	struct cache *cache;		/* owned */
	struct MHD_Daemon *daemon;	/* owned */
	pthread_mutex_t lock;		/* counts and stopping */
	pthread_cond_t stop;
	int stopping;
	struct counts counts;
};

static void
count_start(struct server *s)
{
	struct counts *n = &s->counts;
	int64_t now = clock_mono_ms();

	pthread_mutex_lock(&s->lock);
	if (n->requests++ > 0 &&
	    (n->gap_min_ms == -1 || now - n->last_ms < n->gap_min_ms))
		n->gap_min_ms = now - n->last_ms;
	n->last_ms = now;
	if (++n->open > n->open_max)
		n->open_max = n->open;
	pthread_mutex_unlock(&s->lock);
}

static void
count_answer(struct server *s, int status)
{
	pthread_mutex_lock(&s->lock);
	if (status == MHD_HTTP_NOT_MODIFIED)
		s->counts.not_modified++;
	else if (status > 0)
		s->counts.by_class[status / 100]++;
	pthread_mutex_unlock(&s->lock);
}

/* The last byte is out, or the client went away. */
static void
count_end(void *arg, struct MHD_Connection *c, void **request_arg,
    enum MHD_RequestTerminationCode code)
{
	struct server *s = arg;

	(void)c;
	(void)code;
	if (*request_arg != &s->counts)
		return;
	pthread_mutex_lock(&s->lock);
	s->counts.open--;
	pthread_mutex_unlock(&s->lock);
}

static void
count_connection(void *arg, struct MHD_Connection *c, void **socket_arg,
    enum MHD_ConnectionNotificationCode code)
{
	struct server *s = arg;

	(void)c;
	(void)socket_arg;
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	pthread_mutex_lock(&s->lock);
	s->counts.connections++;
	pthread_mutex_unlock(&s->lock);
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

static const char *
argument(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);
}

/* A required int of the servlet; returns what is wrong with it, or NULL. */
static const char *
int_argument(struct MHD_Connection *c, const char *name, const char *missing,
    int64_t *out)
{
	const char *s = argument(c, name);

	if (s == NULL)
		return missing;
	if (num_parse(s, INT32_MIN, INT32_MAX, out) == -1)
		return "Failed to convert a parameter to required type int";
	return NULL;
}

/* Read the query; returns the message of the 400 page, or NULL. */
static const char *
parse_query(struct MHD_Connection *c, struct query *q)
{
	const char *campus = argument(c, "campus"), *wrong;

	wrong = int_argument(c, "year",
	    "Required int parameter 'year' is not present", &q->year);
	if (wrong == NULL)
		wrong = int_argument(c, "term",
		    "Required int parameter 'term' is not present", &q->term);
	if (wrong == NULL && campus == NULL)
		wrong = "Required String parameter 'campus' is not present";
	if (wrong != NULL)
		return wrong;
	/* Too long to be a known one: any unknown code does as well. */
	snprintf(q->campus, sizeof(q->campus), "%s",
	    strlen(campus) < sizeof(q->campus) ? campus : "");
	return NULL;
}

static int
answer_query(struct server *s, struct MHD_Connection *c,
    const struct query *q)
{
	int r, status = 0;
	enum fault_kind kind = faults_take(s->conf.faults, q, &status);
	struct payload *p;

	if (kind == FAULT_STATUS)
		return reply_page(c, (unsigned int)status, NULL);
	if (kind == FAULT_HTML)
		return reply_page(c, MHD_HTTP_OK, "Scheduled maintenance");
	p = kind == FAULT_EMPTY ? source_nothing(q->campus) :
	    cache_get(s->cache, q, tick_now(s->conf.tick));
	if (p == NULL)
		return reply_page(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
		    strerror(errno));
	r = reply_payload(c, q->endpoint, p, kind == FAULT_TRUNCATED);
	payload_unref(p);
	return r;
}

/* The endpoint that url names, or -1. */
static int
find_endpoint(const char *url)
{
	char name[32];
	size_t n = strlen(DATA_PREFIX), len;

	if (strncmp(url, DATA_PREFIX, n) != 0)
		return -1;
	len = strlen(url += n);
	if (len < 6 || len >= sizeof(name) ||
	    strcmp(url + len - 5, ".json") != 0)
		return -1;
	memcpy(name, url, len - 5);
	name[len - 5] = '\0';
	return endpoint_find(name);
}

static int
answer_data(struct server *s, struct MHD_Connection *c, const char *url,
    const char *method)
{
	int endpoint = find_endpoint(url);
	struct query q = { 0 };
	const char *wrong;

	if (endpoint == -1)
		return reply_page(c, MHD_HTTP_NOT_FOUND, NULL);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return reply_page(c, MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	if ((wrong = parse_query(c, &q)) != NULL)
		return reply_page(c, MHD_HTTP_BAD_REQUEST, wrong);
	q.endpoint = (enum endpoint)endpoint;
	return answer_query(s, c, &q);
}

static int
answer_tick(struct server *s, struct MHD_Connection *c)
{
	int64_t now = tick_advance(s->conf.tick);
	char text[64];

	if (now == -1) {
		msg_error_errno("%s", s->conf.tick->file);
		return reply_page(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
		    "the tick could not be recorded");
	}
	snprintf(text, sizeof(text), "{\"tick\":%" PRId64 "}\n", now);
	return reply_json(c, text);
}

static int
answer_state(struct server *s, struct MHD_Connection *c)
{
	struct counts n;
	char text[512], steps[40] = "";

	pthread_mutex_lock(&s->lock);
	n = s->counts;
	pthread_mutex_unlock(&s->lock);
	if (s->conf.source->steps > 0)
		snprintf(steps, sizeof(steps), ",\"steps\":%" PRId64,
		    s->conf.source->steps);
	snprintf(text, sizeof(text), "{\"tick\":%" PRId64 "%s,\"requests\":%"
	    PRId64 ",\"status_2xx\":%" PRId64 ",\"status_304\":%" PRId64
	    ",\"status_4xx\":%" PRId64 ",\"status_5xx\":%" PRId64
	    ",\"connections\":%" PRId64 ",\"parallel_max\":%" PRId64
	    ",\"gap_min_ms\":%" PRId64 "}\n", tick_now(s->conf.tick), steps,
	    n.requests, n.by_class[2], n.not_modified, n.by_class[4],
	    n.by_class[5], n.connections, n.open_max, n.gap_min_ms);
	return reply_json(c, text);
}

static int
is_own(const char *url)
{
	return strncmp(url, "/_replica/", 10) == 0;
}

static int
answer_own(struct server *s, struct MHD_Connection *c, const char *url,
    const char *method)
{
	int post = strcmp(method, "POST") == 0;

	if (strcmp(url, "/_replica/tick") == 0)
		return post ? answer_tick(s, c) :
		    reply_page(c, MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	if (strcmp(url, "/_replica/state") == 0)
		return answer_state(s, c);
	return reply_page(c, MHD_HTTP_NOT_FOUND, NULL);
}

static int
answer_url(struct server *s, struct MHD_Connection *c, const char *url,
    const char *method)
{
	int status;

	if (is_own(url))
		return answer_own(s, c, url, method);
	delay(s);
	status = answer_data(s, c, url, method);
	count_answer(s, status);
	msg_debug("%s %s: %d", method, url, status);
	return status;
}

/*
 * Called at the headers, for each piece of a body, and at the end.  Only
 * an answer given at the end keeps the connection open for the next
 * request.  request_arg tells the calls apart: counts if it is counted.
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
		if (!is_own(url)) {
			*request_arg = &s->counts;
			count_start(s);
		}
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;	/* no route has a use for a body */
		return MHD_YES;
	}
	return answer_url(s, c, url, method) > 0 ? MHD_YES : MHD_NO;
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
	    MHD_OPTION_NOTIFY_CONNECTION, count_connection, s,
	    MHD_OPTION_NOTIFY_COMPLETED, count_end, s,
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
	s->counts.gap_min_ms = -1;
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
