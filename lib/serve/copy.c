#include "serve/copy.h"

#include <stdlib.h>
#include <string.h>

struct copy *
copy_new(const void *bytes, size_t n)
{
	struct copy *c = malloc(sizeof(*c) + n);

	if (c == NULL)
		return NULL;
	atomic_init(&c->refs, 1);
	c->n = n;
	if (n > 0)
		memcpy(c->bytes, bytes, n);
	return c;
}

struct copy *
copy_ref(struct copy *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

void
copy_unref(void *arg)
{
	struct copy *c = arg;

	if (c != NULL && atomic_fetch_sub_explicit(&c->refs, 1,
	    memory_order_acq_rel) == 1)
		free(c);
}
