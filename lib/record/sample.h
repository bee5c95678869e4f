/*
 * sample.h -- a fair random sample of a stream of unknown length.
 *
 * Reservoir sampling: element n (from 1) takes one of the size places with
 * probability size/n, so that at the end every element had the same
 * chance.  The same seed and stream give the same sample.
 * Source: Vitter 1985, algorithm R.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdint.h>

struct sample {
	uint64_t state;
	int64_t size;		/* places, at least 1 */
	int64_t seen;		/* elements so far */
};

void sample_init(struct sample *s, int64_t size, uint64_t seed);

/* The place, 0..size-1, that the next element takes, or -1: none. */
int64_t sample_place(struct sample *s);

#endif
