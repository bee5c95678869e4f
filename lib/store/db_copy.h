/*
 * db_copy.h -- what one database holds, put into another.
 *
 * A database that others may have open is replaced by what it holds, never
 * by its file: to who had the old file open, the journal of the next
 * writer, which has the same name, would be one of its own.  It would play
 * that back into a file without a name and then remove it, and were the
 * writer killed, nothing could mend what it left half done.
 */
#ifndef DB_COPY_H
#define DB_COPY_H

#include "store/db.h"

/*
 * Make d hold what the database file from does, and nothing else, in one
 * transaction: readers see all or nothing of it, and so does who comes
 * after a kill.  A transaction of d is given up for it, and when another
 * writes in between, that is an EBUSY that needs no waiting.  0, or -1 with
 * the message in d, which is unchanged.
 */
int db_copy(struct db *d, const char *from);

#endif
