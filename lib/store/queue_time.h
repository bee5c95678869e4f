/*
 * queue_time.h -- how much is due at a step, and when more is.
 */
#ifndef QUEUE_TIME_H
#define QUEUE_TIME_H

#include "store/queue.h"

/* How many items are due for the step at now_ms, or -1. */
int64_t queue_due_count(struct queue *q, size_t step, int64_t now_ms);

/*
 * When the first item is due for the step that is not yet: 1 and the
 * instant, 0 if none is, or -1.  tried: of those that failed in this run
 * and are to be tried again in it.
 */
int queue_due_next(struct queue *q, size_t step, int64_t now_ms, int tried,
    int64_t *due_ms);

/* An item that was given up.  Returns 0 to go on. */
typedef int (*queue_dead_fn)(const struct part *key, void *arg);

/*
 * Hand each item that was given up to fn, by key, and at most max of them.
 * Returns how many there are, or -1.
 */
int64_t queue_dead(struct queue *q, int64_t max, queue_dead_fn fn,
    void *arg);

/*
 * At the start of a run: what another run was to try again and did not,
 * because it was halted or killed, is due now, with all its tries.  0 or
 * -1.
 */
int queue_due_anew(struct queue *q, size_t step, const char *run,
    int64_t now_ms);

#endif
