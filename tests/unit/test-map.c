/*
 * test-map -- payload elements into rows: what goes where, and that the
 * order of members and arrays never counts.
 */
#include "staged.h"

/*
 * Items with a nested list twice as deep, a projection, a derived table,
 * and one column of each type.
 */
static const char declaration[] = "{\"source\":{\"name\":\"s\","
"\"dataset_key\":[\"day\"],\"part_member\":\"feed\"},"
"\"part\":{\"main\":{\"format\":\"json-array\",\"schema_version\":\"1\"},"
"\"codes\":{\"format\":\"json-array\",\"schema_version\":\"1\"}},"
"\"table\":{"
"\"items\":{\"part\":\"main\",\"rows\":\"\",\"key\":[\"id\",\"kind\"],"
"\"null_key\":[\"kind\"],\"columns\":{"
"  \"id\":{\"at\":\"/id\",\"required\":true},\"kind\":\"/kind\","
"  \"name\":{\"at\":\"/a~1b/n\",\"values\":{\"old\":\"new\"}},"
"  \"raw\":{\"at\":\"/raw\",\"trim\":false},"
"  \"n\":{\"at\":\"/n\",\"type\":\"integer\"},"
"  \"r\":{\"at\":\"/r\",\"type\":\"real\"},"
"  \"b\":{\"at\":\"/b\",\"type\":\"boolean\"},"
"  \"j\":{\"at\":\"/j\",\"type\":\"json\"},"
"  \"t\":{\"at\":\"/t\",\"type\":\"minutes\"},"
"  \"d\":{\"at\":\"/d\",\"type\":\"digits\"},"
"  \"feed\":{\"part\":\"feed\"}}},"
"\"tags\":{\"parent\":\"items\",\"rows\":\"/in/tags\",\"key\":[\"id\","
"  \"tag\"],\"columns\":{\"id\":{\"parent\":true},"
"  \"kind\":{\"parent\":true},\"tag\":\"/tag\"}},"
"\"notes\":{\"parent\":\"tags\",\"rows\":\"/notes\",\"key\":[\"id\","
"  \"tag\",\"note\"],\"may_repeat\":true,\"columns\":{"
"  \"id\":{\"parent\":true},\"tag\":{\"parent\":true},\"note\":\"\"}},"
"\"kinds\":{\"part\":\"main\",\"rows\":\"\",\"distinct\":true,"
"  \"key\":[\"kind\"],\"columns\":{\"kind\":\"/kind\","
"  \"title\":\"/kind_title\"}},"
"\"codes\":{\"part\":\"codes\",\"rows\":\"\",\"key\":[\"code\"],"
"  \"columns\":{\"code\":\"\"}},"
"\"totals\":{\"key\":[\"kind\"],\"columns\":{\"kind\":{\"type\":\"text\"},"
"  \"n\":{\"type\":\"integer\"}},\"sql\":\"INSERT INTO totals (day, kind, n)"
"  SELECT day, kind, count(*) FROM items WHERE kind IS NOT NULL"
"  GROUP BY day, kind\"}},"
"\"finding\":{\"big\":{\"severity\":\"info\",\"text\":\"big\","
"  \"sql\":\"SELECT id AS row_key, n AS detail FROM items WHERE n > 99\"}}}";

#define ITEMS "SELECT id, kind, name, raw, n, r, b, j, t, extra FROM items " \
	"ORDER BY id, kind, occurrence"
#define FINDINGS "SELECT code, severity, table_name, column_name, n, " \
	"row_key, detail FROM findings WHERE code <> 'missing_member'"
#define TAGS "SELECT id, tag, parent_occurrence, occurrence, extra " \
	"FROM tags ORDER BY id, tag, occurrence"
#define NOTES "SELECT id, tag, note, parent_occurrence, occurrence, extra " \
	"FROM notes ORDER BY id, tag, note, occurrence"

