/*
 * alert.h -- what needs a person, told once.
 *
 * A rule is a SELECT of the declaration, decl.alerts, over the tables of
 * events.h and one more:
 *
 *	now      one row: at, the present instant
 *
 * Each row it gives is a situation: subject (what it is about, 400
 * characters), since, and detail (1000); further columns are its facts.  Rule and subject name it: as long
 * as the rule gives that subject, it is one situation, told when it is
 * found first and again when it is gone.
 *
 * DATA/alerts.sqlite, whose only writer this module is, holds the
 * situations that were told and last.  It changes with alerts_commit(), to
 * be called when the records have arrived: a program that is killed tells
 * twice rather than never.
 */
#ifndef ALERT_H
#define ALERT_H

#include "decl/decl.h"
#include "record/spool.h"
#include "store/events.h"

struct alerts {
	struct events *events;		/* borrowed, as the rest */
	const struct decl *d;
	const char *now;		/* clock.h */
	int64_t failed;			/* rules that could not be asked */
};

/*
 * Is every rule of d a query that gives the columns it has to?  Returns 0,
 * or -1 with one line in why and errno EINVAL (a wrong rule) or another.
 */
int alerts_check(const struct decl *d, struct buf *why);

/*
 * Ask every rule about the events, which are all in.  A rule that the data
 * makes fail is reported, counted in failed, and nothing is told by it.
 * Returns 0, or -1 with the message in a->events->db, as all that follow.
 */
int alerts_find(struct alerts *a);

/*
 * Open the store below data, to be kept from other writers until it is
 * closed; or, to_read, as it is, and nothing is changed.
 */
int alerts_open(struct alerts *a, const char *data, int to_read);

/* Write a record for each situation that is new, then for those gone. */
int alerts_tell(struct alerts *a, struct spool *s);

/* They were told: remember it. */
int alerts_commit(struct alerts *a);

/* How many situations there are, told before or now; -1: failed. */
int64_t alerts_count(struct alerts *a);

#endif
