/* A request to a route: what it gives, and each problem by name. */
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/query.h"
#include "store/query_words.h"
#include "tap.h"
#include "tmpdir.h"

/* --- words -------------------------------------------------------------- */

static const struct {
	const char *typed, *want;
	int n;
} words[] = {
	{ "intro comp", "\"intro\"* \"comp\"*", 2 },
	{ "  01:198:111\t", "\"01:198:111\"*", 1 },
	{ "\"data structures\" java", "\"data structures\" \"java\"*", 2 },
	{ "\"unfinished", "\"unfinished\"", 1 },
	{ "NOT a AND (b OR c*)", "\"NOT\"* \"a\"* \"AND\"* \"(b\"* \"OR\"* "
	    "\"c*)\"*", 6 },
	{ "caf\303\251", "\"caf\303\251\"*", 1 },
	{ "& - \"\" \"--\"", "", 0 },
	{ "", "", 0 },
};

static void
check_words(void)
{
	struct buf b;
	size_t i;
	int n;

	for (i = 0; i < TAP_COUNT(words); i++) {
		buf_init(&b, 1000);
		n = query_words(&b, words[i].typed);
		tap_ok(n == words[i].n && strcmp(b.len > 0 ? b.data : "",
		    words[i].want) == 0, "words: %s", words[i].typed);
		buf_release(&b);
	}
	buf_init(&b, 10);
	tap_int(query_words(&b, "far too many"), -1, "words: no room");
	tap_int((int64_t)b.len, 0, "words: and nothing added");
	buf_release(&b);
}

/* --- a snapshot by hand ------------------------------------------------- */

static const char declaration[] =
"{\"source\":{\"name\":\"s\",\"dataset_key\":[\"day\"],\"part_member\":"
"\"feed\"},\"part\":{\"a\":{\"format\":\"json-array\",\"schema_version\":"
"\"1\"}},\"table\":{\"items\":{\"part\":\"a\",\"rows\":\"\",\"key\":[\"id\"],"
"\"columns\":{\"id\":\"/id\"}}},"
"\"snapshot\":{\"files\":[\"fast\",\"more\"]},\"route\":{"
"\"things\":{\"path\":\"/things\",\"from\":\"things t\",\"key\":\"t.n\","
"\"select\":\"t.n, t.name, t.price, t.good, t.tags, (SELECT text FROM "
"more.notes WHERE n = t.n) AS note\",\"order\":\"t.n\",\"json\":[\"tags\"],"
"\"boolean\":[\"good\"],\"page\":{\"size\":2,\"max\":3},"
"\"sort\":{\"name\":\"t.name\",\"price\":\"t.price\"},\"param\":{"
"\"kind\":{\"values\":[\"a\",\"b\"],\"sql\":\"t.kind = :kind\"},"
"\"kinds\":{\"many\":true,\"pattern\":\"[a-z]\",\"sql\":\"t.kind IN (SELECT "
"value FROM json_each(:kinds))\"},"
"\"min\":{\"type\":\"real\",\"min\":0,\"max\":9.5,\"sql\":\"t.price >= "
":min\"},\"max\":{\"type\":\"real\",\"min\":0,\"max\":9.5,\"sql\":\"t.price "
"<= :max\"},\"ns\":{\"type\":\"integer\",\"min\":1,\"max\":9,\"many\":true,"
"\"sql\":\"t.n IN (SELECT value FROM json_each(:ns))\"},"
"\"good\":{\"type\":\"boolean\",\"sql\":\"t.good = :good\"},"
"\"since\":{\"type\":\"instant\",\"sql\":\"t.at >= :since\"},"
"\"q\":{\"type\":\"words\",\"sql\":\"t.n IN (SELECT rowid FROM words WHERE "
"words MATCH :q)\"}},\"check\":{\"order\":{\"param\":\"min\",\"sql\":"
"\"SELECT 'is over max' WHERE :min > :max\"}}},"
"\"owners\":{\"path\":\"/owners\",\"from\":\"(SELECT DISTINCT kind FROM "
"things) k\",\"select\":\"k.kind\",\"order\":\"k.kind\",\"param\":{"
"\"name\":{\"sql\":\"t.name = :name\",\"within\":\"thing\"},\"good\":"
"{\"type\":\"boolean\",\"sql\":\"t.good = :good\",\"within\":\"thing\"},"
"\"kind\":{\"sql\":\"k.kind = :kind\"}},\"within\":{\"thing\":"
"\"k.kind IN (SELECT kind FROM things t WHERE {filters})\"}},"
"\"plain\":{\"path\":\"/plain\",\"from\":\"things t\",\"select\":\"t.n\","
"\"order\":\"t.n\",\"param\":{\"kind\":{\"required\":true,\"sql\":\"t.kind "
"= :kind\"}}},"
"\"thing\":{\"path\":\"/things/{name}\",\"from\":\"things t\",\"select\":"
"\"t.n, t.name\",\"one\":true,\"param\":{\"name\":{\"sql\":\"t.name = "
":name\"}}},"
"\"counts\":{\"path\":\"/counts\",\"facet\":{\"kind\":{\"sql\":\"SELECT "
"kind AS value, count(*) AS n FROM things t WHERE {filters} GROUP BY 1\","
"\"except\":[\"kind\"]},\"all\":{\"sql\":\"SELECT count(*) AS n FROM things "
"t WHERE {filters}\"}},\"param\":{\"kind\":{\"sql\":\"t.kind = :kind\"},"
"\"good\":{\"type\":\"boolean\",\"sql\":\"t.good = :good\"}}},"
"\"slow\":{\"path\":\"/slow\",\"from\":\"things t\",\"select\":\"(WITH "
"RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) "
"FROM c)\",\"one\":true},"
"\"wrong\":{\"path\":\"/wrong\",\"from\":\"things t\",\"select\":\"t.n\","
"\"order\":\"t.n\",\"sort\":{\"x\":\"t.nothing\"}},"
"\"stranger\":{\"path\":\"/stranger\",\"from\":\"things t\",\"select\":"
"\"t.n\",\"order\":\"t.n\",\"param\":{\"a\":{\"sql\":\"t.n = :b\"}}}"
"}}";

