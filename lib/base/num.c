#include "base/num.h"

#include <errno.h>
#include <inttypes.h>

int
num_parse(const char *s, int64_t min, int64_t max, int64_t *out)
{
	intmax_t value;
	char *end;

	if ((*s < '0' || *s > '9') && *s != '-') {
		errno = EINVAL;		/* strtoimax would skip blanks, '+' */
		return -1;
	}
	errno = 0;
	value = strtoimax(s, &end, 10);
	if (end == s || *end != '\0') {
		errno = EINVAL;
		return -1;
	}
	if (errno == ERANGE || value < min || value > max) {
		errno = ERANGE;
		return -1;
	}
	*out = value;
	return 0;
}
