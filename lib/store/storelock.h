/*
 * storelock.h -- the lock of a store's writers, DATA/STORE/.lock.
 *
 * Held for one step (seal a partition, enter an answer), never for a run.
 */
#ifndef STORELOCK_H
#define STORELOCK_H

#include "base/lock.h"
#include "store/db.h"

/*
 * Take the lock of store ("raw", "ptr"), waiting as for a database.
 * Returns 0, or -1 with errno and the ledger's db_message(), which names
 * the holder.  Let go with lock_release().
 */
int storelock_take(struct lock *l, const char *data, const char *store,
    struct db *ledger);

#endif
