#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
clock_format(int64_t wall_ms, char out[CLOCK_TEXT])
{
	int64_t ms = (wall_ms % 1000 + 1000) % 1000;
	time_t sec = (time_t)((wall_ms - ms) / 1000);
	struct tm tm;

	gmtime_r(&sec, &tm);
	strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + strlen(out), 6, ".%03dZ", (int)ms);
}

void
clock_now(char out[CLOCK_TEXT])
{
	clock_format(clock_wall_ms(), out);
}

/* Days from 1970-01-01 to the civil date; Howard Hinnant's algorithm. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int
clock_parse(const char *s, int64_t *wall_ms)
{
	int y, mo, d, h, mi, sec, n = 0, ms = 0, scale = 100;

	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mo, &d, &h, &mi,
	    &sec, &n) != 6 || n != 19 || mo < 1 || mo > 12 || d < 1 ||
	    d > 31 || h > 23 || mi > 59 || sec > 60)
		goto bad;
	s += n;
	if (*s == '.') {
		if (*++s < '0' || *s > '9')
			goto bad;
		for (; *s >= '0' && *s <= '9'; s++, scale /= 10)
			ms += (*s - '0') * scale;
	}
	if (strcmp(s, "Z") != 0)
		goto bad;
	*wall_ms = (((days_from_civil(y, mo, d) * 24 + h) * 60 + mi) * 60 +
	    sec) * 1000 + ms;
	return 0;
bad:
	errno = EINVAL;
	return -1;
}
