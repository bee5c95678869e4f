/* JSON text: escapes, numbers, order; whatever goes in reads back. */
#include "record/jsonw.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "tap.h"

static const struct {
	const char *descr, *in;
	size_t n;
	const char *want;	/* NULL: not UTF-8 */
} strings[] = {
	{ "plain", "abc", 3, "\"abc\"" },
	{ "nothing", "", 0, "\"\"" },
	{ "quote and backslash", "a\"b\\", 4, "\"a\\\"b\\\\\"" },
	{ "slash", "a/b", 3, "\"a/b\"" },
	{ "line ends", "\n\r\t", 3, "\"\\n\\r\\t\"" },
	{ "control", "\x01\x1f", 2, "\"\\u0001\\u001f\"" },
	{ "NUL", "a\0b", 3, "\"a\\u0000b\"" },
	{ "delete", "\x7f", 1, "\"\x7f\"" },
	{ "two bytes", "\xc3\xa9", 2, "\"\xc3\xa9\"" },
	{ "smallest of two", "\xc2\x80", 2, "\"\xc2\x80\"" },
	{ "three bytes", "\xe2\x82\xac", 3, "\"\xe2\x82\xac\"" },
	{ "below the surrogates", "\xed\x9f\xbf", 3, "\"\xed\x9f\xbf\"" },
	{ "four bytes", "\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"" },
	{ "the last character", "\xf4\x8f\xbf\xbf", 4,
	    "\"\xf4\x8f\xbf\xbf\"" },
	{ "Latin-1", "caf\xe9", 4, NULL },
	{ "continuation alone", "\x80", 1, NULL },
	{ "overlong slash", "\xc0\xaf", 2, NULL },
	{ "overlong in three", "\xe0\x80\xaf", 3, NULL },
	{ "overlong in four", "\xf0\x80\x80\xaf", 4, NULL },
	{ "lone surrogate", "\xed\xa0\x80", 3, NULL },
	{ "beyond the last", "\xf4\x90\x80\x80", 4, NULL },
	{ "five bytes", "\xf8\x88\x80\x80\x80", 5, NULL },
	{ "fe", "\xfe", 1, NULL },
	{ "cut after one", "\xe2", 1, NULL },
	{ "cut after two", "\xe2\x82", 2, NULL },
	{ "cut after three", "a\xf0\x9f\x98", 4, NULL },
	{ "continuation missing", "\xe2\x82x", 3, NULL },
};

static void
test_strings(void)
{
	struct jsonw w;
	struct buf b;
	size_t i;

	buf_init(&b, 1000);
	for (i = 0; i < TAP_COUNT(strings); i++) {
		buf_clear(&b);
		jsonw_init(&w, &b);
		jsonw_strn(&w, NULL, strings[i].in, strings[i].n);
		if (strings[i].want == NULL)
			tap_ok(w.failed == EILSEQ && jsonw_utf8(strings[i].in,
			    strings[i].n) < strings[i].n, "refused: %s",
			    strings[i].descr);
		else
			tap_str(b.data, strings[i].want, strings[i].descr);
	}
	buf_release(&b);
}

static void
test_record(void)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, 1000);
	jsonw_record(&w, &b, "t");
	jsonw_int(&w, "min", INT64_MIN);
	jsonw_int(&w, "max", INT64_MAX);
	jsonw_opt(&w, "absent", NULL);
	jsonw_opt(&w, "there", "x");
	jsonw_bool(&w, "yes", 1);
	jsonw_bool(&w, "no", 0);
	jsonw_null(&w, "nothing");
	jsonw_obj_open(&w, "o");
	jsonw_obj_close(&w);
	jsonw_arr_open(&w, "a\"");
	jsonw_int(&w, NULL, 1);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "k", "v");
	jsonw_obj_close(&w);
	jsonw_arr_open(&w, NULL);
	jsonw_arr_close(&w);
	jsonw_arr_close(&w);
	jsonw_raw(&w, "raw", "[1,2]", 5);
	tap_int(jsonw_end(&w), 0, "end");
	tap_str(b.data, "{\"type\":\"t\",\"min\":-9223372036854775808,"
	    "\"max\":9223372036854775807,\"there\":\"x\",\"yes\":true,"
	    "\"no\":false,\"nothing\":null,\"o\":{},"
	    "\"a\\\"\":[1,{\"k\":\"v\"},[]],\"raw\":[1,2]}\n",
	    "members in call order");
	buf_release(&b);
}

static void
test_sticky(void)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, 1000);
	jsonw_record(&w, &b, "t");
	jsonw_str(&w, "bad", "\xff");
	jsonw_str(&w, "good", "x");
	errno = 0;
	tap_ok(jsonw_end(&w) == -1 && errno == EILSEQ,
	    "the first error sticks: not UTF-8");
	buf_release(&b);
	buf_init(&b, 20);
	jsonw_record(&w, &b, "t");
	jsonw_str(&w, "long", "0123456789");
	errno = 0;
	tap_ok(jsonw_end(&w) == -1 && errno == E2BIG && b.len <= 20,
	    "the first error sticks: the maximum");
	buf_release(&b);
}

