/* The array splitter: elements, refusals, every chunk size, every cut. */
#include <dirent.h>
#include <stdlib.h>
#include <yyjson.h>

#include "record/split.h"
#include "tap.h"

#define MAX_ELEMENT ((size_t)4 << 20)

/* One check, with what to show when it fails. */
static void
ok(int pass, const char *descr, const char *detail)
{
	if (!tap_ok(pass, "%s", descr))
		printf("#   %s\n", detail);
}

/* Join the elements with '|', NUL and newline shown as '0' and 'n'. */
static int
join(char *text, size_t len, int64_t n, void *arg)
{
	struct buf *b = arg;
	size_t i;

	if (memcmp(text + len, "\0\0\0\0", SPLIT_PADDING) != 0)
		return -1;
	if (n > 0)
		buf_chr(b, '|');
	for (i = 0; i < len; i++)
		buf_chr(b, text[i] == '\0' ? '0' : text[i] == '\n' ? 'n' :
		    text[i]);
	return 0;
}

/* Split text in chunks of that many bytes. */
static enum split_result
run(const char *text, size_t len, size_t chunk, size_t max, split_fn fn,
    void *arg, int64_t *offset)
{
	struct split s;
	enum split_result r = SPLIT_OK;
	size_t i, n;

	split_init(&s, max, fn, arg);
	for (i = 0; i < len && r == SPLIT_OK; i += n) {
		n = len - i < chunk ? len - i : chunk;
		r = split_feed(&s, text + i, n);
	}
	if (r == SPLIT_OK)
		r = split_end(&s);
	if (offset != NULL)
		*offset = s.offset;
	split_release(&s);
	return r;
}

#define IN(s) s, sizeof(s) - 1

static const struct {
	const char *descr, *in;
	size_t len;
	enum split_result want;
	const char *elements;	/* those handed on before the end */
	int64_t offset;		/* of the error; -1: not looked at */
} cases[] = {
	{ "empty array", IN("[]"), SPLIT_OK, "", -1 },
	{ "blanks in it", IN(" \t\r\n[ \n] \n"), SPLIT_OK, "", -1 },
	{ "objects", IN("[{\"a\":1},{\"b\":[2,3]}]"), SPLIT_OK,
	    "{\"a\":1}|{\"b\":[2,3]}", -1 },
	{ "numbers", IN("[1, -2.5e3 ,0]"), SPLIT_OK, "1|-2.5e3 |0", -1 },
	{ "strings", IN("[\"00001\",\"a,b\",\"]\"]"), SPLIT_OK,
	    "\"00001\"|\"a,b\"|\"]\"", -1 },
	{ "literals", IN("[true,false,null]"), SPLIT_OK,
	    "true|false|null", -1 },
	{ "arrays", IN("[[],[[1],[2]]]"), SPLIT_OK, "[]|[[1],[2]]", -1 },
	{ "escaped quote", IN("[\"a\\\"]\",1]"), SPLIT_OK,
	    "\"a\\\"]\"|1", -1 },
	{ "escaped backslash", IN("[\"a\\\\\",1]"), SPLIT_OK,
	    "\"a\\\\\"|1", -1 },
	{ "brackets in a string", IN("[\"[{\",\"}]\"]"), SPLIT_OK,
	    "\"[{\"|\"}]\"", -1 },
	{ "lone surrogate goes on", IN("[\"\\ud800\"]"), SPLIT_OK,
	    "\"\\ud800\"", -1 },
	{ "NUL in a string goes on", IN("[\"a\0b\"]"), SPLIT_OK,
	    "\"a0b\"", -1 },
	{ "garbage goes on", IN("[nope, 1 2]"), SPLIT_OK, "nope|1 2", -1 },
	{ "newline in a string goes on", IN("[\"a\nb\"]"), SPLIT_OK,
	    "\"anb\"", -1 },
	{ "nothing", IN(""), SPLIT_EMPTY, "", 0 },
	{ "blanks only", IN(" \n"), SPLIT_TRUNCATED, "", 2 },
	{ "an object", IN("{\"a\":[1]}"), SPLIT_NOT_ARRAY, "", 0 },
	{ "text", IN("Access denied"), SPLIT_NOT_ARRAY, "", 0 },
	{ "byte order mark", IN("\xef\xbb\xbf[]"), SPLIT_NOT_ARRAY, "", 0 },
	{ "NUL first", IN("\0[]"), SPLIT_NOT_ARRAY, "", 0 },
	{ "closing first", IN("]"), SPLIT_NOT_ARRAY, "", 0 },
	{ "comma last", IN("[1,]"), SPLIT_SYNTAX, "1", 3 },
	{ "comma first", IN("[,1]"), SPLIT_SYNTAX, "", 1 },
	{ "comma alone", IN("[,]"), SPLIT_SYNTAX, "", 1 },
	{ "two commas", IN("[1,,2]"), SPLIT_SYNTAX, "1", 3 },
	{ "crossed {]", IN("[{]"), SPLIT_SYNTAX, "", 2 },
	{ "crossed [}", IN("[[}"), SPLIT_SYNTAX, "", 2 },
	{ "crossed inside", IN("[{\"a\":[1}]]"), SPLIT_SYNTAX, "", 8 },
	{ "brace closes the array", IN("[1}"), SPLIT_SYNTAX, "", 2 },
	{ "brace at once", IN("[}"), SPLIT_SYNTAX, "", 1 },
	{ "text after", IN("[] x"), SPLIT_TRAILING, "", 3 },
	{ "second array", IN("[1][2]"), SPLIT_TRAILING, "1", 3 },
	{ "second bracket", IN("[1]]"), SPLIT_TRAILING, "1", 3 },
	{ "comma after", IN("[1],"), SPLIT_TRAILING, "1", 3 },
	{ "NUL after", IN("[1]\0"), SPLIT_TRAILING, "1", 3 },
	{ "open array", IN("["), SPLIT_TRUNCATED, "", 1 },
	{ "open element", IN("[1,{\"a\":"), SPLIT_TRUNCATED, "1", 8 },
	{ "open string", IN("[1,\"a]"), SPLIT_TRUNCATED, "1", 6 },
	{ "open escape", IN("[\"\\"), SPLIT_TRUNCATED, "", 3 },
	{ "vertical tab is no blank", IN("\v[]"), SPLIT_NOT_ARRAY, "", 0 },
};

