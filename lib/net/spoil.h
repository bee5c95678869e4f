/*
 * spoil.h -- make a wrong answer of a right one, as a fault says.
 *
 * What comes out is a sound text with other content: the same input and
 * fault give the same bytes, so a sick server says the same thing twice.
 */
#ifndef SPOIL_H
#define SPOIL_H

#include "base/buf.h"
#include "net/faultscript.h"

/* Is f one of those that spoil_text() makes? */
int spoil_is_text(const struct fault *f);

/*
 * Append to out what f makes of the n bytes of JSON at text:
 *
 *	empty		[]
 *	half		share percent of an array's elements, evenly spread
 *	truncated	the first share percent of the bytes
 *	utf8		one letter or digit in the middle is Latin-1's byte F3
 *
 * Returns 0, or -1 with errno: EINVAL when half of it is asked for and it
 * is no array, else that of the buffer.
 */
int spoil_text(const struct fault *f, const char *text, size_t n,
    struct buf *out);

#endif
