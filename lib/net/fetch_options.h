/*
 * fetch_options.h -- the options that all fetching tools have.
 *
 * One list: a tool starts from FETCH_OPTIONS_DEFAULT, changes what it will,
 * puts FETCH_OPTIONS into its table and calls fetch_options_finish() behind
 * opt_parse().
 */
#ifndef FETCH_OPTIONS_H
#define FETCH_OPTIONS_H

#include "base/limits.h"
#include "base/opt.h"
#include "net/fetcher.h"

#define FETCH_OPTIONS_DEFAULT {						\
	.data = "data", .seed = -1,					\
	.policy = {							\
		.workers = 3, .interval_ms = 600, .pause_ms = 60000,	\
		.timeout_ms = 120000, .connect_ms = 15000,		\
		.min_rate = 100, .rate_ms = 10000,			\
		.max_bytes = LIMIT_PAYLOAD_BYTES, .max_failures = 3,	\
		.grace_ms = 5000,					\
		.retry = { .max_attempts = 4, .base_ms = 2000 }		\
	}								\
}

/* The longest that may be said for one attempt: a day, in ms. */
#define FETCH_OPTIONS_TIMEOUT_MAX 86400000

/* Table entries that fill the struct fetcher_options o. */
#define FETCH_OPTIONS(o)						\
	OPT_DATA(&(o).data),						\
	{ "max-workers", 0, OPT_INTEGER, "n", &(o).policy.workers,	\
	    "requests in flight (default 3)", 0, 1, 256 },		\
	{ "max-per-host", 0, OPT_INTEGER, "n", &(o).policy.per_host,	\
	    "of them to one host (default all)", 0, 1, 256 },		\
	{ "interval", 0, OPT_INTEGER, "ms", &(o).policy.interval_ms,	\
	    "between two request starts to a host (default 600)", 0, 0,	\
	    RETRY_WAIT_MAX },						\
	{ "pause", 0, OPT_INTEGER, "ms", &(o).policy.pause_ms,		\
	    "of a host after 429 without Retry-After (default 60000)", 0,	\
	    0, RETRY_WAIT_MAX },					\
	{ "timeout", 0, OPT_INTEGER, "ms", &(o).policy.timeout_ms,	\
	    "for one whole attempt (default 120000)", 0, 1,		\
	    FETCH_OPTIONS_TIMEOUT_MAX },				\
	{ "connect-timeout", 0, OPT_INTEGER, "ms",			\
	    &(o).policy.connect_ms, "to connect (default 15000)", 0, 1,	\
	    FETCH_OPTIONS_TIMEOUT_MAX },				\
	{ "min-rate", 0, OPT_INTEGER, "n", &(o).policy.min_rate,	\
	    "bytes a second of a body; 0: any (default 100)", 0, 0,	\
	    INT32_MAX },						\
	{ "rate-window", 0, OPT_INTEGER, "ms", &(o).policy.rate_ms,	\
	    "over which that is measured (default 10000)", 0, 1,	\
	    FETCH_OPTIONS_TIMEOUT_MAX },				\
	{ "max-attempts", 0, OPT_INTEGER, "n",				\
	    &(o).policy.retry.max_attempts,				\
	    "for one task (default 4)", 0, 1, 100 },			\
	{ "backoff", 0, OPT_INTEGER, "ms", &(o).policy.retry.base_ms,	\
	    "at most, before attempt 2; then doubled (default 2000)", 0,	\
	    0, RETRY_WAIT_MAX },					\
	{ "max-bytes", 0, OPT_INTEGER, "n", &(o).policy.max_bytes,	\
	    "of a body, sent and decoded (default 1073741824)", 0, 1,	\
	    INT64_MAX },						\
	{ "max-failures", 0, OPT_INTEGER, "n",				\
	    &(o).policy.max_failures,					\
	    "in a row, then nothing is asked; 0: any (default 3)", 0, 0,	\
	    1000000 },							\
	{ "grace", 0, OPT_INTEGER, "ms", &(o).policy.grace_ms,		\
	    "for what is in flight after a signal (default 5000)", 0, 0,	\
	    FETCH_OPTIONS_TIMEOUT_MAX },				\
	{ "contact", 0, OPT_STRING, "who", &(o).contact,		\
	    "mail address or page for servers (default $CONTACT)", 0, 0,	\
	    0 },							\
	{ "seed", 0, OPT_INTEGER, "n", &(o).seed,			\
	    "of the random part of the waits (default random)", 0, 0,	\
	    INT64_MAX },						\
	{ "partial", 0, OPT_FLAG, NULL, &(o).partial,			\
	    "accept input without an end record", 0, 0, 0 }

/*
 * Fill in what the command line left open, from the environment and the
 * clock.  Returns 0, or -1: the contact cannot be part of a header.
 */
int fetch_options_finish(struct fetcher_options *o);

#endif
