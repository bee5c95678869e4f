/* test-decl -- declarations: what is taken, and each mistake by name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decl/decl.h"
#include "tap.h"

#define SOURCE "\"source\":{\"name\":\"s\",\"dataset_key\":[\"day\"]," \
	"\"part_member\":\"feed\"}"
#define PART "\"part\":{\"a\":{\"format\":\"json-array\"," \
	"\"schema_version\":\"1\"}}"
#define HEAD "{" SOURCE "," PART ",\"table\":{"
#define FORM(f, more) "{" SOURCE ",\"part\":{\"a\":{\"format\":\"" f \
    "\",\"schema_version\":\"1\"," more "}}}"
#define ITEMS "\"items\":{\"part\":\"a\",\"rows\":\"\",\"key\":[\"id\"]," \
	"\"columns\":{\"id\":\"/id\"}}"
#define CHILD "\"tags\":{\"parent\":\"items\",\"rows\":\"/tags\"," \
	"\"key\":[\"id\",\"tag\"],\"columns\":{\"id\":{\"parent\":true}," \
	"\"tag\":\"\"}}"
/* One table whose columns, or whose own members, are the case. */
#define COLUMN(c) HEAD "\"items\":{\"part\":\"a\",\"rows\":\"\"," \
	"\"key\":[\"id\"],\"columns\":{\"id\":\"/id\"," c "}}}}"
#define TABLE(t) HEAD "\"items\":{" t "}}}"
/* Two kinds of dataset: s, by day, and hours, by day and hour. */
#define KINDS(k, tables) "{" SOURCE ",\"dataset\":{\"hours\":{\"key\":" \
	"[\"day\",\"hour\"]}" k "},\"part\":{\"a\":{\"format\":" \
	"\"json-array\",\"schema_version\":\"1\"},\"h\":{\"format\":" \
	"\"json-array\",\"schema_version\":\"1\",\"dataset\":\"hours\"}}," \
	"\"table\":{" tables "}}"
#define SEEN(more) "\"seen\":{\"part\":\"h\",\"rows\":\"\",\"key\":" \
	"[\"id\"],\"columns\":{\"id\":\"/id\"" more "}}"
/* A derived table of kind k. */
#define OF(k) ",\"derived\":{\"dataset\":\"" k "\",\"sql\":\"\",\"key\":" \
	"[\"x\"],\"columns\":{\"x\":{\"type\":\"text\"}}}"
/* A table of a part that is pages, whose own members are the case. */
#define PAGED(t) "{" SOURCE ",\"part\":{\"a\":{\"format\":\"bytes\"," \
	"\"schema_version\":\"1\"},\"j\":{\"format\":\"json-array\"," \
	"\"schema_version\":\"1\"}},\"table\":{\"items\":{\"part\":\"a\"," \
	"\"key\":[\"id\"]," t "}}}"
#define IDS "\"columns\":{\"id\":{},\"n\":{\"type\":\"integer\"}}"
#define CHECK(c) PAGED(IDS ",\"checks\":{\"c\":{" c "}}")
#define GATE(g) HEAD ITEMS "},\"gate\":{" g "}}"
#define KEY(k) TABLE("\"part\":\"a\",\"rows\":\"\",\"columns\":" \
	"{\"id\":\"/id\",\"x\":{\"at\":\"/x\",\"type\":\"real\"}}," k)

