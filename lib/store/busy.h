/*
 * busy.h -- which processes keep a SQLite file locked.
 *
 * SQLite tells whoever waited in vain that the database is locked, not by
 * whom.  The kernel knows: its list of locks has the pids, and which of
 * them write.  For messages only: a moment later it may be different.
 */
#ifndef BUSY_H
#define BUSY_H

#include "base/buf.h"

/*
 * Append the other processes that hold the file path: "written by sqlite3
 * (pid 12), read by canon-cat (pid 13)"; at most four.  Returns how many,
 * 0 if none is to be seen (it has just let go, or is on another host), or
 * -1 with errno as buf_add().
 * Source: proc_locks(5); sqlite3's os.h for the bytes that it locks.
 */
int busy_holders(struct buf *b, const char *path);

#endif
