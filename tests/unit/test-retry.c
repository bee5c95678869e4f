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
	return tap_done();
}
