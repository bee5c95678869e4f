/*
 * num.h -- decimal integers from the command line and from records.
 */
#ifndef NUM_H
#define NUM_H

#include <stdint.h>

/*
 * Parse all of s as a decimal number between min and max inclusive.
 * Returns 0 and sets *out, or -1 with errno EINVAL (syntax) or ERANGE,
 * leaving *out alone.
 */
int num_parse(const char *s, int64_t min, int64_t max, int64_t *out);

#endif