/* The same answer whatever the chunks. */
static void
test_cases(void)
{
	char detail[256];
	size_t i, chunk;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int pass = 1;

		for (chunk = 1; chunk <= cases[i].len + 1 && pass; chunk++) {
			struct buf b;
			int64_t offset;
			enum split_result r;

			buf_init(&b, 4096);
			r = run(cases[i].in, cases[i].len, chunk, MAX_ELEMENT,
			    join, &b, &offset);
			pass = r == cases[i].want &&
			    strcmp(b.data, cases[i].elements) == 0 &&
			    (cases[i].offset == -1 ||
			    cases[i].offset == offset);
			snprintf(detail, sizeof(detail),
			    "chunks of %zu: %s at %lld: %s", chunk,
			    split_text(r), (long long)offset, b.data);
			buf_release(&b);
		}
		ok(pass, cases[i].descr, detail);
	}
}

static int
count(char *text, size_t len, int64_t n, void *arg)
{
	(void)text;
	(void)len;
	*(int64_t *)arg = n + 1;
	return 0;
}

static int
stop_at_two(char *text, size_t len, int64_t n, void *arg)
{
	(void)text;
	(void)len;
	(void)arg;
	return n == 2;
}

/* A real array cut anywhere is truncated, never complete. */
static void
test_cuts(void)
{
	static const char text[] =
	    " [{\"a\":\"x\\\"y\",\"b\":[1,{}]},\"s\",3,[],null] ";
	int64_t n, before = 0;
	size_t cut;
	int pass = 1;

	for (cut = 0; cut < sizeof(text) - 2 && pass; cut++) {
		n = before;
		pass = run(text, cut, 7, MAX_ELEMENT, count, &n, NULL) ==
		    (cut == 0 ? SPLIT_EMPTY : SPLIT_TRUNCATED) && n >= before;
		before = n;
	}
	ok(pass && before == 4, "truncated at every byte", "");
	ok(run(text, cut, 7, MAX_ELEMENT, count, &n, NULL) == SPLIT_OK &&
	    n == 5, "the last bracket makes it whole", "");
}

/* n times c, between "[" and the closing text. */
static char *
bomb(char c, size_t n, const char *tail, size_t *len)
{
	char *s = malloc(n + 2 + strlen(tail));

	if (s == NULL)
		exit(99);
	s[0] = '[';
	memset(s + 1, c, n);
	memcpy(s + 1 + n, tail, strlen(tail) + 1);
	*len = 1 + n + strlen(tail);
	return s;
}

