/*
 * itemloop.h -- claim items, have them worked at, settle what came of them.
 *
 * One thread.  Items are claimed as workers have room (queue.h), go through
 * them (crew.h), and are settled (settle.h), up to `group` of them in one
 * transaction.  Leases are renewed at a third of their length, and those of
 * the dead are ended as often.
 *
 * When the breaker opens, or a stop is requested (stop.h), nothing more is
 * claimed, and what is in flight is finished.  A failure that passes counts
 * for the breaker as any other: when a site is down, it is not asked for
 * all that there is.  What is to be tried again within the run is waited
 * for.  A plain no to an item, a 404, says nothing about the others.
 *
 * A run that follows a halted one tries one item alone until one succeeds.
 */
#ifndef ITEMLOOP_H
#define ITEMLOOP_H

#include "base/breaker.h"
#include "record/crew.h"
#include "store/settle.h"

#define ITEMLOOP_REASON 600

/* An item that is settled; borrowed for the call. */
struct itemloop_news {
	const struct queue_item *item;
	const struct settled *settled;
	const struct work *work;
	int64_t number;		/* of those that are finished in this run; 0:
				 * this one is not */
	int64_t total;		/* of those that were due, or more */
	int64_t duration_ms;	/* since it was given to its worker */
};

/* Returns 0, or -1 when nobody listens any more: the loop stops. */
typedef int (*itemloop_fn)(const struct itemloop_news *news, void *arg);

struct itemloop_options {
	const char *source, *run;
	int64_t group;		/* items in one transaction, 1 or more */
	int follow;		/* stay, and work as items come due */
	itemloop_fn told;
	void *arg;
};

enum itemloop_end {
	ITEMLOOP_DRY,		/* nothing is due any more */
	ITEMLOOP_STOPPED,	/* a stop was requested */
	ITEMLOOP_HALTED,	/* by the breaker */
	ITEMLOOP_UNHEARD,	/* nobody listens */
	ITEMLOOP_UNUSABLE	/* the worker's command cannot run */
};

struct itemloop {
	struct itemloop_options options;
	struct settle *settle;		/* borrowed */
	struct crew *crew;		/* borrowed */
	struct queue *q;
	const struct decl_queue *d;
	size_t step;
	struct breaker breaker;
	int probing;			/* one at a time, to see */
	unsigned char *recent;		/* owned; share: the last ones */
	int64_t settled;		/* items, with those that come back */
	struct queue_item *claimed;	/* owned; not given yet: */
	size_t at, n;			/* from at to n */
	struct work *finished;		/* owned; not settled yet */
	int64_t n_finished, finished_ms;
	int64_t look_ms, renew_ms;	/* when to claim, to renew again */
	/* What came of it: */
	enum itemloop_end end;
	char code[WORK_CODE];		/* why it was halted, */
	char reason[ITEMLOOP_REASON];	/* or what it could not do */
	int64_t total, done, failed, dead, overtaken, found, freed, again;
};

/*
 * Prepare to work at the step that s settles, by c, which has no item yet:
 * free what the dead left, take up what failed in earlier runs, and count
 * what is due.  Returns 0, or -1 with canon_message() and canon_status();
 * l needs itemloop_release() either way.
 */
int itemloop_init(struct itemloop *l, const struct itemloop_options *o,
    struct settle *s, struct crew *c);
void itemloop_release(struct itemloop *l);

/* Work to the end.  0 with what came of it in l, or -1 likewise. */
int itemloop_run(struct itemloop *l);

#endif
