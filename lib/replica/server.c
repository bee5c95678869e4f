#include "replica/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "replica/route.h"

/* Each connection has a thread: more than any polite client opens. */
#define CONNECTIONS_MAX 256
#define THREAD_STACK ((size_t)256 << 10)

struct server {
	struct replica replica;
	struct MHD_Daemon *daemon;	/* owned */
	struct tally tally;
	int stop[2];			/* a pipe, written to when we stop */
};

/* A connection begins or ends; its number is kept with it. */
static void
on_connection(void *arg, struct MHD_Connection *c, void **socket_arg,
    enum MHD_ConnectionNotificationCode code)
{
	struct server *s = arg;

	(void)c;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*socket_arg = (void *)(intptr_t)
		    tally_connection(&s->tally);
}

/* The first line of a request is in; what we return is its request_arg. */
static void *
on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct visit *q = visit_new(target);

	(void)arg;
	if (q != NULL && info != NULL)
		q->connection = (intptr_t)info->socket_context;
	return q;
}

/* The last byte of an answer is out, or the client went away. */
static void
on_completed(void *arg, struct MHD_Connection *c, void **request_arg,
    enum MHD_RequestTerminationCode code)
{
	struct server *s = arg;

	(void)c;
	(void)code;
	if (*request_arg != NULL)
		tally_end(&s->tally, *request_arg);
	visit_free(*request_arg);
	*request_arg = NULL;
}

/*
 * Called at the headers, for each piece of a body, and at the end.  Only
 * an answer given at the end keeps the connection open for the next
 * request.
 */
static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **request_arg)
{
	struct server *s = arg;
	struct visit *q = *request_arg;
	int status;

	(void)version;
	if (q == NULL)
		return MHD_NO;		/* there was no memory for it */
	q->method = method;
	if (!q->begun) {
		q->begun = 1;
		if (!route_is_own(url))
			tally_start(&s->tally, q);
		return MHD_YES;
	}
	if (*upload_size > 0) {
		if (buf_add(&q->body, upload, *upload_size) == -1)
			q->body_too_big = 1;
		*upload_size = 0;
		return MHD_YES;
	}
	status = route_answer(&s->replica, c, url, q);
	tally_answer(&s->tally, q, status);
	msg_debug("%s %s: %d", method, url, status);
	return status > 0 ? MHD_YES : MHD_NO;
}

/* Decode a URL, but leave "%00" as it is: it would end the string. */
static size_t
unescape(void *arg, struct MHD_Connection *c, char *s)
{
	(void)arg;
	(void)c;
	return strstr(s, "%00") != NULL ? strlen(s) : MHD_http_unescape(s);
}

/* For an API that takes what it does not change as if it did. */
static void *
unconst(const char *s)
{
	union { const char *in; void *out; } u = { s };

	return u.out;
}

static struct MHD_Daemon *
listen_on(struct server *s, const struct server_conf *conf)
{
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, unconst(conf->cert) },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, unconst(conf->key) },
		{ MHD_OPTION_END, 0, NULL }
	};
	struct sockaddr_in addr = { 0 };

	addr.sin_family = AF_INET;
	addr.sin_port = htons((uint16_t)conf->port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
	    (conf->cert != NULL ? MHD_USE_TLS : 0), 0, NULL, NULL,
	    answer, s,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&addr,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
	    MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
	    MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_ARRAY, conf->cert != NULL ? tls : tls + 2,
	    MHD_OPTION_END);
}

struct server *
server_start(const struct server_conf *conf)
{
	struct server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (pipe(s->stop) == -1) {
		free(s);
		return NULL;
	}
	(void)fcntl(s->stop[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(s->stop[1], F_SETFD, FD_CLOEXEC);
	tally_init(&s->tally, conf->log);
	errno = 0;
	s->replica = (struct replica){ conf->site, conf->script, conf->tick,
	    &s->tally, conf->robots, conf->latency_ms, s->stop[0] };
	if ((s->daemon = listen_on(s, conf)) == NULL) {
		if (errno == 0)
			errno = conf->cert != NULL ? EINVAL : EADDRNOTAVAIL;
		server_stop(s);
		return NULL;
	}
	return s;
}

void
server_stop(struct server *s)
{
	int saved = errno;

	if (write(s->stop[1], "", 1) == -1)
		msg_error_errno("stop");
	if (s->daemon != NULL)
		MHD_stop_daemon(s->daemon);
	close(s->stop[0]);
	close(s->stop[1]);
	tally_release(&s->tally);
	free(s);
	errno = saved;
}

int
server_port(const struct server *s)
{
	return (int)MHD_get_daemon_info(s->daemon,
	    MHD_DAEMON_INFO_BIND_PORT)->port;
}
