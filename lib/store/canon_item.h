/*
 * canon_item.h -- rows of one item after another, within the caller's
 * transaction.
 *
 * An item is a dataset as small as a page or two: its rows come as records
 * of workers (tables whose part is made of pages), and become canonical in
 * the transaction that changes the item's state.  They are staged in the
 * connection's temporary schema, in memory, which serves one item after
 * another; from there they are compared and applied as canon_promote()
 * does: rows, history, version and event.
 *
 * Three things differ.
 *  - Only tables of the parts that were read are compared: rows that came
 *    of other pages of the item stay.
 *  - Nothing waits and nothing is held.  Each row is checked instead, as
 *    [table.T.checks] say: one that fails is put aside (quarantine), and
 *    the rest of the item goes on.
 *  - Runs do not fence: two loops take turns at one queue.  Who may write
 *    the item is said by its lease and epoch, which the caller looks at in
 *    the same transaction.  So a version has the id of the run, or, where
 *    the dataset has that or a later one, the next after it: R, R.002, ….
 *
 * A connection has one of these at most, opened outside of a transaction.
 * Its temporary tables are named as the declared ones: whoever shares the
 * connection says main.TABLE.
 *
 *	canon_item_begin(&i, &part, parts, n);
 *	canon_item_row(&i, "players", values);	...
 *	canon_item_promote(&i, &o, &r);
 *
 * Any part of this may be outside of the transaction but the last.  An item
 * that fails, or is not to be committed after all, needs nothing: the next
 * canon_item_begin() forgets its rows, and what was written goes with the
 * caller's ROLLBACK, or with ROLLBACK TO a savepoint of its own where one
 * transaction holds several items.
 */
#ifndef CANON_ITEM_H
#define CANON_ITEM_H

#include "store/canon.h"
#include "store/map.h"
#include "store/row_check.h"

struct canon_item {
	struct canon *c;		/* borrowed */
	struct staging staging;
	struct map map;
	struct row_checks checks;
	struct part dataset;		/* the item at hand */
	unsigned char *asked;		/* owned; per table: of its parts */
	int64_t rows;			/* that came, put aside or not */
};

struct canon_item_result {
	struct canon_result canon;	/* outcome: CANON_PROMOTED, or
					 * CANON_UNCHANGED; counts, version */
	int64_t quarantined;		/* rows put aside */
	int64_t warnings;		/* what declared warnings found */
};

/*
 * Make room for the items of c, which is open for writing, and check the
 * declared checks.  Returns 0, or -1 with canon_message() and
 * canon_status(): EXIT_USAGE if a check is no SQL.  i needs
 * canon_item_close() in either case, before canon_close().
 */
int canon_item_open(struct canon_item *i, struct canon *c);
void canon_item_close(struct canon_item *i);

/*
 * Forget the rows there are, and take those of the item: dataset is its
 * key, of a kind whose tables are made of pages; parts are those that were
 * read, n of them, all of that kind.  Returns 0; or -1, with errno EINVAL
 * when it is no such item.
 */
int canon_item_begin(struct canon_item *i, const struct part *dataset,
    const struct decl_part *const *parts, size_t n);

/*
 * Take one row: an object with the values of the columns by name, borrowed
 * for the call.  What does not fit its column goes to extra, and so does a
 * member that is no column; both are findings.  A row without its key is
 * put aside.  Returns 0; or -1, with errno EINVAL when the table is none of
 * the item's, or values no object: whoever made it is wrong, and
 * canon_message() says how.
 */
int canon_item_row(struct canon_item *i, const char *table,
    yyjson_val *values);

/*
 * Compare what came with what is active, and write it down, in the
 * caller's write transaction, on behalf of run at now (RFC 3339).  Rows
 * that came no more are deleted.  Without a change only the active
 * version's last_verified_at moves; without a row, nor any before, nothing
 * is touched.  Returns 0, or -1: the caller rolls back.
 */
int canon_item_promote(struct canon_item *i, const char *run,
    const char *now, struct canon_item_result *r);

/*
 * What was odd about the item just promoted, in their final order; valid
 * until the next begins.  They are version_findings of a version that was
 * made.
 */
const struct notes *canon_item_findings(const struct canon_item *i);

#endif
