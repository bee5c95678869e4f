/*
 * pick.h -- which partitions are meant: the filters of a command line.
 *
 * A source, a dataset, and any members of the key, "year=2026"; all of them
 * match exactly, and what is not said matches everything.
 */
#ifndef PICK_H
#define PICK_H

#include "base/buf.h"
#include "record/part.h"

struct pick {
	const char *source, *dataset;	/* borrowed, or NULL */
	struct part members;		/* the key has these, in any order */
};

/*
 * Take the words of argv that are members, up to the first that is not, or
 * after a "--".  Returns how many words were taken, or -1 with errno as
 * part_add(), EINVAL also for a name that no declaration can have.
 */
int pick_members(struct pick *p, char *const argv[]);

/* Is nothing said?  Then everything is meant. */
int pick_is_all(const struct pick *p);

/*
 * Append the SQL condition, "(source = 'shop' AND ...)", over the columns
 * source, dataset and part of the ledger's tables.  0, or -1 as buf_add().
 */
int pick_sql(const struct pick *p, struct buf *sql);

/* Append text as an SQL literal.  As buf_add(). */
int pick_quote(struct buf *sql, const char *text);

#endif
