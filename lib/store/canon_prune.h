/*
 * canon_prune.h -- versions that are kept no longer.
 *
 * A version goes when something has replaced it for longer than it has to
 * be kept: so the state of any instant within that time can be read.  Of
 * one dataset those that were active go oldest first and without a gap,
 * with the history that only they need; what was never active goes by its
 * own age, unless the gate still holds it.  With a version go its inputs,
 * findings, counts, events and reports, and the files made of it.
 */
#ifndef CANON_PRUNE_H
#define CANON_PRUNE_H

#include "store/canon.h"

struct canon_pruned {
	const char *dataset;
	int64_t versions, rows;		/* rows: of the history */
	const char *oldest;		/* that was active and stays, or NULL */
};

struct canon_prune {
	const char *data, *run, *now;
	int64_t days;			/* to be kept since it was replaced */
	char *const *datasets;		/* labels, then NULL; none: all */
	int dry_run;			/* tell, and remove nothing */
	/* Called for each dataset of which something goes. */
	void (*tell)(const struct canon_pruned *p, void *arg);
	void *arg;
};

/*
 * Do it, each dataset in a transaction of its own, with an event "prune".
 * Nothing is written where nothing goes.  0, or -1 with canon_message().
 */
int canon_prune(struct canon *c, const struct canon_prune *o);

#endif
