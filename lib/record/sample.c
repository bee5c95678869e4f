#include "record/sample.h"

void
sample_init(struct sample *s, int64_t size, uint64_t seed)
{
	*s = (struct sample){ .state = seed, .size = size };
}

/* splitmix64: one word of state, any seed is a good one. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Evenly from 0..n-1: what would favour the small ones is thrown again. */
static uint64_t
below(uint64_t *state, uint64_t n)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % n, x;

	do
		x = next_random(state);
	while (x >= limit);
	return x % n;
}

int64_t
sample_place(struct sample *s)
{
	int64_t place;

	if (s->seen < s->size)
		return s->seen++;
	place = (int64_t)below(&s->state, (uint64_t)++s->seen);
	return place < s->size ? place : -1;
}
