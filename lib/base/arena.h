/*
 * arena.h -- many small allocations with one end of life.
 *
 * Memory comes in blocks that arena_clear() keeps, so a loop that clears
 * once per record allocates nothing after its largest record.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *first, *now;	/* owned */
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);

/* Everything handed out so far becomes invalid; the memory is kept. */
void arena_clear(struct arena *a);

/* n bytes aligned for any type, not zeroed; NULL with errno ENOMEM. */
void *arena_alloc(struct arena *a, size_t n);

/* n * size zeroed bytes; NULL with errno ENOMEM, also on overflow. */
void *arena_calloc(struct arena *a, size_t n, size_t size);

/* A '\0'-terminated copy of n bytes / of a string; NULL with ENOMEM. */
char *arena_memdup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);

#endif
