#include "dice.h"

/* The finalizer of splitmix64, by Sebastiano Vigna (public domain). */
uint64_t
dice_mix(uint64_t a, uint64_t b)
{
	uint64_t z = a + b * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct dice
dice_for(uint64_t key, unsigned int purpose, int64_t id)
{
	return (struct dice){ dice_mix(dice_mix(key, purpose),
	    (uint64_t)id) };
}

int
dice_below(struct dice *d, int n)
{
	d->state = dice_mix(d->state, 0);
	return (int)((d->state >> 32) * (uint64_t)n >> 32);
}

int
dice_percent(struct dice *d, int percent)
{
	return dice_below(d, 100) < percent;
}
