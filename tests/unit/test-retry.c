/* When to try again, and how soon: retry.h. */
#include "net/retry.h"
#include "tap.h"

static const struct {
	long status;
	int want;
} statuses[] = {
	{ 0, 0 }, { 200, 0 }, { 304, 0 }, { 400, 0 }, { 401, 0 }, { 404, 0 },
	{ 408, 1 }, { 410, 0 }, { 429, 1 }, { 499, 0 }, { 500, 1 },
	{ 502, 1 }, { 503, 1 }, { 504, 1 }, { 599, 1 }, { 600, 0 },
	{ -500, 0 }
};

static const struct {
	const char *descr;
	int64_t max_attempts, base_ms, attempt, longest;	/* -1: no more */
} waits[] = {
	{ "after the first", 4, 1000, 1, 1000 },
	{ "doubled after the second", 4, 1000, 2, 2000 },
	{ "and after the third", 4, 1000, 3, 4000 },
	{ "none after the last", 4, 1000, 4, -1 },
	{ "none beyond it", 4, 1000, 5, -1 },
	{ "one attempt is final", 1, 1000, 1, -1 },
	{ "no back-off", 4, 0, 3, 0 },
	{ "one millisecond", 4, 1, 1, 1 },
	{ "never longer than the longest", 100, 1000, 99, RETRY_WAIT_MAX },
	{ "a base above the longest", 4, INT64_MAX, 3, RETRY_WAIT_MAX },
};

/* All waits lie between half the longest and the longest, both met. */
static void
test_wait(size_t i)
{
	struct retry r = { waits[i].max_attempts, waits[i].base_ms, 0 };
	int64_t longest = waits[i].longest, low = INT64_MAX, high = -1, wait;
	int n;

	for (n = 0; n < 2000; n++) {
		r.state = (uint64_t)n;
		wait = retry_wait(&r, waits[i].attempt);
		low = wait < low ? wait : low;
		high = wait > high ? wait : high;
	}
	if (longest == -1)
		tap_ok(low == -1 && high == -1, "%s", waits[i].descr);
	else
		tap_ok(low >= longest / 2 && high <= longest &&
		    low <= longest / 2 + longest / 100 + 1 &&
		    high >= longest - longest / 100 - 1, "%s: %lld to %lld",
		    waits[i].descr, (long long)low, (long long)high);
}

static void
test_seed(void)
{
	struct retry a = { 10, 1000, 42 }, b = a, c = { 10, 1000, 43 };
	int same = 1, differ = 0, n;

	for (n = 1; n < 9; n++) {
		int64_t wait = retry_wait(&a, n);

		same &= wait == retry_wait(&b, n);
		differ |= wait != retry_wait(&c, n);
	}
	tap_ok(same, "a seed gives one schedule");
	tap_ok(differ, "another seed another one");
}

#define DATE "Sat, 21 Nov 2026 12:00:00 GMT"
#define NOW 1795262400		/* the same */

static const struct {
	const char *value, *date;
	int64_t want;
} afters[] = {
	{ "", DATE, -1 }, { "soon", DATE, -1 }, { "-5", DATE, -1 },
	{ "1.5", DATE, -1 }, { "5 seconds", DATE, -1 },
	{ "0", DATE, 0 }, { "1", DATE, 1000 }, { "007", DATE, 7000 },
	{ "120", NULL, 120000 },
	{ "99999999999999999999", DATE, (int64_t)3660 * 86400 * 1000 },
	{ "Sat, 21 Nov 2026 12:00:30 GMT", DATE, 30000 },
	{ "Saturday, 21-Nov-26 12:00:30 GMT", DATE, 30000 },
	{ "Sat Nov 21 12:00:30 2026", DATE, 30000 },
	{ "Sat, 21 Nov 2026 12:00:30 GMT", NULL, 30000 },
	{ "Sat, 21 Nov 2026 12:00:30 GMT", "what", 30000 },
	{ "Sat, 21 Nov 2026 11:59:00 GMT", DATE, 0 },
	/* the server's clock is an hour behind ours, or a year ahead */
	{ "Sat, 21 Nov 2026 11:00:30 GMT", "Sat, 21 Nov 2026 11:00:00 GMT",
	    30000 },
	{ "Sun, 21 Nov 2027 12:00:30 GMT", "Sun, 21 Nov 2027 12:00:00 GMT",
	    30000 },
	{ "Sat, 31 Dec 9999 23:59:59 GMT", DATE,
	    (int64_t)3660 * 86400 * 1000 },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(statuses); i++)
		tap_ok(retry_status(statuses[i].status) == statuses[i].want,
		    "status %ld is %sworth it", statuses[i].status,
		    statuses[i].want ? "" : "not ");
	for (i = 0; i < TAP_COUNT(waits); i++)
		test_wait(i);
	test_seed();
	for (i = 0; i < TAP_COUNT(afters); i++)
		tap_int(retry_after(afters[i].value, afters[i].date, NOW),
		    afters[i].want, afters[i].value);
	return tap_done();
}
