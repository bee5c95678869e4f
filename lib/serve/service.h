/*
 * service.h -- a server of one snapshot root: what its threads share.
 *
 * Each thread answers the connections that it took.  One more, the watcher,
 * looks after the rest many times a second: is another snapshot current, has
 * the source been asked again, whose time is over.
 */
#ifndef SERVE_SERVICE_H
#define SERVE_SERVICE_H

#include <microhttpd.h>
#include <sys/stat.h>

#include "serve/connections.h"
#include "serve/current.h"
#include "serve/metrics.h"
#include "store/serving.h"

struct service_conf {
	const struct decl *decl;	/* all borrowed */
	const struct decl_snapshot *rules;
	const struct decl_routes *routes;
	const char *data, *root;
	const char *address;		/* a number, IPv4 or IPv6 */
	int64_t port;			/* 0: one that the kernel gives */
	int64_t threads;
	int64_t connections, per_address;	/* at a time */
	int64_t headers_ms, query_ms;
	int log;			/* descriptor, or -1 */
};

/* What is answered besides the declared routes, in order of places. */
enum service_page {
	PAGE_HEALTHZ,
	PAGE_READY,
	PAGE_METRICS,
	PAGE_OPENAPI,
	PAGE_REPORT,
	PAGE_OTHER,		/* no page at all */
	SERVICE_PAGES
};

struct service {
	struct service_conf conf;
	struct MHD_Daemon *daemon;
	struct current current;
	struct connections connections;
	struct metrics metrics;
	_Atomic uint64_t ids;		/* state of made-up request ids */
	atomic_int closing;
	int listening;			/* the socket, once closing; or -1 */
	atomic_int log_failed;		/* that was told */
	/* Of the watcher: */
	pthread_t watcher;
	int stop[2];			/* a pipe, closed when we stop */
	struct stat verified_stat;
	_Atomic int64_t verified_ms;	/* wall clock; 0: not known */
	struct serving serving;
	struct buf url, root;		/* of serving */
	char started_at[CLOCK_TEXT];
};

/*
 * Open what is current and answer in threads of its own.  Returns NULL with
 * e: EXIT_OS when it cannot listen there, else as current_follow().
 */
struct service *service_start(const struct service_conf *conf,
    struct snapshot_error *e);

/*
 * Take no connection any more, let answers that are under way come to
 * their end, for some seconds, and free h.
 */
void service_stop(struct service *h);

/* "http://127.0.0.1:8080", without a slash at its end. */
const char *service_url(const struct service *h);

#endif
