#include <string.h>

#include "store/queue_schema.h"

/* A queue's own name for its table begins what queue_meta has of it. */
static const char tables_sql[] =
    "CREATE TEMP TABLE queue_carried (name TEXT PRIMARY KEY) STRICT;"
    "INSERT INTO temp.queue_carried VALUES ('queue_meta'), "
    "  ('queue_actor'), ('queue_halts');"
    "INSERT INTO temp.queue_carried "
    "SELECT substr(value, 2, instr(substr(value, 2), '\"') - 1) || tail "
    "FROM old.queue_meta, (SELECT '' AS tail UNION ALL "
    "  SELECT '_attempts' UNION ALL SELECT '_events') "
    "WHERE name = 'table'";

/* Make each of a kind again, in the order in which they were made. */
static int
make(struct db *db, const char *type)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT sql FROM old.sqlite_schema "
	    "WHERE type = ?1 AND sql IS NOT NULL AND tbl_name IN "
	    "(SELECT name FROM temp.queue_carried) ORDER BY rowid");
	int r, done = 0;

	if (s == NULL)
		return -1;
	db_bind(s, 1, type);
	while (done == 0 && (r = db_step(db, s)) == 1)
		done = db_exec(db, db_text(s, 0));
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}

static int
copy(struct db *db)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT name FROM "
	    "old.sqlite_schema WHERE type = 'table' AND name IN "
	    "(SELECT name FROM temp.queue_carried) ORDER BY rowid");
	int r, done = 0;

	while (done == 0 && (r = db_step(db, s)) == 1)
		done = db_execf(db, "INSERT INTO main.\"%s\" SELECT * "
		    "FROM old.\"%s\"", db_text(s, 0), db_text(s, 0));
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}

/* The triggers come last: what is copied is no news to them. */
int
queue_carry(struct db *db)
{
	int64_t there = db_int(db, "SELECT count(*) FROM old.sqlite_schema "
	    "WHERE name = 'queue_meta'", -1), here = db_int(db,
	    "SELECT count(*) FROM main.sqlite_schema "
	    "WHERE name = 'queue_meta'", -1);

	if (there == -1 || here == -1)
		return -1;
	if (there == 0 || here == 1)
		return 0;
	if (db_exec(db, tables_sql) == -1 || make(db, "table") == -1 ||
	    copy(db) == -1 || make(db, "index") == -1 ||
	    make(db, "trigger") == -1)
		return -1;
	return db_exec(db, "DROP TABLE temp.queue_carried");
}
