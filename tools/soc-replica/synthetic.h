/*
 * synthetic.h -- made-up terms that evolve, as a source.
 */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include "source.h"

struct synthetic {
	uint64_t seed;
	int percent;		/* of the size of a real term, 1..100 */
};

/* Make *s serve the terms of y (borrowed). */
void synthetic_source(struct synthetic *y, struct source *s);

#endif
