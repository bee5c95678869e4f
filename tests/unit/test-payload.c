/* One pass over a payload: facts, findings, every cut and flipped byte. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/gzip.h"
#include "record/payload.h"
#include "tap.h"
#include "tmpdir.h"

#define IN(s) s, sizeof(s) - 1

static const struct {
	const char *descr, *in;
	size_t len;
	enum finding_code want;
	int64_t offset, count;	/* of the finding; of a good payload */
} cases[] = {
	{ "empty array", IN("[]"), FINDING_NONE, 0, 0 },
	{ "three values", IN(" [1, {\"a\":[]}, \"x\"]\n"), FINDING_NONE, 0,
	    3 },
	{ "UTF-8", IN("[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\x93\"]"),
	    FINDING_NONE, 0, 1 },
	{ "duplicate member", IN("[{\"a\":1,\"a\":2}]"), FINDING_NONE, 0, 1 },
	{ "escaped NUL", IN("[\"\\u0000\"]"), FINDING_NONE, 0, 1 },
	{ "nothing", IN(""), FINDING_EMPTY_BODY, 0, 0 },
	{ "blanks", IN("  "), FINDING_TRUNCATED, 2, 0 },
	{ "cut in an element", IN("[1,{\"a\":"), FINDING_TRUNCATED, 8, 0 },
	{ "cut in a sequence", IN("[\"\xc3"), FINDING_TRUNCATED, 3, 0 },
	{ "Latin-1", IN("[\"ok\",\"F\xf3rum\"]"), FINDING_BAD_UTF8, 8, 0 },
	{ "overlong", IN("[\"\xc0\xaf\"]"), FINDING_BAD_UTF8, 2, 0 },
	{ "UTF-8 of a surrogate", IN("[\"\xed\xa0\x80\"]"), FINDING_BAD_UTF8,
	    2, 0 },
	{ "beyond U+10FFFF", IN("[\"\xf4\x90\x80\x80\"]"), FINDING_BAD_UTF8,
	    2, 0 },
	{ "Latin-1 text", IN("F\xf3rum"), FINDING_BAD_UTF8, 1, 0 },
	{ "lone surrogate", IN("[\"\\ud800\"]"), FINDING_NOT_JSON, -2, 0 },
	{ "NUL in a string", IN("[\"a\0b\"]"), FINDING_NOT_JSON, -2, 0 },
	{ "NUL between", IN("[1\0]"), FINDING_NOT_JSON, -2, 0 },
	{ "newline in a string", IN("[\"a\nb\"]"), FINDING_NOT_JSON, -2, 0 },
	{ "a word", IN("[nope]"), FINDING_NOT_JSON, -2, 0 },
	{ "NaN", IN("[NaN]"), FINDING_NOT_JSON, -2, 0 },
	{ "two values without a comma", IN("[1 2]"), FINDING_NOT_JSON, -2,
	    0 },
	{ "trailing comma", IN("[1,]"), FINDING_NOT_JSON, 3, 0 },
	{ "crossed brackets", IN("[{]"), FINDING_NOT_JSON, 2, 0 },
	{ "text behind", IN("[] x"), FINDING_NOT_JSON, 3, 0 },
	{ "byte order mark", IN("\xef\xbb\xbf[]"), FINDING_NOT_JSON, 0, 0 },
	{ "a message", IN("Access denied"), FINDING_NOT_JSON, 0, 0 },
	{ "half an object", IN("{\"a\":"), FINDING_NOT_JSON, 0, 0 },
	{ "an object", IN("{\"a\":1}"), FINDING_NOT_ARRAY, 0, 0 },
	{ "a string", IN("\"[]\""), FINDING_NOT_ARRAY, 0, 0 },
};

static int
reopen(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd == -1)
		exit(99);
	return fd;
}

/* Pack the file plain as the file packed. */
static void
pack(void)
{
	int fd = reopen("plain");
	FILE *fp = fopen("packed", "w");

	if (fp == NULL || gzip_pack(fd, fp) == -1 || fclose(fp) == EOF)
		exit(99);
	close(fd);
}

static enum payload_result
look(const char *path, enum payload_coding coding,
    struct payload_facts *facts, struct finding *f)
{
	int fd = reopen(path);
	enum payload_result r;

	memset(f, 0, sizeof(*f));
	r = payload_each(fd, coding, &payload_array, NULL, NULL, facts, f);
	close(fd);
	return r;
}

static int
as_wanted(size_t i, const char *path, enum payload_coding coding)
{
	struct payload_facts facts;
	struct finding f;
	enum payload_result r = look(path, coding, &facts, &f);

	if (cases[i].want == FINDING_NONE)
		return r == PAYLOAD_OK &&
		    facts.size_bytes == (int64_t)cases[i].len &&
		    facts.record_count == cases[i].count;
	if (r == PAYLOAD_BAD && f.code == cases[i].want &&
	    (cases[i].offset == -2 || f.offset == cases[i].offset))
		return 1;
	printf("# %d %s at %lld: %s\n", (int)r, finding_code_text(f.code),
	    (long long)f.offset, f.text);
	return 0;
}

