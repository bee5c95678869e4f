/*
 * queue.h -- items that wait, and whoever works at them; sluice-queue(5).
 *
 * A queue's tables stand in the canonical database, so that one transaction
 * carries an item's rows, its state, its attempt and its event.  What is
 * declared happens, and nothing else: triggers see to that, for every
 * program that opens the file.
 *
 * That an item is worked at is a lease: an owner (owner.h), an end, and an
 * epoch that grows by one with each claim.  Who finishes an item shows
 * epoch and owner; if these are not the item's any more, or a person moved
 * it, he was overtaken and changes nothing.
 *
 * Calls that say "within" belong into the caller's write transaction
 * (db_begin()); the others make their own, and none if there is nothing to
 * do.  All return -1 as those of db.h do, with the database's message.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "base/clock.h"
#include "decl/queue.h"
#include "record/jsonw.h"
#include "store/db.h"

enum { QUEUE_STATEMENTS = 24 };

struct queue {
	struct db *db;			/* borrowed */
	const struct decl_queue *d;	/* borrowed */
	int absent;			/* opened to read, and not there */
	sqlite3_stmt *st[QUEUE_STATEMENTS];	/* owned */
};

/* On whose behalf something changes; texts are borrowed. */
struct queue_actor {
	const char *run;	/* or NULL */
	const char *who;	/* a person, or NULL */
	const char *why;	/* a person's reason, or NULL */
	int64_t now_ms;		/* wall clock */
};

/* An item that was claimed. */
struct queue_item {
	int64_t id, epoch;
	int64_t attempt;	/* in this run, from 1 */
	size_t step;
	struct part part;	/* its key */
};

/* --- opening ------------------------------------------------------------ */

/*
 * Open the queue d (borrowed) in db (borrowed), a canonical database of its
 * declaration.  With write its tables are made if missing, and follow what
 * may change: triggers the declared transitions, new facts become columns.
 * Without, a queue that is not there yet is absent, and empty.  Returns 0;
 * or -1 with errno EPROTO (status 73) when the tables are another
 * queue's: the message says in what, and what to do.  q needs
 * queue_close() either way, before the database is closed.
 */
int queue_open(struct queue *q, struct db *db, const struct decl_queue *d,
    int write);
void queue_close(struct queue *q);

/* --- coming in ---------------------------------------------------------- */

enum queue_added {
	QUEUE_NEW,		/* it waits in the initial state */
	QUEUE_KNOWN,		/* it has its new facts, and its old state */
	QUEUE_TAKEN_UP		/* likewise, and a discovery's transition */
};

/*
 * Is record an item of d?  Takes its key ("part", all members of the key
 * in their order).  Returns 0, or -1 with errno EINVAL and why not in why.
 */
int queue_item_read(const struct decl_queue *d, yyjson_val *record,
    struct part *part, struct buf *why);

/*
 * Within: add the item of that key, with the facts and the priority that
 * record brings.  A known one keeps the facts that it does not, and its
 * state, unless `again` and a discovery's transition leads from it.
 */
int queue_add(struct queue *q, const struct queue_actor *a,
    const struct part *key, yyjson_val *record, int again,
    enum queue_added *out);

/* Is there an item of that key?  1, 0 or -1. */
int queue_known(struct queue *q, const struct part *key);

/* --- leases ------------------------------------------------------------- */

struct queue_claim {
	size_t step;
	const char *owner;	/* owner_format(), its "\n" is not kept */
	int64_t now_ms;
	int64_t lease_ms;
};

/*
 * Claim up to max items that are due for a step: the highest priority
 * first, then what is due longest, then by key.  One transaction, whatever
 * the number of items; what is claimed by another is passed over.  Returns
 * how many were claimed and are in items.
 */
int queue_claim(struct queue *q, const struct queue_claim *c,
    struct queue_item *items, size_t max);

/* Write the item's facts, and its priority if it has one, as members. */
int queue_facts(struct queue *q, const struct queue_item *item,
    struct jsonw *w);

/* All leases of owner end at until_ms from now on. */
int queue_renew(struct queue *q, const char *owner, int64_t until_ms);

/*
 * End the leases that are over and those whose owner is seen to be dead on
 * this host: their items are due again, each with an attempt "lost".  Sets
 * *freed to their number.
 */
int queue_free(struct queue *q, int64_t now_ms, int64_t *freed);

/* --- finishing ---------------------------------------------------------- */

enum queue_end {
	QUEUE_OVERTAKEN,	/* nothing was changed: EXIT_REFUSED */
	QUEUE_DONE,		/* the step is done */
	QUEUE_LATER,		/* failed; due again in this run */
	QUEUE_FAILED,		/* failed until the next run */
	QUEUE_DEAD		/* given up */
};

struct queue_failure {
	const char *code, *message;	/* message may be NULL */
	int temporary;		/* worth another try in this run */
};

/*
 * Within: is the item still ours?  To be asked before its rows are
 * written.  1, 0 or -1.
 */
int queue_holds(struct queue *q, const struct queue_item *item,
    const char *owner);

/*
 * Within: the item's step is done; state, attempt and event are written
 * and the lease is over.  It comes to the state `to`, to which the step
 * may lead, or with DECL_NONE to its first.  Returns QUEUE_DONE,
 * QUEUE_OVERTAKEN or -1.
 */
int queue_finish(struct queue *q, const struct queue_actor *a,
    const struct queue_item *item, const char *owner, size_t to);

/* Within: the item failed.  Returns what came of it, or -1. */
int queue_fail(struct queue *q, const struct queue_actor *a,
    const struct queue_item *item, const char *owner,
    const struct queue_failure *f);

/*
 * At the start of a run: what failed in an earlier one is due again where
 * it did, and so is what another version of its step made.  Sets the
 * number of each.
 */
int queue_again(struct queue *q, const struct queue_actor *a,
    int64_t *failed, int64_t *stale);

/* --- persons ------------------------------------------------------------ */

/*
 * Where a person's action would lead the item with that id: 1, its key and
 * the states, or 0 when it does not lead from its state, or there is no
 * such item.
 */
struct queue_way {
	struct part key;
	size_t from, to;
};
int queue_way(struct queue *q, const char *action, int64_t id,
    struct queue_way *out);

/*
 * Within: make that transition.  Returns as queue_way(), 1 if it was made.
 */
int queue_move(struct queue *q, const struct queue_actor *a,
    const char *action, int64_t id, struct queue_way *out);

/* --- halted runs -------------------------------------------------------- */

struct queue_halt {
	char run[64], code[64], reason[512], halted_at[CLOCK_TEXT];
};

/* A run was halted at a step, for that reason. */
int queue_halt(struct queue *q, const struct queue_actor *a, size_t step,
    const char *code, const char *reason);

/*
 * Was the last run that worked at the step halted?  Then 1, and the next
 * one tries one item alone first; else 0.
 */
int queue_halted(struct queue *q, size_t step, struct queue_halt *h);

/* An item succeeded again. */
int queue_clear_halt(struct queue *q, size_t step, int64_t now_ms);

#endif
