/*
 * feed.h -- the change feed: DATA/diff/SOURCE/DATASET/VERSION.jsonl.
 *
 * One whole stream of "change" records per version.  It is an export: made
 * from the database after the commit, and made again when it is missing.
 */
#ifndef FEED_H
#define FEED_H

#include "record/spool.h"
#include "store/canon.h"

/* Append the path of a version's file.  0 or -1 with errno. */
int feed_path(struct buf *b, const char *data, const struct decl *d,
    const struct part *dataset, const char *version);

/*
 * Make the file path out of what version changed, atomically; one that is
 * there is replaced.  Returns 0, or -1 with the message in c.
 */
int feed_export(struct canon *c, const char *path,
    const struct part *dataset, const char *version);

/* A change_fn that writes "change" records to the struct spool arg. */
int feed_change(const struct change *c, void *arg);

#endif
