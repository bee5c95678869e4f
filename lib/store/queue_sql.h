/*
 * queue_sql.h -- what the files of queue.h share; internal to them.
 */
#ifndef QUEUE_SQL_H
#define QUEUE_SQL_H

#include "store/queue.h"

/* Statements that are prepared once. */
enum queue_statement {
	QUEUE_ACT, QUEUE_ACTED, QUEUE_UPDATE, QUEUE_INSERT, QUEUE_FIND,
	QUEUE_SET_STATE, QUEUE_TOP, QUEUE_NEXT_TOP, QUEUE_DUE, QUEUE_LEASE,
	QUEUE_FACTS, QUEUE_RENEW, QUEUE_OWNED, QUEUE_FREE, QUEUE_LOST,
	QUEUE_HOLDS, QUEUE_ATTEMPT, QUEUE_FINISH, QUEUE_LATER_SQL,
	QUEUE_FAILURES, QUEUE_STATE, QUEUE_WAY
};

/*
 * The statement of that number, prepared from text (queue_schema.h) when
 * it is first asked for; reset, with nothing bound.  NULL on failure.
 */
sqlite3_stmt *queue_statement(struct queue *q, enum queue_statement which,
    const char *text);

/* Bind by name; a statement that lacks it is left alone. */
void queue_bind(sqlite3_stmt *s, const char *name, const char *text);
void queue_bind_int(sqlite3_stmt *s, const char *name, int64_t value);
void queue_bind_key(sqlite3_stmt *s, const struct part *key);

/* Fail with this message about the queue.  Returns -1. */
int queue_failed(struct queue *q, enum exits status, const char *fmt, ...)
    MSG_FMT(3, 4);

/*
 * Within: say to the triggers who makes what follows, until queue_acted().
 * step may be NULL.  0 or -1.
 */
int queue_act(struct queue *q, const char *role, const char *step,
    const struct queue_actor *a);
int queue_acted(struct queue *q);

/*
 * Set an item's state, for whom queue_act() said; the triggers do the
 * rest.  0 or -1.
 */
int queue_set_state(struct queue *q, int64_t id, size_t to);

#endif
