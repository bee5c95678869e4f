/*
 * queue_schema.h -- the tables and triggers of a queue; internal to it.
 */
#ifndef QUEUE_SCHEMA_H
#define QUEUE_SCHEMA_H

#include "store/queue.h"

/* As queue_open() does; sets q->absent. */
int queue_schema_open(struct queue *q, int write);

/* CREATE IF NOT EXISTS what all queues share. */
extern const char queue_shared_ddl[];

/* Append the CREATEs of one queue: its tables with their indexes, and the
 * triggers, which follow its transitions.  0, or -1 as buf_add(). */
int queue_tables_ddl(struct buf *b, const struct decl_queue *d);
int queue_triggers_ddl(struct buf *b, const struct decl_queue *d);

/*
 * Append text with {t} replaced by the table's name and what follows it,
 * quoted ({t_due}), {q} by the queue's name, {key} by the key columns, and
 * {is_key} by what finds the item of the key :k0, :k1, ... .  0, or -1 with
 * errno as buf_add().
 */
int queue_sql(struct buf *b, const struct decl_queue *d, const char *text);

/*
 * Copy all queues of the database that is attached as "old" into main,
 * unless that has some: nothing else knows what is in them.  Within the
 * caller's transaction.  0 or -1.
 */
int queue_carry(struct db *db);

#endif
