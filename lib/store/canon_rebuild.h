/*
 * canon_rebuild.h -- the canonical database once more, from the raw store.
 *
 * Canonical is a function of raw.  With the database there, each dataset's
 * promoted versions are made again in their order, of the payloads that
 * they are on record to be made of, as far back as these are there; ids,
 * times, events, the gate's state and the reports go along.  Reports about
 * rows that another map had made do not.  Without a database, the versions
 * are made of what the ledger knows to be sealed and good, run by run and
 * through the gate.  Queues go along as they are: no payload knows them.
 *
 * Where all rows come item by item, only its tables are made anew, empty
 * (canon_renew.h); where some do, the other datasets must be named.
 *
 * It is made in a file beside the old one, whose content it becomes at the
 * end, in one transaction.  Until then the old one is there to be read,
 * locked against writers, who then go on, if their declaration is still
 * the one.  Killed anywhere, the old content stays, and the next call
 * starts anew.
 */
#ifndef CANON_REBUILD_H
#define CANON_REBUILD_H

#include "store/canon.h"

/* What is about to be made. */
struct rebuild_step {
	const char *dataset, *version;
	int64_t n, of;			/* the n-th of so many, from 1 */
};

struct rebuild_options {
	const char *data, *run, *now, *who;
	char *const *datasets;		/* labels, then NULL; none: all */
	int dry_run;			/* tell the steps, make nothing */
	int64_t wait_ms;		/* for others who write */
	void (*tell)(const struct rebuild_step *s, void *arg);
	void *arg;
};

struct rebuild_result {
	int64_t datasets, versions;	/* made, or to be made */
	int64_t lost;			/* older ones, whose raw is gone */
	int from_ledger;		/* there was no database */
	int renewed;			/* its rows come item by item: empty */
	int64_t held;			/* then: datasets that the gate holds,
					 * whatever a person had accepted */
};

/*
 * Do it.  Returns EXIT_OK with r set; or the status to exit with and in
 * why the reason: EXIT_NOINPUT when there is nothing to make it of, or a
 * payload of an active version is gone; EXIT_TEMP when another writer does
 * not let go, or after a stop.
 */
enum exits canon_rebuild(const struct decl *d,
    const struct rebuild_options *o, struct rebuild_result *r,
    struct buf *why);

#endif