static void
test_reals(void)
{
	static const double values[] = { 0.0, -0.0, 0.1, 0.5, 1.0 / 3, 3.0,
	    1.1, -2.5, 1e15, 123456789012345680.0, 1e22, 1e300, DBL_MAX,
	    DBL_MIN, 5e-324, 9007199254740993.0, 0.30000000000000004 };
	struct jsonw w;
	struct buf b;
	size_t i;

	buf_init(&b, 1000);
	for (i = 0; i < TAP_COUNT(values); i++) {
		yyjson_doc *doc;

		buf_clear(&b);
		jsonw_init(&w, &b);
		jsonw_real(&w, NULL, values[i]);
		doc = yyjson_read(b.data, b.len, 0);
		tap_ok(doc != NULL && yyjson_get_num(yyjson_doc_get_root(doc))
		    == values[i], "%.17g as %s", values[i], b.data);
		yyjson_doc_free(doc);
	}
	buf_clear(&b);
	jsonw_init(&w, &b);
	jsonw_arr_open(&w, NULL);
	jsonw_real(&w, NULL, (double)NAN);
	jsonw_real(&w, NULL, (double)-INFINITY);
	jsonw_real(&w, NULL, 1.1);
	jsonw_arr_close(&w);
	tap_str(b.data, "[null,null,1.1]", "what is no number; the shortest");
	buf_release(&b);
}

static const struct {
	const char *descr, *in, *want;
} canonicals[] = {
	{ "keys sorted", "{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}" },
	{ "at every depth", "[{\"z\":{\"y\":1,\"x\":[{\"d\":1,\"c\":2}]}}]",
	    "[{\"z\":{\"x\":[{\"c\":2,\"d\":1}],\"y\":1}}]" },
	{ "a prefix first", "{\"ab\":1,\"a\":2,\"\":3}",
	    "{\"\":3,\"a\":2,\"ab\":1}" },
	{ "by bytes", "{\"\xc3\xa9\":1,\"z\":2,\"Z\":3}",
	    "{\"Z\":3,\"z\":2,\"\xc3\xa9\":1}" },
	{ "NUL in a key", "{\"a\\u0000b\":1,\"a\":2}",
	    "{\"a\":2,\"a\\u0000b\":1}" },
	{ "equal keys in their order", "{\"a\":1,\"b\":0,\"a\":2,\"a\":3}",
	    "{\"a\":1,\"a\":2,\"a\":3,\"b\":0}" },
	{ "arrays as they are", "[3,1,2]", "[3,1,2]" },
	{ "empty ones", "{\"b\":{},\"a\":[]}", "{\"a\":[],\"b\":{}}" },
	{ "blanks and escapes", " { \"\\u0061\" : \"\\/\" } ",
	    "{\"a\":\"/\"}" },
	{ "scalars", "[null,true,false,-1,18446744073709551615,1.5,\"x\"]",
	    "[null,true,false,-1,18446744073709551615,1.5,\"x\"]" },
};

static void
test_canonical(void)
{
	struct jsonw w;
	struct buf b;
	size_t i;

	buf_init(&b, 1000);
	for (i = 0; i < TAP_COUNT(canonicals); i++) {
		const char *in = canonicals[i].in;
		yyjson_doc *doc = yyjson_read(in, strlen(in), 0);

		buf_clear(&b);
		jsonw_init(&w, &b);
		jsonw_canonical(&w, NULL, yyjson_doc_get_root(doc));
		tap_str(b.data, canonicals[i].want, canonicals[i].descr);
		yyjson_doc_free(doc);
	}
	buf_release(&b);
}

/* depth brackets around nothing, written canonically. */
static int
nested(size_t depth, int objects)
{
	struct jsonw w;
	struct buf in, b;
	yyjson_doc *doc;
	size_t i;

	buf_init(&in, SIZE_MAX);
	buf_init(&b, SIZE_MAX);
	for (i = 0; i < depth; i++)
		buf_str(&in, objects && i + 1 < depth ? "{\"a\":" : "[");
	for (i = 0; i < depth; i++)
		buf_chr(&in, objects && i > 0 ? '}' : ']');
	doc = yyjson_read(in.data, in.len, 0);
	jsonw_init(&w, &b);
	jsonw_canonical(&w, NULL, yyjson_doc_get_root(doc));
	i = doc != NULL && w.failed == 0 && strcmp(in.data, b.data) == 0;
	yyjson_doc_free(doc);
	buf_release(&in);
	buf_release(&b);
	return i ? 0 : w.failed;
}

static void
test_depth(void)
{
	tap_int(nested(64, 0), 0, "64 arrays");
	tap_int(nested(65, 0), E2BIG, "65 arrays");
	tap_int(nested(64, 1), 0, "64 objects");
	tap_int(nested(65, 1), E2BIG, "65 objects");
	tap_int(nested(1000000, 0), E2BIG, "a depth bomb of arrays");
	tap_int(nested(200000, 1), E2BIG, "a depth bomb of objects");
}

int
main(void)
{
	test_strings();
	test_record();
	test_sticky();
	test_reals();
	test_canonical();
	test_depth();
	return tap_done();
}
