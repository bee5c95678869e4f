/* How fast a host may be asked, and when it is not asked at all: pace.h,
 * breaker.h. */
#include "net/pace.h"

#include "base/breaker.h"
#include "tap.h"

/* One exchange that starts and ends at now. */
static void
exchange(struct pace *p, int64_t now, enum pace_news news)
{
	pace_start(p, now, 0);
	pace_end(p, now, now, news);
}

static void
test_levels(void)
{
	struct pace p;
	int64_t now = 1000000, last, i;
	int slower = 1;

	pace_init(&p, 500, 8);
	tap_int(pace_due(&p), 0, "at first at once");
	exchange(&p, now, PACE_GOOD);
	tap_int(pace_due(&p), now + 500, "then an interval later");
	exchange(&p, now += 500, PACE_STRAIN);
	tap_int(pace_interval(&p), 1000, "strain doubles the interval");
	tap_int(pace_slots(&p), 4, "and halves what is in flight");
	for (i = 0; i < 4; i++)
		exchange(&p, now += 1000, PACE_GOOD);
	exchange(&p, now += 1000, PACE_BAD);
	for (i = 0; i < 4; i++)
		exchange(&p, now += 1000, PACE_GOOD);
	exchange(&p, now += 1000, PACE_NONE);
	tap_int(pace_interval(&p), 1000, "four, a failure, four: as slow");
	exchange(&p, now += 1000, PACE_GOOD);
	tap_int(pace_interval(&p), 500, "five in a row: a step back");
	for (i = 0; i < 20; i++)
		exchange(&p, now += 1000, PACE_GOOD);
	tap_int(pace_interval(&p), 500, "but never below the best");
	for (i = 0; i < 20; i++) {
		last = pace_interval(&p);
		exchange(&p, now += 100000, PACE_STRAIN);
		slower &= pace_interval(&p) >= last;
	}
	tap_ok(slower && pace_interval(&p) == PACE_INTERVAL_MAX &&
	    pace_slots(&p) == 1, "slower each time, within limits");
	for (i = 0; i < 20; i++)
		exchange(&p, now += 100000, PACE_NONE);
	tap_int(pace_interval(&p), PACE_INTERVAL_MAX,
	    "redirects are no success");
}

static void
test_flight(void)
{
	struct pace p;

	pace_init(&p, 0, 2);
	pace_start(&p, 10, 0);
	tap_int(pace_due(&p), 10, "the second one at once");
	pace_start(&p, 10, 0);
	tap_int(pace_due(&p), INT64_MAX, "the third when one has ended");
	pace_end(&p, 20, 10, PACE_STRAIN);
	tap_int(pace_interval(&p), 2 * PACE_INTERVAL_MIN,
	    "no interval counts as a short one");
	pace_end(&p, 21, 10, PACE_STRAIN);
	tap_int(pace_interval(&p), 2 * PACE_INTERVAL_MIN,
	    "what began before the step makes no other");
	pace_start(&p, 1000, 5000);
	pace_end(&p, 1000, 1000, PACE_GOOD);
	tap_int(pace_due(&p), 6000, "a site's wish for the interval");
	pace_hold(&p, 9000);
	pace_hold(&p, 100);
	tap_int(pace_due(&p), 9000, "no hold makes another one shorter");
}

/* What is told to a breaker, letter by letter, and whether it opens. */
static const struct {
	const char *descr, *news;
	int max, probing, open;
} rows[] = {
	{ "three in a row", "bbb", 3, 0, 1 },
	{ "two", "bb", 3, 0, 0 },
	{ "a success between", "bbgbb", 3, 0, 0 },
	{ "a 404 between", "bbnb", 3, 0, 1 },
	{ "many 404", "nnnnnn", 3, 0, 0 },
	{ "no limit", "bbbbbbbb", 0, 0, 0 },
	{ "a probe that fails", "b", 3, 1, 1 },
	{ "a probe that says nothing, then one that fails", "nb", 3, 1, 1 },
	{ "a probe that succeeds", "gbb", 3, 1, 0 },
	{ "no limit, no probe", "b", 0, 1, 0 },
};

static void
test_breaker(void)
{
	struct breaker b;
	const char *c;
	size_t i;
	int opened;

	for (i = 0; i < TAP_COUNT(rows); i++) {
		opened = 0;
		breaker_init(&b, rows[i].max, rows[i].probing);
		for (c = rows[i].news; *c != '\0'; c++)
			opened += breaker_take(&b, *c == 'g' ? BREAKER_GOOD :
			    *c == 'b' ? BREAKER_BAD : BREAKER_NEUTRAL);
		tap_ok(opened == rows[i].open && b.open == rows[i].open, "%s",
		    rows[i].descr);
	}
	breaker_init(&b, 1, 0);
	tap_ok(breaker_take(&b, BREAKER_BAD) == 1 &&
	    breaker_take(&b, BREAKER_BAD) == 0, "it opens once");
}

int
main(void)
{
	test_levels();
	test_flight();
	test_breaker();
	return tap_done();
}
