/*
 * settle.h -- what came of an item becomes its rows and its state.
 *
 * Within one transaction of the canonical database: the item's rows
 * (canon_item.h), the items that were found on the way, state, attempt and
 * event (queue.h).  First it is looked whether the item is ours still.
 * Rows that cannot be taken fail the item, and nothing of it but that is
 * written.
 */
#ifndef SETTLE_H
#define SETTLE_H

#include "record/work.h"
#include "store/canon_item.h"
#include "store/queue.h"

struct settle {
	struct canon *canon;		/* borrowed, as all of the declaration */
	const struct decl_queues *all;
	size_t queue, step;
	const char *owner;
	struct queue *queues;		/* owned; one per declared queue */
	unsigned char *opened;		/* owned; likewise */
	struct canon_item rows;
	int has_rows;			/* it is open */
	const struct decl_part **parts;	/* owned; of the step */
	size_t n_parts;
};

struct settled {
	enum queue_end end;
	size_t state;			/* where it is now */
	int64_t inserted, updated, deleted;	/* rows */
	int64_t quarantined, warnings;
	int64_t found;			/* items that were new */
	/* If it failed: */
	char code[WORK_CODE];
	char text[WORK_TEXT];
	int passing;
};

/*
 * Settle items of that queue and step, which owner claims.  Opens the
 * queue in the canonical database c.  Returns 0, or -1 with canon_message()
 * and canon_status(); s needs settle_close() either way, before
 * canon_close().
 */
int settle_open(struct settle *s, struct canon *c,
    const struct decl_queues *all, size_t queue, size_t step,
    const char *owner);
void settle_close(struct settle *s);

/* The queue whose items are settled. */
struct queue *settle_queue(struct settle *s);

/*
 * Within: settle one.  Returns 0, whatever came of it, or -1: the caller
 * rolls back.
 */
int settle_item(struct settle *s, const struct queue_actor *a,
    const struct queue_item *item, const struct work *w,
    struct settled *out);

/*
 * Within: add an item that was found to the queue that its record names.
 * Returns 0 with what it was; or -1, with errno EINVAL and why in why when
 * the record is none.
 */
int settle_found(struct settle *s, const struct queue_actor *a,
    yyjson_val *record, int again, enum queue_added *out, struct buf *why);

/* Does the queue have the item that the record names?  1, 0, or as
 * settle_found(). */
int settle_known(struct settle *s, yyjson_val *record, struct buf *why);

#endif
