/*
 * fetch.h -- many HTTP requests at once, politely, their bodies in files.
 *
 * One libcurl multi handle in one thread.  Requests start in the order in
 * which they were added, at most policy.workers at a time, each host at its
 * own pace (pace.h), and never before a time that it named in Retry-After.
 * Retries and redirects are starts.  A request that waits for its next
 * attempt holds no worker.
 *
 * Every attempt is told to the callback; the last one of a request, and
 * only it, has again_ms -1.  Each added request gets exactly one such last
 * answer: from the loop, or from fetch_abandon().
 *
 * A body is stored as sent: gzip stays gzip.  HTTP/2 where a server offers
 * it.  http and https only; where redirects may lead says trail.h.
 * Requests to this machine never go through a proxy.
 *
 * After policy.max_failures failed requests in a row (breaker.h) nothing is
 * asked any more: what is in flight ends, what was tried has its last
 * failure for an answer, and what was not has the code "not_asked".
 */
#ifndef FETCH_H
#define FETCH_H

#include <stdint.h>

#include "base/digest.h"
#include "base/exits.h"
#include "net/body.h"
#include "net/retry.h"

/* Bytes kept of a response header's value, with its '\0'. */
#define FETCH_HEADER 256

/* Bytes of a failure's code, with its '\0'. */
#define FETCH_CODE 24

struct fetch_policy {
	int64_t workers;	/* requests in flight, 1 or more */
	int64_t per_host;	/* of them to one host; 0: as many */
	int64_t interval_ms;	/* between two starts to one host */
	int64_t pause_ms;	/* of a host after 429 without Retry-After */
	int64_t timeout_ms;	/* for one whole attempt; 0: none */
	int64_t connect_ms;	/* to connect; 0: libcurl's own */
	int64_t min_rate;	/* bytes/s of a body; 0: any */
	int64_t rate_ms;	/* the time over which it is measured */
	int64_t max_bytes;	/* of one body, as sent and decoded */
	int64_t max_failures;	/* in a row; 0: any number */
	int64_t grace_ms;	/* for what is in flight, after a signal */
	struct retry retry;
	const char *agent;	/* User-Agent, borrowed */
};

/* Everything is borrowed until the request's last answer. */
struct fetch_request {
	const char *url;
	const char *file;	/* where the body goes; see body.h */
	const char *etag;	/* for If-None-Match, sent as it is; or NULL */
	const char *method;	/* NULL: GET */
	/* "Name: value", ended by NULL, or NULL without.  They go to the
	 * URL's own server only: a redirect elsewhere drops them. */
	const char *const *headers;
	const char *upload;	/* file with the request's body, or NULL */
	const char *text;	/* the body itself, or NULL */
	int safe;		/* to ask twice does no harm, whatever method */
	int renewable;		/* 401 says that its token is over, no more */
	int ahead;		/* it goes before those that wait */
	enum body_kind kind;	/* what is promised */
	int64_t enough_bytes;	/* of the decoded body; 0: all of it */
	int64_t interval_ms;	/* for its host, if longer than the policy's */
	void *arg;		/* the caller's own */
};

/*
 * May the request go on to url, where it is redirected?  1, or 0, or -1 if
 * that has to be found out first.  With 1, *interval_ms may be raised.
 */
typedef int (*fetch_lead_fn)(const struct fetch_request *r, const char *url,
    int64_t *interval_ms, void *arg);

enum fetch_outcome {
	FETCH_BODY,		/* complete, synced, under its name */
	FETCH_UNCHANGED,	/* 304: the body that etag named still holds */
	FETCH_FAILED
};

/* One attempt.  Text members are "" where there is nothing to say. */
struct fetch_answer {
	const struct fetch_request *request;
	enum fetch_outcome outcome;
	char code[FETCH_CODE];	/* FETCH_FAILED: "http_404", "timeout", ... */
	char text[256];		/* the same for people */
	/* FETCH_FAILED: EXIT_TEMP; EXIT_PROTO for nonsense and for a final
	 * no; EXIT_REFUSED when the file exists with other bytes */
	enum exits blame;
	int opened;		/* with it the breaker opened */
	int before;		/* this attempt was told before */
	int64_t attempt;	/* from 1; 0: never started */
	int64_t again_ms;	/* until the next attempt; -1: the last one */
	/* FETCH_FAILED: where it was not led, as that has to be found out
	 * first; else NULL */
	const char *moved;
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
 * Takes one answer, valid for the call.  It may add requests, but not when
 * the answer comes from fetch_abandon().
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

/* An earlier run was stopped by failures: probe.  Before the first request. */
void fetch_probe(struct fetch *f);

/* Ask fn, with the engine's arg, about each redirect. */
void fetch_ask_leads(struct fetch *f, fetch_lead_fn fn);

/*
 * Add a request.  Returns 0, or -1 with errno and nothing added: EINVAL if
 * url is no absolute http or https URL, ENOMEM.
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

/*
 * After a stop request: start nothing, and let what is in flight end for
 * policy.grace_ms at most.  Returns as fetch_run().
 */
int fetch_drain(struct fetch *f);

/*
 * Give every request that is left its last answer: "interrupted" what was
 * in flight, its last failure what has one, "not_asked" the rest.
 */
int fetch_abandon(struct fetch *f);

/* Has the breaker opened? */
int fetch_stopped(const struct fetch *f);

/* "libcurl/7.88.1 OpenSSL/3.0.17 ...", static. */
const char *fetch_library(void);

#endif
