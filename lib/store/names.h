/*
 * names.h -- what names runs and partitions from outside the ledger.
 *
 * For who is about to remove something: tables in the ledger's temporary
 * schema, so that SQL can ask for both at once.
 *
 *	made_of    snapshot      a version is made of it
 *	versioned  run           a version, or its input, is of that run
 *	logged     file, run     DATA/logs has this file of it
 *	open_run   file, run     DATA/incoming has this folder of it
 *
 * Each call makes and fills its tables, and returns 0, or -1 with the
 * ledger's db_message().
 */
#ifndef NAMES_H
#define NAMES_H

#include "store/db.h"

/*
 * made_of and versioned, from the canonical database of source.  None yet:
 * they are empty.  One that cannot say fails with status 65.
 */
int names_versions(struct db *ledger, const char *data, const char *source);

/* logged and open_run: "RUN", "RUN.this" and ".RUN.that" are of RUN. */
int names_runs(struct db *ledger, const char *data);

#endif
