/*
 * shelf.h -- the snapshot that is served, and how another takes its place.
 *
 * An edition is one snapshot, opened.  A desk is a connection to it and
 * whatever else one answer at a time needs; an edition has as many as there
 * are threads, all open before it is served, so that going on to it costs no
 * request anything and fails none.  Who answers holds a desk meanwhile, and
 * by that its edition: an answer is of one snapshot, whatever becomes
 * current.  What is not held and not current any more is closed at once.
 */
#ifndef SERVE_SHELF_H
#define SERVE_SHELF_H

#include <pthread.h>

#include "decl/route.h"
#include "decl/snapshot.h"
#include "store/query.h"
#include "store/snapshot_db.h"

/* Bytes of an ETag without its quotes, and its '\0'. */
#define SHELF_TAG_BYTES (SNAPSHOT_ID_BYTES + 17)

struct edition;

struct desk {
	struct snapshot_db db;
	struct query query;
	struct buf body, packed;
	struct edition *edition;
};

struct edition {
	char id[SNAPSHOT_ID_BYTES];
	char tag[SHELF_TAG_BYTES];	/* of all its answers */
	char since[CLOCK_TEXT];		/* served since then */
	size_t n, n_free;
	struct desk *desks;		/* owned */
	struct desk **free;		/* owned: those nobody has */
};

struct shelf_conf {
	const char *root;		/* all borrowed */
	const struct decl *decl;
	const struct decl_snapshot *rules;
	const struct decl_routes *routes;
	size_t desks;			/* of each edition */
};

struct shelf {
	struct shelf_conf conf;
	pthread_mutex_t lock;
	struct edition *now;		/* owned, under the lock */
	char failed[SNAPSHOT_ID_BYTES];	/* could not be opened, and told */
	uint64_t declared;		/* a hash: of what is not in ids */
};

/* Begin, with nothing on it: shelf_follow() before anything else. */
void shelf_init(struct shelf *s, const struct shelf_conf *conf);

/* No desk is held any more. */
void shelf_release(struct shelf *s);

/*
 * Go on to what is current, if that is another one.  One thread at a time.
 * Returns 1, 0 if it is the same, or -1 with e: the one from before is
 * served on.  e's text is "" where that was told already.
 */
int shelf_follow(struct shelf *s, struct snapshot_error *e);

/* A desk of the present edition; there is one for each thread. */
struct desk *shelf_take(struct shelf *s);
void shelf_give(struct shelf *s, struct desk *d);

#endif
