/*
 * blob.h -- sealed bytes in the ledger, for who wants one file of all.
 *
 * raw_snapshot_blobs has the stored bytes (gzip) of a snapshot.  The table
 * is made when the first of them comes, and a row goes with its snapshot.
 */
#ifndef BLOB_H
#define BLOB_H

#include "store/db.h"

/*
 * Keep the payload of the partition sealed at path below data as that of
 * snapshot, which the ledger has; a second time is nothing new.  Whole or
 * not at all.  Returns 0, or -1 with errno and db_message().
 */
int blob_keep(struct db *ledger, const char *data, const char *snapshot,
    const char *path);

#endif