static const char fast[] =
"CREATE TABLE things (n INTEGER PRIMARY KEY, name TEXT, kind TEXT,"
"  price REAL, good INTEGER, tags TEXT, at TEXT);"
"INSERT INTO things VALUES"
"  (1, 'one', 'a', 1.5, 1, '[1,2]', '2026-01-01T00:00:00.000Z'),"
"  (2, 'two', 'b', 2.5, 0, NULL, '2026-01-02T00:00:00.000Z'),"
"  (3, 'a b%c/d', 'a', NULL, 1, '{\"x\":null}', '2026-01-03T00:00:00.000Z'),"
"  (4, 'four', 'c', 2.5, NULL, '[]', '2026-01-04T00:00:00.000Z');"
"CREATE VIRTUAL TABLE words USING fts5(text, content='');"
"INSERT INTO words (rowid, text) SELECT n, name FROM things;";

static const char more[] =
"CREATE TABLE notes (n INTEGER PRIMARY KEY, text TEXT);"
"INSERT INTO notes VALUES (1, 'a \"note\"');";

static const char metadata[] =
"{\"snapshot\":\"v1-0123456789ab\",\"source\":\"s\",\"schema\":1,\"version\":"
"\"v1\",\"generated_at\":\"2026-01-05T00:00:00.000Z\",\"partial\":false,"
"\"validated\":true,\"datasets\":[],\"files\":[]}";

static void
make_file(const char *path, const char *sql)
{
	sqlite3 *h;

	if (sqlite3_open(path, &h) != SQLITE_OK ||
	    sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK) {
		printf("Bail out! %s: %s\n", path, sqlite3_errmsg(h));
		exit(99);
	}
	sqlite3_close(h);
}

/* --- requests ----------------------------------------------------------- */

#define META(s) "{\"meta\":{" s "\"generatedAt\":" \
	"\"2026-01-05T00:00:00.000Z\",\"version\":\"v1\"," \
	"\"snapshot\":\"v1-0123456789ab\"},\"data\":"
#define PAGE(p, size, total, next) META("\"page\":" p ",\"pageSize\":" size \
	",\"total\":" total ",\"hasNext\":" next ",")
#define ONE "{\"n\":1,\"name\":\"one\",\"price\":1.5,\"good\":true," \
	"\"tags\":[1,2],\"note\":\"a \\\"note\\\"\"}"
#define TWO "{\"n\":2,\"name\":\"two\",\"price\":2.5,\"good\":false," \
	"\"tags\":null,\"note\":null}"
#define THREE "{\"n\":3,\"name\":\"a b%c/d\",\"price\":null,\"good\":true," \
	"\"tags\":{\"x\":null},\"note\":null}"
