#include "store/canon_renew.h"

#include "store/canon_schema.h"

#define SQL_BYTES ((size_t)8 << 20)

/*
 * Views, then the tables of a canonical database: those that have a
 * history, with it, and the stores' own, whose names no queue can have.
 */
static const char ours[] =
    "SELECT type, name FROM main.sqlite_schema AS s WHERE type = 'view'"
    " UNION ALL SELECT type, name FROM main.sqlite_schema AS s"
    " WHERE type = 'table' AND (name IN ('canon_meta', 'quarantine')"
    " OR name GLOB 'dataset_*' OR name GLOB 'version_*'"
    " OR name GLOB 'gate_*' OR EXISTS (SELECT 1 FROM main.sqlite_schema"
    " AS h WHERE h.type = 'table' AND h.name IN (s.name || '_history',"
    " s.name) AND h.name GLOB '*_history'))";

/* Every DROP that it takes.  0 or -1. */
static int
drop_sql(struct db *db, struct buf *b)
{
	sqlite3_stmt *s = db_prepare(db, ours);
	int r, done = 0;

	while (done == 0 && (r = db_step(db, s)) == 1)
		done = buf_printf(b, "DROP %s main.", db_text(s, 0)) == -1 ||
		    db_ident(b, db_text(s, 1)) == -1 ||
		    buf_str(b, ";\n") == -1 ? -1 : 0;
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}

static int
is_canonical(struct db *db)
{
	return db_int(db, "PRAGMA application_id", -1) ==
	    DB_APPLICATION_ID && db_int(db, "PRAGMA user_version", -1) ==
	    CANON_SCHEMA_VERSION;
}

static int
renew(struct db *db, const struct decl *d)
{
	struct buf b;
	int r;

	buf_init(&b, SQL_BYTES);
	r = drop_sql(db, &b);
	if (r == 0 && (r = canon_schema_whole(&b, d)) == -1)
		db_fail_errno(db, d->file);
	if (r == 0)
		r = db_exec(db, b.data);
	buf_release(&b);
	return r;
}

enum exits
canon_renew(const struct decl *d, const char *path, int dry_run,
    int64_t wait_ms, struct buf *why)
{
	enum exits status = EXIT_OK;
	struct db db;
	int r = db_open(&db, path, dry_run ? DB_READ : DB_WRITE);

	db.wait_ms = wait_ms;
	buf_clear(why);
	if (r == 0 && !is_canonical(&db)) {
		buf_printf(why, "%s: no database of this format", path);
		status = EXIT_REFUSED;
	} else if (r == 0 && !dry_run) {
		r = db_begin(&db) == -1 || renew(&db, d) == -1 ||
		    db_commit(&db) == -1 ? -1 : 0;
	}
	if (r == -1) {
		buf_str(why, db_message(&db));
		status = db_status(&db);
	}
	db_close(&db);
	return status;
}
