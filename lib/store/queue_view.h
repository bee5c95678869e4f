/*
 * queue_view.h -- what waits in a queue, for who looks at it.
 */
#ifndef QUEUE_VIEW_H
#define QUEUE_VIEW_H

#include "store/queue.h"

/* How many items a state has, by whether they are due. */
struct queue_count {
	int64_t items;
	int64_t due;		/* now, and nobody has them */
	int64_t leased;
	char next_due[CLOCK_TEXT];	/* of the others; "" if there are none */
};

/* Fill counts for each state of q.  0 or -1. */
int queue_counts(struct queue *q, int64_t now_ms,
    struct queue_count counts[DECL_STATES_MAX]);

/* Which items. */
struct queue_filter {
	const char *state, *code;	/* or NULL: any */
	struct part key;	/* the first members of theirs; n 0: any */
};

/* One of them; what is not known is NULL.  Borrowed for one call. */
struct queue_row {
	int64_t id, priority, tries, failed_runs, epoch;
	const char *state, *due_at, *owner, *lease_until, *version, *code,
	    *message, *run, *changed_at;
	struct part key;
	sqlite3_stmt *facts;	/* has the declared facts, from column */
	int first_fact;
};

/* Returns 0 to go on, or -1 to stop. */
typedef int (*queue_row_fn)(const struct queue_row *r, void *arg);

/*
 * Hand the items that f lets pass to fn, by key, limit of them at most
 * (-1: all).  Returns 0, or -1 when fn did or the database failed.
 */
int queue_each(struct queue *q, const struct queue_filter *f, int64_t limit,
    queue_row_fn fn, void *arg);

#endif
