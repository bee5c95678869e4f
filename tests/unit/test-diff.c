/*
 * test-diff -- the merge of two ordered sets of rows.
 *
 * Each side is a list of rows "(id, same1, same2, key…)" as SQL, sorted by
 * SQLite, so the cases also show that both sort alike.
 */
#include <stdlib.h>
#include <string.h>

#include "store/diff.h"
#include "tap.h"

static const struct {
	const char *descr, *older, *newer, *want;
} cases[] = {
	{ "two empty sets", "", "", "" },
	{ "all new", "", "(1, 'h', 0, 'a'), (2, 'h', 0, 'b')", "+1 +2 " },
	{ "all gone", "(1, 'h', 0, 'a'), (2, 'h', 0, 'b')", "", "-1 -2 " },
	{ "the same", "(1, 'h', 0, 'a'), (2, 'h', 0, 'b')",
	    "(8, 'h', 0, 'b'), (9, 'h', 0, 'a')", "" },
	{ "a hash differs", "(1, 'h', 0, 'a')", "(2, 'i', 0, 'a')", "~1,2 " },
	{ "the second one differs", "(1, 'h', 0, 'a')", "(2, 'h', 1, 'a')",
	    "~1,2 " },
	{ "interleaved", "(1, 'h', 0, 'a'), (3, 'h', 0, 'c')",
	    "(2, 'h', 0, 'b'), (4, 'h', 0, 'd')", "-1 +2 -3 +4 " },
	{ "a prefix comes first", "(1, 'h', 0, 'a')", "(2, 'h', 0, 'aa')",
	    "-1 +2 " },
	{ "nothing comes before something", "(1, 'h', 0, '')",
	    "(2, 'h', 0, ' ')", "-1 +2 " },
	{ "NULL before numbers before text before blobs",
	    "(1, 'h', 0, NULL), (2, 'h', 0, x'00')",
	    "(3, 'h', 0, 7), (4, 'h', 0, '7')", "-1 +3 +4 -2 " },
	{ "numbers by value", "(1, 'h', 0, 9), (2, 'h', 0, 10)",
	    "(3, 'h', 0, 9.5), (4, 'h', 0, 10.0)", "-1 +3 " },
	{ "integers beyond doubles", "(1, 'h', 0, 9007199254740993)",
	    "(2, 'h', 0, 9007199254740992)", "+2 -1 " },
	{ "bytes, not characters", "(1, 'h', 0, char(0x10000))",
	    "(2, 'h', 0, char(0xffff))", "+2 -1 " },
	{ "a NUL inside", "(1, 'h', 0, 'a' || char(0) || 'b')",
	    "(2, 'h', 0, 'a' || char(0) || 'c')", "-1 +2 " },
	{ "NULL equals NULL", "(1, NULL, 0, NULL)", "(2, NULL, 0, NULL)",
	    "" },
	{ "NULL is no hash", "(1, NULL, 0, 'a')", "(2, '', 0, 'a')",
	    "~1,2 " },
};

static struct buf said;

static int
say(int64_t old_id, int64_t new_id, void *arg)
{
	int64_t *stop_at = arg;

	if (*stop_at > 0 && --*stop_at == 0)
		return -1;
	if (old_id == 0)
		return buf_printf(&said, "+%lld ", (long long)new_id);
	if (new_id == 0)
		return buf_printf(&said, "-%lld ", (long long)old_id);
	return buf_printf(&said, "~%lld,%lld ", (long long)old_id,
	    (long long)new_id);
}

static sqlite3_stmt *
rows(struct db *db, const char *values)
{
	char sql[512];

	snprintf(sql, sizeof(sql), "SELECT * FROM (%s %s) ORDER BY 4",
	    values[0] != '\0' ? "VALUES" : "SELECT 1, 2, 3, 4 WHERE 0",
	    values);
	return db_prepare(db, sql);
}

static int
merge(struct db *db, const char *older, const char *newer, int64_t stop_at,
    struct diff_count *count)
{
	sqlite3_stmt *a = rows(db, older), *b = rows(db, newer);
	int r;

	buf_clear(&said);
	buf_str(&said, "");
	r = diff_merge(db, a, b, say, &stop_at, count);
	sqlite3_finalize(a);
	sqlite3_finalize(b);
	return r;
}

int
main(void)
{
	struct diff_count n;
	struct db db;
	size_t i;

	buf_init(&said, 65536);
	if (db_open(&db, ":memory:", DB_CREATE) == -1)
		return 1;
	for (i = 0; i < TAP_COUNT(cases); i++) {
		merge(&db, cases[i].older, cases[i].newer, 0, &n);
		tap_str(said.data, cases[i].want, cases[i].descr);
	}
	merge(&db, "(1, 'h', 0, 1), (2, 'h', 0, 2), (3, 'h', 0, 3)",
	    "(4, 'i', 0, 2), (5, 'h', 0, 3), (6, 'h', 0, 4)", 0, &n);
	tap_ok(n.old_rows == 3 && n.new_rows == 3 && n.inserted == 1 &&
	    n.updated == 1 && n.deleted == 1, "the counts");
	tap_int(merge(&db, "", "(1, 'h', 0, 1), (2, 'h', 0, 2)", 2, &n), -1,
	    "stopped by the callback");
	tap_str(said.data, "+1 ", "after the first");
	tap_int(merge(&db, "", "(1, 'h', 0, abs(-9223372036854775807 - 1))",
	    0, &n), -1, "a step that fails");
	db_close(&db);
	buf_release(&said);
	return tap_done();
}