static const struct {
	const char *descr, *in, *want;	/* want NULL: it loads */
} cases[] = {
	{ "the smallest", HEAD ITEMS "}}", NULL },
	{ "a child", HEAD ITEMS "," CHILD "}}", NULL },
	{ "empty file", "", "byte 0" },
	{ "no object", "[]", "not a table" },
	{ "no source", "{}", "source: missing" },
	{ "unknown section", "{" SOURCE "," PART ",\"tabel\":{}}",
	    "unknown member \"tabel\"" },
	{ "section twice", "{" SOURCE "," SOURCE "}", "occurs twice" },
	{ "unknown member", "{\"source\":{\"nme\":\"s\"}}",
	    "source: unknown member \"nme\"" },
	{ "empty dataset key", "{\"source\":{\"name\":\"s\","
	    "\"dataset_key\":[],\"part_member\":\"f\"}}", "1 to 7" },
	{ "dataset key twice", "{\"source\":{\"name\":\"s\","
	    "\"dataset_key\":[\"d\",\"d\"],\"part_member\":\"f\"}}",
	    "\"d\" occurs twice" },
	{ "part member in the dataset key", "{\"source\":{\"name\":\"s\","
	    "\"dataset_key\":[\"f\"],\"part_member\":\"f\"}}",
	    "\"f\" occurs twice" },
	{ "a name that is no name", "{\"source\":{\"name\":\"S 1\","
	    "\"dataset_key\":[\"d\"],\"part_member\":\"f\"}}",
	    "source.name: \"S 1\" is no name" },
	{ "unknown format", "{" SOURCE ",\"part\":{\"a\":{\"format\":"
	    "\"xml\",\"schema_version\":\"1\"}}}", "unknown format" },
	{ "rows of no lines", FORM("json", "\"rows\":\"/r\""),
	    "\"rows\" is for json-lines" },
	{ "rows that are nowhere", FORM("json-lines", "\"rows\":\"r\""),
	    "part.a: rows: \"r\" is no JSON pointer" },
	{ "required of what has no elements", FORM("bytes",
	    "\"require\":[\"/r\"]"), "\"require\" is for elements" },
	{ "required nowhere", FORM("json-lines", "\"require\":[\"/a\","
	    "\"b\"]"), "require: \"b\" is no JSON pointer" },
	{ "lines in another shape", FORM("json-lines", "\"reshape\":\"x\""),
	    "\"reshape\" is for one JSON value" },
	{ "pages from nowhere", FORM("json-lines", "\"paging\":{}"),
	    "\"paging\" without \"url\"" },
	{ "pages of no lines", FORM("json-array", "\"url\":\"/\","
	    "\"paging\":{}"), "part.a.paging: pages become json-lines" },
	{ "pages by another word", FORM("json-lines", "\"url\":\"/\","
	    "\"paging\":{\"after\":\"/a\"}"), "unknown member \"after\"" },
	{ "half of what pages need", FORM("json-lines", "\"url\":\"/\","
	    "\"paging\":{\"next\":\"/a\"}"), "go together" },
	{ "pages by no pointer", FORM("json-lines", "\"url\":\"/\","
	    "\"paging\":{\"error\":\"a\"}"), "error: \"a\" is no JSON" },
	{ "table that is none", HEAD "\"items\":1}}",
	    "table.items: not a table" },
	{ "no rows", TABLE("\"part\":\"a\",\"columns\":{},\"key\":[]"),
	    "\"rows\" is missing" },
	{ "no such part", TABLE("\"part\":\"b\",\"rows\":\"\""),
	    "no part \"b\"" },
	{ "no such parent", TABLE("\"parent\":\"b\",\"rows\":\"/x\""),
	    "no table \"b\"" },
	{ "part and sql", TABLE("\"part\":\"a\",\"sql\":\"\""),
	    "needs one of \"part\", \"parent\", \"sql\"" },
	{ "rows of a part", TABLE("\"part\":\"a\",\"rows\":\"/x\""),
	    "rows are the elements" },
	{ "a store's name", HEAD "\"staging_x\":{}}}",
	    "a name that the stores use" },
	{ "what rows are inserted from", HEAD "\"bulk\":{}}}",
	    "a name that the stores use" },
	{ "what checks build on", HEAD "\"ready_table\":{}}}",
	    "a name that the stores use" },
	{ "what a version found", HEAD "\"canon_change\":{}}}",
	    "a name that the stores use" },
	{ "gated as it was once", TABLE("\"part\":\"a\",\"gated\":true"),
	    "table.items: unknown member \"gated\"" },
	{ "a gate as it was once", GATE("\"missing_max\":0.5"),
	    "gate: unknown member \"missing_max\"" },
	{ "a gate that is none", HEAD ITEMS "},\"gate\":0.5}",
	    "gate: not a table" },
	{ "a gate", GATE("\"young_minutes\":0,\"missing\":{\"young\":0,"
	    "\"recovered\":0},\"growth\":{\"old\":1000},\"least_rows\":1,"
	    "\"median_of\":100,\"lasting\":{\"samples\":1,\"seconds\":0,"
	    "\"difference\":1},\"table\":{\"items\":{}}"), NULL },
	{ "minutes that are text", GATE("\"young_minutes\":\"60\""),
	    "gate: \"young_minutes\" is no integer from 0 to" },
	{ "no row at least", GATE("\"least_rows\":0"),
	    "gate: \"least_rows\" is no integer from 1 to" },
	{ "a median of too many", GATE("\"median_of\":101"),
	    "gate: \"median_of\" is no integer from 1 to 100" },
	{ "missing that is a number", GATE("\"missing\":0.5"),
	    "gate.missing: not a table" },
	{ "more missing than there is", GATE("\"missing\":{\"old\":1.5}"),
	    "gate.missing: \"old\" is no number from 0 to 1" },
	{ "growth below nothing", GATE("\"growth\":{\"young\":-1}"),
	    "gate.growth: \"young\" is no number from 0 to 1e+06" },
	{ "an old baseline that allows less", GATE("\"missing\":"
	    "{\"old\":0.05}"), "gate.missing: \"recovered\" is at most "
	    "\"young\", and that at most \"old\": 0.05, 0.1, 0.05" },
	{ "recovered before it was held", GATE("\"growth\":"
	    "{\"recovered\":0.6}"), "gate.growth: \"recovered\" is at most" },
	{ "lasting of what", GATE("\"lasting\":{\"minutes\":5}"),
	    "gate.lasting: unknown member \"minutes\"" },
	{ "no sample lasts", GATE("\"lasting\":{\"samples\":0}"),
	    "gate.lasting: \"samples\" is no integer from 1 to" },
	{ "all may differ", GATE("\"lasting\":{\"difference\":2}"),
	    "gate.lasting: \"difference\" is no number from 0 to 1" },
	{ "gated tables that are none", GATE("\"table\":[]"),
	    "gate.table: not a table" },
	{ "a gated table that is none", GATE("\"table\":{\"items\":true}"),
	    "gate.table.items: not a table" },
	{ "a gate for no table", GATE("\"table\":{\"x\":{}}"),
	    "gate.table.x: no table \"x\"" },
	{ "a gate for a derived table", HEAD ITEMS ",\"d\":{\"sql\":\"\","
	    "\"key\":[\"x\"],\"columns\":{\"x\":{\"type\":\"text\"}}}},"
	    "\"gate\":{\"table\":{\"d\":{}}}}",
	    "gate.table.d: a derived table: gate those" },
	{ "a rule of a table alone", GATE("\"table\":{\"items\":"
	    "{\"lasting\":{\"seconds\":-1}}}"),
	    "gate.table.items.lasting: \"seconds\" is no integer" },
	{ "empty first, of all tables", GATE("\"empty_first\":true"),
	    "gate: unknown member \"empty_first\"" },
	{ "an earlier version", HEAD ITEMS ",\"items_as_of\":{\"sql\":\"\","
	    "\"key\":[\"x\"],\"columns\":{\"x\":{\"type\":\"text\"}}}}}",
	    "table.items_as_of: a name that the stores use" },
	{ "a history", HEAD ITEMS ",\"items_history\":{\"sql\":\"\","
	    "\"key\":[\"x\"],\"columns\":{\"x\":{\"type\":\"text\"}}}}}",
	    "table.items_history: a name that the stores use" },
	{ "the history of something else", HEAD ITEMS ",\"my_history\":{"
	    "\"sql\":\"\",\"key\":[\"x\"],\"columns\":{\"x\":{\"type\":"
	    "\"text\"}}}}}", NULL },
	{ "no columns", TABLE("\"part\":\"a\",\"rows\":\"\",\"columns\":{}"),
	    "1 to 1000 columns" },
	{ "unknown type", COLUMN("\"x\":{\"at\":\"/x\",\"type\":\"int\"}"),
	    "table.items.columns.x: unknown type \"int\"" },
	{ "no pointer", COLUMN("\"x\":\"x\""), "is no JSON pointer" },
	{ "broken escape", COLUMN("\"x\":\"/a~2\""), "is no JSON pointer" },
	{ "no origin", COLUMN("\"x\":{\"type\":\"text\"}"),
	    "needs one of \"at\", \"parent\", \"part\"" },
	{ "two origins", COLUMN("\"x\":{\"at\":\"/x\",\"parent\":true}"),
	    "needs one of" },
	{ "a column of every table", COLUMN("\"extra\":\"/x\""),
	    "every table has" },
	{ "a dataset key column", COLUMN("\"day\":\"/x\""),
	    "every table has" },
	{ "parent without parent", COLUMN("\"x\":{\"parent\":true}"),
	    "the table has no parent" },
	{ "no key member", COLUMN("\"x\":{\"part\":\"moon\"}"),
	    "no member of the partition key" },
	{ "a key member", COLUMN("\"x\":{\"part\":\"feed\"}"), NULL },
	{ "values of a number", COLUMN("\"x\":{\"at\":\"/x\",\"type\":"
	    "\"real\",\"values\":{\"a\":\"b\"}}"), "\"values\" is for" },
	{ "values to a blank", COLUMN("\"x\":{\"at\":\"/x\",\"values\":"
	    "{\"a\":\"\"}}"), "cannot map" },
	{ "values to a number", COLUMN("\"x\":{\"at\":\"/x\",\"values\":"
	    "{\"a\":1}}"), "\"a\" is not a string" },
	{ "required, but no key", COLUMN("\"x\":{\"at\":\"/x\","
	    "\"required\":true}"), "only key columns" },
	{ "no key", KEY("\"key\":[]"), "key: 1 to 16 columns" },
	{ "key without column", KEY("\"key\":[\"y\"]"), "no column \"y\"" },
	{ "key twice", KEY("\"key\":[\"id\",\"id\"]"), "occurs twice" },
	{ "a real in the key", KEY("\"key\":[\"id\",\"x\"]"), "is a real" },
	{ "null_key beside the key", KEY("\"key\":[\"id\"],\"null_key\":"
	    "[\"x\"]"), "\"x\" is no key column" },
	{ "a key of numbers", KEY("\"key\":[1]"), "not a string" },
	{ "child without the parent's key", HEAD ITEMS ",\"tags\":{"
	    "\"parent\":\"items\",\"rows\":\"/tags\",\"key\":[\"tag\"],"
	    "\"columns\":{\"tag\":\"\"}}}}", "needs id = { parent = true }" },
	{ "two owners of one place", HEAD ITEMS ",\"more\":{\"part\":\"a\","
	    "\"rows\":\"\",\"key\":[\"id\"],\"columns\":{\"id\":\"/id\"}}}}",
	    "one must be distinct" },
	{ "no owner", TABLE("\"part\":\"a\",\"rows\":\"\",\"distinct\":true,"
	    "\"key\":[\"id\"],\"columns\":{\"id\":\"/id\"}"),
	    "that is not distinct" },
	{ "index without columns", TABLE("\"part\":\"a\",\"rows\":\"\","
	    "\"key\":[\"id\"],\"columns\":{\"id\":\"/id\"},\"indexes\":"
	    "{\"i\":1}"), "\"i\" is not a string" },
	{ "index of a table's name", TABLE("\"part\":\"a\",\"rows\":\"\","
	    "\"key\":[\"id\"],\"columns\":{\"id\":\"/id\"},\"indexes\":"
	    "{\"items\":\"id\"}"), "\"items\" is a table" },
	{ "checks", CHECK("\"severity\":\"error\",\"text\":\"\",\"sql\":"
	    "\"n > 0\""), NULL },
	{ "a check without text", CHECK("\"severity\":\"error\",\"sql\":\"\""),
	    "table.items.checks.c: \"text\" is missing" },
	{ "a check without sql", CHECK("\"severity\":\"error\",\"text\":\"\""),
	    "table.items.checks.c: \"sql\" is missing" },
	{ "a check that only informs", CHECK("\"severity\":\"info\",\"text\":"
	    "\"\",\"sql\":\"\""), "severity \"info\" (error, warning)" },
	{ "a check's unknown member", CHECK("\"expr\":\"\""),
	    "table.items.checks.c: unknown member \"expr\"" },
	{ "checks that are none", PAGED(IDS ",\"checks\":1"),
	    "table.items.checks: not a table" },
	{ "checks of a payload's rows", TABLE("\"part\":\"a\",\"rows\":\"\","
	    "\"key\":[\"id\"],\"columns\":{\"id\":\"/id\"},\"checks\":{}"),
	    "table.items.checks: are for rows of pages" },
	{ "provenance", PAGED("\"columns\":{\"id\":{},\"at\":"
	    "{\"provenance\":true}}"), NULL },
	{ "provenance of a payload's rows", COLUMN("\"x\":{\"at\":\"/x\","
	    "\"provenance\":true}"), NULL },
	{ "provenance that is no flag", COLUMN("\"x\":{\"at\":\"/x\","
	    "\"provenance\":\"url\"}"), "\"provenance\" is not" },
	{ "provenance in the key", PAGED("\"columns\":{\"id\":"
	    "{\"provenance\":true}}"), "\"id\" is provenance" },
	{ "pages and a payload in one dataset", PAGED(IDS "},\"more\":{\"part\":"
	    "\"j\",\"rows\":\"\",\"key\":[\"id\"],\"columns\":{\"id\":"
	    "\"/id\"}"), "table.more: items has the same datasets" },
	{ "a table derived of pages", PAGED(IDS "},\"more\":{\"sql\":\"\","
	    "\"key\":[\"id\"],\"columns\":{\"id\":{}}"),
	    "table.more: items has the same datasets" },
	{ "a gate for pages", PAGED(IDS "}},\"gate\":{\"table\":{\"items\":{}"),
	    "gate.table.items: made of pages" },
	{ "two kinds", KINDS("", ITEMS "," SEEN("")), NULL },
	{ "a kind that is none", KINDS(",\"x\":[\"day\"]", ITEMS),
	    "dataset.x: not a table" },
	{ "a kind without a key", KINDS(",\"x\":{}", ITEMS),
	    "dataset.x: \"key\" is missing" },
	{ "a kind's empty key", KINDS(",\"x\":{\"key\":[]}", ITEMS),
	    "dataset.x.key: 1 to 7 members" },
	{ "a kind with a part in its key", KINDS(",\"x\":{\"key\":"
	    "[\"day\",\"a\",\"feed\"]}", ITEMS),
	    "dataset.x.key: \"feed\" occurs twice" },
	{ "as long as the source's own", KINDS(",\"x\":{\"key\":"
	    "[\"week\"]}", ITEMS OF("x")), "dataset.x.key: "
	    "source.dataset_key has 1 members, too" },
	{ "as long as another", KINDS(",\"x\":{\"key\":[\"week\",\"hour\"]}",
	    ITEMS "," SEEN("") OF("x")),
	    "dataset.x.key: dataset.hours has 2 members, too" },
	{ "as long as the source's own, without tables", KINDS(",\"x\":{"
	    "\"key\":[\"week\"]}", ITEMS), NULL },
	{ "keys of too many members", KINDS(",\"x\":{\"key\":[\"a\",\"b\","
	    "\"c\",\"d\",\"e\",\"f\",\"g\"]}", ITEMS),
	    "dataset.x.key: all keys together have more than 8" },
	{ "a kind that does not begin as the source's",
	    KINDS(",\"x\":{\"key\":[\"a\",\"b\",\"c\"]}", ITEMS), NULL },
	{ "a part of no kind", "{" SOURCE ",\"part\":{\"a\":{\"dataset\":"
	    "\"x\"}}}", "part.a: no dataset \"x\"" },
	{ "a table of another kind than its part", KINDS("", "\"items\":{"
	    "\"dataset\":\"hours\",\"part\":\"a\",\"rows\":\"\"}"),
	    "table.items: dataset: its rows are of another kind" },
	{ "the column of another kind", KINDS("", "\"items\":{\"part\":\"a\","
	    "\"rows\":\"\",\"key\":[\"hour\"],\"columns\":{\"hour\":"
	    "\"/hour\"}}"), NULL },
	{ "the column of its kind", KINDS("", SEEN(",\"hour\":\"/hour\"")),
	    "every table has" },
	{ "a member of its kind", KINDS("", SEEN(",\"x\":{\"part\":\"hour\"}")),
	    NULL },
	{ "a member of another kind", KINDS("", "\"items\":{\"part\":\"a\","
	    "\"rows\":\"\",\"key\":[\"x\"],\"columns\":{\"x\":{\"part\":"
	    "\"hour\"}}}"), "no member of the partition key" },
	{ "a derived table of a kind", KINDS("", ITEMS ",\"d\":{\"dataset\":"
	    "\"hours\",\"sql\":\"\",\"key\":[\"x\"],\"columns\":{\"x\":{}}}"),
	    NULL },
	{ "finding without text", HEAD ITEMS "},\"finding\":{\"f\":"
	    "{\"severity\":\"info\",\"sql\":\"\"}}}",
	    "finding.f: \"text\" is missing" },
	{ "unknown severity", HEAD ITEMS "},\"check\":{\"c\":{\"severity\":"
	    "\"bad\",\"text\":\"\",\"sql\":\"\"}}}",
	    "check.c: severity \"bad\"" },
	{ "view that is no text", HEAD ITEMS "},\"view\":{\"v\":1}}",
	    "\"v\" is not a string" },
};

