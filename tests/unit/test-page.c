/* [page] and [pages] of a declaration: what is taken, mistakes, addresses. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "decl/page.h"
#include "tap.h"

#define HEAD "{\"source\":{\"name\":\"s\",\"dataset_key\":[\"id\"]," \
	"\"part_member\":\"page\"},\"part\":{\"thing\":{\"format\":" \
	"\"bytes\",\"schema_version\":\"1\"},\"list\":{\"format\":\"bytes\"," \
	"\"schema_version\":\"1\"}},\"table\":{\"things\":{\"part\":" \
	"\"thing\",\"key\":[\"n\"],\"columns\":{\"n\":{\"type\":\"integer\"," \
	"\"required\":true},\"x\":{\"type\":\"text\"}}}}," \
	"\"queue\":{\"things\":{\"key\":[\"id\"],\"step\":{\"fetch\":{}," \
	"\"parse\":{}}}}"
#define ROWS(members) "\"rows\":[{\"table\":\"things\",\"at\":\"//tr\"," \
	members "}]"
#define N "\"columns\":{\"n\":\"td\"}"
#define PAGE(members) HEAD ",\"page\":{\"thing\":{\"queue\":\"things\"," \
	"\"steps\":[\"fetch\"],\"url\":\"/t/{id}\",\"parser_version\":" \
	"\"1\"," members "}}}"
#define COLUMN(value) PAGE(ROWS("\"columns\":{\"n\":" value "}"))

static const struct {
	const char *descr, *in;
	const char *want;	/* the mistake, or NULL: it is taken */
} cases[] = {
	{ "no pages", HEAD "}", NULL },
	{ "a page", PAGE(ROWS(N)), NULL },
	{ "an unknown member", PAGE("\"colour\":1," ROWS(N)),
	    "page.thing: unknown member \"colour\"" },
	{ "no rows", PAGE("\"min_bytes\":1"),
	    "rows: 1 to 64 entries, each as [[page.thing.rows]]" },
	{ "a table that is not there", PAGE("\"rows\":[{\"table\":\"none\","
	    "\"at\":\"//tr\"," N "}]"), "no table \"none\"" },
	{ "neither table nor item", PAGE("\"rows\":[{\"at\":\"//tr\"," N
	    "}]"), "needs one of \"table\" and \"item\"" },
	{ "a column that the table lacks", PAGE(ROWS("\"columns\":{\"y\":"
	    "\"td\"}")), "page.thing.rows.1.columns.y: things has no such column" },
	{ "a type beside the table's", COLUMN("{\"at\":\"td\",\"type\":"
	    "\"text\"}"), "\"type\" is said by the table" },
	{ "two origins", COLUMN("{\"at\":\"td\",\"value\":\"1\"}"),
	    "needs one of \"at\"" },
	{ "no origin", COLUMN("{\"trim\":false}"), "needs one of \"at\"" },
	{ "JSON of a row that is a node", COLUMN("{\"json\":\"/x\"}"),
	    "the rows are no elements of JSON" },
	{ "JSON of a constant", COLUMN("{\"value\":\"1\",\"json\":\"/x\"}"),
	    "\"json\" is for text that \"at\" finds" },
	{ "a broken expression", COLUMN("{\"at\":\"td\",\"regex\":\"(\"}"),
	    "\"(\" is no extended regular expression: " },
	{ "a member of no key", COLUMN("{\"part\":\"other\"}"),
	    "\"other\" is in no dataset's key" },
	{ "a fact that there is not", COLUMN("{\"page\":\"title\"}"),
	    "page: \"title\" (fetched_at, name, parser_version, url)" },
	{ "find without JSON", COLUMN("{\"at\":\"td\",\"find\":{\"a\":"
	    "\"b\"}}"), "\"find\" is for the array at \"json\"" },
	{ "take without find", COLUMN("{\"at\":\"td\",\"json\":\"/x\","
	    "\"take\":\"/y\"}"), "\"take\" is from what \"find\" finds" },
	{ "bands that fall", COLUMN("{\"at\":\"td\",\"at_least\":{\"b\":2,"
	    "\"a\":1}}"), "at_least: the numbers do not rise" },
	{ "bands and a table", COLUMN("{\"at\":\"td\",\"at_least\":{\"a\":"
	    "1},\"values\":{\"x\":\"y\"}}"), "one of \"date\"" },
	{ "a count", PAGE(ROWS("\"count\":10," N)), NULL },
	{ "a range", PAGE(ROWS("\"count\":{\"least\":1,\"most\":5}," N)),
	    NULL },
	{ "a range upside down", PAGE(ROWS("\"count\":{\"least\":5,\"most\":"
	    "1}," N)), "\"most\" is no integer from 5" },
	{ "an item without its key", PAGE("\"rows\":[{\"item\":\"things\","
	    "\"at\":\"//a\"," N "}]"), "no column \"id\", which is in the "
	    "key of queue.things" },
	{ "a queue that is not there", PAGE("\"rows\":[{\"item\":\"no\","
	    "\"at\":\"//a\"," N "}]"), "no queue \"no\"" },
	{ "identity", PAGE("\"identity\":{\"id\":{\"at\":\"//link/@href\","
	    "\"regex\":\"/t/([0-9]+)\"}}," ROWS(N)), NULL },
	{ "identity without a place", PAGE("\"identity\":{\"id\":{}},"
	    ROWS(N)), "page.thing.identity.id: \"at\" is missing" },
	{ "names of nodes", PAGE("\"let\":{\"list\":\"//ul\"}," ROWS(N)),
	    NULL },
	{ "a name that is there already", PAGE("\"let\":{\"row\":\"//ul\"},"
	    ROWS(N)), "page.thing.let.row: $row is there already" },
	{ "a name for no text", PAGE("\"let\":{\"list\":1}," ROWS(N)),
	    "\"list\" is not a string" },
	{ "steps that the queue lacks", HEAD ",\"page\":{\"thing\":{"
	    "\"queue\":\"things\",\"steps\":[\"cook\"],\"url\":\"/\","
	    "\"parser_version\":\"1\"," ROWS(N) "}}}",
	    "queue.things has no step \"cook\"" },
	{ "steps of no queue", HEAD ",\"page\":{\"thing\":{\"steps\":["
	    "\"fetch\"],\"url\":\"/\",\"parser_version\":\"1\"," ROWS(N)
	    "}}}", "\"steps\" are of a queue" },
	{ "a part that is not there", PAGE("\"part\":\"no\"," ROWS(N)),
	    "no part \"no\"" },
	{ "a walk", PAGE("\"walk\":{\"member\":\"offset\",\"first\":0,"
	    "\"last\":9900,\"step\":100,\"entries\":100,\"total\":{\"at\":"
	    "\"//p\",\"regex\":\"of ([0-9]+)\"},\"end\":[\"//b\"]},"
	    ROWS(N)), NULL },
	{ "a walk backwards", PAGE("\"walk\":{\"member\":\"offset\","
	    "\"first\":5,\"last\":4}," ROWS(N)),
	    "\"last\" is no integer from 5" },
	{ "block marks", HEAD ",\"pages\":{\"blocked\":[\"//x\"]}}", NULL },
	{ "a block mark that is no text", HEAD ",\"pages\":{\"blocked\":["
	    "1]}}", "\"blocked\" has an item that is not a string" },
	{ "JSON that is not an array, mapped", "{\"source\":{\"name\":\"s\","
	    "\"dataset_key\":[\"id\"],\"part_member\":\"page\"},\"part\":{"
	    "\"p\":{\"format\":\"json\",\"schema_version\":\"1\"}},"
	    "\"table\":{\"t\":{\"part\":\"p\",\"rows\":\"\",\"key\":[\"a\"],"
	    "\"columns\":{\"a\":\"/a\"}}}}", "part \"p\" is no array" },
};

