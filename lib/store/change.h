/*
 * change.h -- rows and changes of rows as JSON; "row" and "change" in
 * sluice-records(5).
 *
 * A row comes as a statement whose columns are those of canon_table.h in
 * their order, from some index on.  Values are typed by the declaration:
 * booleans are true and false, JSON columns are JSON.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include <sqlite3.h>

#include "decl/decl.h"
#include "record/jsonw.h"

/* What the changes of one version have in common. */
struct change_head {
	const struct part *dataset;	/* borrowed, as the rest */
	const char *label;		/* "2026/A" */
	const char *version;
	const char *run;		/* that promoted it */
};

struct change {
	const struct decl *d;
	const struct decl_table *t;
	const struct change_head *head;
	sqlite3_stmt *older;		/* NULL: an insert */
	sqlite3_stmt *newer;		/* NULL: a delete */
};

/* Returns 0 to go on, -1 to stop. */
typedef int (*change_fn)(const struct change *c, void *arg);

enum row_flags {
	ROW_PROVENANCE = 1	/* row_hash (hex) too, as the last member */
};

/*
 * Write the members of a row: every column but NULL ones, the dataset's
 * key first.  0, or -1 if w failed.
 */
void row_write(struct jsonw *w, const struct decl_table *t, sqlite3_stmt *s,
    unsigned int flags);

/*
 * Write the members of a "change" record after its type: run, source,
 * dataset, version, op, table, key, old, new.  An update has the changed
 * columns only, null where a value came or went; an insert's new and a
 * delete's old have every column that is not NULL, without the dataset's
 * key.  Row hash and validity are left out.  With brief neither old nor
 * new is written but "brief": true, for rows over a record's limit.
 */
void change_write(struct jsonw *w, const struct change *c, int brief);

#endif
