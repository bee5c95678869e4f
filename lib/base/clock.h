/*
 * clock.h -- instants as milliseconds, and their text form.
 *
 * Library code takes the time as an argument; only tools read the clock.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Bytes of "2026-11-20T22:31:14.123Z" with its '\0'. */
#define CLOCK_TEXT 25

/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ms(void);

/* Milliseconds of a clock that is never set; for durations only. */
int64_t clock_mono_ms(void);

/* The same in microseconds. */
int64_t clock_mono_us(void);

/*
 * RFC 3339 in UTC with milliseconds and Z.  Instants outside the years
 * 0001 to 9999 are shown as the first or last one within.
 */
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT]);

/* The present instant in that form. */
void clock_now(char out[CLOCK_TEXT]);

/*
 * Parse RFC 3339 with Z, with or without a fraction of a second (cut to
 * milliseconds), years 0001 to 9999; the date must exist.
 * Returns 0, or -1 with errno EINVAL and *wall_ms untouched.
 */
int clock_parse(const char *s, int64_t *wall_ms);

#endif
