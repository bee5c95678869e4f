/*
 * test-bulk -- rows collected in memory come out as they went in.
 */
#include "store/bulk.h"
#include "tap.h"
#include "tmpdir.h"

#define ROWS 10000		/* several batches */

static void
open_db(struct db *db, const char *path)
{
	if (db_open(db, path, DB_CREATE) == -1 || db_exec(db,
	    "CREATE TABLE a (k TEXT NOT NULL, i INTEGER, r REAL, t TEXT,"
	    " b BLOB) STRICT; CREATE TABLE b (i INTEGER, t TEXT) STRICT")
	    == -1) {
		printf("Bail out! %s\n", db_message(db));
		exit(99);
	}
}

static int
prepare(struct bulk *b, struct db *db)
{
	return bulk_init(b, db, 2, 4) == 0 &&
	    bulk_prepare(b, 0, 4,
	    "INSERT INTO a SELECT ?, c0, c1, c2, c3 FROM bulk") == 0 &&
	    bulk_prepare(b, 1, 2, "INSERT INTO b SELECT c0, c1 FROM bulk")
	    == 0;
}

/* Text is copied: the same bytes are used for every row. */
static int
add_row(struct bulk *b, int64_t i)
{
	char text[32], blob[4] = { 'x', 0, (char)(i & 127), 1 };
	struct cell cells[4] = {
		{ CELL_INTEGER, { .integer = i }, NULL },
		{ CELL_REAL, { .real = (double)i / 4 }, NULL },
		{ CELL_NULL, { 0 }, NULL },
		{ CELL_BLOB, { .len = sizeof(blob) }, blob },
	};

	snprintf(text, sizeof(text), "text %lld", (long long)i);
	if (i % 3 != 0)
		cells[2] = cell_text(text, strlen(text));
	if (bulk_add(b, 0, cells) == -1)
		return -1;
	cells[1] = cells[2];
	return i % 5 == 0 ? bulk_add(b, 1, cells) : 0;
}

static void
test_rows(void)
{
	struct db db;
	struct bulk b;
	int64_t i;
	int good;

	open_db(&db, "rows.sqlite");
	tap_ok(prepare(&b, &db), "prepared");
	db_bind(b.tables[0].insert, 1, "key");
	good = db_begin(&db) == 0;
	for (i = 1; i <= ROWS && good; i++)
		good = add_row(&b, i) == 0;
	tap_ok(good && bulk_flush(&b) == 0 && bulk_flush(&b) == 0 &&
	    db_commit(&db) == 0, "%d rows go in", ROWS);
	tap_int(db_int(&db, "SELECT count(*) FROM a WHERE rowid = i AND "
	    "k = 'key' AND r = i / 4.0 AND length(b) = 4 AND t IS "
	    "iif(i % 3, 'text ' || i, NULL)", -1), ROWS,
	    "each as it was, in the order in which it came");
	tap_int(db_int(&db, "SELECT count(*) FROM b WHERE i = rowid * 5 AND "
	    "t IS iif(i % 3, 'text ' || i, NULL)", -1), ROWS / 5,
	    "so in the other table");
	db_close(&db);
	bulk_release(&b);
}

/* A value that the table refuses shows when the batch goes in. */
static void
test_refused(void)
{
	const struct cell bad[2] = { { CELL_TEXT, { .len = 1 }, "x" },
	    { CELL_NULL, { 0 }, NULL } };
	struct db db;
	struct bulk b;

	open_db(&db, "refused.sqlite");
	tap_ok(prepare(&b, &db), "prepared");
	tap_ok(bulk_add(&b, 1, bad) == 0 && bulk_flush(&b) == -1 &&
	    strstr(db_message(&db), "cannot store TEXT") != NULL,
	    "a wrong type is refused");
	db_close(&db);
	bulk_release(&b);
	open_db(&db, "wide.sqlite");
	tap_ok(bulk_init(&b, &db, 1, 2) == 0 && bulk_prepare(&b, 0, 3,
	    "INSERT INTO b SELECT c0, c2 FROM bulk") == -1,
	    "there is no column beyond the width");
	db_close(&db);
	bulk_release(&b);
}

int
main(void)
{
	tmpdir_enter();
	test_rows();
	test_refused();
	tmpdir_leave();
	return tap_done();
}
