#include "store/span.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "store/pick.h"

#define DAY_MS 86400000

/* One end of a range.  Returns 0, or -1. */
static int
read_end(const char *text, int *is_date, int64_t *out)
{
	*is_date = 1;
	if ((*out = pick_day(text)) != -1)
		return 0;
	*is_date = 0;
	return num_parse(text, 0, INT64_MAX / 2, out);
}

/* Is the value of m a range, then take it.  Returns 0, or -1 with errno. */
static int
read_range(struct span_member *m)
{
	char *dots = strstr(m->value, "..");
	int date;

	if (dots == NULL)
		return 0;
	*dots = '\0';
	m->is_range = 1;
	m->width = m->value[0] == '0' ? (int)strlen(m->value) : 0;
	if (read_end(m->value, &m->is_date, &m->first) == -1 ||
	    read_end(dots + 2, &date, &m->last) == -1 ||
	    date != m->is_date || m->first > m->last) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

int
span_add(struct span *s, const char *word)
{
	const char *eq = strchr(word, '=');
	struct span_member *m = &s->m[s->n];
	size_t n = eq != NULL ? (size_t)(eq - word) : 0;

	if (n == 0 || eq[1] == '\0') {
		errno = EINVAL;
		return -1;
	}
	if (s->n == LIMIT_PART_MEMBERS || n >= sizeof(m->name) ||
	    strlen(eq + 1) >= sizeof(m->value)) {
		errno = E2BIG;
		return -1;
	}
	*m = (struct span_member){ .is_range = 0 };
	memcpy(m->name, word, n);
	snprintf(m->value, sizeof(m->value), "%s", eq + 1);
	if (span_find(s, m->name) != NULL) {
		errno = EINVAL;
		return -1;
	}
	if (read_range(m) == -1)
		return -1;
	s->n++;
	return 0;
}

const struct span_member *
span_find(const struct span *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->m[i].name, name) == 0)
			return &s->m[i];
	return NULL;
}

static void
format(const struct span_member *m, int64_t at, char *value, size_t size)
{
	char day[CLOCK_TEXT];

	if (m->is_date) {
		clock_format(at * DAY_MS, day);
		snprintf(value, size, "%.10s", day);
	} else {
		snprintf(value, size, "%0*lld", m->width, (long long)at);
	}
}

int
span_has(const struct span_member *m, const char *value)
{
	char text[LIMIT_PART_VALUE_BYTES];
	int64_t at;
	int date;

	if (!m->is_range)
		return strcmp(m->value, value) == 0;
	if (read_end(value, &date, &at) == -1 || date != m->is_date ||
	    at < m->first || at > m->last)
		return 0;
	format(m, at, text, sizeof(text));
	return strcmp(text, value) == 0;
}

int64_t
span_size(const struct span *s)
{
	int64_t n = 1;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->m[i].is_range && __builtin_mul_overflow(n,
		    s->m[i].last - s->m[i].first + 1, &n))
			return INT64_MAX;
	return n;
}

void
span_put(const struct span *s, int64_t i, struct part *key)
{
	const struct span_member *m;
	int64_t size;
	size_t j;

	for (j = key->n; j-- > 0; ) {
		if ((m = span_find(s, key->m[j].name)) == NULL)
			continue;
		if (m->is_range) {
			size = m->last - m->first + 1;
			format(m, m->first + i % size, key->m[j].value,
			    sizeof(key->m[j].value));
			i /= size;
		} else {
			snprintf(key->m[j].value, sizeof(key->m[j].value),
			    "%s", m->value);
		}
	}
}
