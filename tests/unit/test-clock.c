/* Instants as text and back; only real dates in one exact form. */
#include "base/clock.h"

#include <errno.h>

#include "tap.h"

static const struct {
	const char *in;
	int64_t want;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1970-01-01T00:00:00.001Z", 1 },
	{ "1969-12-31T23:59:59.999Z", -1 },
	{ "2026-11-20T22:31:14.123Z", 1795213874123 },
	{ "2026-11-20T22:31:14.1Z", 1795213874100 },
	{ "2026-11-20T22:31:14.123999999999999Z", 1795213874123 },
	{ "2024-02-29T00:00:00Z", 1709164800000 },
	{ "2000-02-29T00:00:00Z", 951782400000 },
	{ "2016-12-31T23:59:60Z", 1483228800000 },
	{ "0001-01-01T00:00:00Z", -62135596800000 },
	{ "9999-12-31T23:59:59.999Z", 253402300799999 },
};

static const char *const bad[] = {
	"", "Z", "2026", "2026-11-20", "2026-11-20T22:31:14",
	"2026-11-20T22:31:14z", "2026-11-20t22:31:14Z",
	"2026-11-20 22:31:14Z", "2026-11-20T22:31:14+00:00",
	"2026-11-20T22:31:14.Z", "2026-11-20T22:31:14.12x",
	"2026-11-20T22:31:14Z ", " 026-11-20T22:31:14Z",
	"+026-11-20T22:31:14Z", "-026-11-20T22:31:14Z",
	"2026-+1-20T22:31:14Z", "2026- 1-20T22:31:14Z",
	"2026-1-020T22:31:14Z", "2026-00-20T22:31:14Z",
	"2026-13-20T22:31:14Z", "2026-11-00T22:31:14Z",
	"2026-11-31T22:31:14Z", "2026-02-29T00:00:00Z",
	"1900-02-29T00:00:00Z", "2026-11-20T24:00:00Z",
	"2026-11-20T22:60:00Z", "2026-11-20T22:31:61Z",
	"0000-01-01T00:00:00Z", "12026-11-20T22:31:14Z",
};

static const struct {
	int64_t in;
	const char *want;
} formats[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ -1, "1969-12-31T23:59:59.999Z" },
	{ -1000, "1969-12-31T23:59:59.000Z" },
	{ 1795213874123, "2026-11-20T22:31:14.123Z" },
	{ -62135596800000, "0001-01-01T00:00:00.000Z" },
	{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	{ 253402300800000, "9999-12-31T23:59:59.999Z" },
	{ INT64_MAX, "9999-12-31T23:59:59.999Z" },
	{ INT64_MIN, "0001-01-01T00:00:00.000Z" },
};

int
main(void)
{
	char text[CLOCK_TEXT];
	int64_t got;
	size_t i;

	for (i = 0; i < TAP_COUNT(good); i++) {
		got = 42;
		clock_parse(good[i].in, &got);
		tap_int(got, good[i].want, good[i].in);
	}
	for (i = 0; i < TAP_COUNT(bad); i++) {
		got = 42;
		errno = 0;
		tap_ok(clock_parse(bad[i], &got) == -1 && errno == EINVAL &&
		    got == 42, "no instant: '%s'", bad[i]);
	}
	for (i = 0; i < TAP_COUNT(formats); i++) {
		clock_format(formats[i].in, text);
		tap_str(text, formats[i].want, formats[i].want);
	}
	clock_now(text);
	tap_ok(clock_parse(text, &got) == 0, "now can be read back");
	got = clock_mono_ms();
	tap_ok(clock_mono_ms() >= got, "durations do not go backwards");
	return tap_done();
}