static const struct {
	const char *descr, *in, *sql, *want;
} cases[] = {
	{ "nothing", "[]", ITEMS, "" },
	{ "every type",
	    "[{\"id\":\" 1\\t\",\"kind\":\"k\",\"a/b\":{\"n\":\"x y \"},"
	    "\"raw\":\" r \",\"n\":-3,\"r\":2,\"b\":true,"
	    "\"j\":{\"b\":1,\"a\":[]},\"t\":\"0930\"}]", ITEMS,
	    "1|k|x y| r |-3|2.0|1|{\"a\":[],\"b\":1}|570|NULL\n" },
	{ "blanks are NULL",
	    "[{\"id\":\"1\",\"kind\":\" \",\"a/b\":null,\"raw\":\"\","
	    "\"n\":null,\"r\":\" \",\"b\":\"\",\"j\":null,\"t\":\"    \"}]",
	    ITEMS, "1|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n" },
	{ "and no finding", "[{\"id\":\"1\",\"kind\":\" \",\"a/b\":\"\","
	    "\"n\":\" \",\"in\":null}]", FINDINGS, "" },
	{ "untrimmed blanks are a value", "[{\"id\":\"1\",\"raw\":\"  \"}]",
	    ITEMS, "1|NULL|NULL|  |NULL|NULL|NULL|NULL|NULL|NULL\n" },
	{ "whole reals are integers, and back",
	    "[{\"id\":\"1\",\"n\":3.0,\"r\":-0.0}]", ITEMS,
	    "1|NULL|NULL|NULL|3|0.0|NULL|NULL|NULL|NULL\n" },
	{ "exact up to 2^53",
	    "[{\"id\":\"1\",\"n\":9007199254740992,\"r\":-9007199254740992}]",
	    ITEMS, "1|NULL|NULL|NULL|9007199254740992|-9.00719925474099e+15|"
	    "NULL|NULL|NULL|NULL\n" },
	{ "beyond it goes to extra",
	    "[{\"id\":\"1\",\"n\":9007199254740993,\"r\":9007199254740993}]",
	    ITEMS, "1|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
	    "{\"n\":9007199254740993,\"r\":9007199254740993}\n" },
	{ "what does not fit goes to its place in extra",
	    "[{\"id\":\"1\",\"t\":\"2360\",\"n\":\"7\",\"b\":1,\"raw\":false,"
	    "\"r\":[1],\"a/b\":{\"n\":{\"z\":0}},\"kind\":7}]", ITEMS,
	    "1|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|{\"a/b\":{\"n\":"
	    "{\"z\":0}},\"b\":1,\"kind\":7,\"n\":\"7\",\"r\":[1],"
	    "\"raw\":false,\"t\":\"2360\"}\n" },
	{ "with findings", "[{\"id\":\"1\",\"t\":\"2360\",\"n\":\"7\"},"
	    "{\"id\":\"0\",\"n\":1.5,\"t\":\"12:0\"}]", FINDINGS,
	    "bad_time|warning|items|t|2|0|\"12:0\"\n"
	    "wrong_type|warning|items|n|2|0|1.5\n" },
	{ "an object where a text should be, and the other way round",
	    "[{\"id\":\"1\",\"a/b\":\"x\",\"raw\":{\"y\":1}}]", ITEMS,
	    "1|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
	    "{\"a/b\":\"x\",\"raw\":{\"y\":1}}\n" },
	{ "a NUL fits no column", "[{\"id\":\"1\",\"raw\":\"a\\u0000b\"}]",
	    ITEMS, "1|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
	    "{\"raw\":\"a\\u0000b\"}\n" },
	{ "unknown members, sorted, at their depth",
	    "[{\"z\":null,\"id\":\"1\",\"a/b\":{\"q\":[{\"y\":1,\"x\":2}],"
	    "\"n\":\"m\"},\"c\":\"\"}]", ITEMS, "1|NULL|m|NULL|NULL|NULL|"
	    "NULL|NULL|NULL|{\"a/b\":{\"q\":[{\"x\":2,\"y\":1}]},\"c\":\"\","
	    "\"z\":null}\n" },
	{ "unknown members are named by pointer",
	    "[{\"id\":\"1\",\"x~/y\":1,\"a/b\":{\"q\":2}}]", FINDINGS,
	    "unknown_member|info|items|/a~1b/q|1|1|2\n"
	    "unknown_member|info|items|/x~0~1y|1|1|1\n" },
	{ "a value map", "[{\"id\":\"1\",\"a/b\":{\"n\":\" old\"}}]", ITEMS,
	    "1|NULL|new|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n" },
	{ "a second member of one name",
	    "[{\"id\":\"1\",\"id\":\"2\",\"n\":1,\"n\":2}]", ITEMS,
	    "1|NULL|NULL|NULL|1|NULL|NULL|NULL|NULL|"
	    "{\"id\":\"2\",\"n\":2}\n" },
	{ "is a finding", "[{\"id\":\"1\",\"n\":1,\"n\":2}]", FINDINGS,
	    "duplicate_member|warning|items|/n|1|1|2\n" },
	{ "a second object and a second array of rows",
	    "[{\"id\":\"1\",\"a/b\":{\"n\":\"x\"},\"a/b\":{\"n\":\"y\"},"
	    "\"in\":{\"tags\":[],\"tags\":[{\"tag\":\"t\"}]}}]", ITEMS,
	    "1|NULL|x|NULL|NULL|NULL|NULL|NULL|NULL|{\"a/b\":{\"n\":\"y\"},"
	    "\"in\":{\"tags\":[{\"tag\":\"t\"}]}}\n" },
	{ "rows that are no array", "[{\"id\":\"1\",\"in\":{\"tags\":"
	    "{\"tag\":\"t\"}}}]", ITEMS, "1|NULL|NULL|NULL|NULL|NULL|NULL|"
	    "NULL|NULL|{\"in\":{\"tags\":{\"tag\":\"t\"}}}\n" },
	{ "nested rows", "[{\"id\":\"1\",\"kind\":\"k\",\"in\":{\"tags\":["
	    "{\"tag\":\"b\"},{\"tag\":\"a\",\"x\":1},{}]}}]", TAGS,
	    "1||1|1|NULL\n1|a|1|1|{\"x\":1}\n1|b|1|1|NULL\n" },
	{ "items that are no objects", "[{\"id\":\"1\",\"in\":{\"tags\":["
	    "7,null,[\"a\"]]}}]", "SELECT tag, extra FROM tags ORDER BY 2",
	    "|NULL\n|7\n|[\"a\"]\n" },
	{ "scalars are rows too", "[{\"id\":\"1\",\"in\":{\"tags\":["
	    "{\"tag\":\"t\",\"notes\":[\"x\",\" x\",5]}]}}]", NOTES,
	    "1|t||1|1|5\n1|t|x|1|1|NULL\n1|t|x|1|2|NULL\n" },
	{ "a row without its key is put aside with its children",
	    "[{\"id\":\" \",\"in\":{\"tags\":[{\"tag\":\"t\",\"notes\":["
	    "\"x\",\"y\"]}]}},{\"id\":\"1\"}]",
	    "SELECT table_name, part, element, reason, payload FROM "
	    "quarantine UNION ALL SELECT table_name, payload_rows, rows, "
	    "quarantined, '' FROM staging_tables WHERE table_name IN "
	    "('items', 'tags', 'notes', 'kinds')",
	    "items|main|0|id is blank|{\"id\":\" \",\"in\":{\"tags\":["
	    "{\"notes\":[\"x\",\"y\"],\"tag\":\"t\"}]}}\n"
	    "items|2|1|1|\nkinds|NULL|0|0|\nnotes|2|0|2|\ntags|1|0|1|\n" },
	{ "an element that is no object at all", "[3]",
	    "SELECT payload FROM quarantine", "3\n" },
	{ "a projection has each content once",
	    "[{\"id\":\"1\",\"kind\":\"k\",\"kind_title\":\"K\"},"
	    "{\"id\":\"2\",\"kind\":\"k\",\"kind_title\":\"K \"},"
	    "{\"id\":\"3\",\"kind\":\"k\",\"kind_title\":\"L\"},"
	    "{\"id\":\"4\",\"kind_title\":\"M\"}]",
	    "SELECT kind, title, extra FROM kinds ORDER BY title",
	    "k|K|NULL\nk|L|NULL\n" },
	{ "and what only it names stays in the row's extra",
	    "[{\"id\":\"1\",\"kind\":\"k\",\"kind_title\":\"K\"}]", ITEMS,
	    "1|k|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
	    "{\"kind_title\":\"K\"}\n" },
	{ "without a finding", "[{\"id\":\"1\",\"kind\":\"k\","
	    "\"kind_title\":\"K\"}]", FINDINGS, "" },
	{ "two titles of one kind are a duplicate key",
	    "[{\"id\":\"1\",\"kind\":\"k\",\"kind_title\":\"K\"},"
	    "{\"id\":\"2\",\"kind\":\"k\",\"kind_title\":\"L\"}]", FINDINGS,
	    "duplicate_key|warning|kinds|NULL|1|k|2 rows\n" },
	{ "a derived table", "[{\"id\":\"1\",\"kind\":\"k\"},{\"id\":\"2\","
	    "\"kind\":\"k\"}]", "SELECT day, kind, n, occurrence, "
	    "length(row_hash) FROM totals", "d|k|2|1|16\n" },
	{ "a declared finding", "[{\"id\":\"2\",\"n\":100},{\"id\":\"1\","
	    "\"n\":200}]", FINDINGS, "big|info|NULL|NULL|2|1|200\n" },
	{ "the part as a column", "[{\"id\":\"1\"}]",
	    "SELECT day, feed FROM items", "d|main\n" },
	{ "integers that come as texts", "[{\"id\":\"1\",\"d\":\"-70\"},"
	    "{\"id\":\"2\",\"d\":7},{\"id\":\"3\",\"d\":\" 0 \"},"
	    "{\"id\":\"4\",\"d\":\"\"},{\"id\":\"5\",\"d\":\"07\"},"
	    "{\"id\":\"6\",\"d\":\"7.0\"},{\"id\":\"7\",\"d\":\"+7\"},"
	    "{\"id\":\"8\",\"d\":\"9007199254740992\"},"
	    "{\"id\":\"9\",\"d\":\"9007199254740993\"}]",
	    "SELECT id, d, extra FROM items ORDER BY id", "1|-70|NULL\n"
	    "2|7|NULL\n3|0|NULL\n4|NULL|NULL\n5|NULL|{\"d\":\"07\"}\n"
	    "6|NULL|{\"d\":\"7.0\"}\n7|NULL|{\"d\":\"+7\"}\n"
	    "8|9007199254740992|NULL\n9|NULL|{\"d\":\"9007199254740993\"}\n"
	    },
	{ "members that never came", "[{\"id\":\"1\",\"kind\":\"\","
	    "\"a/b\":{},\"n\":1,\"r\":1,\"j\":1,\"t\":null}]",
	    "SELECT code, table_name, column_name, n, detail FROM findings "
	    "ORDER BY 2, 3", "missing_member|items|/in|1|/in\n"
	    "missing_member|items|b|1|/b\n"
	    "missing_member|items|d|1|/d\n"
	    "missing_member|items|name|1|/a~1b/n\n"
	    "missing_member|items|raw|1|/raw\n"
	    "missing_member|kinds|title|1|/kind_title\n" },
};

