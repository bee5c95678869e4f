#include "serve/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "serve/accesslog.h"
#include "serve/dispatch.h"
#include "serve/pages.h"
#include "store/snapshot_publish.h"

/* Between two looks of the watcher. */
#define WATCHER_MS 50

/* How long answers under way may take in the end. */
#define CLOSING_MS 10000

/* Bytes of a connection: its headers, with a target as long as may be. */
#define CONNECTION_BYTES ((size_t)32 << 10)

/* --- what the library calls ----------------------------------------------- */

static struct connection *
connection_of(struct MHD_Connection *c)
{
	return MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* A connection begins or ends. */
static void
on_connection(void *arg, struct MHD_Connection *c, void **socket_arg,
    enum MHD_ConnectionNotificationCode code)
{
	struct service *h = arg;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_arg = connection_new(&h->connections,
		    MHD_get_connection_info(c,
		    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
		    MHD_get_connection_info(c,
		    MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
	} else if (*socket_arg != NULL) {
		connection_free(&h->connections, *socket_arg);
		*socket_arg = NULL;
	}
}

/* The first line of a request is in; what we return is its request_arg. */
static void *
on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	struct connection *connection = connection_of(c);

	(void)arg;
	return connection != NULL &&
	    call_begin(&connection->call, target) == 0 ?
	    &connection->call : NULL;
}

static void
write_log(struct service *h, const struct connection *connection, int64_t us)
{
	const struct call *call = &connection->call;

	if (h->conf.log == -1 || accesslog_write(h->conf.log, call,
	    connection->address, dispatch_place(h, call->place), us) == 0)
		return;
	if (atomic_exchange(&h->log_failed, 1) == 0)
		msg_error_errno("access log");
}

/* The last byte of an answer is out, or the client went away. */
static void
on_completed(void *arg, struct MHD_Connection *c, void **request_arg,
    enum MHD_RequestTerminationCode code)
{
	struct connection *connection = connection_of(c);
	struct call *call = *request_arg;
	struct service *h = arg;
	int64_t us;

	(void)code;
	*request_arg = NULL;
	if (call == NULL || connection == NULL)
		return;
	if (call->method != NULL) {
		us = clock_mono_us() - call->began_us;
		metrics_add(&h->metrics, call, us);
		write_log(h, connection, us);
	}
	connection_end(&h->connections, connection);
}

/*
 * Called at the headers and, when there is no body, once more.  Only an
 * answer given then keeps the connection open for the next request.
 */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **request_arg)
{
	struct service *h = arg;
	struct call *call = *request_arg;
	int early;

	(void)url;
	(void)version;
	(void)upload;
	(void)upload_size;
	if (call == NULL)
		return MHD_NO;		/* there was no memory for it */
	early = call->method == NULL;
	call->method = method;
	if (early)
		connection_begin(&h->connections, connection_of(c));
	return dispatch(h, c, call, early) >= 0 ? MHD_YES : MHD_NO;
}

/* We take the target as it came, and nothing that was decoded. */
static size_t
unescape(void *arg, struct MHD_Connection *c, char *s)
{
	(void)arg;
	(void)c;
	return strlen(s);
}

/* --- listening ------------------------------------------------------------ */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int
set_address(union address *a, const struct service_conf *c)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, c->address, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons((uint16_t)c->port);
		return 0;
	}
	if (inet_pton(AF_INET6, c->address, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons((uint16_t)c->port);
		return 0;
	}
	errno = EINVAL;
	return -1;
}

static int
listen_on(struct service *h, struct snapshot_error *e)
{
	const struct service_conf *c = &h->conf;
	union address a;
	int port;

	if (set_address(&a, c) == -1)
		return snapshot_fail(e, EXIT_USAGE, "%s: no IPv4 or IPv6 "
		    "address", c->address);
	errno = 0;
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
	    MHD_USE_ITC | (a.any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0),
	    0, NULL, NULL, on_request, h,
	    MHD_OPTION_SOCK_ADDR, &a.any,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)c->threads,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)c->connections,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned int)c->per_address,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
	    MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_END);
	if (h->daemon == NULL)
		return snapshot_fail(e, EXIT_OS, "%s port %" PRId64 ": %s",
		    c->address, c->port, strerror(errno != 0 ? errno :
		    EADDRNOTAVAIL));
	port = (int)MHD_get_daemon_info(h->daemon,
	    MHD_DAEMON_INFO_BIND_PORT)->port;
	buf_printf(&h->url, a.any.sa_family == AF_INET6 ?
	    "http://[%s]:%d" : "http://%s:%d", c->address, port);
	return 0;
}

const char *
service_url(const struct service *h)
{
	return h->url.data;
}

/* --- the watcher --------------------------------------------------------- */

/* When the source last confirmed what is served. */
static void
look_verified(struct service *h)
{
	char id[SNAPSHOT_ID_BYTES], at[CLOCK_TEXT];
	struct buf path;
	struct stat st;
	int64_t ms;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/verified.json", h->conf.root) == 0 &&
	    stat(path.data, &st) == 0 &&
	    (st.st_ino != h->verified_stat.st_ino ||
	    st.st_mtim.tv_sec != h->verified_stat.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != h->verified_stat.st_mtim.tv_nsec) &&
	    snapshot_verified_read(h->conf.root, id, at) == 1 &&
	    strcmp(id, h->current.now->id) == 0) {
		h->verified_ms = clock_parse(at, &ms) == 0 ? ms : 0;
		h->verified_stat = st;
	}
	buf_release(&path);
}

