/* [snapshot] and [route] of a declaration: what is taken, each mistake. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "decl/route.h"
#include "decl/snapshot.h"
#include "tap.h"

#define HEAD "{\"source\":{\"name\":\"s\",\"dataset_key\":[\"day\"]," \
	"\"part_member\":\"feed\"},\"part\":{\"a\":{\"format\":" \
	"\"json-array\",\"schema_version\":\"1\"}},\"table\":{\"items\":" \
	"{\"part\":\"a\",\"rows\":\"\",\"key\":[\"id\"],\"columns\":" \
	"{\"id\":\"/id\"}}}"
#define SNAP(s) HEAD ",\"snapshot\":{\"files\":[\"f\",\"g\"]," s "}}"
#define TABLE(s) SNAP("\"table\":{\"t\":{" s "}}")
#define ROUTE(s) HEAD ",\"route\":{\"t\":{\"path\":\"/t\"," s "}}}"
#define ROWS "\"from\":\"t\",\"select\":\"a\""
#define PARAM(s) ROUTE(ROWS ",\"order\":\"a\",\"param\":{\"p\":{" s "}}")

static const struct {
	const char *descr, *in, *want;	/* want NULL: it is taken */
} cases[] = {
	{ "nothing said", HEAD "}", NULL },
	{ "all said", SNAP("\"copy\":\"g\",\"keep\":1,\"keep_days\":0,"
	    "\"stale_after_minutes\":5,\"changes\":{\"file\":\"g\","
	    "\"versions\":2,\"rows\":3},\"values\":{\"v\":{\"file\":\"f\","
	    "\"columns\":[\"a\",\"b\"],\"rows\":[[\"1\",\"2\"]]}},"
	    "\"table\":{\"t\":{\"file\":\"f\",\"columns\":\"a\",\"sql\":"
	    "\"q\",\"count\":\"q\",\"indexes\":{\"i\":\"(a)\"}},\"u\":"
	    "{\"file\":\"g\",\"fts5\":\"a\",\"sql\":\"q\"}},\"sample\":"
	    "{\"l\":{\"draw\":\"q\",\"want\":\"q\",\"got\":\"q\","
	    "\"n\":1}}"), NULL },
	{ "snapshot is no table", HEAD ",\"snapshot\":1}",
	    "snapshot: not a table" },
	{ "no files", HEAD ",\"snapshot\":{\"keep\":1}}",
	    "snapshot: \"files\" is missing" },
	{ "an empty list", HEAD ",\"snapshot\":{\"files\":[]}}",
	    "\"files\": 1 to 4" },
	{ "five files", HEAD ",\"snapshot\":{\"files\":[\"a\",\"b\",\"c\","
	    "\"d\",\"e\"]}}", "\"files\": 1 to 4" },
	{ "a file twice", HEAD ",\"snapshot\":{\"files\":[\"a\",\"a\"]}}",
	    "occurs twice" },
	{ "a file of SQLite's", HEAD ",\"snapshot\":{\"files\":[\"main\"]}}",
	    "a file named \"main\"" },
	{ "a file with a path", HEAD ",\"snapshot\":{\"files\":[\"../x\"]}}",
	    "is no name" },
	{ "a copy elsewhere", SNAP("\"copy\":\"h\""),
	    "no file \"h\" in snapshot.files" },
	{ "none kept", SNAP("\"keep\":0"), "\"keep\" is no integer from 1" },
	{ "changes without a file", SNAP("\"changes\":{}"),
	    "snapshot.changes: \"file\" is missing" },
	{ "take", SNAP("\"take\":\"promoted\""), NULL },
	{ "take what", SNAP("\"take\":\"all\""), "take \"all\" (ready, " },
	{ "an unknown member", SNAP("\"kepe\":1"), "unknown member \"kepe\"" },
	{ "neither columns nor fts5", TABLE("\"file\":\"f\",\"sql\":\"q\""),
	    "snapshot.table.t: one of \"columns\" and \"fts5\"" },
	{ "both", TABLE("\"file\":\"f\",\"sql\":\"q\",\"columns\":\"a\","
	    "\"fts5\":\"a\""), "one of \"columns\" and \"fts5\"" },
	{ "an index beside fts5", TABLE("\"file\":\"f\",\"sql\":\"q\","
	    "\"fts5\":\"a\",\"indexes\":{}"), "fts5 has no other indexes" },
	{ "an index that is no text", TABLE("\"file\":\"f\",\"sql\":\"q\","
	    "\"columns\":\"a\",\"indexes\":{\"i\":1}"),
	    "snapshot.table.t.indexes: \"i\" is not a string" },
	{ "a table's file", TABLE("\"file\":\"x\",\"sql\":\"q\","
	    "\"columns\":\"a\""), "no file \"x\"" },
	{ "a short row", SNAP("\"values\":{\"v\":{\"columns\":[\"a\","
	    "\"b\"],\"rows\":[[\"1\"]]}}"), "a row is no array of 2" },
	{ "a number in a row", SNAP("\"values\":{\"v\":{\"columns\":"
	    "[\"a\"],\"rows\":[[1]]}}"), "an item that is not a string" },
	{ "no rows", SNAP("\"values\":{\"v\":{\"columns\":[\"a\"]}}"),
	    "\"rows\" is not an array" },
	{ "a sample without got", SNAP("\"sample\":{\"l\":{\"draw\":\"q\","
	    "\"want\":\"q\"}}"), "snapshot.sample.l: \"got\" is missing" },

	{ "a route", ROUTE(ROWS ",\"order\":\"a\",\"key\":\"a\",\"json\":"
	    "[\"a\"],\"page\":{\"size\":5,\"max\":9},\"param\":{\"pQ\":"
	    "{\"type\":\"real\",\"min\":0,\"max\":1.5,\"sql\":\"a > :pQ\"}},"
	    "\"sort\":{\"x\":\"a\"},\"check\":{\"c\":{\"param\":\"pQ\","
	    "\"sql\":\"q\"}}"), NULL },
	{ "one row", ROUTE(ROWS ",\"one\":true"), NULL },
	{ "facets", ROUTE("\"facet\":{\"x\":{\"sql\":\"q\"}}"), NULL },
	{ "no order", ROUTE(ROWS), "route.t: \"order\" is missing" },
	{ "one row in order", ROUTE(ROWS ",\"one\":true,\"order\":\"a\""),
	    "neither order nor pages" },
	{ "facets and rows", ROUTE(ROWS ",\"facet\":{\"x\":{\"sql\":"
	    "\"q\"}}"), "facets stand instead" },
	{ "a page over its limit", ROUTE(ROWS ",\"order\":\"a\",\"page\":"
	    "{\"size\":5,\"max\":4}"), "\"size\" is over \"max\"" },
	{ "a type that is none", PARAM("\"type\":\"string\""),
	    "route.t.param.p: unknown type \"string\"" },
	{ "bounds of a text", PARAM("\"min\":1,\"max\":2"),
	    "are for numbers" },
	{ "one bound", PARAM("\"type\":\"integer\",\"min\":1"),
	    "\"max\" is not a number" },
	{ "crossed bounds", PARAM("\"type\":\"integer\",\"min\":2,"
	    "\"max\":1"), "\"min\" is over \"max\"" },
	{ "a pattern that is none", PARAM("\"pattern\":\"(\""),
	    "no extended regular expression" },
	{ "values of a number", PARAM("\"type\":\"integer\",\"values\":"
	    "[\"1\"]"), "are for text" },
	{ "many words", PARAM("\"type\":\"words\",\"many\":true"),
	    "words are not many" },
	{ "a parameter of pages", ROUTE(ROWS ",\"order\":\"a\",\"param\":"
	    "{\"pageSize\":{}}"), "\"pageSize\" is what pages use" },
	{ "a name that SQL cannot have", ROUTE(ROWS ",\"order\":\"a\","
	    "\"param\":{\"a-b\":{}}"), "\"a-b\" is no name" },
	{ "within nothing", PARAM("\"sql\":\"a\",\"within\":\"w\""),
	    "parameter \"p\" is within no \"w\"" },
	{ "nothing within", PARAM("\"within\":\"w\""),
	    "\"sql\" is missing" },
	{ "no filters within", ROUTE(ROWS ",\"order\":\"a\",\"within\":"
	    "{\"w\":\"a IN (SELECT b)\"}"), "\"w\" has no {filters}" },
	{ "a check of nothing", ROUTE(ROWS ",\"order\":\"a\",\"check\":"
	    "{\"c\":{\"param\":\"p\",\"sql\":\"q\"}}"),
	    "no parameter \"p\"" },
	{ "an exception that is none", ROUTE("\"facet\":{\"x\":{\"sql\":"
	    "\"q\",\"except\":[\"p\"]}}"), "no parameter \"p\"" },
	{ "a path without its parameter", HEAD ",\"route\":{\"t\":{"
	    "\"path\":\"/t/{id}\"," ROWS ",\"one\":true}}}",
	    "path: no parameter \"id\"" },
	{ "a parameter twice in a path", HEAD ",\"route\":{\"t\":{"
	    "\"path\":\"/{id}/{id}\"," ROWS ",\"one\":true,\"param\":"
	    "{\"id\":{}}}}}", "\"id\" occurs twice" },
	{ "half a brace", HEAD ",\"route\":{\"t\":{\"path\":\"/t/{id\","
	    ROWS ",\"one\":true}}}", "\"{id\" is no segment" },
	{ "a path that is none", HEAD ",\"route\":{\"t\":{\"path\":\"t\","
	    ROWS ",\"one\":true}}}", "does not begin with /" },
	{ "two routes of one path", HEAD ",\"route\":{\"t\":{\"path\":\"/t\","
	    ROWS ",\"one\":true},\"u\":{\"path\":\"/t\"," ROWS
	    ",\"one\":true}}}", "t and u have the same path" },
};

