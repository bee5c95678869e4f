#include "store/fit.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "store/extra.h"

#define EXACT ((int64_t)1 << 53)	/* every integer up to here */

int
fit_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
trim(const char **s, size_t *n)
{
	while (*n > 0 && fit_blank((*s)[*n - 1]))
		--*n;
	while (*n > 0 && fit_blank(**s)) {
		++*s;
		--*n;
	}
}

static enum fit
fit_text(const struct decl_column *c, const char *s, size_t n,
    struct cell *out)
{
	size_t i;

	if (memchr(s, '\0', n) != NULL ||
	    (c->key_index != -1 && n > LIMIT_KEY_BYTES))
		return FIT_WRONG;
	*out = cell_text(s, n);
	for (i = 0; i < c->n_values; i++)
		if (strncmp(c->values[i].from, s, n) == 0 &&
		    c->values[i].from[n] == '\0') {
			*out = cell_text(c->values[i].to,
			    strlen(c->values[i].to));
			return FIT_MAPPED;
		}
	return FIT_OK;
}

/* "HHMM" as minutes from 0000. */
static enum fit
fit_minutes(const char *s, size_t n, struct cell *out)
{
	int hours, minutes;
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return FIT_BAD_TIME;
	if (n != 4)
		return FIT_BAD_TIME;
	hours = (s[0] - '0') * 10 + s[1] - '0';
	minutes = (s[2] - '0') * 10 + s[3] - '0';
	if (hours > 23 || minutes > 59)
		return FIT_BAD_TIME;
	out->type = CELL_INTEGER;
	out->u.integer = hours * 60 + minutes;
	return FIT_OK;
}

/*
 * An integer as text, which APIs send for what JavaScript would round: as
 * it would be written, so that it can be told from what it was made of.
 */
static enum fit
fit_digits(const char *s, size_t n, struct cell *out)
{
	char text[24], again[24];
	int64_t i;

	if (n >= sizeof(text))
		return FIT_WRONG;
	memcpy(text, s, n);
	text[n] = '\0';
	if (num_parse(text, -EXACT, EXACT, &i) == -1)
		return FIT_WRONG;
	snprintf(again, sizeof(again), "%lld", (long long)i);
	if (strcmp(again, text) != 0)
		return FIT_WRONG;
	out->type = CELL_INTEGER;
	out->u.integer = i;
	return FIT_OK;
}

static enum fit
fit_string(const struct decl_column *c, yyjson_val *v, struct cell *out)
{
	const char *s = yyjson_get_str(v);
	size_t n = yyjson_get_len(v);

	if (c->trim)
		trim(&s, &n);
	if (n == 0)
		return FIT_BLANK;
	switch (c->type) {
	case DECL_TEXT:
		return fit_text(c, s, n, out);
	case DECL_MINUTES:
		return fit_minutes(s, n, out);
	case DECL_DIGITS:
		return fit_digits(s, n, out);
	default:
		return FIT_WRONG;
	}
}

/* Is v a whole number within +-2^53, whatever its form?  Then *i is it. */
static int
whole(yyjson_val *v, int64_t *i)
{
	double real = yyjson_get_num(v);

	if (real > (double)EXACT || real < (double)-EXACT)
		return 0;
	*i = yyjson_is_real(v) ? (int64_t)real : yyjson_get_sint(v);
	return *i <= EXACT && *i >= -EXACT && (double)*i == real;
}

static enum fit
fit_number(const struct decl_column *c, yyjson_val *v, struct cell *out)
{
	int64_t i = 0;
	int is_whole = whole(v, &i);

	if ((c->type == DECL_INTEGER || c->type == DECL_DIGITS) && is_whole) {
		out->type = CELL_INTEGER;
		out->u.integer = i;
		return FIT_OK;
	}
	if (c->type == DECL_REAL && (is_whole || yyjson_is_real(v))) {
		out->type = CELL_REAL;
		out->u.real = yyjson_get_num(v);
		return FIT_OK;
	}
	return FIT_WRONG;
}

enum fit
fit_value(const struct decl_column *c, yyjson_val *v, struct arena *a,
    struct cell *out)
{
	enum fit r = FIT_WRONG;

	out->type = CELL_NULL;
	if (yyjson_is_null(v))
		return FIT_BLANK;
	if (c->type == DECL_JSON)
		return extra_canonical(a, v, out) == 0 ? FIT_OK : FIT_MEMORY;
	if (yyjson_is_str(v))
		r = fit_string(c, v, out);
	else if (yyjson_is_num(v))
		r = fit_number(c, v, out);
	else if (yyjson_is_bool(v) && c->type == DECL_BOOLEAN) {
		out->type = CELL_INTEGER;
		out->u.integer = yyjson_get_bool(v);
		r = FIT_OK;
	}
	if (r != FIT_OK && r != FIT_MAPPED)
		out->type = CELL_NULL;
	return r;
}
