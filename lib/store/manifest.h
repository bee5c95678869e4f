/*
 * manifest.h -- DATA/raw/manifest.jsonl, one line per sealed partition.
 *
 * An export of the ledger's raw_snapshots, in their order, for people and
 * for engines that read the tree: written after the commit, and written
 * again if missing.  So a writer may die anywhere: the next one cuts off a
 * torn last line and adds what the file lacks, and no line comes twice.
 */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "store/db.h"

/*
 * Bring the manifest up to date, on disk.  The caller holds the lock of
 * "raw" (storelock.h).  Returns 0, or -1 with errno and the ledger's db_message().
 */
int manifest_update(struct db *ledger, const char *data);

/*
 * Has the manifest as many lines as there are partitions?  Some may have
 * been removed.  1, 0, or -1 as above; for 1 no lock is needed.
 */
int manifest_fits(struct db *ledger, const char *data);

/* If not, write it anew, all at once for readers.  As manifest_update(). */
int manifest_rewrite(struct db *ledger, const char *data);

#endif
