#include "base/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536	/* a typical record fits in one */

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

void
arena_init(struct arena *a)
{
	a->first = a->now = NULL;
}

void
arena_release(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->first; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	arena_init(a);
}

void
arena_clear(struct arena *a)
{
	struct arena_block *b;

	for (b = a->first; b != NULL; b = b->next)
		b->used = 0;
	a->now = a->first;
}

static struct arena_block *
block_add(struct arena *a, size_t n)
{
	size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
	struct arena_block *b;

	if (size > SIZE_MAX - sizeof(*b) ||
	    (b = malloc(sizeof(*b) + size)) == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	b->used = 0;
	b->size = size;
	if (a->now == NULL) {
		b->next = a->first;
		a->first = b;
	} else {
		b->next = a->now->next;
		a->now->next = b;
	}
	return a->now = b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b;
	void *p;

	if (n > SIZE_MAX - align) {
		errno = ENOMEM;
		return NULL;
	}
	n = (n + align - 1) / align * align;
	for (b = a->now; b != NULL && b->size - b->used < n; b = b->next)
		continue;
	if (b == NULL && (b = block_add(a, n)) == NULL)
		return NULL;
	a->now = b;
	p = b->bytes + b->used;
	b->used += n;
	return p;
}

void *
arena_calloc(struct arena *a, size_t n, size_t size)
{
	void *p;

	if (size != 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	if ((p = arena_alloc(a, n * size)) != NULL)
		memset(p, 0, n * size);
	return p;
}

char *
arena_memdup(struct arena *a, const char *s, size_t n)
{
	/* n + 1 may be 0: arena_alloc() refuses SIZE_MAX. */
	char *p = arena_alloc(a, n == SIZE_MAX ? n : n + 1);

	if (p == NULL)
		return NULL;
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s));
}
