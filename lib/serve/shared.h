/*
 * shared.h -- bytes that nobody changes and several hold.
 */
#ifndef SERVE_SHARED_H
#define SERVE_SHARED_H

#include <stdatomic.h>
#include <stddef.h>

struct shared {
	atomic_int refs;
	size_t n;
	char bytes[];
};

/* With one reference, the caller's.  NULL with errno ENOMEM. */
struct shared *shared_new(const void *bytes, size_t n);

/* One more; returns c. */
struct shared *shared_ref(struct shared *c);

/* One less, of a struct shared (NULL: nothing); the last one frees it. */
void shared_unref(void *c);

#endif
