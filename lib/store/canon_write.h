/*
 * canon_write.h -- write the outcome of a judgement down.
 *
 * Internal to canon.  Runs within its transaction: rows, history, version,
 * gate counts and events.
 */
#ifndef CANON_WRITE_H
#define CANON_WRITE_H

#include "store/canon_judge.h"

/* Do what the outcome asks for.  0 or -1. */
int canon_write(struct canon_work *w);

/* What differs makes it the active version of this id, without events.  0
 * or -1. */
int canon_write_again(struct canon_work *w, const char *version);

/* What differs makes it the active version, or else that one agrees; told
 * by one event.  0 or -1. */
int canon_write_item(struct canon_work *w);

/* What differs makes it the active version, with the rows of target.  0 or
 * -1. */
int canon_write_back(struct canon_work *w, const char *target);

#endif
