/*
 * fetch.h -- many HTTP requests at once, politely, their bodies in files.
 *
 * One libcurl multi handle in one thread.  Requests start in the order in
 * which they were added, at most policy.workers at a time, and two starts
 * to one host (retries and redirects are starts) are policy.interval_ms
 * apart, or what the host's Retry-After asked for.  A request that waits
 * for its next attempt holds no worker.
 *
 * Every attempt is told to the callback; the last one of a request, and
 * only it, has again_ms -1.  Each added request gets exactly one such last
 * answer: from the loop, or from fetch_abandon().
 *
 * A body is stored as sent: gzip stays gzip.  http and https only, a
 * redirect never leaves https, at most FETCH_HOPS of them.  Requests to
 * this machine never go through a proxy.
 */
#ifndef FETCH_H
#define FETCH_H

#include <stdint.h>

#include "base/digest.h"
#include "base/exits.h"
#include "net/retry.h"

/* Redirects followed for one attempt. */
#define FETCH_HOPS 5

/* Bytes kept of a response header's value, with its '\0'. */
#define FETCH_HEADER 256

struct fetch_policy {
	int64_t workers;	/* requests in flight, 1 or more */
	int64_t interval_ms;	/* between two starts to one host */
	int64_t timeout_ms;	/* for one whole attempt; 0: none */
	int64_t connect_ms;	/* to connect; 0: libcurl's own */
	int64_t max_bytes;	/* of one body, as sent and decoded */
	struct retry retry;
	const char *agent;	/* User-Agent, borrowed */
};

struct fetch_request {
	const char *url;
	const char *file;	/* where the body goes; see body.h */
	const char *etag;	/* for If-None-Match, sent as it is; or NULL */
	void *arg;		/* the caller's own */
};

enum fetch_outcome {
	FETCH_BODY,		/* complete, synced, under its name */
	FETCH_UNCHANGED,	/* 304: the body that etag named still holds */
	FETCH_FAILED
};

/* One attempt.  Text members are "" where there is nothing to say. */
struct fetch_answer {
	const struct fetch_request *request;
	enum fetch_outcome outcome;
	char code[16];		/* FETCH_FAILED: "http_404", "timeout", ... */
	char text[256];		/* the same for people */
	/* FETCH_FAILED: EXIT_TEMP; EXIT_PROTO for nonsense, EXIT_REFUSED when
	 * the file exists with other bytes */
	enum exits blame;
	int64_t attempt;	/* from 1; 0: never started */
	int64_t again_ms;	/* until the next attempt; -1: the last one */
	long status;		/* HTTP status; 0: no answer came */
	char etag[FETCH_HEADER];
	char last_modified[FETCH_HEADER];
	char content_type[FETCH_HEADER];
	const char *encoding;	/* FETCH_BODY: "gzip" or "identity", static */
	char sha256[DIGEST_TEXT];	/* FETCH_BODY: of the decoded bytes */
	int64_t size_bytes, stored_bytes;	/* decoded; as sent */
	int64_t connect_ms, first_byte_ms, total_ms;
};

/*
 * Takes one answer, valid for the call; it may not add requests.
 * Returns 0, or -1 with errno to stop the engine.
 */
typedef int (*fetch_fn)(const struct fetch_answer *a, void *arg);

struct fetch;

/*
 * Start an engine.  policy is copied, agent and arg are borrowed for its
 * life.  Returns NULL with errno ENOMEM.
 */
struct fetch *fetch_new(const struct fetch_policy *policy, fetch_fn fn,
    void *arg);

/* Requests still held are abandoned without a word. */
void fetch_free(struct fetch *f);

/*
 * Add a request; its strings are copied.  Returns 0, or -1 with errno and
 * nothing added: EINVAL if url is no absolute http or https URL, ENOMEM.
 */
int fetch_add(struct fetch *f, const struct fetch_request *r);

/*
 * Work until all requests have their last answer, or a stop is requested
 * (stop.h).  Returns 0, or -1 with errno when this machine fails (memory,
 * disk) or the callback did: not an item's fault, and not worth going on.
 */
int fetch_run(struct fetch *f);

/*
 * As fetch_run(), also returning as soon as fd can be read, unless so many
 * requests are waiting already that more of them would only cost memory.
 */
int fetch_wait(struct fetch *f, int fd);

/* Give every request that is left its last answer, code "interrupted". */
int fetch_abandon(struct fetch *f);

/* "libcurl/7.88.1 OpenSSL/3.0.17 ...", static. */
const char *fetch_library(void);

#endif