#define FOUR "{\"n\":4,\"name\":\"four\",\"price\":2.5,\"good\":null," \
	"\"tags\":[],\"note\":null}"
#define PROBLEMS(message, list) "{\"error\":{\"code\":\"bad_request\"," \
	"\"message\":\"" message "\",\"traceId\":\"t1\",\"details\":[" list \
	"]}}\n"
#define PROBLEM(param, message) "{\"param\":\"" param "\",\"message\":\"" \
	message "\"}"
#define ALONE(p, m) PROBLEMS(p ": " m, PROBLEM(p, m))
#define ERROR(code, message) "{\"error\":{\"code\":\"" code "\"," \
	"\"message\":\"" message "\",\"traceId\":\"t1\",\"details\":[]}}\n"

static const struct {
	const char *path, *query;
	int status;
	const char *want;
} cases[] = {
	{ "/things", NULL, 200, PAGE("1", "2", "4", "true") "[" ONE "," TWO
	    "]}\n" },
	{ "/things", "page=2", 200, PAGE("2", "2", "4", "false") "[" THREE
	    "," FOUR "]}\n" },
	{ "/things", "page=3", 200, PAGE("3", "2", "4", "false") "[]}\n" },
	{ "/things", "pageSize=3&page=2", 200, PAGE("2", "3", "4", "false")
	    "[" FOUR "]}\n" },
	{ "/things", "sort=-price,name&pageSize=3", 200,
	    PAGE("1", "3", "4", "true") "[" FOUR "," TWO "," ONE "]}\n" },
	{ "/things", "kind=b", 200, PAGE("1", "2", "1", "false") "[" TWO
	    "]}\n" },
	{ "/things", "kind=b&good=true", 200, PAGE("1", "2", "0", "false")
	    "[]}\n" },
	{ "/things", "kinds=b,c", 200, PAGE("1", "2", "2", "false") "[" TWO
	    "," FOUR "]}\n" },
	{ "/things", "kinds=b&kinds=c,,&page=1", 200,
	    PAGE("1", "2", "2", "false") "[" TWO "," FOUR "]}\n" },
	{ "/things", "ns=4&ns=2", 200, PAGE("1", "2", "2", "false") "[" TWO
	    "," FOUR "]}\n" },
	{ "/things", "min=2&max=2.5e0", 200, PAGE("1", "2", "2", "false")
	    "[" TWO "," FOUR "]}\n" },
	{ "/things", "since=2026-01-04T00:00:00Z", 200,
	    PAGE("1", "2", "1", "false") "[" FOUR "]}\n" },
	{ "/things", "q=ON", 200, PAGE("1", "2", "1", "false") "[" ONE
	    "]}\n" },
	{ "/things", "q=d+b", 200, PAGE("1", "2", "1", "false") "[" THREE
	    "]}\n" },
	{ "/things", "q=%22b+a%22", 200, PAGE("1", "2", "0", "false")
	    "[]}\n" },
	{ "/plain", "&kind=a&", 200, PAGE("1", "25", "2", "false")
	    "[{\"n\":1},{\"n\":3}]}\n" },
	{ "/owners", NULL, 200, PAGE("1", "25", "3", "false")
	    "[{\"kind\":\"a\"},{\"kind\":\"b\"},{\"kind\":\"c\"}]}\n" },
	{ "/owners", "name=two&good=false", 200,
	    PAGE("1", "25", "1", "false") "[{\"kind\":\"b\"}]}\n" },
	{ "/owners", "name=two&good=true", 200,
	    PAGE("1", "25", "0", "false") "[]}\n" },
	{ "/owners", "good=true&kind=a", 200,
	    PAGE("1", "25", "1", "false") "[{\"kind\":\"a\"}]}\n" },
	{ "/things/one", NULL, 200, META("") "{\"n\":1,\"name\":\"one\"}}\n" },
	{ "/things/a%20b%25c%2Fd", "", 200, META("")
	    "{\"n\":3,\"name\":\"a b%c/d\"}}\n" },
	{ "/things/a+b", NULL, 404, ERROR("not_found",
	    "there is no such thing") },
	{ "/counts", "kind=a&good=1", 200, META("") "{\"kind\":[{\"value\":"
	    "\"a\",\"n\":2}],\"all\":[{\"n\":2}]}}\n" },
	{ "/counts", "kind=c", 200, META("") "{\"kind\":[{\"value\":\"a\","
	    "\"n\":2},{\"value\":\"b\",\"n\":1},{\"value\":\"c\",\"n\":1}],"
	    "\"all\":[{\"n\":1}]}}\n" },

	{ "/plain", NULL, 400, ALONE("kind", "is missing") },
	{ "/plain", "kind=", 400, ALONE("kind", "is empty") },
	{ "/plain", "kind", 400, ALONE("kind", "is empty") },
	{ "/plain", "kind=a&kind=b", 400, ALONE("kind", "is given twice") },
	{ "/plain", "kind=%zz", 400, ALONE("kind",
	    "has a % that is no %XX") },
	{ "/plain", "kind=%4", 400, ALONE("kind",
	    "has a % that is no %XX") },
	{ "/plain", "kind=a%00b", 400, ALONE("kind", "has a NUL in it") },
	{ "/plain", "kind=%ff", 400, ALONE("kind", "is no UTF-8") },
	{ "/things", "colour=red", 400, ALONE("colour",
	    "is no parameter of /things") },
	{ "/things", "=red", 400, ALONE("?",
	    "a parameter without a name that can be one") },
	{ "/things/one", "name=x", 400, ALONE("name",
	    "is no parameter of /things/{name}") },
	{ "/things/one", "page=1", 400, ALONE("page",
	    "is no parameter of /things/{name}") },
	{ "/things/%00", NULL, 400, ALONE("name", "has a NUL in it") },
	{ "/things", "kind=x", 400, ALONE("kind",
	    "\\\"x\\\" is not one of a, b") },
	{ "/things", "kinds=a,bb", 400, ALONE("kinds",
	    "\\\"bb\\\" is not like [a-z]") },
	{ "/things", "kinds=,", 400, ALONE("kinds", "is empty") },
	{ "/things", "good=yes", 400, ALONE("good",
	    "\\\"yes\\\" is not true or false") },
	{ "/things", "min=nan", 400, ALONE("min",
	    "\\\"nan\\\" is no number") },
	{ "/things", "min=0x1", 400, ALONE("min",
	    "\\\"0x1\\\" is no number") },
	{ "/things", "min=9.6", 400, ALONE("min", "is not from 0 to 9.5") },
	{ "/things", "ns=1.5", 400, ALONE("ns",
	    "\\\"1.5\\\" is no integer") },
	{ "/things", "ns=10", 400, ALONE("ns", "is not from 1 to 9") },
	{ "/things", "since=yesterday", 400, ALONE("since",
	    "\\\"yesterday\\\" is no instant such as 2026-11-20T22:31:14Z") },
	{ "/things", "q=%26", 400, ALONE("q", "has no word in it") },
	{ "/things", "sort=size", 400, ALONE("sort",
	    "\\\"size\\\" is not one of name, price") },
	{ "/things", "pageSize=4", 400, ALONE("pageSize",
	    "\\\"4\\\" is no integer from 1 to 3") },
	{ "/things", "page=0", 400, ALONE("page",
	    "\\\"0\\\" is no integer from 1 to 1000000") },
	{ "/things", "min=3&max=2", 400, ALONE("min", "is over max") },
	{ "/things", "kind=x&page=x&good=x", 400, PROBLEMS("3 problems",
	    PROBLEM("kind", "\\\"x\\\" is not one of a, b") ","
	    PROBLEM("page", "\\\"x\\\" is no integer from 1 to 1000000") ","
	    PROBLEM("good", "\\\"x\\\" is not true or false")) },
	{ "/slow", NULL, 503, ERROR("too_long",
	    "the answer takes too long") },
	{ "/wrong", "sort=x", 500, ERROR("internal",
	    "something went wrong here") },
};

