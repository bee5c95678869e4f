/*
 * current.h -- the snapshot that is served, and how another takes its place.
 *
 * A generation is one snapshot, opened.  A session is a connection to it and
 * whatever else one answer at a time needs; a generation has as many as there
 * are threads, all open before it is served, so that going on to it costs no
 * request anything and fails none.  Who answers holds a session meanwhile, and
 * by that its generation: an answer is of one snapshot, whatever becomes
 * current.  What is not held and not current any more is closed at once.
 */
#ifndef SERVE_CURRENT_H
#define SERVE_CURRENT_H

#include <pthread.h>

#include "decl/route.h"
#include "decl/snapshot.h"
#include "store/query.h"
#include "store/snapshot_db.h"

/* Bytes of an ETag without its quotes, and its '\0'. */
#define CURRENT_TAG_BYTES (SNAPSHOT_ID_BYTES + 17)

struct generation;

struct session {
	struct snapshot_db db;
	struct query query;
	struct buf body, packed;
	struct generation *generation;
};

struct generation {
	char id[SNAPSHOT_ID_BYTES];
	char tag[CURRENT_TAG_BYTES];	/* of all its answers */
	char since[CLOCK_TEXT];		/* served since then */
	size_t n, n_free;
	struct session *sessions;		/* owned */
	struct session **free;		/* owned: those nobody has */
};

struct current_conf {
	const char *root;		/* all borrowed */
	const struct decl *decl;
	const struct decl_snapshot *rules;
	const struct decl_routes *routes;
	size_t sessions;			/* of each generation */
};

struct current {
	struct current_conf conf;
	pthread_mutex_t lock;
	struct generation *now;		/* owned, under the lock */
	char failed[SNAPSHOT_ID_BYTES];	/* could not be opened, and told */
	uint64_t declared;		/* a hash: of what is not in ids */
};

/* Begin, with nothing on it: current_follow() before anything else. */
void current_init(struct current *s, const struct current_conf *conf);

/* No session is held any more. */
void current_release(struct current *s);

/*
 * Go on to what is current, if that is another one.  One thread at a time.
 * Returns 1, 0 if it is the same, or -1 with e: the one from before is
 * served on.  e's text is "" where that was told already.
 */
int current_follow(struct current *s, struct snapshot_error *e);

/* A session of the present generation; there is one for each thread. */
struct session *current_take(struct current *s);
void current_give(struct current *s, struct session *d);

#endif
