/*
 * snapshot_publish.h -- the links of a snapshot root, and verified.json.
 *
 * "previous" is set before "current", each by one rename(2): who dies in
 * between leaves "current" as it was, and doing it again ends as it should.
 * The caller holds the root (snapshot_lock()).
 */
#ifndef SNAPSHOT_PUBLISH_H
#define SNAPSHOT_PUBLISH_H

#include "decl/decl.h"
#include "store/snapshot.h"

struct snapshot_publish {
	const char *root, *source;	/* borrowed */
	int allow_partial;	/* also what was not validated */
};

enum published {
	PUBLISHED,		/* current is another one now */
	PUBLISHED_SAME		/* it was that already */
};

/*
 * Make id the current snapshot, if it is whole: its files are what its
 * metadata says, it is of this source, and neither partial nor unchecked.
 * before gets what was current, or "".  Returns enum published, or -1 with
 * e: EXIT_NOINPUT, no such snapshot; EXIT_REFUSED, not one to publish;
 * EXIT_DATA, it is damaged.
 */
int snapshot_publish(const struct snapshot_publish *p, const char *id,
    char before[SNAPSHOT_ID_BYTES], struct snapshot_error *e);

/*
 * Make the previous snapshot current, and the current one previous.  id
 * gets which that is now.  Returns as snapshot_publish().
 */
int snapshot_rollback(const struct snapshot_publish *p,
    char id[SNAPSHOT_ID_BYTES], char before[SNAPSHOT_ID_BYTES],
    struct snapshot_error *e);

/*
 * Write ROOT/verified.json about the current snapshot: when the ledger of
 * data last confirmed what it was made of; when every promoted version is
 * taken, when its source gave the last valid answer.  at gets that, "" if
 * the ledger does not know.  0 or -1 with e.
 */
int snapshot_verified(const char *root, const char *data,
    const struct decl *d, const struct decl_snapshot *s, char at[CLOCK_TEXT],
    struct snapshot_error *e);

/*
 * Read it: which snapshot it is about, and when that was, "" if the ledger
 * does not know.  Returns 1; 0 if there is none; or -1 with errno (EINVAL:
 * it is none of ours).
 */
int snapshot_verified_read(const char *root, char id[SNAPSHOT_ID_BYTES],
    char at[CLOCK_TEXT]);

#endif
