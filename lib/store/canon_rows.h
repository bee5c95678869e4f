/*
 * canon_rows.h -- the rows of the declared tables: compare, apply, tell.
 *
 * Works on one open canonical database and, for what is new, one staging
 * schema.  What canon_rows_diff() finds waits in a temporary table, on
 * disk if it is much; the other calls read it there.  Statements are
 * prepared once and kept, so that a dataset of one row stays cheap.
 */
#ifndef CANON_ROWS_H
#define CANON_ROWS_H

#include "decl/decl.h"
#include "store/change.h"
#include "store/diff.h"

struct canon_rows {
	struct db *db;			/* borrowed */
	const struct decl *d;		/* borrowed */
	char *stage;			/* owned; schema name or NULL */
	sqlite3_stmt **s;		/* owned; all of all tables */
};

/* 0, or -1 with errno ENOMEM.  Releasing a zeroed one is safe. */
int canon_rows_init(struct canon_rows *r, struct db *db,
    const struct decl *d);
void canon_rows_release(struct canon_rows *r);

/*
 * Make the temporary table that canon_rows_diff() needs; outside of any
 * transaction, which would take it along when it is rolled back.  0 or -1.
 */
int canon_rows_writable(struct canon_rows *r);

/* Compare with this schema from now on.  0 or -1. */
int canon_rows_stage(struct canon_rows *r, const char *schema);

/* Finalise every statement, as detaching a schema needs. */
void canon_rows_reset(struct canon_rows *r);

/* Find and keep what staging would change in table number t.  0 or -1. */
int canon_rows_diff(struct canon_rows *r, const struct part *dataset,
    size_t t, struct diff_count *count);

/*
 * Make the changes found in table t: replaced rows go to the history as
 * ended by version, new ones are valid from it.  0 or -1.
 */
int canon_rows_apply(struct canon_rows *r, const struct part *dataset,
    size_t t, const char *version);

/*
 * Hand each change of table t to fn in key order: those that staging would
 * make (which are counted, and not kept), or those that version made.  who
 * says dataset and version.  Returns 0, or -1 when fn or a step failed.
 */
int canon_rows_show(struct canon_rows *r, const struct change_head *who,
    size_t t, change_fn fn, void *arg, struct diff_count *count);
int canon_rows_made(struct canon_rows *r, const struct change_head *who,
    size_t t, change_fn fn, void *arg);

#endif
