/*
 * span.h -- ranges of keys: "day=2026-11-01..2026-11-30", "page=1..20".
 *
 * A word is a member with one value, or from one date, or whole number of
 * 0 and up, to another one of the same kind.
 */
#ifndef SPAN_H
#define SPAN_H

#include "record/part.h"

struct span_member {
	char name[64];
	char value[LIMIT_PART_VALUE_BYTES];	/* if it is no range */
	int is_range, is_date;
	int width;		/* digits, if they begin with 0; else 0 */
	int64_t first, last;	/* days since 1970, or numbers */
};

struct span {
	size_t n;
	struct span_member m[LIMIT_PART_MEMBERS];
};

/* Add a word.  Returns 0, or -1 with errno EINVAL (no such word, or the
 * range is empty) or E2BIG. */
int span_add(struct span *s, const char *word);

/* The member of that name, or NULL. */
const struct span_member *span_find(const struct span *s, const char *name);

/* Does the member take this value? */
int span_has(const struct span_member *m, const char *value);

/* How many keys: the ranges' sizes multiplied, at most INT64_MAX. */
int64_t span_size(const struct span *s);

/*
 * Put the i-th (from 0, below span_size()) combination of the ranges, and
 * the single values, into those members of key that the span has.
 */
void span_put(const struct span *s, int64_t i, struct part *key);

#endif
