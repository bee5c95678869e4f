#include "text/robots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Paths and patterns are compared in one form: unreserved characters as
 * they are, anything else as %XX, whichever way it was written.  Left
 * alone are the characters that part a path or a query, which mean
 * something else when encoded; and in a pattern '*', and '$' at its end.
 */
#define PARTS "/?&="

/* A '/' in a query, which may be written %2F and is the same. */
#define QUERY_SLASH '\001'

/* Comparisons for one decision: 100 times what the longest honest files
 * take, and a tenth of a second. */
#define STEPS_MAX ((int64_t)1 << 25)

/* --- one form ------------------------------------------------------------ */

static int
is_alpha(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
is_unreserved(unsigned char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-._~", c) != NULL);
}

static int
hex(char c)
{
	const char *digits = "0123456789abcdef", *d;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	d = c != '\0' ? strchr(digits, c) : NULL;
	return d != NULL ? (int)(d - digits) : -1;
}

/* The octet that n bytes at s begin with, %XX decoded, and its length. */
static unsigned char
octet(const char *s, size_t n, size_t *len)
{
	*len = 1;
	if (s[0] != '%' || n < 3 || hex(s[1]) == -1 || hex(s[2]) == -1)
		return (unsigned char)s[0];
	*len = 3;
	return (unsigned char)(hex(s[1]) << 4 | hex(s[2]));
}

static int
add_octet(struct buf *b, unsigned char c)
{
	return is_unreserved(c) ? buf_chr(b, (char)c) :
	    buf_printf(b, "%%%02X", c);
}

/* Append a pattern.  Returns 0, or -1 with errno. */
static int
add_pattern(struct buf *b, const char *s, size_t n)
{
	size_t i, len;
	unsigned char c;
	int r;

	for (i = 0; i < n; i += len) {
		c = octet(s + i, n - i, &len);
		if (len == 1 && c != '\0' && (strchr(PARTS "*", c) != NULL ||
		    (c == '$' && i + 1 == n)))
			r = buf_chr(b, (char)c);
		else
			r = add_octet(b, c);
		if (r == -1)
			return -1;
	}
	return 0;
}

/* Append path and query without the fragment. */
static int
add_target(struct buf *b, const char *s)
{
	size_t n = strcspn(s, "#"), i, len;
	int query = 0, r;
	unsigned char c;

	if ((n == 0 || s[0] != '/') && buf_chr(b, '/') == -1)
		return -1;
	for (i = 0; i < n; i += len) {
		c = octet(s + i, n - i, &len);
		if (query && c == '/')
			r = buf_chr(b, QUERY_SLASH);
		else if (len == 1 && strchr(PARTS, c) != NULL)
			r = buf_chr(b, (char)c);
		else
			r = add_octet(b, c);
		if (r == -1)
			return -1;
		query |= len == 1 && c == '?';
	}
	return 0;
}

/* --- matching ------------------------------------------------------------ */

/*
 * Does the text of t begin with the characters of p up to a '*' or the
 * end of p?  Returns how far t went, or -1.
 */
static ptrdiff_t
match_run(const char *p, size_t n, const char *t, int64_t *steps)
{
	const char *start = t, *end = p + n;

	while (p < end) {
		--*steps;
		if (*t == QUERY_SLASH && strncmp(p, "%2F", 3) == 0)
			p += 2;
		else if (*p != *t && !(*p == '/' && *t == QUERY_SLASH))
			return -1;
		p++;
		t++;
	}
	return t - start;
}

/* Does p, without '*' and to the end of the text, match the end of t? */
static int
match_end(const char *p, size_t n, const char *t, int64_t *steps)
{
	ptrdiff_t went;

	for (; *steps > 0; t++) {
		went = match_run(p, n, t, steps);
		if (went != -1 && t[went] == '\0')
			return 1;
		if (*t == '\0')
			return 0;
	}
	return 0;
}

/*
 * Does the pattern match t?  Each run of characters between two '*' is
 * looked for as early as it comes, which is right whatever follows.
 */
static int
match(const char *p, const char *t, int64_t *steps)
{
	size_t len = strlen(p), n;
	int anchored = len > 0 && p[len - 1] == '$', first = 1;
	const char *end = p + len - anchored;
	ptrdiff_t went;

	for (;; first = 0) {
		n = (size_t)(end - p);
		if (memchr(p, '*', n) != NULL)
			n = strcspn(p, "*");
		if (p + n == end && anchored && !first)
			return match_end(p, n, t, steps);
		while ((went = match_run(p, n, t, steps)) == -1)
			if (first || *t++ == '\0' || *steps <= 0)
				return 0;
		t += went;
		p += n;
		if (p == end)
			return !anchored || *t == '\0';
		p++;
	}
}

int
robots_allows(const struct robots *r, const char *target)
{
	int64_t steps = STEPS_MAX;
	struct buf t;
	size_t i;
	int yes = 0;

	buf_init(&t, SIZE_MAX / 2);
	if (add_target(&t, target) == -1)
		goto out;
	yes = 1;
	if (strcmp(t.data, "/robots.txt") == 0)
		goto out;
	for (i = 0; i < r->n && steps > 0; i++) {
		if (match(r->text.data + r->rules[i].pattern, t.data,
		    &steps)) {
			yes = r->rules[i].allow;
			break;
		}
	}
	if (steps <= 0)
		yes = 0;
out:
	buf_release(&t);
	return yes;
}

/* --- parsing ------------------------------------------------------------- */

/* Where the reading of the file is. */
struct reading {
	struct robots mine, everyone;	/* rules for us, for "*" */
	const char *agent;
	int named;		/* some group names us */
	int for_me, for_all;	/* the open group is for us, for "*" */
	int rules;		/* it has rules: an agent begins another */
};

struct slice {
	const char *s;
	size_t n;
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
trim(const char *s, size_t n)
{
	while (n > 0 && is_blank(s[0]))
		s++, n--;
	while (n > 0 && is_blank(s[n - 1]))
		n--;
	return (struct slice){ s, n };
}

static int
is_word(struct slice v, const char *word)
{
	return v.n == strlen(word) && strncasecmp(v.s, word, v.n) == 0;
}

/* A product token is letters, '_' and '-'; a version may follow it. */
static struct slice
product(struct slice v)
{
	size_t n = 0;

	while (n < v.n && (is_alpha((unsigned char)v.s[n]) ||
	    v.s[n] == '_' || v.s[n] == '-'))
		n++;
	return (struct slice){ v.s, n };
}

static void
take_agent(struct reading *g, struct slice v)
{
	if (g->rules)
		g->rules = g->for_me = g->for_all = 0;
	if (v.n > 0 && v.s[0] == '*' && (v.n == 1 || is_blank(v.s[1])))
		g->for_all = 1;
	else if (is_word(product(v), g->agent))
		g->for_me = g->named = 1;
}

static int
add_rule(struct robots *r, struct slice v, int allow)
{
	struct robots_rule *more;
	size_t start = r->text.len;

	if (r->n == r->cap) {
		more = realloc(r->rules, (r->cap * 2 + 16) * sizeof(*more));
		if (more == NULL)
			return -1;
		r->rules = more;
		r->cap = r->cap * 2 + 16;
	}
	if (add_pattern(&r->text, v.s, v.n) == -1)
		return -1;
	r->rules[r->n++] = (struct robots_rule){ start,
	    r->text.len - start, allow };
	return buf_chr(&r->text, '\0');
}

static int
take_rule(struct reading *g, struct slice v, int allow)
{
	g->rules = 1;
	if (v.n == 0)
		return 0;	/* an empty rule matches nothing */
	if (g->for_me && add_rule(&g->mine, v, allow) == -1)
		return -1;
	if (g->for_all && add_rule(&g->everyone, v, allow) == -1)
		return -1;
	return 0;
}

/* "5" or "0.5" seconds as ms; -1 if it is neither. */
static int64_t
delay(struct slice v)
{
	int64_t ms = 0, unit = 1000;
	size_t i;

	for (i = 0; i < v.n && v.s[i] >= '0' && v.s[i] <= '9'; i++)
		if (ms < ROBOTS_DELAY_MAX)
			ms = ms * 10 + (v.s[i] - '0') * unit;
	if (i == 0)
		return -1;
	if (i < v.n && v.s[i] == '.')
		for (i++; i < v.n && v.s[i] >= '0' && v.s[i] <= '9'; i++)
			ms += (v.s[i] - '0') * (unit /= 10);
	if (i < v.n)
		return -1;
	return ms < ROBOTS_DELAY_MAX ? ms : ROBOTS_DELAY_MAX;
}

static void
take_delay(struct reading *g, struct slice v)
{
	int64_t ms = delay(v);

	if (g->for_me && ms > g->mine.delay_ms)
		g->mine.delay_ms = ms;
	if (g->for_all && ms > g->everyone.delay_ms)
		g->everyone.delay_ms = ms;
}

static int
take_line(struct reading *g, const char *s, size_t n)
{
	const char *end = memchr(s, '#', n), *colon;
	struct slice key, value;

	if (end != NULL)
		n = (size_t)(end - s);
	if ((colon = memchr(s, ':', n)) == NULL)
		return 0;
	key = trim(s, (size_t)(colon - s));
	value = trim(colon + 1, n - (size_t)(colon + 1 - s));
	if (is_word(key, "user-agent"))
		take_agent(g, value);
	else if (is_word(key, "allow") || is_word(key, "disallow"))
		return take_rule(g, value, is_word(key, "allow"));
	else if (is_word(key, "crawl-delay"))
		take_delay(g, value);
	return 0;
}

/* What is left of n bytes without a line that was cut at the limit. */
static size_t
whole_lines(const char *bytes, size_t n)
{
	if (n <= ROBOTS_BYTES)
		return n;
	n = ROBOTS_BYTES;
	while (n > 0 && bytes[n] != '\n' && bytes[n] != '\r')
		n--;
	return n;
}

static int
take_lines(struct reading *g, const char *bytes, size_t n)
{
	size_t i, start = 0;

	n = whole_lines(bytes, n);
	if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		start = 3;
	for (i = start; i <= n; i++) {
		if (i < n && bytes[i] != '\n' && bytes[i] != '\r')
			continue;
		if (take_line(g, bytes + start, i - start) == -1)
			return -1;
		start = i + 1;
	}
	return 0;
}

static int
heavier(const void *va, const void *vb)
{
	const struct robots_rule *a = va, *b = vb;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return b->allow - a->allow;
}

int
robots_parse(struct robots *r, const char *bytes, size_t n,
    const char *agent)
{
	struct reading g = { .agent = agent };
	int failed;

	g.mine.delay_ms = g.everyone.delay_ms = -1;
	/* An octet takes three at most, and each rule has a '\0'. */
	buf_init(&g.mine.text, 4 * ROBOTS_BYTES);
	buf_init(&g.everyone.text, 4 * ROBOTS_BYTES);
	failed = take_lines(&g, bytes, n) == -1;
	*r = g.named ? g.mine : g.everyone;
	robots_release(g.named ? &g.everyone : &g.mine);
	if (failed) {
		robots_release(r);
		errno = ENOMEM;
		return -1;
	}
	if (r->n > 1)
		qsort(r->rules, r->n, sizeof(*r->rules), heavier);
	return 0;
}

void
robots_release(struct robots *r)
{
	buf_release(&r->text);
	free(r->rules);
	r->rules = NULL;
	r->n = r->cap = 0;
}
