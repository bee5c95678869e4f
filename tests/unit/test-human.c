/* Numbers as people read them. */
#include "base/human.h"

#include "tap.h"

static const struct {
	void (*fn)(int64_t, char *);
	int64_t in;
	const char *want;
} cases[] = {
	{ human_bytes, 0, "0 B" },
	{ human_bytes, 999, "999 B" },
	{ human_bytes, 1000, "1.0 kB" },
	{ human_bytes, 999949, "999.9 kB" },
	{ human_bytes, 999950, "1.0 MB" },
	{ human_bytes, 20760545, "20.8 MB" },
	{ human_bytes, 1200000000, "1.2 GB" },
	{ human_bytes, INT64_MAX, "9223372.0 TB" },
	{ human_bytes, -20760545, "-20.8 MB" },
	{ human_ms, 0, "0.0 s" },
	{ human_ms, 1250, "1.2 s" },
	{ human_ms, 59999, "59.9 s" },
	{ human_ms, 60000, "1 min 00 s" },
	{ human_ms, 200000, "3 min 20 s" },
	{ human_ms, 7500000, "2 h 05 min" },
	{ human_ms, INT64_MAX, "2562047788015 h 12 min" },
	{ human_count, 0, "0" },
	{ human_count, 999, "999" },
	{ human_count, 1000, "1,000" },
	{ human_count, 11680, "11,680" },
	{ human_count, -123456, "-123,456" },
	{ human_count, INT64_MIN, "-9,223,372,036,854,775,808" },
};

int
main(void)
{
	char got[HUMAN_TEXT];
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		cases[i].fn(cases[i].in, got);
		tap_str(got, cases[i].want, cases[i].want);
	}
	return tap_done();
}