/* Tell others which snapshot it is now; they may not be there to be told. */
static void
tell(struct service *h)
{
	h->serving.snapshot = h->current.now->id;
	h->serving.since = h->current.now->since;
	if (serving_write(h->conf.data, &h->serving) == -1)
		msg_warn("%s/serve: %s: nobody can look up this server there",
		    h->conf.data, strerror(errno));
}

static void
look_current(struct service *h)
{
	struct snapshot_error e;

	snapshot_error_init(&e);
	switch (current_follow(&h->current, &e)) {
	case 1:
		h->metrics.swaps++;
		msg_debug("%s", h->current.now->id);
		tell(h);
		break;
	case -1:
		if (e.text.len == 0)
			break;
		h->metrics.failed_swaps++;
		msg_error("%s; %s is served on", e.text.data,
		    h->current.now->id);
	}
	snapshot_error_release(&e);
}

static void *
keep(void *arg)
{
	struct service *h = arg;
	struct pollfd p = { .fd = h->stop[0], .events = POLLIN };

	while (poll(&p, 1, WATCHER_MS) == 0 || (p.revents == 0)) {
		look_current(h);
		look_verified(h);
		connections_sweep(&h->connections);
	}
	return NULL;
}

/* --- beginning and end ---------------------------------------------------- */

static int
name_places(struct service *h)
{
	const struct decl_routes *routes = h->conf.routes;
	size_t i;

	if (metrics_init(&h->metrics, routes->n + SERVICE_PAGES) == -1)
		return -1;
	for (i = 0; i < routes->n; i++)
		h->metrics.places[i].name = routes->list[i].name;
	for (; i < h->metrics.n; i++)
		h->metrics.places[i].name =
		    page_name((enum service_page)(i - routes->n));
	return 0;
}

/* Who we are, for those who look for servers. */
static int
introduce(struct service *h)
{
	char *root = realpath(h->conf.root, NULL);

	if (root == NULL)
		return -1;
	buf_str(&h->root, root);
	free(root);
	owner_self(&h->serving.owner, "snap-serve");
	h->serving.source = h->conf.decl->source;
	h->serving.url = h->url.data;
	h->serving.root = h->root.data;
	h->serving.started_at = h->started_at;
	if (serving_sweep(h->conf.data) == -1)
		msg_warn("%s/serve: %s", h->conf.data, strerror(errno));
	tell(h);
	return 0;
}

static int
start(struct service *h, struct snapshot_error *e)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) == -1 || name_places(h) == -1 ||
	    pipe(h->stop) == -1)
		return snapshot_fail_errno(e, "start");
	(void)fcntl(h->stop[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(h->stop[1], F_SETFD, FD_CLOEXEC);
	h->ids = seed;
	if (current_follow(&h->current, e) == -1)
		return -1;
	look_verified(h);
	if (listen_on(h, e) == -1)
		return -1;
	if (introduce(h) == -1)
		return snapshot_fail_errno(e, h->conf.root);
	if ((errno = pthread_create(&h->watcher, NULL, keep, h)) != 0)
		return snapshot_fail_errno(e, "thread");
	return 0;
}

static void
release(struct service *h)
{
	if (h->daemon != NULL)
		MHD_stop_daemon(h->daemon);
	if (h->listening != -1)
		close(h->listening);	/* its threads had it until now */
	if (h->stop[0] != -1) {
		close(h->stop[0]);
		close(h->stop[1]);
	}
	connections_release(&h->connections);
	current_release(&h->current);
	metrics_release(&h->metrics);
	buf_release(&h->url);
	buf_release(&h->root);
	free(h);
}

struct service *
service_start(const struct service_conf *conf, struct snapshot_error *e)
{
	struct service *h = calloc(1, sizeof(*h));
	struct current_conf current = { conf->root, conf->decl, conf->rules,
	    conf->routes, (size_t)conf->threads };

	if (h == NULL) {
		snapshot_fail_errno(e, conf->root);
		return NULL;
	}
	h->conf = *conf;
	h->stop[0] = h->stop[1] = h->listening = -1;
	clock_now(h->started_at);
	buf_init(&h->url, 256);
	buf_init(&h->root, PATH_BYTES_MAX);
	current_init(&h->current, &current);
	connections_init(&h->connections, conf->headers_ms);
	if (start(h, e) == 0)
		return h;
	release(h);
	return NULL;
}

void
service_stop(struct service *h)
{
	struct timespec nap = { 0, 10000000 };
	int64_t until_ms = clock_mono_ms() + CLOSING_MS;

	h->closing = 1;
	h->listening = MHD_quiesce_daemon(h->daemon);
	while (connections_busy(&h->connections) > 0 &&
	    clock_mono_ms() < until_ms)
		nanosleep(&nap, NULL);
	if (write(h->stop[1], "", 1) == -1)
		msg_error_errno("stop");
	pthread_join(h->watcher, NULL);
	serving_remove(h->conf.data, &h->serving.owner);
	release(h);
}