static int
load(const char *text, const char *file, struct decl *d, struct pages *p,
    struct buf *why)
{
	FILE *fp = fopen(file, "w");

	buf_clear(why);
	if (fp == NULL || fputs(text, fp) == EOF || fclose(fp) == EOF)
		return -2;
	if (decl_load(d, file, why) == -1)
		return -1;
	if (decl_pages_read(d, p, why) == 0)
		return 0;
	decl_release(d);
	return -1;
}

static void
check(size_t i, const char *file, struct buf *why)
{
	struct decl d;
	struct pages p;
	int r = load(cases[i].in, file, &d, &p, why);

	tap_ok(cases[i].want == NULL ? r == 0 : r == -1 &&
	    strstr(why->data, cases[i].want) != NULL, "%s", cases[i].descr);
	if (r == 0)
		decl_release(&d);
	else if (cases[i].want == NULL ||
	    strstr(why->data, cases[i].want) == NULL)
		printf("# %s\n", why->data);
}

static const struct {
	const char *descr, *url, *want;	/* NULL: missing */
} urls[] = {
	{ "behind the base", "/t/{id}/x", "http://h:1/t/a%2Fb/x" },
	{ "as it is", "/t{+id}", "http://h:1/ta/b" },
	{ "an address of its own", "https://o/{id}", "https://o/a%2Fb" },
	{ "a fact, a number", "/t?n={n}", "http://h:1/t?n=7" },
	{ "a fact, whole", "{+page_url}", "http://other/p?q=1" },
	{ "a fact, a path", "{+path}?x", "http://h:1/p/2?x" },
	{ "a path behind something", "/t{+path}", "http://h:1/t/p/2" },
	{ "one that is nowhere", "/{none}", NULL },
	{ "an open brace", "/{id", "http://h:1/{id" },
};

