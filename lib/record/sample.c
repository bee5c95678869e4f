#include "record/sample.h"

#include "base/rng.h"

void
sample_init(struct sample *s, int64_t size, uint64_t seed)
{
	*s = (struct sample){ .state = seed, .size = size };
}

int64_t
sample_place(struct sample *s)
{
	int64_t place;

	if (s->seen < s->size)
		return s->seen++;
	place = (int64_t)rng_below(&s->state, (uint64_t)++s->seen);
	return place < s->size ? place : -1;
}