static int
ask(struct query *q, struct snapshot_db *s, const struct decl_routes *all,
    const char *path, const char *query, struct buf *out)
{
	struct route_capture c[ROUTE_CAPTURES_MAX];
	struct query_options o = { "t1", 50 };
	const struct route *r;
	size_t n;

	buf_clear(out);
	r = route_match(all, path, c, &n);
	return r == NULL ? 0 : query_answer(q, s, r, c, n, query, &o, out);
}

static void
check_cases(struct query *q, struct snapshot_db *s,
    const struct decl_routes *all)
{
	struct buf out;
	size_t i;
	int status;

	buf_init(&out, QUERY_ANSWER_BYTES);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		status = ask(q, s, all, cases[i].path, cases[i].query, &out);
		tap_ok(status == cases[i].status, "%s?%s: %d (%s)",
		    cases[i].path, cases[i].query != NULL ? cases[i].query :
		    "", status, db_message(&s->db));
		tap_str(out.data, cases[i].want, "its body");
	}
	buf_release(&out);
}

/* More statements than are kept, then the first again. */
static void
check_cache(struct query *q, struct snapshot_db *s,
    const struct decl_routes *all)
{
	char text[32];
	struct buf out;
	int i, bad = 0;

	buf_init(&out, QUERY_ANSWER_BYTES);
	for (i = 0; i < 2 * SNAPSHOT_STATEMENTS; i++) {
		snprintf(text, sizeof(text), "SELECT %d", i);
		bad += snapshot_db_statement(s, text) == NULL;
	}
	tap_int(bad, 0, "more statements than are kept");
	tap_int(ask(q, s, all, "/things", "kind=b", &out), 200,
	    "and those before them again");
	buf_release(&out);
}