static void
check_urls(void)
{
	static const char facts[] = "{\"n\":7,\"id\":\"not this\","
	    "\"page_url\":\"http://other/p?q=1\",\"path\":\"/p/2\"}";
	yyjson_doc *doc = yyjson_read(facts, strlen(facts), 0);
	char missing[PAGE_NAME_BYTES];
	struct part part = { 0 };
	struct page p = { 0 };
	struct buf b;
	size_t i;
	int r;

	part_add(&part, "id", "a/b");
	buf_init(&b, 4096);
	for (i = 0; i < TAP_COUNT(urls); i++) {
		buf_clear(&b);
		p.url = urls[i].url;
		r = page_url(&p, "http://h:1", &part,
		    yyjson_doc_get_root(doc), &b, missing);
		tap_ok(urls[i].want == NULL ? r == -1 && errno == EINVAL &&
		    strcmp(missing, "none") == 0 : r == 0 &&
		    strcmp(b.data, urls[i].want) == 0, "url: %s",
		    urls[i].descr);
	}
	buf_release(&b);
	yyjson_doc_free(doc);
}

int
main(void)
{
	char file[] = "/tmp/test-page-XXXXXX.json";
	struct decl d;
	struct pages p;
	struct buf why;
	size_t i;
	int fd = mkstemps(file, 5);

	if (fd == -1)
		return 1;
	close(fd);
	buf_init(&why, 4096);
	for (i = 0; i < TAP_COUNT(cases); i++)
		check(i, file, &why);
	if (tap_ok(load(cases[1].in, file, &d, &p, &why) == 0, "again")) {
		tap_ok(p.n == 1 && page_find(&p, "thing") == &p.page[0] &&
		    page_find(&p, "none") == NULL, "found by its name");
		tap_ok(page_in_step(&p.page[0], "things", "fetch") &&
		    !page_in_step(&p.page[0], "things", "parse") &&
		    !page_in_step(&p.page[0], "maps", "fetch"),
		    "of its step alone");
		tap_ok(p.page[0].rows[0].columns[0].type == DECL_INTEGER,
		    "the table says of what type a column is");
		decl_release(&d);
	}
	check_urls();
	unlink(file);
	buf_release(&why);
	return tap_done();
}
