/*
 * control.h -- say the same about many partitions: what state-retry and
 * state-backfill share.
 *
 * First all partitions that are meant are chosen, then it is counted how
 * many rows that would add, and only then are they added (actions.h), some
 * hundred to a transaction.  What was added stays when a later one fails,
 * and repeating the command adds the rest.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "record/stream.h"
#include "store/actions.h"

/* So many are added unasked. */
#define CONTROL_UNASKED 20

struct control {
	struct db db;
	struct action action;		/* borrowed texts */
	int dry;			/* only tell what would be added */
	struct stream_out *out;		/* an action record for each */
	int64_t chosen, would;		/* control_count() */
	int64_t added, already, blocked, skipped;
};

/* Open the ledger; c needs control_close() in either case.  0, or -1 with
 * db_message(), as all that follow. */
int control_open(struct control *c, const char *data);
void control_close(struct control *c);

/* Choose a partition; the second time is nothing new. */
int control_choose(struct control *c, const struct action_part *p);

/* Choose what a SELECT of source, part_path, dataset, part gives. */
int control_select(struct control *c, const char *sql);

/* Count what is chosen, and how many rows it would add. */
int control_count(struct control *c);

/* Add them and write the records; a stop request ends it with EINTR. */
int control_apply(struct control *c);

/* The user's name for who; static. */
const char *control_user(void);

#endif