static int
read_both(struct decl *d, struct buf *why)
{
	struct decl_snapshot s;
	struct decl_routes r;

	return decl_snapshot_read(d, &s, why) == -1 ||
	    decl_routes_read(d, &r, why) == -1 ? -1 : 0;
}

static int
load(struct decl *d, const char *text, const char *file, struct buf *why)
{
	FILE *fp = fopen(file, "w");

	buf_clear(why);
	if (fp == NULL || fputs(text, fp) == EOF || fclose(fp) == EOF ||
	    decl_load(d, file, why) == -1) {
		tap_ok(0, "loads: %s", why->data);
		return -1;
	}
	return 0;
}

static void
check(size_t i, const char *file, struct decl *d, struct buf *why)
{
	int done;

	if (load(d, cases[i].in, file, why) == -1)
		return;
	errno = 0;
	done = read_both(d, why);
	if (cases[i].want == NULL)
		tap_ok(done == 0, "%s %s", cases[i].descr, why->data);
	else
		tap_ok(done == -1 && errno == EINVAL &&
		    strstr(why->data, cases[i].want) != NULL, "%s: %s",
		    cases[i].descr, why->data);
	decl_release(d);
}

#define ONE "\"from\":\"t\",\"select\":\"a\",\"one\":true"
static const char paths[] = HEAD ",\"route\":{"
    "\"any\":{\"path\":\"/api/{kind}/{id}\"," ONE
    ",\"param\":{\"kind\":{},\"id\":{}}},"
    "\"item\":{\"path\":\"/api/items/{id}\"," ONE ",\"param\":{\"id\":{}}},"
    "\"newest\":{\"path\":\"/api/items/newest\"," ONE "},"
    "\"items\":{\"path\":\"/api/items\"," ONE "}}}";

