#include "scope.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS ", \t\n"

int
scope_init(struct scope *s, yyjson_val *soc, struct buf *why)
{
	memset(s, 0, sizeof(*s));
	s->terms = yyjson_obj_get(soc, "terms");
	s->campuses = yyjson_obj_get(soc, "campuses");
	if (!yyjson_is_obj(s->terms) || yyjson_obj_size(s->terms) == 0) {
		buf_str(why, "soc.terms: no terms are declared");
		return -1;
	}
	if (!yyjson_is_obj(s->campuses)) {
		buf_str(why, "soc.campuses: no campuses are declared");
		return -1;
	}
	return 0;
}

/* The next word of *list, as long as *n says; NULL after the last. */
static const char *
next_word(const char **list, size_t *n)
{
	const char *word = *list + strspn(*list, SEPARATORS);

	*n = strcspn(word, SEPARATORS);
	*list = word + *n;
	return *n > 0 ? word : NULL;
}

/* --- terms --------------------------------------------------------------- */

/* Four digits of this century or the one before: so no five digits can be
 * read both ways, the year first and the term first. */
static int
is_year(const char *s)
{
	return (strncmp(s, "19", 2) == 0 || strncmp(s, "20", 2) == 0) &&
	    isdigit((unsigned char)s[2]) && isdigit((unsigned char)s[3]);
}

/* Take year and digit if there is such a term. */
static int
take_term(const struct scope *s, const char *year, char digit,
    struct term *t)
{
	const char name[2] = { digit, '\0' };

	t->season = yyjson_get_str(yyjson_obj_get(s->terms, name));
	if (t->season == NULL || !is_year(year))
		return 0;
	memcpy(t->year, year, 4);
	t->year[4] = '\0';
	memcpy(t->digit, name, 2);
	memcpy(t->code, year, 4);
	t->code[4] = digit;
	t->code[5] = '\0';
	return 1;
}

/* "SP2026": the first two letters of the season. */
static int
take_season(const struct scope *s, const char *word, struct term *t)
{
	yyjson_val *key, *value;
	size_t i, max;

	yyjson_obj_foreach(s->terms, i, max, key, value)
		if (yyjson_get_len(value) >= 2 &&
		    strncasecmp(word, yyjson_get_str(value), 2) == 0)
			return take_term(s, word + 2,
			    yyjson_get_str(key)[0], t);
	return 0;
}

static int
read_term(const struct scope *s, const char *word, size_t n, struct term *t)
{
	if (n >= sizeof(t->word))
		return 0;
	memcpy(t->word, word, n);
	t->word[n] = '\0';
	if (n == 5)
		return take_term(s, word, word[4], t) ||
		    take_term(s, word + 1, word[0], t);
	if (n == 6 && word[4] == '-')
		return take_term(s, word, word[5], t);
	return n == 6 && take_season(s, word, t);
}

static void
explain_terms(const struct scope *s, const char *word, size_t n,
    struct buf *why)
{
	yyjson_val *key, *value;
	size_t i, max;

	buf_printf(why, "%.*s: no such term; valid is a year with",
	    n > 40 ? 40 : (int)n, word);
	yyjson_obj_foreach(s->terms, i, max, key, value)
		buf_printf(why, "%s %s %s", i > 0 ? "," : "",
		    yyjson_get_str(key), yyjson_get_str(value));
	buf_str(why, ", written 20261, 2026-1, 12026 or SP2026");
}

static int
has_term(const struct scope *s, const struct term *t)
{
	size_t i;

	for (i = 0; i < s->n_terms; i++)
		if (strcmp(s->term[i].code, t->code) == 0)
			return 1;
	return 0;
}

int
scope_add_terms(struct scope *s, const char *list, struct buf *why)
{
	struct term t;
	const char *word;
	size_t n;

	while ((word = next_word(&list, &n)) != NULL) {
		if (!read_term(s, word, n, &t)) {
			explain_terms(s, word, n, why);
			return -1;
		}
		if (has_term(s, &t))
			continue;
		if (s->n_terms == SCOPE_TERMS_MAX) {
			buf_str(why, "too many terms");
			return -1;
		}
		s->term[s->n_terms++] = t;
	}
	if (s->n_terms == 0)
		buf_str(why, "name a term, for example 20261");
	return s->n_terms > 0 ? 0 : -1;
}

/* --- campuses ------------------------------------------------------------ */

static int
is_enabled(yyjson_val *campus)
{
	return yyjson_is_true(yyjson_obj_get(campus, "enabled"));
}

void
scope_list(const struct scope *s, int enabled, struct buf *b)
{
	yyjson_val *key, *value;
	const char *comma = "";
	size_t i, max;

	yyjson_obj_foreach(s->campuses, i, max, key, value)
		if (is_enabled(value) == enabled) {
			buf_printf(b, "%s%s", comma, yyjson_get_str(key));
			comma = ", ";
		}
}

static int
take_campus(struct scope *s, const char *code, struct buf *why)
{
	size_t i;

	for (i = 0; i < s->n_campuses; i++)
		if (strcmp(s->campus[i], code) == 0)
			return 0;
	if (s->n_campuses == SCOPE_CAMPUSES_MAX) {
		buf_str(why, "too many campuses");
		return -1;
	}
	s->campus[s->n_campuses++] = code;
	return 0;
}

static int
take_enabled(struct scope *s, struct buf *why)
{
	yyjson_val *key, *value;
	size_t i, max;

	yyjson_obj_foreach(s->campuses, i, max, key, value)
		if (is_enabled(value) &&
		    take_campus(s, yyjson_get_str(key), why) == -1)
			return -1;
	if (s->n_campuses == 0)
		buf_str(why, "no campus is enabled");
	return s->n_campuses > 0 ? 0 : -1;
}

/* One campus that was named; its code is the declaration's own text. */
static int
take_named(struct scope *s, const char *word, size_t n, struct buf *why)
{
	yyjson_val *key, *value;
	size_t i, max;

	yyjson_obj_foreach(s->campuses, i, max, key, value) {
		if (!yyjson_equals_strn(key, word, n))
			continue;
		if (is_enabled(value))
			return take_campus(s, yyjson_get_str(key), why);
		buf_printf(why, "%s: not enabled in the declaration; valid: ",
		    yyjson_get_str(key));
		scope_list(s, 1, why);
		return -1;
	}
	buf_printf(why, "%.*s: no such campus; valid: ",
	    n > 40 ? 40 : (int)n, word);
	scope_list(s, 1, why);
	return -1;
}

int
scope_add_campuses(struct scope *s, const char *list, struct buf *why)
{
	const char *word;
	size_t n;

	if (list == NULL || list[strspn(list, SEPARATORS)] == '\0')
		return take_enabled(s, why);
	while ((word = next_word(&list, &n)) != NULL)
		if (take_named(s, word, n, why) == -1)
			return -1;
	return 0;
}
