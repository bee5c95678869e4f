/*
 * copy.h -- bytes that nobody changes and several hold.
 */
#ifndef SERVE_COPY_H
#define SERVE_COPY_H

#include <stdatomic.h>
#include <stddef.h>

struct copy {
	atomic_int refs;
	size_t n;
	char bytes[];
};

/* With one reference, the caller's.  NULL with errno ENOMEM. */
struct copy *copy_new(const void *bytes, size_t n);

/* One more; returns c. */
struct copy *copy_ref(struct copy *c);

/* One less, of a struct copy (NULL: nothing); the last one frees it. */
void copy_unref(void *c);

#endif
