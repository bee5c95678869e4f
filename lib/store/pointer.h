/*
 * pointer.h -- DATA/ptr/SOURCE/PART_PATH, which make watches.
 *
 * One line: the authoritative run.  The file is touched only when the
 * *content* changed: an answer with the same bytes under a newer run
 * leaves it alone, so its time says when there was something to build.
 * It follows the ledger after the commit; whoever dies in between leaves
 * it behind, and the next raw-verify brings it up to date.  The lock of
 * "ptr" (storelock.h) is held from before the ledger changes until the
 * pointer follows, so that none goes backwards.
 */
#ifndef POINTER_H
#define POINTER_H

#include "store/db.h"

#define POINTER_RUN_BYTES 512	/* more than any run id */

/*
 * The run that the pointer of a partition names, "" if there is none.
 * 0, or -1 with errno and the ledger's db_message().
 */
int pointer_read(struct db *ledger, const char *data, const char *source,
    const char *part_path, char run[POINTER_RUN_BYTES]);

/*
 * Make the pointer of a partition follow the ledger: rewrite it unless it
 * names a run whose content is that of the authoritative one.  Nothing
 * valid: it stays.  Returns 1 if it was written, 0 if not, or -1 with
 * errno and the ledger's db_message().
 */
int pointer_update(struct db *ledger, const char *data, const char *source,
    const char *part_path);

/* pointer_update() for every valid partition of the source.  0 or -1. */
int pointer_update_all(struct db *ledger, const char *data,
    const char *source);

#endif
