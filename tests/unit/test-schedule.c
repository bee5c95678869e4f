/* Schedules: doubling, the cap, jitter that belongs to the item. */
#include "base/schedule.h"

#include <stdio.h>

#include "tap.h"

#define MIN ((int64_t)60000)

static const struct {
	const char *descr;
	struct schedule s;
	int64_t failed, want;
} cases[] = {
	{ "the first wait", SCHEDULE_DEFAULT, 1, 5 * MIN },
	{ "the second", SCHEDULE_DEFAULT, 2, 10 * MIN },
	{ "the seventh", SCHEDULE_DEFAULT, 7, 320 * MIN },
	{ "the eighth is capped", SCHEDULE_DEFAULT, 8, 360 * MIN },
	{ "so is the thousandth", SCHEDULE_DEFAULT, 1000, 360 * MIN },
	{ "no overflow", { INT64_MAX / 4, INT64_MAX - 1, 0, 0 }, 60,
	    INT64_MAX - 1 },
	{ "no failure number is too large", { 1, INT64_MAX, 0, 0 },
	    INT64_MAX, INT64_MAX },
	{ "a base above the cap", { 10, 7, 0, 0 }, 1, 7 },
	{ "a cap that is a power", { 1, 8, 0, 0 }, 4, 8 },
	{ "one that is none", { 1, 7, 0, 0 }, 4, 7 },
	{ "no wait at all", { 0, 100, 0.5, 0 }, 5, 0 },
	{ "the last but one", { 10, 1000, 0, 3 }, 2, 20 },
	{ "the last", { 10, 1000, 0, 3 }, 3, -1 },
	{ "beyond it", { 10, 1000, 0, 3 }, 4, -1 },
	{ "only one", { 10, 1000, 0, 1 }, 1, -1 },
};

/* A thousand items, of which no two should come back together. */
static void
test_jitter(void)
{
	const struct schedule s = { 1000, 100000, 0.5, 0 };
	int64_t wait, again, low = INT64_MAX, high = 0, sum = 0;
	int i, same = 0, other = 0;
	char key[32];

	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d/1", i);
		wait = schedule_wait(&s, 1, key);
		again = schedule_wait(&s, 1, key);
		same += wait == again;
		other += schedule_wait(&s, 2, key) != 2 * wait;
		low = wait < low ? wait : low;
		high = wait > high ? wait : high;
		sum += wait;
	}
	tap_int(same, 1000, "an item has one schedule");
	tap_ok(other > 900, "each attempt is moved anew: %d", other);
	tap_ok(low >= 500 && low < 520 && high <= 1500 && high > 1480,
	    "half of it either way: %lld to %lld", (long long)low,
	    (long long)high);
	tap_ok(sum > 960000 && sum < 1040000, "on average none: %lld",
	    (long long)sum);
	tap_int(schedule_wait(&s, 3, "a key"), 3025,
	    "the same in every build");
}

static void
test_due(void)
{
	const struct schedule s = { 1000, 100000, 0, 3 };

	tap_int(schedule_due(&s, 5000, 0, "k"), 5000, "not failed: now");
	tap_int(schedule_due(&s, 5000, 2, "k"), 7000, "failed twice");
	tap_int(schedule_due(&s, 5000, 3, "k"), -1, "given up");
	tap_int(schedule_due(&s, INT64_MAX - 5, 1, "k"), INT64_MAX,
	    "the end of time");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++)
		tap_int(schedule_wait(&cases[i].s, cases[i].failed, "k"),
		    cases[i].want, cases[i].descr);
	test_jitter();
	test_due();
	return tap_done();
}
