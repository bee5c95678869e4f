/* The worker protocol: what each line means, and hostile bytes. */
#include "record/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/rng.h"
#include "tap.h"
#include "../fuzz/fuzz-worker.c"

#define A "\"part\":{\"id\":\"1\"}"
#define B "\"part\":{\"id\":\"2\"}"
#define ROW_A "{\"type\":\"row\"," A ",\"table\":\"t\",\"values\":{\"x\":1}}\n"
#define ROW_B "{\"type\":\"row\"," B ",\"table\":\"t\",\"values\":{\"x\":2}}\n"
#define ITEM_A "{\"type\":\"item\",\"queue\":\"q\",\"part\":{\"n\":\"9\"}," \
    "\"of\":{\"id\":\"1\"}}\n"
#define DONE_A(n) "{\"type\":\"done\"," A ",\"n\":" n "}\n"
#define DONE_B(n) "{\"type\":\"done\"," B ",\"n\":" n "}\n"

static struct work *
item(const char *id)
{
	char record[200];
	struct work *w;

	snprintf(record, sizeof(record), "{\"type\":\"item\",\"part\":"
	    "{\"id\":\"%s\"},\"epoch\":1}\n", id);
	if ((w = work_new(record, strlen(record), NULL, NULL)) == NULL)
		exit(99);
	return w;
}

static void
count_other(const struct record *r, void *arg)
{
	(void)r;
	++*(int *)arg;
}

/* "1 done 3, 2 http_404; has 1; garbage": what was finished, what is open,
 * and the fault. */
static void
tell(struct worker *w, struct buf *b)
{
	struct work *i;

	buf_clear(b);
	buf_str(b, "");
	while ((i = worker_take(w)) != NULL) {
		buf_printf(b, "%s%.1s ", b->len > 0 ? ", " : "", i->key + 7);
		if (i->end == WORK_DONE)
			buf_printf(b, "done %lld", (long long)i->n);
		else
			buf_printf(b, "%s%s", i->code,
			    i->end == WORK_BROKEN ? "!" : "");
		work_free(i);
	}
	buf_printf(b, "; has %lld", (long long)w->n);
	if (w->fault != NULL)
		buf_printf(b, "; %s", w->fault);
	if (w->over)
		buf_str(b, "; over");
}

