/*
 * feed.h -- the change feed, one whole stream of "change" records per file:
 *
 *	DATA/diff/SOURCE/DATASET/VERSION.jsonl       what a version changed
 *	DATA/diff/SOURCE/DATASET/VERSION.held.jsonl  what the gate kept back
 *	                                             when it was made
 *
 * It is an export: made from the database after the commit, and made again
 * when it is missing.
 */
#ifndef FEED_H
#define FEED_H

#include "record/spool.h"
#include "store/canon.h"

/* Append the path of a version's file.  0 or -1 with errno. */
int feed_path(struct buf *b, const char *data, const struct decl *d,
    const struct part *dataset, const char *version);

/*
 * Make sure that a version has its file, atomically; with anew one that is
 * there is replaced.  path gets its path.  Returns 0, or -1 with the
 * message in c.
 */
int feed_export(struct canon *c, const char *data,
    const struct part *dataset, const char *version, int anew,
    struct buf *path);

/* The same of what was kept back: what staging would still change. */
int feed_held(struct canon *c, const char *data, const struct part *dataset,
    const struct canon_options *o, const char *version, struct buf *path);

/* A change_fn that writes "change" records to the struct spool arg. */
int feed_change(const struct change *c, void *arg);

#endif