static void
test_cases(const struct decl *d)
{
	struct staged g;
	struct buf out;
	size_t i;

	buf_init(&out, 65536);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		staged_open(&g, d, "d", "x/s.sqlite");
		if (staged_text(&g, "main", cases[i].in) == -1)
			staged_die(cases[i].descr,
			    staging_message(&g.staging));
		staged_complete(&g);
		buf_clear(&out);
		buf_str(&out, "");
		staged_query(&g, cases[i].sql, &out);
		tap_str(out.data, cases[i].want, cases[i].descr);
		staged_close(&g);
	}
	buf_release(&out);
}

/* Everything that a version would hold, in key order. */
static void
content(const struct decl *d, const char *in, struct buf *out)
{
	static const char *const sql[] = { ITEMS, TAGS, NOTES,
	    "SELECT kind, title, occurrence FROM kinds ORDER BY 1, 3",
	    "SELECT hex(row_hash), occurrence FROM items ORDER BY 1, 2",
	    "SELECT hex(row_hash), occurrence, parent_occurrence FROM tags "
	    "ORDER BY 1, 2, 3", "SELECT hex(row_hash), occurrence, "
	    "parent_occurrence FROM notes ORDER BY 1, 2, 3",
	    FINDINGS };
	struct staged g;
	size_t i;

	staged_open(&g, d, "d", "x/s.sqlite");
	if (staged_text(&g, "main", in) == -1)
		staged_die(in, staging_message(&g.staging));
	staged_complete(&g);
	buf_clear(out);
	for (i = 0; i < TAP_COUNT(sql); i++)
		staged_query(&g, sql[i], out);
	staged_close(&g);
}

