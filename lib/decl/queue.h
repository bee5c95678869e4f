/*
 * queue.h -- [queue] of a declaration: items, their states, who moves them.
 *
 *	[queue.NAME]                 a queue of items; sluice-queue(5)
 *	table, key, states, initial, final, ...
 *	[queue.NAME.facts]           columns that item records may bring
 *	[queue.NAME.step.STEP]       steps, in the order of the work
 *	[[queue.NAME.transition]]    from, to, who, and step, on or action
 *
 * A state is where an item waits; that it is being worked at is a lease
 * (store/queue.h) and no state.  Each step begins in one state, and in a
 * state at most one step begins.  What was read is consistent: each state
 * can be reached, from each an item can come to an end, what fails has
 * somewhere to go and comes back to where it failed.
 */
#ifndef DECL_QUEUE_H
#define DECL_QUEUE_H

#include "base/schedule.h"
#include "decl/decl.h"

/* States of one queue, and transitions; enough for any, and bounds sets. */
#define DECL_STATES_MAX 32
#define DECL_TRANSITIONS_MAX 1024

enum decl_move {
	DECL_STEP,		/* loop: a step was done */
	DECL_FAIL,		/* loop: it failed, in this run */
	DECL_GIVE_UP,		/* loop: it failed in too many runs */
	DECL_AGAIN,		/* loop: a new run takes up what failed */
	DECL_STALE,		/* loop: made by another version of its step */
	DECL_FOUND,		/* discovery: asked to take it up again */
	DECL_ACTION		/* person: by the name of the action */
};

/* One from and one to; a declared one with several froms is several. */
struct decl_transition {
	enum decl_move move;
	size_t from, to;	/* states */
	size_t step;		/* DECL_STEP: which one */
	const char *action;	/* DECL_ACTION: what people call it */
	size_t number;		/* of the [[transition]], from 1 */
};

struct decl_fact {
	const char *name;
	enum decl_type type;	/* text, integer, real or boolean */
};

struct decl_step {
	const char *name;
	const char *worker;	/* a command for sh: a pipeline of filters */
	size_t from;		/* the state in which it begins */
	size_t to;		/* where it leads unless the worker says so */
	const char *version;	/* of what it makes of a page, or NULL */
	size_t n_parts;		/* parts whose rows it brings */
	const char **parts;
	int64_t workers;	/* processes */
	int64_t in_flight;	/* items in each of them */
	int64_t timeout_ms;	/* of one item */
	int64_t loops;		/* that may work at it at a time */
};

struct decl_breaker {
	int64_t max_failures;	/* items in a row; 0: any number */
	size_t n_halt_on;	/* codes of which one is enough */
	const char **halt_on;
	const char *share_code;	/* or NULL: of the last share_of items, */
	int64_t share_of;	/* share_percent with this code halt */
	int64_t share_percent;
};

struct decl_queue {
	const char *name, *table;
	const char *label;	/* "map {id}/{number}", or NULL */
	size_t n_key;
	const char **key;
	size_t n_states;
	const char **states;
	int *final;		/* [n_states] */
	size_t initial;
	size_t n_facts;
	struct decl_fact *facts;
	size_t n_steps;
	struct decl_step *steps;
	size_t n_transitions;
	struct decl_transition *transitions;
	int64_t max_attempts;	/* runs in which it may fail */
	int64_t lease_ms;
	struct schedule retry;	/* within a run; its max_attempts, too */
	struct decl_breaker breaker;
};

struct decl_queues {
	size_t n;
	struct decl_queue *q;	/* in d's arena, as the rest */
};

/* No such state, step or queue. */
#define DECL_NONE SIZE_MAX

/*
 * Read the section of d, which keeps the memory; none is no queue.
 * Returns 0; or -1 with errno EINVAL and in why one line as decl_load()'s.
 */
int decl_queues_read(struct decl *d, struct decl_queues *out,
    struct buf *why);

/* The queue, or the index of the state or step of that name. */
const struct decl_queue *decl_queue(const struct decl_queues *all,
    const char *name);
size_t decl_queue_state(const struct decl_queue *q, const char *name);
size_t decl_queue_step(const struct decl_queue *q, const char *name);

/* The step that begins in this state, or DECL_NONE. */
size_t decl_queue_begins(const struct decl_queue *q, size_t state);

/*
 * The transition that move makes from a state: of those by this step
 * (DECL_STEP) or action (DECL_ACTION), the one to the state `to`, or the
 * first if to is DECL_NONE.  NULL if none is declared.
 */
const struct decl_transition *decl_queue_move(const struct decl_queue *q,
    enum decl_move move, size_t step, const char *action, size_t from,
    size_t to);

/* "loop", "discovery" or "person": who makes such a transition; static. */
const char *decl_move_who(enum decl_move move);

/* Append what people call the item: its label, or "NAME A/1".  0 or -1. */
int decl_queue_label(const struct decl_queue *q, const struct part *key,
    struct buf *b);

/*
 * Parse a key as people write it, "A/1", values %-encoded, into out; only
 * the first members if it has fewer.  0, or -1 with errno EINVAL.
 */
int decl_queue_key(const struct decl_queue *q, const char *text,
    struct part *out);

/*
 * Find the state in which each step of a queue that was read begins, and
 * check that all of it is consistent.  Returns 0, or -1 after saying why.
 * Internal to lib/decl.
 */
struct reader;
int queue_check(const struct reader *r, const struct decl *d,
    struct decl_queue *q);

#endif
