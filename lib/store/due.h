/*
 * due.h -- which partitions are to be asked for now, and how.
 *
 * Due is whatever a person has requested (actions.h), and what failed when
 * the schedule says so; never what is terminal.  Nothing is kept: who asks
 * twice before an answer came is told the same twice.
 */
#ifndef DUE_H
#define DUE_H

#include "base/arena.h"
#include "base/schedule.h"
#include "store/db.h"
#include "store/pick.h"

/* One that is due; texts are in the arena. */
struct due {
	const char *part_path, *dataset, *part;	/* part: JSON */
	const char *task;	/* as it was asked last, JSON; or NULL */
	const char *request;	/* "retry", "backfill"; NULL: by schedule */
	int64_t failures;	/* in a row */
	struct due *next;
};

struct due_query {
	const struct pick *only;	/* source is set */
	struct schedule schedule;
	int64_t now_ms;
	int64_t limit;		/* at most so many; -1: all */
};

/*
 * All that are due, requests first, then what failed longest ago; a list in
 * *first.  Returns how many, or -1 with db_message().  *waiting is how many
 * have failed and are not due yet, or never will be.
 */
int64_t due_list(struct db *db, const struct due_query *q, struct arena *a,
    struct due **first, int64_t *waiting);

#endif
