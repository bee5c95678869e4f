#include "base/clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z. */
#define FIRST_MS INT64_C(-62135596800000)
#define LAST_MS INT64_C(253402300799999)

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

int64_t
clock_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Write n as digits at out, with leading zeros. */
static void
digits(char *out, int width, int n)
{
	while (width-- > 0) {
		out[width] = (char)('0' + n % 10);
		n /= 10;
	}
}

void
clock_format(int64_t wall_ms, char out[CLOCK_TEXT])
{
	int64_t ms;
	struct tm tm;
	time_t sec;

	if (wall_ms < FIRST_MS)
		wall_ms = FIRST_MS;
	if (wall_ms > LAST_MS)
		wall_ms = LAST_MS;
	ms = (wall_ms % 1000 + 1000) % 1000;
	sec = (time_t)((wall_ms - ms) / 1000);
	gmtime_r(&sec, &tm);
	memcpy(out, "0000-00-00T00:00:00.000Z", CLOCK_TEXT);
	digits(out, 4, tm.tm_year + 1900);
	digits(out + 5, 2, tm.tm_mon + 1);
	digits(out + 8, 2, tm.tm_mday);
	digits(out + 11, 2, tm.tm_hour);
	digits(out + 14, 2, tm.tm_min);
	digits(out + 17, 2, tm.tm_sec);
	digits(out + 20, 3, (int)ms);
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

/* Take width digits at *s into *out and move on.  0 or -1. */
static int
take(const char **s, int width, int *out)
{
	for (*out = 0; width-- > 0; (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		*out = *out * 10 + (**s - '0');
	}
	return 0;
}

static int
take_chr(const char **s, char c)
{
	if (**s != c)
		return -1;
	(*s)++;
	return 0;
}

static int
days_in(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };
	int leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && leap ? 29 : days[m - 1];
}

/* ".123" and the like, of any length; milliseconds, the rest cut off. */
static int
take_fraction(const char **s, int *ms)
{
	int scale = 100;

	*ms = 0;
	if (take_chr(s, '.') == -1)
		return 0;
	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
		*ms += (**s - '0') * scale;
	return 0;
}

int
clock_parse(const char *s, int64_t *wall_ms)
{
	int y, mo, d, h, mi, sec, ms;

	if (take(&s, 4, &y) == -1 || take_chr(&s, '-') == -1 ||
	    take(&s, 2, &mo) == -1 || take_chr(&s, '-') == -1 ||
	    take(&s, 2, &d) == -1 || take_chr(&s, 'T') == -1 ||
	    take(&s, 2, &h) == -1 || take_chr(&s, ':') == -1 ||
	    take(&s, 2, &mi) == -1 || take_chr(&s, ':') == -1 ||
	    take(&s, 2, &sec) == -1 || take_fraction(&s, &ms) == -1 ||
	    strcmp(s, "Z") != 0)
		goto bad;
	if (y < 1 || mo < 1 || mo > 12 || d < 1 || d > days_in(y, mo) ||
	    h > 23 || mi > 59 || sec > 60)
		goto bad;
	*wall_ms = (((days_from_civil(y, mo, d) * 24 + h) * 60 + mi) * 60 +
	    sec) * 1000 + ms;
	return 0;
bad:
	errno = EINVAL;
	return -1;
}
