/*
 * canon_asof.h -- the rows of an earlier version.
 *
 * Every version is kept that was active within the retention: a row of the
 * active tables or of the history belongs to it if valid_from <= version <
 * valid_to.  The views TABLE_as_of say the same to anybody.
 */
#ifndef CANON_ASOF_H
#define CANON_ASOF_H

#include "base/arena.h"
#include "store/canon.h"

/* One dataset at the moment asked for; texts are in the arena. */
struct asof_dataset {
	const char *label;	/* "2026/A" */
	const char *version;
};

struct asof {
	struct asof_dataset *list;	/* owned; ordered by dataset key */
	size_t n, room;
	struct arena arena;
};

/*
 * Find what when means: an instant (RFC 3339 with Z) is, for each dataset,
 * the version that was active then; anything else is a version's id, of
 * the datasets that have it.  dataset, if not NULL, is the only one to
 * look at.  To be called in the transaction that reads the rows, too.
 * Returns 0, or -1: canon_status() is EXIT_NOINPUT when the version is not
 * known, was never active or is not kept any more, and canon_message()
 * tells what is.  asof_release() is owed in any case.
 */
int asof_find(struct canon *c, const char *when, const struct part *dataset,
    struct asof *a);
void asof_release(struct asof *a);

/*
 * Prepare the rows of a table as a version had them, in key order: the
 * columns of canon_table.h and valid_from.  Bind the dataset's key from 1
 * and the version as ASOF_VERSION.  NULL on failure.
 */
#define ASOF_VERSION (LIMIT_PART_MEMBERS + 1)
sqlite3_stmt *asof_rows(struct canon *c, const struct decl_table *t);

#endif
