/*
 * backfill.h -- the partitions of a range, whether anybody knows them or
 * not.
 *
 * Members of the key that the span does not have take the values that the
 * ledger knows, in the combinations that it knows; the member of the part
 * takes all parts that are declared.
 */
#ifndef BACKFILL_H
#define BACKFILL_H

#include "decl/decl.h"
#include "store/control.h"
#include "store/span.h"

/* More at once is a mistake. */
#define BACKFILL_MAX 1000000

/* Is there a member of that name in the keys of the source? */
int backfill_has_member(const struct decl *d, const char *name);

/*
 * Choose them all, in c's transaction.  Returns 0, or -1 with
 * db_message(); E2BIG when there are more than BACKFILL_MAX.
 */
int backfill_choose(struct control *c, const struct decl *d,
    const struct span *s);

#endif