/* Pairs that are the same data, or are not. */
static const struct {
	const char *descr, *a, *b;
	int same;
} pairs[] = {
	{ "the order of members",
	    "[{\"id\":\"1\",\"u\":{\"a\":1,\"b\":2},\"n\":1}]",
	    "[{\"n\":1,\"u\":{\"b\":2,\"a\":1},\"id\":\"1\"}]", 1 },
	{ "absent, null and blank",
	    "[{\"id\":\"1\",\"n\":null,\"raw\":\"\",\"in\":{}}]",
	    "[{\"id\":\"1\"}]", 1 },
	{ "3 and 3.0", "[{\"id\":\"1\",\"n\":3,\"r\":3}]",
	    "[{\"id\":\"1\",\"n\":3.0,\"r\":3.0}]", 1 },
	{ "the order of twins that differ",
	    "[{\"id\":\"1\",\"n\":1,\"in\":{\"tags\":[{\"tag\":\"a\"}]}},"
	    "{\"id\":\"1\",\"n\":2,\"in\":{\"tags\":[{\"tag\":\"b\"}]}}]",
	    "[{\"id\":\"1\",\"n\":2,\"in\":{\"tags\":[{\"tag\":\"b\"}]}},"
	    "{\"id\":\"1\",\"n\":1,\"in\":{\"tags\":[{\"tag\":\"a\"}]}}]",
	    1 },
	{ "the order of twins whose children differ",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"a\"},{\"tag\":"
	    "\"c\"}]}},{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"b\"}]}}]",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"b\"}]}},{\"id\":"
	    "\"1\",\"in\":{\"tags\":[{\"tag\":\"c\"},{\"tag\":\"a\"}]}}]",
	    1 },
	{ "the order of twins whose grandchildren differ",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"a\",\"notes\":["
	    "\"x\"]}]}},{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"a\","
	    "\"notes\":[\"y\",\"z\"]}]}}]",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"a\",\"notes\":["
	    "\"z\",\"y\"]}]}},{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":"
	    "\"a\",\"notes\":[\"x\"]}]}}]", 1 },
	{ "which twin has which child",
	    "[{\"id\":\"1\",\"n\":1,\"in\":{\"tags\":[{\"tag\":\"a\"}]}},"
	    "{\"id\":\"1\",\"n\":2,\"in\":{\"tags\":[{\"tag\":\"b\"}]}}]",
	    "[{\"id\":\"1\",\"n\":1,\"in\":{\"tags\":[{\"tag\":\"b\"}]}},"
	    "{\"id\":\"1\",\"n\":2,\"in\":{\"tags\":[{\"tag\":\"a\"}]}}]",
	    0 },
	{ "which tag has which note",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"a\",\"notes\":["
	    "\"x\"]},{\"tag\":\"b\",\"notes\":[\"y\"]}]}}]",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[{\"tag\":\"a\",\"notes\":["
	    "\"y\"]},{\"tag\":\"b\",\"notes\":[\"x\"]}]}}]", 0 },
	{ "full twins counted", "[{\"id\":\"1\"},{\"id\":\"1\"}]",
	    "[{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"}]", 0 },
	{ "a blank in untrimmed text", "[{\"id\":\"1\",\"raw\":\"a\"}]",
	    "[{\"id\":\"1\",\"raw\":\"a \"}]", 0 },
	{ "text and number", "[{\"id\":\"1\",\"n\":7}]",
	    "[{\"id\":\"1\",\"n\":\"7\"}]", 0 },
	{ "rows and an empty row",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[]}}]",
	    "[{\"id\":\"1\",\"in\":{\"tags\":[{}]}}]", 0 },
	{ "a value under another unknown name", "[{\"id\":\"1\",\"x\":1}]",
	    "[{\"id\":\"1\",\"y\":1}]", 0 },
};

