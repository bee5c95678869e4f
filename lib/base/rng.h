/*
 * rng.h -- numbers that look random, the same ones for the same seed.
 *
 * splitmix64: one word of state, of which any value is a good seed.  Not
 * for secrets.  Source: Steele, Lea and Flood, 2014.
 */
#ifndef RNG_H
#define RNG_H

#include <stdint.h>

/* The next number, any of 2^64. */
uint64_t rng_next(uint64_t *state);

/* The next number in 0..n-1, n > 0, all equally likely. */
uint64_t rng_below(uint64_t *state, uint64_t n);

#endif
