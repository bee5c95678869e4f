/* Query results as tables: alignment, hostile text. */
#include "store/table.h"

#include "tap.h"

static const struct {
	const char *descr;
	enum table_form form;
	const char *sql;
	int64_t rows;
	const char *want;
} cases[] = {
	{ "no rows", TABLE_TEXT, "SELECT 1 WHERE 0", 0, "" },
	{ "no rows have no heading", TABLE_MARKDOWN, "SELECT 1 WHERE 0", 0,
	    "" },
	{ "text left, numbers right", TABLE_TEXT,
	    "VALUES ('a', 1, 'x'), ('long', 100, 'y')", 2,
	    "  a       1  x\n  long  100  y\n" },
	{ "no blanks at the end", TABLE_TEXT, "VALUES ('a', ''), ('b', NULL)",
	    2, "  a\n  b\n" },
	{ "NULL among numbers", TABLE_TEXT, "VALUES (NULL, 'x'), (10, 'y')",
	    2, "      x\n  10  y\n" },
	{ "characters are counted, not bytes", TABLE_TEXT,
	    "VALUES ('\xc3\xa9', 1), ('ab', 2)", 2,
	    "  \xc3\xa9   1\n  ab  2\n" },
	{ "control characters", TABLE_TEXT,
	    "VALUES ('a' || char(10) || char(27) || '[2J' || char(127))", 1,
	    "  a  [2J\n" },
	{ "a lone continuation byte", TABLE_TEXT,
	    "SELECT CAST(x'80c3' AS TEXT), 1", 1, "  \x80\xc3  1\n" },
	{ "markdown", TABLE_MARKDOWN, "SELECT 'a' AS what, 7 AS n", 1,
	    "| what | n |\n|---|---:|\n| a | 7 |\n" },
	{ "markdown is escaped", TABLE_MARKDOWN,
	    "SELECT 'a|b<i>\\' AS x", 1, "| x |\n|---|\n| a\\|b\\<i>\\\\ |\n" },
};

static void
check(struct db *db, size_t i)
{
	sqlite3_stmt *s = db_prepare(db, cases[i].sql);
	struct buf b;
	int64_t rows;

	buf_init(&b, 65536);
	rows = table_print(&b, db, s, cases[i].form);
	tap_str(b.data, cases[i].want, cases[i].descr);
	tap_int(rows, cases[i].rows, "its rows");
	sqlite3_finalize(s);
	buf_release(&b);
}

/* Long values are cut, and the result stays within its buffer. */
static void
check_limits(struct db *db)
{
	sqlite3_stmt *s = db_prepare(db,
	    "SELECT replace(hex(zeroblob(5000)), '0', 'x')");
	struct buf b;

	buf_init(&b, 65536);
	tap_int(table_print(&b, db, s, TABLE_TEXT), 1, "a long value");
	tap_int((int64_t)b.len, 2 + 400 + 3 + 1, "is cut");
	buf_release(&b);
	buf_init(&b, 10);
	tap_int(table_print(&b, db, s, TABLE_TEXT), -1, "the buffer is full");
	buf_release(&b);
	sqlite3_finalize(s);
}

int
main(void)
{
	struct db db;
	size_t i;

	tap_ok(db_open(&db, ":memory:", DB_CREATE) == 0, "a database");
	for (i = 0; i < TAP_COUNT(cases); i++)
		check(&db, i);
	check_limits(&db);
	db_close(&db);
	return tap_done();
}
