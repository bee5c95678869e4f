#include "record/split.h"

#include <errno.h>

enum state {
	BEFORE,			/* white space, then '[' */
	FIRST,			/* an element, or ']' at once */
	NEXT,			/* an element must follow the comma */
	INSIDE,			/* an element */
	AFTER			/* white space to the end */
};

/* What a byte can mean to the splitter. */
#define SPACE 1
#define STRUCTURE 2		/* outside strings */
#define STRING_END 4		/* or an escape, inside strings */

static const unsigned char class[256] = {
	[' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE,
	['['] = STRUCTURE, [']'] = STRUCTURE, ['{'] = STRUCTURE,
	['}'] = STRUCTURE, [','] = STRUCTURE,
	['"'] = STRUCTURE | STRING_END, ['\\'] = STRING_END
};

/* How a stretch of an element ended. */
enum stretch {
	MORE,			/* the bytes are used up */
	DONE,			/* at the ',' or ']' after the element */
	CROSSED,		/* at a bracket that closes nothing open */
	DEEP			/* at a bracket too many */
};

void
split_init(struct split *s, size_t max_element, split_fn fn, void *arg)
{
	*s = (struct split){ .fn = fn, .arg = arg, .state = BEFORE };
	buf_init(&s->element, max_element + SPLIT_PADDING);
}

void
split_release(struct split *s)
{
	buf_release(&s->element);
}

static int
is(const char *p, int kind)
{
	return (class[(unsigned char)*p] & kind) != 0;
}

/* Go through string bytes from p; returns where it stopped. */
static const char *
scan_string(struct split *s, const char *p, const char *end)
{
	if (s->escaped) {
		s->escaped = 0;
		return p + 1;
	}
	while (p < end && !is(p, STRING_END))
		p++;
	if (p == end)
		return p;
	if (*p == '"')
		s->in_string = 0;
	else
		s->escaped = 1;
	return p + 1;
}

/* Take the structural byte c of an element. */
static enum stretch
take_structure(struct split *s, char c)
{
	switch (c) {
	case '"':
		s->in_string = 1;
		return MORE;
	case ',':
		return s->depth == 0 ? DONE : MORE;
	case '[':
	case '{':
		if (s->depth == LIMIT_JSON_DEPTH)
			return DEEP;
		s->kinds[s->depth++] = c;
		return MORE;
	default:
		if (s->depth == 0)
			return c == ']' ? DONE : CROSSED;
		s->depth--;
		return (s->kinds[s->depth] == '[') == (c == ']') ? MORE :
		    CROSSED;
	}
}

/* Go through an element from *p, which moves to where it stopped. */
static enum stretch
scan_element(struct split *s, const char **p, const char *end)
{
	const char *q = *p;
	enum stretch r = MORE;

	while (q < end) {
		if (s->in_string) {
			q = scan_string(s, q, end);
			continue;
		}
		while (q < end && !is(q, STRUCTURE))
			q++;
		if (q == end || (r = take_structure(s, *q)) != MORE)
			break;
		q++;
	}
	*p = q;
	return r;
}

/* Hand the collected element on. */
static enum split_result
deliver(struct split *s)
{
	static const char padding[SPLIT_PADDING];
	size_t len = s->element.len;

	if (buf_add(&s->element, padding, sizeof(padding)) == -1)
		return SPLIT_MEMORY;
	if (s->fn(s->element.data, len, s->n, s->arg) != 0)
		return SPLIT_STOPPED;
	buf_clear(&s->element);
	s->n++;
	return SPLIT_OK;
}

/* Collect what *p has of the open element, and deliver it if complete. */
static enum split_result
take_element(struct split *s, const char **p, const char *end)
{
	const char *from = *p;
	enum stretch how = scan_element(s, p, end);
	size_t n = (size_t)(*p - from);

	if (n > s->element.max - SPLIT_PADDING - s->element.len)
		return SPLIT_TOO_BIG;
	if (buf_add(&s->element, from, n) == -1)
		return SPLIT_MEMORY;
	if (how == MORE)
		return SPLIT_OK;
	if (how != DONE)
		return how == DEEP ? SPLIT_TOO_DEEP : SPLIT_SYNTAX;
	s->state = **p == ',' ? NEXT : AFTER;
	++*p;
	return deliver(s);
}

/* Take one byte that belongs to no element; 1 if one begins here. */
static int
take_between(struct split *s, const char *p, enum split_result *r)
{
	if (is(p, SPACE))
		return 0;
	if (s->state == BEFORE) {
		*r = *p == '[' ? SPLIT_OK : SPLIT_NOT_ARRAY;
		s->state = FIRST;
	} else if (s->state == AFTER) {
		*r = SPLIT_TRAILING;
	} else if (*p == ']' && s->state == FIRST) {
		s->state = AFTER;
	} else if (*p == ',' || *p == ']') {
		*r = SPLIT_SYNTAX;
	} else {
		s->state = INSIDE;
		return 1;
	}
	return 0;
}

enum split_result
split_feed(struct split *s, const char *bytes, size_t n)
{
	const char *p = bytes, *end = bytes + n;
	int64_t before = s->offset;
	enum split_result r = SPLIT_OK;

	while (p < end && r == SPLIT_OK) {
		if (s->state == INSIDE)
			r = take_element(s, &p, end);
		else if (take_between(s, p, &r))
			s->start = before + (p - bytes);
		else if (r == SPLIT_OK)
			p++;
	}
	s->offset = before + (p - bytes);
	return r;
}

enum split_result
split_end(struct split *s)
{
	if (s->state == AFTER)
		return SPLIT_OK;
	return s->offset == 0 ? SPLIT_EMPTY : SPLIT_TRUNCATED;
}

const char *
split_text(enum split_result r)
{
	switch (r) {
	case SPLIT_OK:
		return "complete";
	case SPLIT_STOPPED:
		return "stopped";
	case SPLIT_NOT_ARRAY:
		return "not an array";
	case SPLIT_SYNTAX:
		return "misplaced comma or bracket";
	case SPLIT_TOO_BIG:
		return "an element over the size limit";
	case SPLIT_TOO_DEEP:
		return "nested too deeply";
	case SPLIT_TRUNCATED:
		return "ends inside the array";
	case SPLIT_TRAILING:
		return "something after the array";
	case SPLIT_EMPTY:
		return "empty";
	case SPLIT_MEMORY:
		return "out of memory";
	}
	return "unknown";
}