static void
test_pairs(const struct decl *d)
{
	struct buf a, b;
	size_t i;

	buf_init(&a, 65536);
	buf_init(&b, 65536);
	for (i = 0; i < TAP_COUNT(pairs); i++) {
		content(d, pairs[i].a, &a);
		content(d, pairs[i].b, &b);
		if (pairs[i].same)
			tap_str(b.data, a.data, pairs[i].descr);
		else
			tap_ok(strcmp(a.data, b.data) != 0,
			    "differs: %s", pairs[i].descr);
	}
	buf_release(&a);
	buf_release(&b);
}

/* Numbers of twins and of what is below them agree. */
static void
test_twins(const struct decl *d)
{
	struct staged g;
	struct buf out;

	buf_init(&out, 65536);
	staged_open(&g, d, "d", "x/s.sqlite");
	staged_text(&g, "main", "[{\"id\":\"1\",\"kind\":\"a\",\"in\":{"
	    "\"tags\":[{\"tag\":\"t\",\"notes\":[\"1a\"]}]}},"
	    "{\"id\":\"1\",\"kind\":\"b\",\"in\":{\"tags\":[{\"tag\":\"t\","
	    "\"notes\":[\"1b\"]}]}},{\"id\":\"1\",\"kind\":\"a\",\"n\":2,"
	    "\"in\":{\"tags\":[{\"tag\":\"t\",\"notes\":[\"2a\"]}]}}]");
	staged_complete(&g);
	staged_query(&g, "SELECT n.note, i.kind, i.n FROM notes n "
	    "JOIN tags t ON t.id = n.id AND t.tag = n.tag "
	    "AND t.occurrence = n.parent_occurrence JOIN items i "
	    "ON i.id = t.id AND i.kind IS t.kind "
	    "AND i.occurrence = t.parent_occurrence ORDER BY n.note", &out);
	tap_str(out.data, "1a|a|NULL\n1b|b|NULL\n2a|a|2\n",
	    "each row finds its own parent");
	buf_clear(&out);
	staged_query(&g, "SELECT count(*), count(DISTINCT occurrence), "
	    "min(occurrence), max(occurrence) FROM tags", &out);
	tap_str(out.data, "3|3|1|3\n", "numbers are 1, 2, 3");
	staged_close(&g);
	buf_release(&out);
}

