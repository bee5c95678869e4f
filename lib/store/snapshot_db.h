/*
 * snapshot_db.h -- one connection to a snapshot, for who answers from it.
 *
 * The files are opened as what nobody ever writes, so there are no locks;
 * who follows "current" opens the next snapshot beside this one and closes
 * this one when its last answer is out.  The first declared file is main,
 * the others are attached by name.  A connection is of one thread.
 */
#ifndef SNAPSHOT_DB_H
#define SNAPSHOT_DB_H

#include "decl/snapshot.h"
#include "store/db.h"
#include "store/snapshot.h"

/* Statements that a connection keeps prepared. */
#define SNAPSHOT_STATEMENTS 96

struct snapshot_statement {
	sqlite3_stmt *s;		/* owned, as the text */
	char *sql;
	uint64_t hash, used;
};

struct snapshot_db {
	struct db db;
	struct snapshot_meta meta;
	uint64_t clock;			/* counts uses of statements */
	size_t n;
	struct snapshot_statement list[SNAPSHOT_STATEMENTS];
};

/*
 * Open the snapshot in folder (ROOT/ID, no link: it must not change).
 * Returns 0, or -1 with db_message(&s->db) and db_status(); s needs
 * snapshot_db_close() in either case.
 */
int snapshot_db_open(struct snapshot_db *s, const char *folder,
    const struct decl_snapshot *d);
void snapshot_db_close(struct snapshot_db *s);

/*
 * The statement of this text, reset, without bindings; prepared once and
 * kept as long as it is asked for.  It stays the connection's.  NULL on
 * failure.
 */
sqlite3_stmt *snapshot_db_statement(struct snapshot_db *s, const char *sql);

#endif