static void
test_cases(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		tmpdir_write("plain", cases[i].in, cases[i].len);
		pack();
		tap_ok(as_wanted(i, "plain", PAYLOAD_PLAIN) &&
		    as_wanted(i, "packed", PAYLOAD_GZIP), "%s",
		    cases[i].descr);
	}
}

/* A packed payload cut or changed anywhere is never taken for whole. */
static void
test_damage(void)
{
	struct payload_facts whole, facts;
	struct finding f;
	char bytes[512];
	size_t n, i;
	int cuts = 1, flips = 1;
	FILE *fp;

	tmpdir_text("plain", "[{\"a\":\"first\"},{\"a\":\"second\"},17]");
	pack();
	tap_ok(look("packed", PAYLOAD_GZIP, &whole, &f) == PAYLOAD_OK &&
	    whole.record_count == 3, "whole");
	if ((fp = fopen("packed", "r")) == NULL)
		exit(99);
	n = fread(bytes, 1, sizeof(bytes), fp);
	fclose(fp);
	for (i = 0; i < n; i++) {
		tmpdir_write("cut", bytes, i);
		cuts &= look("cut", PAYLOAD_GZIP, &facts, &f) == PAYLOAD_BAD;
		bytes[i] ^= 0x10;
		tmpdir_write("flip", bytes, n);
		if (look("flip", PAYLOAD_GZIP, &facts, &f) == PAYLOAD_OK)
			flips &= strcmp(facts.sha256, whole.sha256) == 0;
		bytes[i] ^= 0x10;
	}
	tap_ok(cuts, "cut at every byte: never whole");
	tap_ok(flips, "every byte changed: refused, or the same content");
	tmpdir_write("twice", bytes, n);
	if ((fp = fopen("twice", "a")) == NULL ||
	    fwrite(bytes, 1, n, fp) != n || fclose(fp) == EOF)
		exit(99);
	tap_ok(look("twice", PAYLOAD_GZIP, &facts, &f) == PAYLOAD_BAD,
	    "two members are two arrays");
}

static void
test_codings(void)
{
	struct payload_facts facts;
	struct finding f;

	tap_ok(look("plain", PAYLOAD_GZIP, &facts, &f) == PAYLOAD_BAD &&
	    f.code == FINDING_BAD_GZIP, "plain where gzip was announced");
	tap_ok(look("packed", PAYLOAD_PLAIN, &facts, &f) == PAYLOAD_BAD &&
	    f.code == FINDING_NOT_JSON, "gzip where plain was announced");
	tmpdir_write("one", "\x1f", 1);
	tap_ok(look("one", PAYLOAD_GZIP, &facts, &f) == PAYLOAD_BAD &&
	    f.code == FINDING_TRUNCATED, "one byte of gzip");
	tmpdir_write("none", "", 0);
	tap_ok(look("none", PAYLOAD_GZIP, &facts, &f) == PAYLOAD_BAD &&
	    f.code == FINDING_EMPTY_BODY, "no byte of gzip");
}

static int
add(yyjson_val *v, int64_t n, void *arg)
{
	int64_t *sum = arg;

	*sum += yyjson_get_sint(v);
	return n == 2;
}

static void
test_callback(void)
{
	struct finding f;
	int64_t sum = 0;
	int fd;

	tmpdir_text("plain", "[1,20,300,4000]");
	fd = reopen("plain");
	tap_ok(payload_each(fd, PAYLOAD_PLAIN, &payload_array, add, &sum,
	    NULL, &f) == PAYLOAD_STOPPED && sum == 321,
	    "the callback sees and stops");
	close(fd);
	tap_ok(payload_each(fd, PAYLOAD_PLAIN, &payload_array, add, &sum,
	    NULL, &f) == PAYLOAD_FAILED, "a descriptor that cannot be read");
	tmpdir_text("plain", "{\"r\":[1,20]}\n{}\n{\"r\":[300,4000]}\n");
	fd = reopen("plain");
	sum = 0;
	tap_ok(payload_each(fd, PAYLOAD_PLAIN, &(struct payload_form){
	    PAYLOAD_LINES, "/r" }, add, &sum, NULL, &f) == PAYLOAD_STOPPED &&
	    sum == 321, "the rows of lines are numbered through");
	close(fd);
}