static void
test_cases(const char *file)
{
	struct decl d;
	struct buf why;
	size_t i;
	FILE *fp;
	int r;

	buf_init(&why, 4096);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		fp = fopen(file, "w");
		fputs(cases[i].in, fp);
		fclose(fp);
		r = decl_load(&d, file, &why);
		if (cases[i].want == NULL)
			tap_ok(r == 0, "%s", cases[i].descr);
		else
			tap_ok(r == -1 && strncmp(why.data, file,
			    strlen(file)) == 0 && strstr(why.data,
			    cases[i].want) != NULL, "%s", cases[i].descr);
		if ((r == -1) != (cases[i].want != NULL))
			printf("# %s\n", r == -1 ? why.data : "loaded");
		if (r == 0)
			decl_release(&d);
	}
	buf_release(&why);
}

static void
test_loaded(const char *file)
{
	const struct decl_table *t;
	struct decl d;
	struct part p, q;
	struct buf why, text;
	FILE *fp = fopen(file, "w");

	fputs(HEAD ITEMS "," CHILD "}}", fp);
	fclose(fp);
	buf_init(&why, 4096);
	buf_init(&text, 4096);
	tap_ok(decl_load(&d, file, &why) == 0, "loads");
	tap_ok((t = decl_table(&d, "tags")) == &d.tables[1] && t->parent == 0 &&
	    strcmp(t->part, "a") == 0, "a child knows its parent and part");
	tap_ok(t->columns[0].origin == DECL_PARENT &&
	    t->columns[0].parent_column == 0 && t->columns[0].key_index == 0,
	    "a parent's column");
	tap_ok(decl_table(&d, "x") == NULL && decl_part(&d, "a") != NULL,
	    "looking up");
	tap_ok(decl_dataset(&d, "a%2Fb", &p) == 0 &&
	    strcmp(part_get(&p, "day"), "a/b") == 0, "a dataset's label");
	tap_ok(decl_part_key(&d, &p, "a", &q) == 0 && part_json(&q, &text) == 0 &&
	    strcmp(text.data, "{\"day\":\"a/b\",\"feed\":\"a\"}") == 0,
	    "a part's key");
	tap_ok(!t->gated, "nothing is gated unasked");
	tap_ok(decl_dataset(&d, "a/b", &p) == -1 && errno == EINVAL,
	    "too many values");
	tap_ok(decl_dataset(&d, "", &p) == -1, "no value");
	tap_ok(decl_dataset(&d, "%0", &p) == -1, "a broken escape");
	tap_ok(decl_dataset(&d, "%00", &p) == -1, "a NUL");
	decl_release(&d);
	tap_ok(decl_load(&d, "/nonexistent/x.toml", &why) == -1 &&
	    errno == ENOENT, "no such file");
	buf_release(&text);
	buf_release(&why);
}

