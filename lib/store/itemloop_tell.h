/*
 * itemloop_tell.h -- what a loop does, as records: sluice-records(5).
 *
 *	loop		it begins
 *	done, error	an item is finished in this run
 *	retry		one is to be tried again in it
 *	stopped		why it stopped, what is dead, and when to come again
 */
#ifndef ITEMLOOP_TELL_H
#define ITEMLOOP_TELL_H

#include "record/stream.h"
#include "store/itemloop.h"

void itemloop_tell_begin(const struct itemloop *l, struct stream_out *out);

/* Returns 0, or -1 as stream_put(). */
int itemloop_tell_item(const struct itemloop *l,
    const struct itemloop_news *n, struct stream_out *out);

void itemloop_tell_end(const struct itemloop *l, struct stream_out *out);

#endif
