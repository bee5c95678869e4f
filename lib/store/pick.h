/*
 * pick.h -- which partitions are meant: the filters of a command line.
 *
 * A source, a dataset, and any members of the key, "year=2026"; all of them
 * match exactly, and what is not said matches everything.  The date of a
 * partition is the first value of its key that is one, 2026-11-20.
 */
#ifndef PICK_H
#define PICK_H

#include "base/buf.h"
#include "base/clock.h"
#include "record/part.h"
#include "store/db.h"

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

/*
 * A bound in time: an instant is compared with when the partition's state
 * changed, a date with the partition's date, or with the day of that change
 * if it has none.
 */
struct pick_time {
	char text[CLOCK_TEXT];	/* "" for none */
};

/* Parse either.  Returns 0, or -1 with errno EINVAL. */
int pick_time_parse(struct pick_time *t, const char *text);

/*
 * Append " AND ..." for the bound, op ">=" or "<="; changed names the
 * column of the change.  As buf_add().
 */
int pick_time_sql(const struct pick_time *t, const char *op,
    const char *changed, struct buf *sql);

/*
 * Make the functions that these conditions call: part_has(PART, MEMBER)
 * and part_date(PART), which may be NULL.  0, or -1 with db_message().
 */
int pick_functions(struct db *db);

/*
 * Append a key's JSON without the member whose value is its date, which
 * goes to date.  Returns 1, 0 when it has none (all of it is appended), or
 * -1 as buf_add().
 */
int pick_undated(const char *json, struct buf *undated, char date[11]);

/* Is text a date that there is?  In days since 1970; or -1. */
int64_t pick_day(const char *text);

/* Append text as an SQL literal.  As buf_add(). */
int pick_quote(struct buf *sql, const char *text);

#endif