/* Datasets are told apart by the number of their values. */
static void
test_kinds(const char *file)
{
	struct decl d;
	struct buf why;
	struct part day, hour, key;
	FILE *fp = fopen(file, "w");

	fputs(KINDS("", ITEMS "," SEEN("") ",\"d\":{\"dataset\":\"hours\","
	    "\"sql\":\"\",\"key\":[\"x\"],\"columns\":{\"x\":{}}}"), fp);
	fclose(fp);
	buf_init(&why, 4096);
	tap_ok(decl_load(&d, file, &why) == 0 && d.n_kinds == 2 &&
	    d.kinds[0].name == NULL && strcmp(d.kinds[1].name, "hours") == 0,
	    "the source's own kind is the first");
	tap_ok(d.n_members == 2 && strcmp(d.members[0], "day") == 0 &&
	    strcmp(d.members[1], "hour") == 0, "members of all keys, once");
	tap_ok(d.parts[0].kind == &d.kinds[0] && d.parts[1].kind ==
	    &d.kinds[1] && d.tables[1].kind == &d.kinds[1] &&
	    d.tables[2].kind == &d.kinds[1], "tables follow their part");
	tap_ok(decl_dataset(&d, "mon", &day) == 0 && day.n == 1 &&
	    decl_dataset(&d, "mon/07", &hour) == 0 && hour.n == 2 &&
	    strcmp(part_get(&hour, "hour"), "07") == 0, "labels");
	tap_ok(decl_has(&d.kinds[0], &day) && !decl_has(&d.kinds[0], &hour) &&
	    decl_has(&d.kinds[1], &hour), "of which kind");
	tap_ok(decl_part_key(&d, &hour, "h", &key) == 0 && key.n == 3,
	    "a part's key");
	tap_ok(decl_dataset(&d, "mon/07/1", &key) == -1 && errno == EINVAL &&
	    decl_dataset(&d, "mon/", &key) == -1, "of no kind");
	decl_release(&d);
	buf_release(&why);
}

