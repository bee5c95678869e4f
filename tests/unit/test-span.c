/* Ranges of keys. */
#include "store/span.h"

#include "tap.h"

static const struct {
	const char *word;
	int64_t size;		/* -1: refused */
	const char *first, *last;
} words[] = {
	{ "a=x", 1, "x", "x" },
	{ "a=x=y", 1, "x=y", "x=y" },
	{ "d=2026-11-20", 1, "2026-11-20", "2026-11-20" },
	{ "d=2024-02-28..2024-03-01", 3, "2024-02-28", "2024-03-01" },
	{ "d=2026-02-28..2026-03-01", 2, "2026-02-28", "2026-03-01" },
	{ "d=2026-11-20..2026-11-20", 1, "2026-11-20", "2026-11-20" },
	{ "n=1..10", 10, "1", "10" },
	{ "n=0..0", 1, "0", "0" },
	{ "n=008..011", 4, "008", "011" },
	{ "n=2..1", -1, NULL, NULL },
	{ "d=2026-11-21..2026-11-20", -1, NULL, NULL },
	{ "d=2026-11-21..7", -1, NULL, NULL },
	{ "d=2026-02-29..2026-03-01", -1, NULL, NULL },
	{ "a=x..y", -1, NULL, NULL },
	{ "a=1..", -1, NULL, NULL },
	{ "a=..1", -1, NULL, NULL },
	{ "a=-1..1", -1, NULL, NULL },
	{ "a=", -1, NULL, NULL },
	{ "=x", -1, NULL, NULL },
	{ "a", -1, NULL, NULL },
};

static void
test_words(void)
{
	struct part key;
	struct span s;
	size_t i;

	for (i = 0; i < TAP_COUNT(words); i++) {
		s.n = 0;
		if (span_add(&s, words[i].word) == -1) {
			tap_int(-1, words[i].size, words[i].word);
			continue;
		}
		tap_int(span_size(&s), words[i].size, words[i].word);
		key.n = 0;
		part_add(&key, s.m[0].name, "?");
		span_put(&s, 0, &key);
		tap_str(key.m[0].value, words[i].first, "begins");
		span_put(&s, span_size(&s) - 1, &key);
		tap_str(key.m[0].value, words[i].last, "ends");
		tap_ok(span_has(&s.m[0], words[i].first), "has the first");
		tap_ok(!span_has(&s.m[0], "2000"), "and not another");
	}
}

int
main(void)
{
	struct span s = { .n = 0 };
	struct part key = { .n = 0 };
	int64_t i;

	test_words();
	span_add(&s, "n=1..2");
	span_add(&s, "d=2026-11-29..2026-12-01");
	span_add(&s, "k=v");
	tap_int(span_add(&s, "k=w"), -1, "a member once");
	tap_int(span_size(&s), 6, "all combinations");
	part_add(&key, "n", "?");
	part_add(&key, "other", "o");
	part_add(&key, "d", "?");
	part_add(&key, "k", "?");
	for (i = 0; i < 6; i++) {
		static const char *const want[] = { "1/o/2026-11-29/v",
		    "1/o/2026-11-30/v", "1/o/2026-12-01/v",
		    "2/o/2026-11-29/v", "2/o/2026-11-30/v",
		    "2/o/2026-12-01/v" };
		struct buf b;

		buf_init(&b, 256);
		span_put(&s, i, &key);
		part_values(&key, 0, key.n, &b);
		tap_str(b.data, want[i], "in order");
		buf_release(&b);
	}
	tap_ok(!span_has(span_find(&s, "n"), "02"), "as it is written");
	span_add(&s, "a=0..4000000000000000000");
	span_add(&s, "b=0..4000000000000000000");
	tap_ok(span_size(&s) == INT64_MAX, "too many are many");
	return tap_done();
}