/* Two tables of one shape below another. */
static const char siblings[] = "{\"source\":{\"name\":\"s\","
"\"dataset_key\":[\"day\"],\"part_member\":\"feed\"},"
"\"part\":{\"main\":{\"format\":\"json-array\","
"\"schema_version\":\"1\"}},\"table\":{"
"\"items\":{\"part\":\"main\",\"rows\":\"\",\"key\":[\"id\"],"
"  \"columns\":{\"id\":\"/id\"}},"
"\"a\":{\"parent\":\"items\",\"rows\":\"/a\",\"key\":[\"id\",\"v\"],"
"  \"columns\":{\"id\":{\"parent\":true},\"v\":\"\"}},"
"\"b\":{\"parent\":\"items\",\"rows\":\"/b\",\"key\":[\"id\",\"v\"],"
"  \"columns\":{\"id\":{\"parent\":true},\"v\":\"\"}}}}";

static void
ask_siblings(const struct decl *d, const char *in, struct buf *out)
{
	struct staged g;

	staged_open(&g, d, "d", "x/s.sqlite");
	staged_text(&g, "main", in);
	staged_complete(&g);
	buf_clear(out);
	staged_query(&g, "SELECT 'a', v, parent_occurrence FROM a UNION ALL "
	    "SELECT 'b', v, parent_occurrence FROM b ORDER BY 1, 2", out);
	staged_close(&g);
}

/* What differs only in which of the two has which row is no equal twin. */
static void
test_siblings(void)
{
	struct decl d;
	struct buf out, swapped;

	tmpdir_text("siblings.json", siblings);
	staged_decl(&d, "siblings.json");
	buf_init(&out, 65536);
	buf_init(&swapped, 65536);
	ask_siblings(&d, "[{\"id\":\"1\",\"a\":[\"x\"],\"b\":[\"y\"]},"
	    "{\"id\":\"1\",\"a\":[\"y\"],\"b\":[\"x\"]}]", &out);
	ask_siblings(&d, "[{\"id\":\"1\",\"a\":[\"y\"],\"b\":[\"x\"]},"
	    "{\"id\":\"1\",\"a\":[\"x\"],\"b\":[\"y\"]}]", &swapped);
	tap_str(swapped.data, out.data,
	    "the order of twins whose children change places");
	buf_release(&out);
	buf_release(&swapped);
	decl_release(&d);
}