static const struct {
	const char *path, *route, *captured;
} matching[] = {
	{ "/api/items", "items", "" },
	{ "/api/items/", NULL, "" },
	{ "/api/items/newest", "newest", "" },
	{ "/api/items/7%2F8", "item", "id=7%2F8 " },
	{ "/api/shops/7", "any", "kind=shops id=7 " },
	{ "/api/shops/", NULL, "" },
	{ "/api/items/7/x", NULL, "" },
	{ "/api", NULL, "" },
	{ "/", NULL, "" },
	{ "", NULL, "" },
	{ "api/items", NULL, "" },
	{ "/api/items?x", NULL, "" },
};

static void
match(const char *file, struct decl *d, struct buf *why)
{
	struct route_capture c[ROUTE_CAPTURES_MAX];
	struct decl_routes all;
	const struct route *r;
	struct buf got;
	size_t i, j, n;

	if (load(d, paths, file, why) == -1)
		return;
	tap_ok(decl_routes_read(d, &all, why) == 0, "routes with paths");
	for (i = 0; i < TAP_COUNT(matching); i++) {
		buf_init(&got, 1000);
		r = route_match(&all, matching[i].path, c, &n);
		for (j = 0; j < n; j++)
			buf_printf(&got, "%s=%.*s ", c[j].param->name,
			    (int)c[j].n, c[j].text);
		tap_ok((r == NULL ? matching[i].route == NULL :
		    matching[i].route != NULL && strcmp(r->name,
		    matching[i].route) == 0) && strcmp(got.len > 0 ?
		    got.data : "", matching[i].captured) == 0, "%s",
		    matching[i].path);
		buf_release(&got);
	}
	decl_release(d);
}

int
main(void)
{
	char file[] = "/tmp/sluice-snapshot-XXXXXX.json";
	struct decl d;
	struct buf why;
	size_t i;

	buf_init(&why, 65536);
	if (mkstemps(file, 5) == -1)
		return 99;
	for (i = 0; i < TAP_COUNT(cases); i++)
		check(i, file, &d, &why);
	match(file, &d, &why);
	unlink(file);
	buf_release(&why);
	return tap_done();
}