static void
test_gate(const char *file)
{
	struct decl d;
	struct buf why;
	const struct decl_gate *g;
	FILE *fp = fopen(file, "w");

	fputs(HEAD ITEMS "," CHILD "},\"gate\":{\"least_rows\":7,"
	    "\"missing\":{\"young\":0.2},\"table\":{\"items\":{},"
	    "\"tags\":{\"missing\":{\"old\":0.9},\"young_minutes\":2,"
	    "\"empty_first\":true}}}}", fp);
	fclose(fp);
	buf_init(&why, 4096);
	tap_ok(decl_load(&d, file, &why) == 0 && d.tables[0].gated &&
	    d.tables[1].gated, "tables are gated, nested ones too");
	g = &d.tables[0].gate;
	tap_ok(g->least_rows == 7 && g->missing.young == 0.2 &&
	    g->missing.old == 0.5 && !g->empty_first,
	    "[gate] is for all of them");
	tap_ok(g->young_ms == 3600000 && g->missing.recovered == 0.05 &&
	    g->growth.young == 0.5 && g->growth.old == 2 &&
	    g->growth.recovered == 0.25 && g->median_of == 16 &&
	    g->lasting_samples == 3 && g->lasting_ms == 300000 &&
	    g->lasting_difference == 0.01, "what nobody says");
	g = &d.tables[1].gate;
	tap_ok(g->young_ms == 120000 && g->missing.young == 0.2 &&
	    g->missing.old == 0.9 && g->least_rows == 7 && g->empty_first,
	    "a table's own rules");
	decl_release(&d);
	buf_release(&why);
}

int
main(void)
{
	char dir[] = "/tmp/test-decl-XXXXXX", file[64];

	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(file, sizeof(file), "%s/d.json", dir);
	test_cases(file);
	test_loaded(file);
	test_kinds(file);
	test_gate(file);
	unlink(file);
	rmdir(dir);
	return tap_done();
}
