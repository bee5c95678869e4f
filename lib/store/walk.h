/*
 * walk.h -- what a walk of a listing found, and how far it came.
 *
 * Beside the queues in the canonical database,
 *
 *	page_marks	page, offset: run, read_at, entries, found, total of
 *			when it was read last
 *	page_walks	page: a full walk that has not come to its end: first,
 *			last, next (the offset that comes), total, run
 *
 * The items of a page and its mark are one transaction.  Whether an item is
 * known is looked at in it, before anything is written.
 *
 * A listing grows at its beginning, so that what was at an offset moves to
 * a higher one.  A full walk that is taken up again first reads from the
 * beginning what came in since, and then goes on where it was, which
 * overlaps by as much; if the listing shrank, by so much earlier.
 */
#ifndef WALK_H
#define WALK_H

#include "decl/page.h"
#include "record/work.h"
#include "store/settle.h"

struct walk {
	struct settle *settle;		/* borrowed, as all of it */
	const struct page *page;
	int64_t first, last, step;	/* inclusive */
	int full;			/* every page, not only until known */
	int again;			/* known items are taken up, too */
	/* A full walk that is taken up again; -1: none. */
	int64_t next, total;
	int64_t at;			/* the offset of the page that comes */
};

/* What a page brought. */
struct walk_page {
	int64_t entries, total;		/* as it says; total -1: not said */
	int64_t items, found, taken_up;	/* of them new, or taken up again */
	int last;			/* it says so */
	int known;			/* all of it was; nothing is written */
	int moved;			/* the walk goes on elsewhere than at
					 * the page behind it */
};

/*
 * Make the tables if they are missing, and see whether a full walk of the
 * same range is to be taken up.  0, or -1 with canon_message().
 */
int walk_begin(struct walk *w, struct settle *s, const struct page *page);

/*
 * A page was read at w->at, and this came of it.  Returns 0, and w->at is
 * the next one; 1 if the walk is over: its last page, the last offset, or
 * known; -1 with canon_message(), errno EINVAL and why in why if an item is
 * none; then nothing was written.
 */
int walk_take(struct walk *w, const struct queue_actor *a,
    const struct work *work, struct walk_page *out, struct buf *why);

/* A page failed with this code: do the queues that it has items for halt on
 * it (queue.h)? */
int walk_halts(const struct walk *w, const char *code);

#endif
