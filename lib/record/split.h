/*
 * split.h -- cut a JSON array into its elements as bytes arrive.
 *
 * yyjson has no incremental reader; this finds where each element of the
 * top-level array begins and ends, and hands its text on.  Memory is one
 * element, not one file.  The splitter looks at brackets, strings and
 * commas only: the caller parses each element, which is where its inside
 * is validated; everything between elements is validated here.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

/* Bytes of '\0' after an element's text: what yyjson wants in place. */
#define SPLIT_PADDING 4

/*
 * Takes element number n (from 0) as text of len bytes (white space may
 * follow the value), then SPLIT_PADDING bytes of '\0'; it may be changed,
 * it is valid for the call.  Returns 0 to go on; anything else stops.
 */
typedef int (*split_fn)(char *text, size_t len, int64_t n, void *arg);

enum split_result {
	SPLIT_OK = 0,
	SPLIT_STOPPED,		/* the callback said so */
	SPLIT_NOT_ARRAY,	/* the first value is no array */
	SPLIT_SYNTAX,		/* between elements, or brackets crossed */
	SPLIT_TOO_BIG,		/* an element over the maximum */
	SPLIT_TOO_DEEP,		/* nesting over LIMIT_JSON_DEPTH */
	SPLIT_TRUNCATED,	/* input over before the array (end only) */
	SPLIT_TRAILING,		/* something after the array */
	SPLIT_EMPTY,		/* no bytes at all (end only) */
	SPLIT_MEMORY
};

struct split {
	struct buf element;	/* the text so far of the open one */
	split_fn fn;
	void *arg;		/* borrowed */
	int64_t n;		/* elements handed on */
	int64_t offset;		/* bytes consumed; where an error is */
	int64_t start;		/* offset of the element's first byte */
	int state, in_string, escaped, depth;
	char kinds[LIMIT_JSON_DEPTH];	/* open brackets of the element */
};

/* Start; elements have at most max_element bytes. */
void split_init(struct split *s, size_t max_element, split_fn fn, void *arg);
void split_release(struct split *s);

/*
 * Take the next n bytes.  After anything but SPLIT_OK only
 * split_release() may follow; s->offset says where it was.
 */
enum split_result split_feed(struct split *s, const char *bytes, size_t n);

/* Say that the input is over; SPLIT_OK only after a whole array. */
enum split_result split_end(struct split *s);

/* A short text for a result, static. */
const char *split_text(enum split_result r);

#endif
