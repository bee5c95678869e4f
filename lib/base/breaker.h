/*
 * breaker.h -- when to stop asking what only fails: a server, a worker.
 *
 * After max failed items in a row nothing is asked any more.  A success
 * resets the row; what says nothing about the others (a 404) neither adds
 * to it nor resets it.  A run that follows one so stopped probes: it asks
 * for one item, alone and once, and goes on as usual after a success, or
 * stops at once.
 *
 * An item may take several attempts.  After max attempts in a row that
 * failed, of whichever items, the engine is wary: it goes on with those
 * that are begun, before it begins another.
 *
 * Pure; and what an item's failure says is the caller's to know.
 */
#ifndef BREAKER_H
#define BREAKER_H

#include <stdint.h>

enum breaker_news {
	BREAKER_GOOD,		/* it succeeded */
	BREAKER_NEUTRAL,	/* it failed for its own sake */
	BREAKER_BAD		/* it failed, and others may likewise */
};

struct breaker {
	int64_t max;		/* in a row; 0: any number */
	int64_t failures;	/* items in a row until now */
	int64_t attempts;	/* the same of attempts */
	int probing;
	int open;		/* nothing is asked any more */
};

void breaker_init(struct breaker *b, int64_t max, int probing);

/* An attempt is over.  It may be the item's last: breaker_take() then. */
void breaker_attempt(struct breaker *b, enum breaker_news news);
int breaker_is_wary(const struct breaker *b);

/* An item is done.  Returns 1 if this one opened the breaker, else 0. */
int breaker_take(struct breaker *b, enum breaker_news news);

#endif
