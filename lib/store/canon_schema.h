/*
 * canon_schema.h -- the tables of a canonical database.
 *
 * Some are fixed (versions, their inputs and events, the gate's counts),
 * some follow from the declaration: for each declared table the active
 * rows, TABLE_history with the rows they replaced, and indexes.  A table
 * nested in another has a foreign key to it, checked at the commit.
 *
 * Keys and columns come from the declaration, so a database made with
 * another one must not be written: it holds a digest of its own tables.
 * Views hold no data and simply follow the declaration.
 */
#ifndef CANON_SCHEMA_H
#define CANON_SCHEMA_H

#include "base/digest.h"
#include "decl/decl.h"
#include "store/db.h"

/* user_version: the fixed tables. */
#define CANON_SCHEMA_VERSION 2

/* Append every CREATE but the views'.  0, or -1 with errno as buf_add(). */
int canon_schema_ddl(struct buf *b, const struct decl *d);

/* The digest of that text.  0 or -1 with errno. */
int canon_schema_sha256(const struct decl *d, char hex[DIGEST_TEXT]);

/* Append all that a new database is made of, views and digests too.  As
 * canon_schema_ddl(). */
int canon_schema_whole(struct buf *b, const struct decl *d);

/*
 * Make sure db is a canonical database of this declaration: an empty file
 * gets its tables, and with follow_views other views than declared are
 * replaced.  Returns 0, or -1: errno EPROTO when it was made by another
 * version or declaration (the message says what to do), EINVAL when the
 * declaration gives no tables that SQLite accepts, else as db_exec().
 */
int canon_schema_open(struct db *db, const struct decl *d, int follow_views);

/*
 * Start a write transaction, as db_begin().  A rebuild for another
 * declaration may have been first; then -1 with EPROTO, likewise.
 */
int canon_schema_begin(struct db *db, const struct decl *d);

/* Append what to do then: "rebuild it: diff-promote …".  0 or -1. */
int canon_rebuild_hint(struct buf *b, const struct db *db,
    const struct decl *d);

#endif