/* A key that no record about the row could name. */
static void
test_long_key(const struct decl *d)
{
	const char *sql = "SELECT length(kind), length(extra) FROM items "
	    "ORDER BY length(extra)";
	struct staged g;
	struct buf in, out;
	int i;

	buf_init(&in, (size_t)1 << 20);
	buf_init(&out, 65536);
	buf_str(&in, "[{\"id\":\"1\",\"kind\":\"");
	for (i = 0; i < 4096; i++)
		buf_chr(&in, 'k');
	buf_str(&in, "\"},{\"id\":\"2\",\"kind\":\"");
	for (i = 0; i < 4097; i++)
		buf_chr(&in, 'k');
	buf_str(&in, "\"}]");
	staged_open(&g, d, "d", "x/s.sqlite");
	staged_text(&g, "main", in.data);
	staged_complete(&g);
	staged_query(&g, sql, &out);
	staged_query(&g, FINDINGS " AND code = 'wrong_type'", &out);
	tap_ok(strstr(out.data, "4096|NULL\nNULL|4108\n"
	    "wrong_type|warning|items|kind|1|2|\"kkk") != NULL,
	    "text over 4 KiB is no key");
	staged_close(&g);
	buf_release(&in);
	buf_release(&out);
}

/* Payloads that no map can save. */
static const struct {
	const char *descr, *in;
	size_t len;		/* 0: a string */
} broken[] = {
	{ "no bytes", "", 0 },
	{ "no array", "{}", 0 },
	{ "cut in an element", "[{\"id\":\"1\"},{\"id\":", 0 },
	{ "cut between elements", "[{\"id\":\"1\"}", 0 },
	{ "no JSON inside", "[{\"id\":1,}]", 0 },
	{ "a lone surrogate", "[{\"id\":\"\\ud800\"}]", 0 },
	{ "Latin-1", "[{\"id\":\"\xf3\"}]", 0 },
	{ "a NUL between elements", "[1,\0 2]", 7 },
	{ "a number too large", "[{\"id\":1e999}]", 0 },
	{ "more after the end", "[] []", 0 },
};

static void
test_broken(const struct decl *d)
{
	struct staged g;
	size_t i;

	for (i = 0; i < TAP_COUNT(broken); i++) {
		staged_open(&g, d, "d", "x/s.sqlite");
		tmpdir_write("payload.json", broken[i].in, broken[i].len > 0 ?
		    broken[i].len : strlen(broken[i].in));
		tap_ok(staged_file(&g, "main", "payload.json") == -1 &&
		    staging_status(&g.staging) == EXIT_DATA &&
		    strstr(staging_message(&g.staging), "main") != NULL,
		    "65: %s", broken[i].descr);
		staged_close(&g);
		tap_ok(access("x/s.sqlite", F_OK) == -1 &&
		    access("x/.s.sqlite.tmp", F_OK) == -1, "nothing is left");
	}
}

/* A flood of different unknown members does not fill the memory. */
static void
test_flood(const struct decl *d)
{
	struct staged g;
	struct buf in, out;
	int i;

	buf_init(&in, (size_t)1 << 20);
	buf_init(&out, 65536);
	buf_str(&in, "[{\"id\":\"1\"");
	for (i = 0; i < 5000; i++)
		buf_printf(&in, ",\"m%d\":1", i);
	buf_str(&in, "}]");
	staged_open(&g, d, "d", "x/s.sqlite");
	staged_text(&g, "main", in.data);
	staged_complete(&g);
	staged_query(&g, "SELECT count(*) <= 256, sum(n) >= 5000, "
	    "max(code = 'other') FROM findings", &out);
	tap_str(out.data, "1|1|1\n", "findings beyond 256 count as one");
	staged_close(&g);
	buf_release(&in);
	buf_release(&out);
}

int
main(void)
{
	struct decl d;

	tmpdir_enter();
	tmpdir_text("d.json", declaration);
	staged_decl(&d, "d.json");
	test_cases(&d);
	test_pairs(&d);
	test_twins(&d);
	test_siblings();
	test_long_key(&d);
	test_broken(&d);
	test_flood(&d);
	decl_release(&d);
	tmpdir_leave();
	return tap_done();
}
