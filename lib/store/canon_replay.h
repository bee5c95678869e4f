/*
 * canon_replay.h -- which versions to make again, and what goes along.
 *
 * Internal to canon_rebuild.  All in the connection of the new database,
 * with the old one attached as "old" and the ledger as "ledger", where
 * they are there.
 */
#ifndef CANON_REPLAY_H
#define CANON_REPLAY_H

#include "base/path.h"
#include "store/canon_rebuild.h"
#include "store/stage.h"

struct replay {
	struct canon *c;		/* the new one; borrowed, as all */
	struct db *old;			/* the old one, or NULL */
	const struct rebuild_options *o;
	struct rebuild_result *r;
};

/* One version to be made. */
struct replay_item {
	int64_t n;
	char dataset[PATH_BYTES_MAX];
	char version[CANON_VERSION_BYTES], run[CANON_VERSION_BYTES];
	char staged[CANON_VERSION_BYTES];
	char at[CANON_VERSION_BYTES];
};

/*
 * Plan from the versions of the old database; 0 planned versions if it has
 * none.  Or from the ledger.  Sets what it can of r.  0 or -1.
 */
int replay_plan_versions(struct replay *p);
int replay_plan_ledger(struct replay *p);

/* The item that follows number n.  1, 0 at the end, or -1. */
int replay_next(struct replay *p, int64_t n, struct replay_item *item);

/* Set the inputs of an item.  0, or -1 with the message in the database. */
int replay_inputs(struct replay *p, const struct replay_item *item,
    struct stage *st);

/* Within the transaction that restored item: what is on record of it. */
int replay_carry(struct replay *p, const struct replay_item *item);

/* And of the datasets as a whole, with the event "rebuild".  0 or -1. */
int replay_finish(struct replay *p);

/*
 * Call fn for each version whose exports tell another story than the new
 * database.  0, or -1 when a step or fn failed.
 */
int replay_stale(struct replay *p, int (*fn)(const char *dataset,
    const char *version, void *arg), void *arg);

#endif
