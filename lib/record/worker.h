/*
 * worker.h -- what a worker says about the items it has: the protocol,
 * sluice-queue(5), without the process.
 *
 * A worker has some items at a time.  It answers with records: rows and
 * items that name the item they come of, in any order between items, and
 * at last one record that closes it: `done` with their number, or `error`.
 * Records of other types are passed on.
 *
 * Nothing that a worker says is trusted.  Once it says what it must not,
 * it is not heard any more: if that is one item's fault, this one is
 * finished as broken; else any of those that it has may be at fault.
 */
#ifndef WORKER_H
#define WORKER_H

#include "record/work.h"

/* A record of another type. */
typedef void (*worker_other_fn)(const struct record *r, void *arg);

struct worker {
	struct work *first;	/* owned; the items it has, oldest first */
	int64_t n;
	struct work *finished;	/* owned; in order of completion */
	struct work **tail;	/* where the next one goes */
	struct buf line;	/* the beginning of one */
	struct buf key;
	int over;		/* it said `end` or `abort` */
	const char *fault;	/* what it did wrong, a code; or NULL */
	int settled;		/* the item whose fault that is is finished */
	char text[WORK_TEXT];	/* the same for people; why it aborted */
	worker_other_fn other;	/* or NULL */
	void *arg;
};

void worker_init(struct worker *w, worker_other_fn other, void *arg);

/* Free it and the items that it has. */
void worker_release(struct worker *w);

/* It has this item now, owned by w. */
void worker_give(struct worker *w, struct work *item);

/* Take back an item that it has, or has finished; NULL if none. */
struct work *worker_take_back(struct worker *w);
struct work *worker_take(struct worker *w);

/* An item that it has failed in this way; it is finished. */
void worker_fail(struct worker *w, struct work *item, const char *code,
    const char *text);

/*
 * It says n bytes.  Returns 0; or -1 with w->fault set, or with errno
 * ENOMEM and w->fault NULL.
 */
int worker_hear(struct worker *w, const char *bytes, size_t n);

#endif
