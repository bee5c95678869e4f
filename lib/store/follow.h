/*
 * follow.h -- versions in the order in which they became true, and the
 * changes of each: "version" and "change" in sluice-records(5).
 *
 * The cursor of whoever follows is dataset_versions.seq: seq n and all
 * before it are known.  A version's changes come from its file (feed.h) or
 * from the history, each whole or not at all.  Where a version in between
 * is not kept any more, nothing is left out in silence.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdio.h>

#include "base/arena.h"
#include "record/spool.h"
#include "store/canon_asof.h"

struct follow_version {
	const char *label;	/* "2026/A"; texts are in the arena given */
	const char *version;
	const char *parent;	/* NULL: the dataset began with it */
	const char *run;
	const char *promoted_at;
	int64_t seq;
	int64_t inserted, updated, deleted;	/* rows */
};

/*
 * Find the cursor that since means: a seq itself; an instant, the last
 * version promoted by then; else a version's id, the last version of that
 * id, or of that id and dataset label.  Returns 0, or -1 with
 * canon_status() EXIT_NOINPUT when nothing of that kind is known.
 */
int follow_since(struct canon *c, const char *since, const char *label,
    int64_t *seq);

/*
 * The version after cursor, of dataset label or (NULL) of any.  Whoever
 * follows knew all up to since.  Returns 1, 0 when there is none, or -1:
 * EXIT_NOINPUT when a version between is not kept.
 */
int follow_next(struct canon *c, const char *label, int64_t since,
    int64_t cursor, struct arena *a, struct follow_version *v);

/* Write the members of a "version" record after its type. */
void follow_write(struct jsonw *w, const struct decl *d,
    const struct follow_version *v);

/*
 * Write a "version" record for each dataset of a, in the transaction in
 * which a was found: where to go on from when its rows are known.  0 or -1.
 */
int follow_heads(struct canon *c, const struct asof *a, struct spool *s);

/*
 * Open the changes of v: inserted + updated + deleted records, then "end".
 * They are those of the file below data, or if that is gone or damaged,
 * of the history.  Returns 0 with *fp to be closed, or -1: EXIT_NOINPUT
 * when the history does not reach back to it.
 */
int follow_changes(struct canon *c, const char *data,
    const struct follow_version *v, FILE **fp);

#endif