static const struct {
	const char *descr, *says, *want;
} cases[] = {
	{ "nothing", "", "; has 2" },
	{ "no rows", DONE_A("0"), "1 done 0; has 1" },
	{ "rows", ROW_A ROW_A DONE_A("2"), "1 done 2; has 1" },
	{ "a follow-up", ROW_A ITEM_A DONE_A("2"), "1 done 2; has 1" },
	{ "in any order between items", ROW_B ROW_A ROW_B DONE_B("2")
	    DONE_A("1"), "2 done 2, 1 done 1; has 0" },
	{ "an error", "{\"type\":\"error\",\"code\":\"http_404\"," A
	    ",\"status\":404,\"message\":\"gone\"}\n", "1 http_404; has 1" },
	{ "an error after rows", ROW_A "{\"type\":\"error\",\"code\":"
	    "\"layout\"," A "}\n" ROW_B, "1 layout; has 1" },
	{ "rows that are not closed", ROW_A, "; has 2" },
	{ "half a line", "{\"type\":\"do", "; has 2" },
	{ "too many", ROW_A DONE_A("2"), "1 wrong_count!; has 1; "
	    "wrong_count" },
	{ "too few", ROW_A ROW_A DONE_A("1"), "1 wrong_count!; has 1; "
	    "wrong_count" },
	{ "no number", "{\"type\":\"done\"," A "}\n",
	    "1 wrong_count!; has 1; wrong_count" },
	{ "a negative one", DONE_A("-1"), "1 wrong_count!; has 1; "
	    "wrong_count" },
	{ "one that is none", DONE_A("\"0\""), "1 wrong_count!; has 1; "
	    "wrong_count" },
	{ "a key that was not given", "{\"type\":\"row\",\"part\":"
	    "{\"id\":\"3\"}}\n", "; has 2; wrong_key" },
	{ "a key of more members", "{\"type\":\"done\",\"part\":{\"id\":"
	    "\"1\",\"x\":\"1\"},\"n\":0}\n", "; has 2; wrong_key" },
	{ "a key that is a number", "{\"type\":\"done\",\"part\":{\"id\":1},"
	    "\"n\":0}\n", "; has 2; wrong_key" },
	{ "no key", "{\"type\":\"row\",\"table\":\"t\"}\n",
	    "; has 2; wrong_key" },
	{ "closed twice", DONE_A("0") DONE_A("0"), "1 done 0; has 1; "
	    "wrong_key" },
	{ "a row after done", DONE_A("0") ROW_A, "1 done 0; has 1; "
	    "wrong_key" },
	{ "a follow-up of nothing", "{\"type\":\"item\",\"part\":{\"id\":"
	    "\"1\"}}\n", "; has 2; wrong_key" },
	{ "an error without a code", "{\"type\":\"error\"," A "}\n",
	    "1 garbage!; has 1; garbage" },
	{ "no JSON", "Traceback (most recent call last):\n",
	    "; has 2; garbage" },
	{ "an empty line", "\n", "; has 2; garbage" },
	{ "no object", "[]\n", "; has 2; garbage" },
	{ "no type", "{" A "}\n", "; has 2; garbage" },
	{ "a type that is none", "{\"type\":7}\n", "; has 2; garbage" },
	{ "two records in a line", "{\"type\":\"x\"}{\"type\":\"x\"}\n",
	    "; has 2; garbage" },
	{ "a lone surrogate", "{\"type\":\"\\ud800\"}\n",
	    "; has 2; garbage" },
	{ "no UTF-8", "{\"type\":\"\xff\"}\n", "; has 2; garbage" },
	{ "another type", "{\"type\":\"verdict\"}\n", "; has 2" },
	{ "the end", DONE_A("0") "{\"type\":\"end\",\"n\":1}\n",
	    "1 done 0; has 1; over" },
	{ "something after it", "{\"type\":\"end\",\"n\":1}\n" DONE_A("0"),
	    "; has 2; garbage; over" },
	{ "abort", "{\"type\":\"abort\",\"status\":75,\"reason\":\"x\"}\n",
	    "; has 2; over" },
};

static void
test_cases(void)
{
	struct worker w;
	struct buf b;
	size_t i, n, at;
	int other = 0;

	buf_init(&b, 1000);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		n = strlen(cases[i].says);
		worker_init(&w, count_other, &other);
		worker_give(&w, item("1"));
		worker_give(&w, item("2"));
		worker_hear(&w, cases[i].says, n);
		tell(&w, &b);
		tap_str(b.data, cases[i].want, cases[i].descr);
		worker_release(&w);
		/* The same byte by byte. */
		worker_init(&w, count_other, &other);
		worker_give(&w, item("1"));
		worker_give(&w, item("2"));
		for (at = 0; at < n; at++)
			if (worker_hear(&w, cases[i].says + at, 1) == -1)
				break;
		tell(&w, &b);
		tap_str(b.data, cases[i].want, "byte by byte");
		worker_release(&w);
	}
	tap_int(other, 2, "records of other types are passed on");
	buf_release(&b);
}

/* A row of n bytes with its newline. */
static char *
long_row(size_t n)
{
	static const char start[] = "{\"type\":\"row\"," A ",\"x\":\"";
	char *text = malloc(n + 1);

	if (text == NULL)
		exit(99);
	memset(text, 'x', n);
	memcpy(text, start, sizeof(start) - 1);
	memcpy(text + n - 3, "\"}\n", 4);
	return text;
}

static void
test_limits(void)
{
	static const size_t sizes[] = { LIMIT_RECORD_BYTES - 1,
	    LIMIT_RECORD_BYTES, LIMIT_RECORD_BYTES + 1,
	    2 * LIMIT_RECORD_BYTES };
	struct worker w;
	size_t i, at, step;
	char *text;
	int got;

	for (i = 0; i < 2 * TAP_COUNT(sizes); i++) {
		text = long_row(sizes[i / 2]);
		step = i % 2 ? 65536 : sizes[i / 2];
		worker_init(&w, NULL, NULL);
		worker_give(&w, item("1"));
		for (got = 0, at = 0; got == 0 && at < sizes[i / 2];
		    at += step)
			got = worker_hear(&w, text + at,
			    sizes[i / 2] - at < step ? sizes[i / 2] - at :
			    step);
		tap_str(got == 0 ? "ok" : w.fault,
		    sizes[i / 2] <= LIMIT_RECORD_BYTES ? "ok" : "too_long",
		    "a long line");
		worker_release(&w);
		free(text);
	}
	text = long_row(LIMIT_RECORD_BYTES);
	worker_init(&w, NULL, NULL);
	worker_give(&w, item("1"));
	for (i = 0, got = 0; got == 0 && i < 100; i++)
		got = worker_hear(&w, text, LIMIT_RECORD_BYTES);
	tap_str(w.fault, "too_big", "rows without end");
	tap_int((int64_t)i, (int64_t)(WORK_BYTES / LIMIT_RECORD_BYTES) + 1,
	    "are taken up to the limit");
	tap_ok(w.settled && w.n == 0, "they are their item's failure");
	worker_release(&w);
	free(text);
}

