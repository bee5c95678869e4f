/* Partition keys: one key has one text, and no text is two keys. */
#include "record/part.h"

#include <errno.h>

#include "tap.h"

#define LONG_255 "0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcde"

static const struct {
	const char *descr, *in;
	int err;		/* 0: taken */
	const char *hive;
} cases[] = {
	{ "three members", "{\"term\":\"20261\",\"campus\":\"NB\","
	    "\"endpoint\":\"courses\"}", 0,
	    "term=20261/campus=NB/endpoint=courses" },
	{ "order as given", "{\"b\":\"1\",\"a\":\"2\"}", 0, "b=1/a=2" },
	{ "escaped in paths", "{\"k=/\":\"..\"}", 0, "k%3D%2F=%2E." },
	{ "UTF-8", "{\"k\":\"\xc3\xa9\"}", 0, "k=%C3%A9" },
	{ "as long as can be", "{\"k\":\"" LONG_255 "\"}", 0, "k=" LONG_255 },
	{ "too long", "{\"k\":\"" LONG_255 "x\"}", E2BIG, NULL },
	{ "name too long", "{\"" LONG_255 "\":\"x\"}", E2BIG, NULL },
	{ "eight members", "{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\","
	    "\"e\":\"1\",\"f\":\"1\",\"g\":\"1\",\"h\":\"1\"}", 0,
	    "a=1/b=1/c=1/d=1/e=1/f=1/g=1/h=1" },
	{ "nine members", "{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\","
	    "\"e\":\"1\",\"f\":\"1\",\"g\":\"1\",\"h\":\"1\",\"i\":\"1\"}",
	    E2BIG, NULL },
	{ "no members", "{}", EINVAL, NULL },
	{ "an array", "[\"a\"]", EINVAL, NULL },
	{ "a string", "\"a\"", EINVAL, NULL },
	{ "no JSON", "a=1", EINVAL, NULL },
	{ "nothing", "", EINVAL, NULL },
	{ "cut", "{\"a\":\"1\"", EINVAL, NULL },
	{ "a number", "{\"a\":1}", EINVAL, NULL },
	{ "null", "{\"a\":null}", EINVAL, NULL },
	{ "an object inside", "{\"a\":{\"b\":\"1\"}}", EINVAL, NULL },
	{ "empty value", "{\"a\":\"\"}", EINVAL, NULL },
	{ "empty name", "{\"\":\"1\"}", EINVAL, NULL },
	{ "NUL in a value", "{\"a\":\"1\\u00002\"}", EINVAL, NULL },
	{ "NUL in a name", "{\"a\\u0000b\":\"1\"}", EINVAL, NULL },
	{ "a name twice", "{\"a\":\"1\",\"a\":\"2\"}", EINVAL, NULL },
	{ "lone surrogate", "{\"a\":\"\\ud800\"}", EINVAL, NULL },
};

static void
test_reading(void)
{
	struct part p, again;
	struct buf b;
	size_t i;

	buf_init(&b, 10000);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		int r;

		errno = 0;
		r = part_parse(&p, cases[i].in);
		if (cases[i].err != 0) {
			tap_ok(r == -1 && errno == cases[i].err,
			    "refused: %s", cases[i].descr);
			continue;
		}
		buf_clear(&b);
		part_hive(&p, &b);
		tap_str(b.data, cases[i].hive, cases[i].descr);
		buf_clear(&b);
		part_json(&p, &b);
		tap_ok(strcmp(b.data, cases[i].in) == 0 &&
		    part_parse(&again, b.data) == 0 && part_equal(&p, &again),
		    "as JSON and back: %s", cases[i].descr);
	}
	buf_release(&b);
}

static void
test_values(void)
{
	static const struct {
		size_t from, to;
		const char *want;
	} ranges[] = {
		{ 0, 2, "20261/NB" }, { 2, 3, "courses" },
		{ 0, 3, "20261/NB/courses" }, { 0, 99, "20261/NB/courses" },
		{ 0, 0, "" }, { 3, 9, "" }, { 2, 1, "" },
	};
	struct part p;
	struct buf b;
	size_t i;

	part_parse(&p, cases[0].in);
	buf_init(&b, 100);
	for (i = 0; i < TAP_COUNT(ranges); i++) {
		buf_clear(&b);
		part_values(&p, ranges[i].from, ranges[i].to, &b);
		tap_str(b.data, ranges[i].want, "values");
	}
	buf_release(&b);
	buf_init(&b, 5);
	tap_ok(part_hive(&p, &b) == -1 && part_json(&p, &b) == -1 &&
	    part_values(&p, 0, 3, &b) == -1, "the buffer's maximum");
	buf_release(&b);
	tap_str(part_get(&p, "campus"), "NB", "get");
	tap_str(part_get(&p, "camp"), NULL, "get of none");
	tap_str(part_get(&p, ""), NULL, "get of nothing");
}

static void
test_equal(void)
{
	static const struct {
		const char *a, *b;
		int want;
	} pairs[] = {
		{ "{\"a\":\"1\"}", "{\"a\":\"1\"}", 1 },
		{ "{\"a\":\"1\"}", "{\"a\":\"2\"}", 0 },
		{ "{\"a\":\"1\"}", "{\"b\":\"1\"}", 0 },
		{ "{\"a\":\"1\"}", "{\"a\":\"1\",\"b\":\"1\"}", 0 },
		{ "{\"a\":\"1\",\"b\":\"2\"}", "{\"b\":\"2\",\"a\":\"1\"}", 0 },
	};
	struct part a, b;
	size_t i;

	for (i = 0; i < TAP_COUNT(pairs); i++) {
		part_parse(&a, pairs[i].a);
		part_parse(&b, pairs[i].b);
		tap_ok(part_equal(&a, &b) == pairs[i].want, "%s %s %s",
		    pairs[i].a, pairs[i].want ? "is" : "is not", pairs[i].b);
	}
}

int
main(void)
{
	test_reading();
	test_values();
	test_equal();
	return tap_done();
}