static void
test_sizes(void)
{
	size_t len;
	int64_t n = 0, offset = 0;
	char *s = bomb('[', 1000000, "", &len);

	ok(run(s, len, 65536, MAX_ELEMENT, count, &n, &offset) ==
	    SPLIT_TOO_DEEP && offset == 1 + LIMIT_JSON_DEPTH,
	    "depth bomb stops at the limit", "");
	free(s);
	s = bomb('x', (size_t)2 << 20, "\"]", &len);
	s[1] = '"';
	ok(run(s, len, 4096, MAX_ELEMENT, count, &n, NULL) == SPLIT_OK &&
	    n == 1, "2 MiB string", "");
	ok(run(s, len, 65536, 1 << 20, count, &n, NULL) == SPLIT_TOO_BIG,
	    "2 MiB string over a limit of 1 MiB", "");
	ok(run(s, len, len, len - 2, count, &n, NULL) == SPLIT_OK,
	    "an element of exactly the limit", "");
	ok(run(s, len, len, len - 3, count, &n, NULL) == SPLIT_TOO_BIG,
	    "an element one byte over the limit", "");
	free(s);
	ok(run(IN("[1,2,3,4]"), 4, MAX_ELEMENT, stop_at_two, NULL, NULL) ==
	    SPLIT_STOPPED, "the callback stops it", "");
}

/* What one payload is compared by: yyjson's reading of each element. */
struct seen {
	struct buf text;
	int bad;
};

static void
add_value(struct seen *seen, yyjson_val *v)
{
	char *text = v != NULL ? yyjson_val_write(v, 0, NULL) : NULL;

	if (text == NULL) {
		seen->bad = 1;
		return;
	}
	buf_str(&seen->text, text);
	buf_chr(&seen->text, '\n');
	free(text);
}

static int
parse_element(char *text, size_t len, int64_t n, void *arg)
{
	struct seen *seen = arg;
	yyjson_doc *doc = yyjson_read_opts(text, len, YYJSON_READ_INSITU,
	    NULL, NULL);

	(void)n;
	add_value(seen, yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	return seen->bad;
}

/* Do splitter + yyjson say what yyjson says of the whole? */
static int
agrees(char *text, size_t len, size_t chunk)
{
	yyjson_doc *doc = yyjson_read(text, len, 0);
	yyjson_val *root = yyjson_doc_get_root(doc), *v;
	struct seen whole, parts;
	enum split_result r;
	size_t i, max;
	int same;

	memset(&whole, 0, sizeof(whole));
	memset(&parts, 0, sizeof(parts));
	buf_init(&whole.text, (size_t)16 << 20);
	buf_init(&parts.text, (size_t)16 << 20);
	r = run(text, len, chunk, MAX_ELEMENT, parse_element, &parts, NULL);
	yyjson_arr_foreach(root, i, max, v)
		add_value(&whole, v);
	if (yyjson_is_arr(root) && r != SPLIT_TOO_DEEP)
		same = r == SPLIT_OK &&
		    strcmp(whole.text.data, parts.text.data) == 0;
	else
		same = r != SPLIT_OK;
	buf_release(&whole.text);
	buf_release(&parts.text);
	yyjson_doc_free(doc);
	return same;
}

static char *
slurp(const char *dir, const char *name, size_t *len)
{
	char path[4096];
	char *s = malloc((size_t)1 << 20);
	FILE *fp;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (s == NULL || (fp = fopen(path, "rb")) == NULL)
		exit(99);
	*len = fread(s, 1, (size_t)1 << 20, fp);
	fclose(fp);
	return s;
}

static void
test_suite(void)
{
	static const char folder[] =
	    "../shared/captures/json/JSONTestSuite/test_parsing";
	DIR *d = opendir(folder);
	struct dirent *e;
	char detail[512] = "";
	int files = 0, wrong = 0;

	if (d == NULL) {
		tap_skip("JSONTestSuite as yyjson reads it", "no captures");
		return;
	}
	while ((e = readdir(d)) != NULL) {
		size_t len;
		char *s;

		if (e->d_name[0] == '.')
			continue;
		s = slurp(folder, e->d_name, &len);
		if (!agrees(s, len, 65536) || !agrees(s, len, 3)) {
			snprintf(detail, sizeof(detail), "%s", e->d_name);
			wrong++;
		}
		free(s);
		files++;
	}
	closedir(d);
	ok(wrong == 0 && files > 300, "JSONTestSuite as yyjson reads it",
	    detail);
}

int
main(void)
{
	test_cases();
	test_cuts();
	test_sizes();
	test_suite();
	return tap_done();
}
