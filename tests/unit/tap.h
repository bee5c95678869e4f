/*
 * tap.h -- what the unit tests share: TAP lines on standard output.
 *
 * Each check prints one line and counts; main() ends with
 * "return tap_done();".  A string that differs is shown.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TAP_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Of the one program that includes this. */
static int tap_checks, tap_failed;

/* The start of one line. */
static inline void
tap_begin(int pass)
{
	printf("%sok %d - ", pass ? "" : "not ", ++tap_checks);
	tap_failed += !pass;
}

/* Its end; flushed, so that a crash shows where it was. */
static inline void
tap_end(void)
{
	putchar('\n');
	fflush(stdout);
}

/* One check; the format is its description.  Returns pass. */
static inline int __attribute__((__format__(__printf__, 2, 3)))
tap_ok(int pass, const char *fmt, ...)
{
	va_list ap;

	tap_begin(pass);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	tap_end();
	return pass;
}

/* Are two strings equal?  NULL equals NULL only. */
static inline int
tap_str(const char *got, const char *want, const char *descr)
{
	int same = got == NULL || want == NULL ? got == want :
	    strcmp(got, want) == 0;

	tap_begin(same);
	fputs(descr, stdout);
	tap_end();
	if (!same)
		printf("#  got: %.400s\n# want: %.400s\n",
		    got != NULL ? got : "(null)",
		    want != NULL ? want : "(null)");
	return same;
}

static inline int
tap_int(int64_t got, int64_t want, const char *descr)
{
	tap_begin(got == want);
	fputs(descr, stdout);
	tap_end();
	if (got != want)
		printf("#  got: %lld\n# want: %lld\n", (long long)got,
		    (long long)want);
	return got == want;
}

static inline void
tap_skip(const char *descr, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_checks, descr, reason);
}

static inline int
tap_done(void)
{
	printf("1..%d\n", tap_checks);
	return tap_failed != 0;
}

#endif
