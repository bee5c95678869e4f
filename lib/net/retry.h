/*
 * retry.h -- when a failed request is worth another try, and how soon.
 *
 * Pure: the only state is the generator, so a seed gives one schedule.
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdint.h>

/* No wait is longer than this, in ms, a server's own wish included. */
#define RETRY_WAIT_MAX ((int64_t)600 * 1000)

struct retry {
	int64_t max_attempts;	/* 1: a failure is final */
	int64_t base_ms;	/* longest wait after the first attempt */
	uint64_t state;		/* the seed at first; any value */
};

/*
 * Is an answer with this HTTP status worth another attempt?  Only when the
 * server says that it is its own, passing trouble: 408, 429 and 5xx.
 * Source: RFC 9110 section 15.
 */
int retry_status(long status);

/*
 * Parse a Retry-After value, seconds or an HTTP date, into ms from now.  A
 * date is held against the answer's own Date header, since the two clocks
 * may differ; date may be NULL or nonsense, and then it is against now_s
 * (seconds since 1970).  Returns 0 or more, or -1 if value says nothing.
 * Source: RFC 9110 section 10.2.3.
 */
int64_t retry_after(const char *value, const char *date, int64_t now_s);

/*
 * The wait in ms before the next attempt when `attempt` (from 1) have
 * failed, or -1 when that was the last.  The longest wait doubles each
 * time up to RETRY_WAIT_MAX; half of it is fixed and half random, so that
 * many clients of one sick server do not come back together.
 */
int64_t retry_wait(struct retry *r, int64_t attempt);

#endif
