#include "record/jsonw.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static void
check(struct jsonw *w, int r)
{
	if (r == -1 && w->failed == 0)
		w->failed = errno != 0 ? errno : ENOMEM;
}

static void
put(struct jsonw *w, const char *s, size_t n)
{
	check(w, buf_add(w->buf, s, n));
}

/* The length of the UTF-8 sequence at s, or 0 if it is none (RFC 3629). */
static size_t
utf8_len(const unsigned char *s, size_t n)
{
	size_t i, len;

	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (len > n || (s[0] == 0xe0 && s[1] < 0xa0) ||
	    (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

size_t
jsonw_utf8(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = s[i] < 0x80 ? 1 : utf8_len(s + i, n - i);
		if (len == 0)
			break;
	}
	return i;
}

static void
put_escape(struct jsonw *w, unsigned char c)
{
	switch (c) {
	case '"':
		put(w, "\\\"", 2);
		break;
	case '\\':
		put(w, "\\\\", 2);
		break;
	case '\n':
		put(w, "\\n", 2);
		break;
	case '\t':
		put(w, "\\t", 2);
		break;
	case '\r':
		put(w, "\\r", 2);
		break;
	default:
		check(w, buf_printf(w->buf, "\\u%04x", c));
	}
}

static void
put_string(struct jsonw *w, const char *value, size_t n)
{
	const unsigned char *s = (const unsigned char *)value;
	size_t i, start = 0, len;

	put(w, "\"", 1);
	for (i = 0; i < n; i += len) {
		len = 1;
		if (s[i] >= 0x80) {
			if ((len = utf8_len(s + i, n - i)) > 0)
				continue;
			errno = EILSEQ;
			check(w, -1);
			return;
		}
		if (s[i] >= ' ' && s[i] != '"' && s[i] != '\\')
			continue;
		put(w, value + start, i - start);
		put_escape(w, s[i]);
		start = i + 1;
	}
	put(w, value + start, n - start);
	put(w, "\"", 1);
}

static void
put_name(struct jsonw *w, const char *name)
{
	if (w->comma)
		put(w, ",", 1);
	w->comma = 1;
	if (name == NULL)
		return;
	put_string(w, name, strlen(name));
	put(w, ":", 1);
}

void
jsonw_init(struct jsonw *w, struct buf *buf)
{
	*w = (struct jsonw){ buf, 0, 0 };
}

void
jsonw_record(struct jsonw *w, struct buf *buf, const char *type)
{
	jsonw_init(w, buf);
	jsonw_obj_open(w, NULL);
	jsonw_str(w, "type", type);
}

static void
open_with(struct jsonw *w, const char *name, const char *bracket)
{
	put_name(w, name);
	put(w, bracket, 1);
	w->comma = 0;
}

static void
close_with(struct jsonw *w, const char *bracket)
{
	put(w, bracket, 1);
	w->comma = 1;
}

void
jsonw_obj_open(struct jsonw *w, const char *name)
{
	open_with(w, name, "{");
}

void
jsonw_obj_close(struct jsonw *w)
{
	close_with(w, "}");
}

void
jsonw_arr_open(struct jsonw *w, const char *name)
{
	open_with(w, name, "[");
}

void
jsonw_arr_close(struct jsonw *w)
{
	close_with(w, "]");
}

void
jsonw_strn(struct jsonw *w, const char *name, const char *value, size_t n)
{
	put_name(w, name);
	put_string(w, value, n);
}

void
jsonw_str(struct jsonw *w, const char *name, const char *value)
{
	jsonw_strn(w, name, value, strlen(value));
}

void
jsonw_opt(struct jsonw *w, const char *name, const char *value)
{
	if (value != NULL)
		jsonw_str(w, name, value);
}

void
jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	put_name(w, name);
	check(w, buf_printf(w->buf, "%" PRId64, value));
}

void
jsonw_real(struct jsonw *w, const char *name, double value)
{
	char text[40];
	int digits;

	if (!isfinite(value)) {
		jsonw_null(w, name);
		return;
	}
	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	put_name(w, name);
	put(w, text, strlen(text));
}

void
jsonw_bool(struct jsonw *w, const char *name, int value)
{
	put_name(w, name);
	check(w, buf_str(w->buf, value ? "true" : "false"));
}

void
jsonw_null(struct jsonw *w, const char *name)
{
	put_name(w, name);
	put(w, "null", 4);
}

void
jsonw_raw(struct jsonw *w, const char *name, const char *text, size_t n)
{
	put_name(w, name);
	put(w, text, n);
}

void
jsonw_val(struct jsonw *w, const char *name, yyjson_val *value)
{
	size_t n;
	char *text = yyjson_val_write(value, 0, &n);

	if (text == NULL) {
		errno = ENOMEM;
		check(w, -1);
		return;
	}
	jsonw_raw(w, name, text, n);
	free(text);
}

struct member {
	yyjson_val *key, *value;
	size_t order;		/* keeps equal names in their order */
};

static int
member_cmp(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	size_t nx = yyjson_get_len(x->key), ny = yyjson_get_len(y->key);
	int r = memcmp(yyjson_get_str(x->key), yyjson_get_str(y->key),
	    nx < ny ? nx : ny);

	if (r != 0)
		return r;
	if (nx != ny)
		return nx < ny ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void canonical(struct jsonw *, const char *, yyjson_val *, int);

static void
canonical_object(struct jsonw *w, yyjson_val *obj, int depth)
{
	size_t i, max, n = yyjson_obj_size(obj);
	struct member *m = malloc((n + 1) * sizeof(*m));
	yyjson_val *key, *value;

	if (m == NULL) {
		check(w, -1);
		return;
	}
	yyjson_obj_foreach(obj, i, max, key, value)
		m[i] = (struct member){ key, value, i };
	qsort(m, n, sizeof(*m), member_cmp);
	for (i = 0; i < n; i++) {
		if (w->comma)
			put(w, ",", 1);
		put_string(w, yyjson_get_str(m[i].key),
		    yyjson_get_len(m[i].key));
		put(w, ":", 1);
		w->comma = 0;
		canonical(w, NULL, m[i].value, depth);
		w->comma = 1;
	}
	free(m);
}

static void
canonical(struct jsonw *w, const char *name, yyjson_val *value, int depth)
{
	size_t i, max;
	yyjson_val *item;

	if (depth == LIMIT_JSON_DEPTH && yyjson_is_ctn(value)) {
		errno = E2BIG;
		check(w, -1);
	} else if (yyjson_is_obj(value)) {
		jsonw_obj_open(w, name);
		canonical_object(w, value, depth + 1);
		jsonw_obj_close(w);
	} else if (yyjson_is_arr(value)) {
		jsonw_arr_open(w, name);
		yyjson_arr_foreach(value, i, max, item)
			canonical(w, NULL, item, depth + 1);
		jsonw_arr_close(w);
	} else {
		jsonw_val(w, name, value);
	}
}

void
jsonw_canonical(struct jsonw *w, const char *name, yyjson_val *value)
{
	canonical(w, name, value, 0);
}

int
jsonw_end(struct jsonw *w)
{
	put(w, "}\n", 2);
	if (w->failed != 0) {
		errno = w->failed;
		return -1;
	}
	return 0;
}