static int
add_up(const struct record *r, void *arg)
{
	*(int64_t *)arg += yyjson_get_sint(yyjson_obj_get(
	    yyjson_obj_get(r->root, "values"), "x")) + r->number;
	return r->number == 3 ? 7 : 0;
}

static void
test_each(void)
{
	struct worker w;
	struct work *i;
	int64_t sum = 0;

	worker_init(&w, NULL, NULL);
	worker_give(&w, item("2"));
	worker_hear(&w, ROW_B ROW_B DONE_B("2"), strlen(ROW_B ROW_B
	    DONE_B("2")));
	i = worker_take(&w);
	tap_ok(work_each(i, add_up, &sum) == 0 && sum == 2 + 1 + 2 + 2,
	    "each of its rows");
	work_reset(i);
	sum = 0;
	tap_ok(work_each(i, add_up, &sum) == 0 && sum == 0 && i->n == 0,
	    "none of them, once forgotten");
	worker_give(&w, i);
	worker_hear(&w, ROW_B ROW_B ROW_B ROW_B, 4 * strlen(ROW_B));
	tap_int(work_each(w.first, add_up, &sum), 7, "until told to stop");
	worker_release(&w);
	errno = 0;
	tap_ok(work_new("{\"type\":\"item\"}\n", 16, NULL,
	    NULL) == NULL &&
	    errno == EINVAL, "an item without its key is none");
}

/* --- random bytes --------------------------------------------------------- */

static const char *const pieces[] = {
	ROW_A, ROW_B, ITEM_A, DONE_A("0"), DONE_A("1"), DONE_B("1"),
	DONE_B("2"), "{\"type\":\"error\",\"code\":\"x\"," A "}\n",
	"{\"type\":\"error\"," B "}\n", "{\"type\":\"end\"}\n",
	"{\"type\":\"abort\"}\n", "{\"type\":\"body\"}\n", "\n", "{}\n",
	"{\"type\":\"row\",\"part\":", "}\n", "\"", "{", "[", "\\u0000",
	"\xff", "{\"type\":\"row\",\"part\":{}}\n",
};

/* Some of them, changed here and there. */
static void
try_bytes(uint64_t *seed, struct buf *b)
{
	char piece[256];
	size_t n;
	int i;

	buf_clear(b);
	for (i = 0; i < 8; i++) {
		n = (size_t)snprintf(piece, sizeof(piece), "%s",
		    pieces[rng_below(seed, TAP_COUNT(pieces))]);
		while (rng_below(seed, 8) == 0 && n > 0)
			piece[rng_below(seed, n)] = (char)rng_next(seed);
		buf_add(b, piece, n);
	}
	LLVMFuzzerTestOneInput((const unsigned char *)b->data, b->len);
}

static void
test_random(void)
{
	const char *n = getenv("FUZZ"), *start = getenv("SEED");
	uint64_t seed = start != NULL ? strtoull(start, NULL, 10) : 1, one;
	long tries = n != NULL ? atol(n) : 20000, i;
	struct buf b;

	buf_init(&b, 10000);
	for (i = 0; i < tries; i++) {
		one = seed + (uint64_t)i;
		try_bytes(&one, &b);	/* it aborts if something is wrong */
	}
	tap_ok(i == tries, "%ld random streams from SEED=%llu: no item is "
	    "lost, none is finished twice", tries, (unsigned long long)seed);
	buf_release(&b);
}

int
main(void)
{
	test_cases();
	test_limits();
	test_each();
	test_random();
	return tap_done();
}