static const struct {
	const char *descr, *rows, *in;
	size_t len;
	int64_t count;		/* -1: refused */
	enum finding_code want;
	const char *where;
	int64_t offset;
} lines[] = {
	{ "lines are elements", NULL, IN("1\n{}\n[2]\n"), 3,
	    FINDING_NONE, NULL, 0 },
	{ "the last one without its newline", NULL, IN("1\n2"), 2,
	    FINDING_NONE, NULL, 0 },
	{ "empty lines are none", NULL, IN("\n1\n\n2\n\n"), 2,
	    FINDING_NONE, NULL, 0 },
	{ "rows of lines", "/a/b", IN("{\"a\":{\"b\":[1,2]}}\n"
	    "{\"a\":{\"b\":[3]}}\n"), 3, FINDING_NONE, NULL, 0 },
	{ "pages without rows", "/r", IN("{}\n{\"r\":null}\n[]\n"
	    "{\"r\":[]}\n"), 0, FINDING_NONE, NULL, 0 },
	{ "rows that are none", "/r", IN("{\"r\":[1]}\n{\"r\":{}}\n"), -1,
	    FINDING_NOT_ARRAY, "line 2", 10 },
	{ "nothing", "/r", IN(""), -1, FINDING_EMPTY_BODY, "", 0 },
	{ "newlines only", "/r", IN("\n\n"), -1, FINDING_EMPTY_BODY, "", 0 },
	{ "a line cut", "/r", IN("{}\n{\"r\":[1,"), -1, FINDING_NOT_JSON,
	    "line 2", 11 },
	{ "two values on a line", NULL, IN("1 2\n"), -1, FINDING_NOT_JSON,
	    "line 1", 2 },
	{ "Latin-1", NULL, IN("1\n\"\xe9\"\n"), -1, FINDING_BAD_UTF8,
	    "line 2", 3 },
	{ "too deep", NULL, IN("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), -1, FINDING_TOO_DEEP,
	    "line 1", 0 },
};

static void
test_lines(void)
{
	struct payload_facts facts;
	struct payload_form form = { PAYLOAD_LINES, NULL };
	struct finding f;
	size_t i;
	int fd;

	for (i = 0; i < TAP_COUNT(lines); i++) {
		f = (struct finding){ .code = FINDING_NONE };
		form.rows = lines[i].rows;
		tmpdir_write("plain", lines[i].in, lines[i].len);
		pack();
		fd = reopen("packed");
		payload_check(fd, PAYLOAD_GZIP, &form, &facts, &f);
		tap_ok(f.code == lines[i].want && (f.code == FINDING_NONE ?
		    facts.record_count == lines[i].count &&
		    facts.size_bytes == (int64_t)lines[i].len :
		    strcmp(f.where, lines[i].where) == 0 &&
		    f.offset == lines[i].offset), "%s", lines[i].descr);
		if (f.code != FINDING_NONE)
			printf("# %s %s at %lld\n", finding_code_text(f.code),
			    f.where, (long long)f.offset);
		close(fd);
	}
}

static const struct {
	const char *descr, *format, *in;
	size_t len;
	enum finding_code want;
} others[] = {
	{ "an array", "json-array", IN("[1]"), FINDING_NONE },
	{ "an object is none", "json-array", IN("{}"), FINDING_NOT_ARRAY },
	{ "an object", "json", IN(" {\"a\":[1,\"]\\\\\"]} "), FINDING_NONE },
	{ "a number", "json", IN("1"), FINDING_NONE },
	{ "two values", "json", IN("1 2"), FINDING_NOT_JSON },
	{ "half a value", "json", IN("{\"a\":"), FINDING_NOT_JSON },
	{ "a page", "json", IN("<html>"), FINDING_NOT_JSON },
	{ "no value", "json", IN(""), FINDING_EMPTY_BODY },
	{ "Latin-1", "json", IN("\"\xf3\""), FINDING_BAD_UTF8 },
	{ "64 deep", "json", IN("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), FINDING_NONE },
	{ "65 deep", "json", IN("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), FINDING_TOO_DEEP },
	{ "a page as bytes", "bytes", IN("<html>\0\xff"), FINDING_NONE },
	{ "nothing as bytes", "bytes", IN(""), FINDING_NONE },
};

static void
test_formats(void)
{
	struct payload_form form = { PAYLOAD_BYTES, NULL };
	struct payload_facts facts;
	struct finding f = { .code = FINDING_NONE };
	size_t i;
	int fd;

	for (i = 0; i < TAP_COUNT(others); i++, f.code = FINDING_NONE) {
		payload_format_parse(others[i].format, &form.format);
		tmpdir_write("plain", others[i].in, others[i].len);
		pack();
		fd = reopen("packed");
		payload_check(fd, PAYLOAD_GZIP, &form, &facts, &f);
		tap_ok(f.code == others[i].want && (f.code != FINDING_NONE ||
		    (facts.size_bytes == (int64_t)others[i].len &&
		    facts.record_count == 1)), "%s", others[i].descr);
		close(fd);
	}
	form.format = PAYLOAD_BYTES;
	tap_int(payload_format_parse("xml", &form.format), -1, "no such format");
	fd = reopen("packed");
	tap_ok(payload_check(fd, PAYLOAD_PLAIN, &form, &facts, &f) ==
	    PAYLOAD_OK && facts.size_bytes > 0, "gzip as bytes is itself");
	close(fd);
	fd = reopen("plain");
	tap_ok(payload_check(fd, PAYLOAD_GZIP, &form, &facts, &f) ==
	    PAYLOAD_BAD && f.code == FINDING_TRUNCATED, "no bytes are no gzip");
	close(fd);
}

int
main(void)
{
	tmpdir_enter();
	test_cases();
	test_damage();
	test_codings();
	test_callback();
	test_formats();
	test_lines();
	tmpdir_leave();
	return tap_done();
}
