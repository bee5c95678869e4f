/*
 * schedule.h -- when what failed is due again.
 *
 * After the n-th failure one waits base x 2^(n-1), at most the cap.  Jitter
 * keeps what failed together from coming back together: it is taken from
 * the item's own key, so that an item has one schedule, whoever computes
 * it and whenever.  Pure: nothing is kept, no clock is read.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include <stdint.h>

struct schedule {
	int64_t base_ms;	/* wait after the first failure, 0 or more */
	int64_t cap_ms;		/* no wait is longer, jitter aside */
	double jitter;		/* a wait is moved by up to this part of it,
				 * either way; 0 to 1 */
	int64_t max_attempts;	/* failures after which none follows; 0: any
				 * number may follow */
};

/* Where nothing else is said: 5 min x 2^(n-1), at most 6 h, for ever. */
#define SCHEDULE_DEFAULT { 5 * 60 * 1000, 6 * 3600 * 1000, 0, 0 }

/*
 * The wait in ms after the failed-th failure (from 1) of the item called
 * key, or -1 when that was the last attempt.
 */
int64_t schedule_wait(const struct schedule *s, int64_t failed,
    const char *key);

/*
 * When the item is due again that failed at failed_at_ms for the
 * failed-th time (ms since 1970), or -1: never.  What has not failed
 * (failed 0) is due at failed_at_ms.
 */
int64_t schedule_due(const struct schedule *s, int64_t failed_at_ms,
    int64_t failed, const char *key);

#endif
