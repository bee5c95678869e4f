/*
 * events_queue.h -- what became of the items of queues, among the events.
 */
#ifndef EVENTS_QUEUE_H
#define EVENTS_QUEUE_H

#include "decl/queue.h"
#include "store/events.h"

/*
 * Take the transitions that the queues of the canonical database path have
 * on record: events called "transition", with event_id, their place in the
 * queue's table.  What is not there yet has none.  Returns 0, or -1 as the
 * others of events.h.
 */
int events_queues(struct events *e, const char *path, const char *source,
    const struct decl_queues *all);

#endif
