/*
 * dice.h -- numbers that look thrown and are not.
 *
 * Dice are keyed by what is asked about, never by what was thrown before:
 * so any section of any tick can be made alone, and always the same.
 */
#ifndef DICE_H
#define DICE_H

#include <stdint.h>

struct dice {
	uint64_t state;
};

/* Mix b into a: a good hash of both. */
uint64_t dice_mix(uint64_t a, uint64_t b);

/* Dice for thing number id in the world of key, for one purpose. */
struct dice dice_for(uint64_t key, unsigned int purpose, int64_t id);

/* The next throw: 0..n-1, n > 0. */
int dice_below(struct dice *d, int n);

/* True in percent of all throws. */
int dice_percent(struct dice *d, int percent);

#endif
