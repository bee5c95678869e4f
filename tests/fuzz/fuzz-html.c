/*
 * fuzz-html.c -- declared selectors on hostile pages: html_extract().
 *
 * "make fuzz" runs it by libFuzzer; tests/unit/test-html.c gives it pages
 * that it has changed itself.  What must hold: records are whole lines of
 * JSON, as many as said; a page that fails leaves nothing behind and says
 * why; the same page gives the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "text/html.h"

#define COLUMNS "\"columns\":{\"n\":{\"at\":\"$position\",\"required\":" \
	"true},\"name\":{\"at\":\"td[1]\"},\"share\":{\"at\":\"td[2]\"," \
	"\"regex\":\"([0-9.]+)%\"},\"hits\":{\"at\":\"td[3]\",\"regex\":" \
	"\"^[0-9]+\"},\"day\":{\"at\":\"td[3]/@data-unix\",\"date\":true}," \
	"\"column\":{\"at\":\"../tr[1]/td[count($row/preceding-sibling::tr)" \
	" + 1]\"},\"facts\":{\"at\":\".//@data-facts\"}}"

static const char declaration[] = "{\"source\":{\"name\":\"s\","
    "\"dataset_key\":[\"id\"],\"part_member\":\"page\"},\"part\":{"
    "\"thing\":{\"format\":\"bytes\",\"schema_version\":\"1\"}},"
    "\"table\":{\"things\":{\"part\":\"thing\",\"key\":[\"n\"],"
    "\"columns\":{\"n\":{\"type\":\"integer\"},\"name\":{\"type\":"
    "\"text\"},\"share\":{\"type\":\"real\"},\"hits\":{\"type\":"
    "\"integer\"},\"day\":{\"type\":\"text\"},\"column\":{\"type\":"
    "\"text\"},\"facts\":{\"type\":\"json\"}}},"
    "\"bars\":{\"part\":\"thing\",\"key\":[\"n\"],\"columns\":{\"n\":{"
    "\"type\":\"integer\"},\"v\":{\"type\":\"integer\"},\"size\":{"
    "\"type\":\"text\"},\"title\":{\"type\":\"text\"}}}},"
    "\"queue\":{\"things\":{\"key\":[\"id\"],\"step\":{\"parse\":{}}}},"
    "\"pages\":{\"blocked\":[\"//title[contains(., 'moment')]\"]},"
    "\"page\":{\"thing\":{\"url\":\"/{id}\",\"parser_version\":\"1\","
    "\"walk\":{\"member\":\"id\",\"total\":{\"at\":\"//p\",\"regex\":"
    "\"of ([0-9]+)\"},\"end\":[\"//a[@class = 'off']\"]},"
    "\"rows\":[{\"table\":\"things\",\"at\":\"//table//tr[td]\"," COLUMNS
    "},{\"table\":\"bars\",\"at\":\"//div/@data-chart\",\"json\":"
    "\"/bars\",\"columns\":{\"n\":\"$position\",\"v\":{\"json\":\"/v\"},"
    "\"size\":{\"json\":\"/v\",\"at_least\":{\"small\":0,\"big\":100}},"
    "\"title\":{\"at\":\".\",\"json\":\"/facts\",\"find\":{\"label\":"
    "\"title\"},\"take\":\"/text\"}}},{\"item\":\"things\",\"at\":"
    "\"//li[@data-id]\",\"columns\":{\"id\":\"@data-id\",\"href\":"
    "\"a/@href\"}}]}}}";

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

/* Loaded once, for all pages. */
static struct decl fuzz_decl;
static struct pages fuzz_pages;
static struct html *fuzz_html;

static void
fuzz_fail(const char *what)
{
	fprintf(stderr, "fuzz-html: %s\n", what);
	abort();
}

static void
fuzz_start(void)
{
	char file[] = "/tmp/fuzz-html-XXXXXX.json";
	int fd = mkstemps(file, 5);
	struct buf why;

	buf_init(&why, 4096);
	if (fd == -1 || write(fd, declaration, sizeof(declaration) - 1) !=
	    (ssize_t)sizeof(declaration) - 1 || close(fd) == -1)
		fuzz_fail("no temporary file");
	if (decl_load(&fuzz_decl, file, &why) == -1 ||
	    decl_pages_read(&fuzz_decl, &fuzz_pages, &why) == -1 ||
	    (fuzz_html = html_new(&fuzz_decl, &fuzz_pages, &why)) == NULL)
		fuzz_fail(why.data);
	unlink(file);
	buf_release(&why);
}

static void __attribute__((__unused__))
fuzz_end(void)
{
	html_free(fuzz_html);
	decl_release(&fuzz_decl);
}

/* So many whole lines, each an object. */
static void
check_records(const struct buf *b, size_t from, int64_t rows)
{
	const char *p = b->data + from, *end = b->data + b->len, *nl;
	yyjson_doc *doc;

	for (; from < b->len && p < end; p = nl + 1, rows--) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			fuzz_fail("half a line");
		doc = yyjson_read(p, (size_t)(nl - p), 0);
		if (!yyjson_is_obj(yyjson_doc_get_root(doc)))
			fuzz_fail("no record");
		yyjson_doc_free(doc);
	}
	if (rows != 0)
		fuzz_fail("another number of records than said");
}

static int
extract(const unsigned char *data, size_t n, struct buf *out,
    struct html_outcome *o)
{
	struct part part = { 0 };
	struct html_input in = { .page = &fuzz_pages.page[0], .run = "R",
	    .source = "s", .part = &part, .key = &part, .url = "http://h/1",
	    .fetched_at = "2026-11-30T10:00:00.000Z",
	    .bytes = (const char *)data, .n = n };

	part_add(&part, "id", "1");
	return html_extract(fuzz_html, &in, out, o);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	struct html_outcome o, again;
	struct buf out, second;
	size_t before;
	int r;

	if (fuzz_html == NULL)
		fuzz_start();
	buf_init(&out, (size_t)64 << 20);
	buf_init(&second, (size_t)64 << 20);
	buf_str(&out, "before\n");
	buf_str(&second, "before\n");
	before = out.len;
	r = extract(data, n, &out, &o);
	if (r == -1 && (out.len != before ||
	    o.finding.code == FINDING_NONE))
		fuzz_fail("a failed page left something, or says nothing");
	if (r == 0 && o.finding.code != FINDING_NONE)
		fuzz_fail("a page that did not fail says why");
	if (r == 0)
		check_records(&out, before, o.rows);
	if (extract(data, n, &second, &again) != r || out.len != second.len ||
	    memcmp(out.data, second.data, out.len) != 0)
		fuzz_fail("the same page, and other bytes");
	buf_release(&out);
	buf_release(&second);
	return 0;
}
