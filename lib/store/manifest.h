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

#endif
