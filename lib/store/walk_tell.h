/*
 * walk_tell.h -- what a walk does, as records: sluice-records(5).
 *
 *	page		one was read, and its items written
 *	error		one failed
 *	stopped		why the walk did
 */
#ifndef WALK_TELL_H
#define WALK_TELL_H

#include "record/stream.h"
#include "store/walk.h"

struct walk_tell {
	struct stream_out *out;		/* borrowed, as all of it */
	const char *run, *source;
	const struct walk *walk;
	const struct part *key;		/* of the page at hand */
	int64_t number, found;		/* pages, and new items, until now */
};

/* The page at that offset was read. */
void walk_tell_page(const struct walk_tell *t, const struct walk_page *p,
    int64_t at, int64_t duration_ms);

/* The page at the walk's offset failed. */
void walk_tell_failure(const struct walk_tell *t, const char *code,
    const char *text, int64_t duration_ms);

/* reason: of a failure, or NULL. */
void walk_tell_end(const struct walk_tell *t, const char *end,
    const char *reason);

#endif
