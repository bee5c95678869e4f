/* Decimal numbers: all of the text or nothing. */
#include "base/num.h"

#include <errno.h>

#include "tap.h"

static const struct {
	const char *in;
	int64_t min, max;
	int err;		/* 0: want is the value */
	int64_t want;
} cases[] = {
	{ "0", 0, 10, 0, 0 },
	{ "10", 0, 10, 0, 10 },
	{ "007", 0, 10, 0, 7 },
	{ "-0", 0, 10, 0, 0 },
	{ "-5", -10, 10, 0, -5 },
	{ "9223372036854775807", 0, INT64_MAX, 0, INT64_MAX },
	{ "-9223372036854775808", INT64_MIN, 0, 0, INT64_MIN },
	{ "11", 0, 10, ERANGE, 0 },
	{ "-1", 0, 10, ERANGE, 0 },
	{ "9223372036854775808", 0, INT64_MAX, ERANGE, 0 },
	{ "-9223372036854775809", INT64_MIN, 0, ERANGE, 0 },
	{ "99999999999999999999999999", 0, INT64_MAX, ERANGE, 0 },
	{ "", 0, 10, EINVAL, 0 },
	{ "-", -10, 10, EINVAL, 0 },
	{ "--5", -10, 10, EINVAL, 0 },
	{ "+5", 0, 10, EINVAL, 0 },
	{ " 5", 0, 10, EINVAL, 0 },
	{ "- 5", -10, 10, EINVAL, 0 },
	{ "5 ", 0, 10, EINVAL, 0 },
	{ "5k", 0, 10, EINVAL, 0 },
	{ "5.0", 0, 10, EINVAL, 0 },
	{ "1e1", 0, 10, EINVAL, 0 },
	{ "0x5", 0, 10, EINVAL, 0 },
	{ "\t5", 0, 10, EINVAL, 0 },
	{ "\xd9\xa5", 0, 10, EINVAL, 0 },	/* an Arabic five */
	{ "99999999999999999999999999x", 0, 10, EINVAL, 0 },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		int64_t got = 42, want = cases[i].err ? 42 : cases[i].want;
		int r;

		errno = 0;
		r = num_parse(cases[i].in, cases[i].min, cases[i].max, &got);
		tap_ok(r == (cases[i].err ? -1 : 0) && got == want &&
		    (r == 0 || errno == cases[i].err), "'%s'", cases[i].in);
	}
	return tap_done();
}
