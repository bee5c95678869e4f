/*
 * walk_read.h -- one page of a listing, through the listing's worker.
 */
#ifndef WALK_READ_H
#define WALK_READ_H

#include "decl/page_task.h"
#include "record/crew.h"

struct walk_read {
	struct page_task task;	/* its dataset is key */
	struct part key;	/* of the listing; the walk's member counts */
	struct crew *crew;	/* borrowed */
};

/*
 * Have the page at that offset fetched and read.  Returns what came of it,
 * which is the caller's; or NULL with errno: EINVAL and in why what is wrong
 * with its address, or as crew_turn().
 */
struct work *walk_read(struct walk_read *r, int64_t at, struct buf *why);

#endif