static void
check_long(struct query *q, struct snapshot_db *s,
    const struct decl_routes *all)
{
	struct buf query, out;
	int i;

	buf_init(&query, 1 << 20);
	buf_init(&out, QUERY_ANSWER_BYTES);
	buf_str(&query, "kind=");
	for (i = 0; i < QUERY_VALUE_BYTES + 1; i++)
		buf_chr(&query, 'x');
	tap_int(ask(q, s, all, "/plain", query.data, &out), 400,
	    "a long value");
	tap_ok(strstr(out.data, "kind: is over 512 bytes") != NULL,
	    "is told: %s", out.data);
	buf_clear(&query);
	buf_str(&query, "kinds=a");
	while (query.len < 30000)
		buf_str(&query, query.len % 5000 < 2 ? "&kinds=b" : ",c");
	tap_int(ask(q, s, all, "/things", query.data, &out), 400,
	    "a long list");
	buf_clear(&query);
	for (i = 0; i < 3 * QUERY_PROBLEMS_MAX; i++)
		buf_printf(&query, "x%d=1&", i);
	tap_int(ask(q, s, all, "/things", query.data, &out), 400,
	    "more problems than are told");
	tap_ok(strstr(out.data, "64 problems") != NULL, "64 are");
	buf_release(&query);
	buf_release(&out);
}

static void
check_sql(struct query *q, struct snapshot_db *s,
    const struct decl_routes *all)
{
	static const char *const want[] = { "", "", "", "", "", "",
	    "route.wrong.sort.x", "route.stranger.param.a" };
	struct buf where;
	size_t i;

	for (i = 0; i < all->n; i++) {
		buf_init(&where, 1000);
		tap_int(query_check(q, s, &all->list[i], &where),
		    want[i][0] == '\0' ? 0 : -1, all->list[i].name);
		tap_str(where.len > 0 ? where.data : "", want[i],
		    "where it is wrong");
		buf_release(&where);
	}
}

int
main(void)
{
	struct decl_snapshot rules;
	struct decl_routes routes;
	struct snapshot_db s;
	struct query q;
	struct decl d;
	struct buf why;

	check_words();
	tmpdir_enter();
	mkdir("x", 0777);
	make_file("x/fast.sqlite", fast);
	make_file("x/more.sqlite", more);
	tmpdir_text("d.json", declaration);
	buf_init(&why, 8192);
	if (decl_load(&d, "d.json", &why) == -1 ||
	    decl_snapshot_read(&d, &rules, &why) == -1 ||
	    decl_routes_read(&d, &routes, &why) == -1) {
		printf("Bail out! %s\n", why.data);
		return 99;
	}
	tap_int(snapshot_db_open(&s, "x", &rules), -1, "without metadata");
	tap_int(db_status(&s.db), EXIT_NOINPUT, "is no snapshot");
	snapshot_db_close(&s);
	tmpdir_text("x/metadata.json", "{\"snapshot\":\"v1\"}");
	tap_int(snapshot_db_open(&s, "x", &rules), -1, "other metadata");
	tap_int(db_status(&s.db), EXIT_DATA, "neither");
	snapshot_db_close(&s);
	tmpdir_text("x/metadata.json", metadata);
	tap_int(snapshot_db_open(&s, "x", &rules), 0, "a snapshot");
	query_init(&q);
	check_cases(&q, &s, &routes);
	check_cache(&q, &s, &routes);
	check_long(&q, &s, &routes);
	check_sql(&q, &s, &routes);
	tap_int(db_exec(&s.db, "DELETE FROM things"), -1, "nothing is written");
	query_release(&q);
	snapshot_db_close(&s);
	decl_release(&d);
	buf_release(&why);
	tmpdir_leave();
	return tap_done();
}
