#include "net/accept.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Does one element, n bytes at s? */
static int
allows_gzip(const char *s, size_t n)
{
	size_t name = strcspn(s, ",; \t");
	const char *q;

	if (!(name == 4 && strncasecmp(s, "gzip", 4) == 0) &&
	    !(name == 1 && *s == '*'))
		return 0;
	for (q = s + name; q + 1 < s + n; q++)
		if ((q[0] == 'q' || q[0] == 'Q') && q[1] == '=')
			return strtod(q + 2, NULL) > 0;
	return 1;
}

int
accept_gzip(const char *header)
{
	const char *s = header;
	size_t n;

	while (s != NULL && *s != '\0') {
		s += strspn(s, ", \t");
		n = strcspn(s, ",");
		if (allows_gzip(s, n))
			return 1;
		s += n;
	}
	return 0;
}
