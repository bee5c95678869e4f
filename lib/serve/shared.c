#include "serve/shared.h"

#include <stdlib.h>
#include <string.h>

struct shared *
shared_new(const void *bytes, size_t n)
{
	struct shared *c = malloc(sizeof(*c) + n);

	if (c == NULL)
		return NULL;
	atomic_init(&c->refs, 1);
	c->n = n;
	if (n > 0)
		memcpy(c->bytes, bytes, n);
	return c;
}

struct shared *
shared_ref(struct shared *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

void
shared_unref(void *arg)
{
	struct shared *c = arg;

	if (c != NULL && atomic_fetch_sub_explicit(&c->refs, 1,
	    memory_order_acq_rel) == 1)
		free(c);
}
