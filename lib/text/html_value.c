#include "text/html_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "record/jsonw.h"

#define EXACT ((int64_t)1 << 53)	/* every integer up to here */

/* --- regular expressions -------------------------------------------------- */

regex_t *
html_regex(const char *s)
{
	regex_t *re = malloc(sizeof(*re));

	if (re != NULL && regcomp(re, s, REG_EXTENDED) != 0) {
		free(re);
		re = NULL;
	}
	return re;
}

void
html_regex_free(regex_t *re)
{
	if (re != NULL)
		regfree(re);
	free(re);
}

int
html_regex_take(const regex_t *re, struct buf *text)
{
	regmatch_t m[2];
	const regmatch_t *take = re->re_nsub > 0 ? &m[1] : &m[0];

	if (text->len == 0 && buf_str(text, "") == -1)
		return 0;
	if (regexec(re, text->data, 2, m, 0) != 0 || take->rm_so == -1) {
		buf_clear(text);
		return 0;
	}
	buf_cut(text, (size_t)take->rm_eo);
	buf_drop(text, (size_t)take->rm_so);
	return 1;
}

/* --- ready ---------------------------------------------------------------- */

int
html_value_init(struct html_value *h, const struct page_value *v,
    const struct html_let *let, char why[128])
{
	*h = (struct html_value){ .v = v };
	why[0] = '\0';
	if (v->origin == PAGE_AT &&
	    (h->at = html_doc_compile(v->at, 0, let, why)) == NULL)
		return -1;
	if ((v->origin == PAGE_URL && (h->url = html_regex(v->at)) == NULL) ||
	    (v->regex != NULL && (h->regex = html_regex(v->regex)) == NULL))
		return -1;
	return 0;
}

void
html_value_release(struct html_value *h)
{
	xmlXPathFreeCompExpr(h->at);
	html_regex_free(h->regex);
	html_regex_free(h->url);
	*h = (struct html_value){ .v = NULL };
}

void
html_scope_init(struct html_scope *s, const struct html_input *in)
{
	memset(s, 0, sizeof(*s));
	s->in = in;
	buf_init(&s->found, in->n * 4 + LIMIT_RECORD_BYTES);
	buf_init(&s->json, in->n * 4 + LIMIT_RECORD_BYTES);
	html_doc_init(&s->doc, in->bytes, in->n, in->url, in->content_type);
}

void
html_scope_release(struct html_scope *s)
{
	html_doc_release(&s->doc);
	yyjson_doc_free(s->json_doc);
	buf_release(&s->found);
	buf_release(&s->json);
}

/* --- JSON ----------------------------------------------------------------- */

/* Many columns look into one text: it is read once. */
yyjson_val *
html_scope_json(struct html_scope *s, const char *text)
{
	if (s->json_doc != NULL && strcmp(s->json.data, text) == 0)
		return yyjson_doc_get_root(s->json_doc);
	yyjson_doc_free(s->json_doc);
	s->json_doc = NULL;
	buf_clear(&s->json);
	if (buf_str(&s->json, text) == 0)
		s->json_doc = yyjson_read(s->json.data, s->json.len, 0);
	return yyjson_doc_get_root(s->json_doc);
}

static int
has_members(yyjson_val *element, const struct page_value *v)
{
	size_t i;

	for (i = 0; i < v->n_find; i++)
		if (!yyjson_equals_str(yyjson_obj_get(element,
		    v->find[i].name), v->find[i].value))
			return 0;
	return 1;
}

/* The value below root that is meant, or NULL. */
static yyjson_val *
find_json(const struct page_value *v, yyjson_val *root)
{
	yyjson_val *at = yyjson_ptr_get(root, v->json), *item;
	size_t i, max;

	if (v->n_find == 0)
		return at;
	yyjson_arr_foreach(at, i, max, item)
		if (has_members(item, v))
			return yyjson_ptr_get(item, v->take);
	return NULL;
}

/* Its text: of a string the string, else JSON.  1, 0 for null, or -1. */
static int
json_text(yyjson_val *value, struct buf *out)
{
	char *text;
	size_t n;
	int r;

	buf_clear(out);
	if (value == NULL || yyjson_is_null(value))
		return 0;
	if (yyjson_is_str(value))	/* cut at a NUL: no text has one */
		return buf_str(out, yyjson_get_str(value)) == 0 ? 1 : -1;
	if ((text = yyjson_val_write(value, 0, &n)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	r = buf_add(out, text, n) == 0 ? 1 : -1;
	free(text);
	return r;
}

/* --- where it is ---------------------------------------------------------- */

static const char *
fact(const struct html_input *in, const char *name)
{
	if (strcmp(name, "url") == 0)
		return in->url;
	if (strcmp(name, "fetched_at") == 0)
		return in->fetched_at;
	return strcmp(name, "name") == 0 ? in->page->name :
	    in->page->parser_version;
}

static int
set_text(struct buf *out, const char *text)
{
	if (text == NULL)
		return 0;
	return buf_str(out, text) == 0 ? 1 : -1;
}

static int
look(const struct html_value *h, struct html_scope *s, struct buf *out,
    long *line)
{
	const struct page_value *v = h->v;
	int r;

	switch (v->origin) {
	case PAGE_AT:
		r = html_doc_text(&s->doc, h->at, s->doc.row, out, line);
		if (r != 1 || v->json == NULL)
			return r;
		return json_text(find_json(v, html_scope_json(s, out->data ==
		    NULL ? "" : out->data)), out);
	case PAGE_JSON:
		return json_text(find_json(v, s->element), out);
	case PAGE_PART:
		return set_text(out, part_get(s->in->key, v->at));
	case PAGE_URL:
		r = set_text(out, s->in->url);
		return r != 1 ? r : html_regex_take(h->url, out);
	case PAGE_FACT:
		return set_text(out, fact(s->in, v->at));
	case PAGE_CONSTANT:
		return set_text(out, v->at);
	}
	return 0;
}

/* --- what becomes of it ---------------------------------------------------- */

/* Bytes of the blank at s, or before end; 0 if there is none. */
static size_t
blank_at(const char *s, size_t n)
{
	if (n > 0 && (*s == ' ' || (*s >= '\t' && *s <= '\r')))
		return 1;
	return n > 1 && (unsigned char)s[0] == 0xc2 &&
	    (unsigned char)s[1] == 0xa0 ? 2 : 0;
}

static size_t
blank_before(const char *end, size_t n)
{
	size_t two = n > 1 ? blank_at(end - 2, 2) : 0;

	if (two == 2)
		return 2;
	return n > 0 && blank_at(end - 1, 1) == 1;
}

static void
trim(struct buf *b)
{
	size_t k;

	while ((k = blank_before(b->data + b->len, b->len)) > 0)
		buf_cut(b, b->len - k);
	for (k = 0; blank_at(b->data + k, b->len - k) > 0; )
		k += blank_at(b->data + k, b->len - k);
	buf_drop(b, k);
}

static int
read_integer(const char *text, int64_t *out)
{
	if (text[0] == '+' && text[1] >= '0' && text[1] <= '9')
		text++;
	return num_parse(text, -EXACT, EXACT, out);
}

static int
read_real(const char *text, double *out)
{
	char *end;

	if (text[strspn(text, "0123456789+-.eE")] != '\0')
		return -1;
	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out - *out == 0 ? 0 : -1;
}

static int
replace(struct buf *b, const char *text)
{
	buf_clear(b);
	return buf_str(b, text) == 0 ? 1 : -1;
}

/* Milliseconds become a day; what is none stays, to be of a wrong type. */
static int
date(struct buf *b)
{
	char text[CLOCK_TEXT];
	int64_t ms;

	if (read_integer(b->data, &ms) == -1)
		return 1;
	clock_format(ms, text);
	text[strlen("2026-11-20")] = '\0';
	return replace(b, text);
}

static int
band(const struct page_value *v, struct buf *b)
{
	const char *text = NULL;
	double number;
	size_t i;

	if (read_real(b->data, &number) == -1)
		return 1;
	for (i = 0; i < v->n_bands && v->bands[i].least <= number; i++)
		text = v->bands[i].text;
	return text == NULL ? 0 : replace(b, text);
}

static int
change(const struct page_value *v, struct buf *b)
{
	size_t i;

	if (v->date)
		return date(b);
	if (v->n_bands > 0)
		return band(v, b);
	for (i = 0; i < v->n_values; i++)
		if (strcmp(v->values[i].from, b->data) == 0)
			return replace(b, v->values[i].to);
	return 1;
}

int
html_value_find(const struct html_value *h, struct html_scope *s,
    struct buf *out, long *line)
{
	int r;

	buf_clear(out);
	buf_clear(&s->found);
	*line = 0;
	if ((r = look(h, s, out, line)) != 1)
		return r;
	if (buf_add(&s->found, out->data, out->len) == -1)
		return -1;
	if (h->regex != NULL && html_regex_take(h->regex, out) == 0)
		return 0;
	if (h->v->trim && out->len > 0)
		trim(out);
	if (out->len == 0)
		return 0;
	if ((r = change(h->v, out)) != 1)
		return r;
	return out->len > 0;
}

/* --- as JSON -------------------------------------------------------------- */

static int
write_boolean(const char *text, const char *name, struct jsonw *w)
{
	int yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;

	if (!yes && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
		return -1;
	jsonw_bool(w, name, yes);
	return 0;
}

static int
write_json(const char *text, const char *name, struct jsonw *w)
{
	yyjson_doc *doc = yyjson_read(text, strlen(text), 0);

	if (doc == NULL)
		return -1;
	jsonw_canonical(w, name, yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	return 0;
}

static int
write_text(const char *text, const char *name, struct jsonw *w)
{
	size_t n = strlen(text);

	if (jsonw_utf8(text, n) != n)
		return -1;
	jsonw_strn(w, name, text, n);
	return 0;
}

int
html_value_write(const struct html_value *h, const char *text,
    struct jsonw *w)
{
	const char *name = h->v->name;
	int64_t integer;
	double real;

	switch (h->v->type) {
	case DECL_INTEGER:
		if (read_integer(text, &integer) == -1)
			return -1;
		jsonw_int(w, name, integer);
		return 0;
	case DECL_REAL:
		if (read_real(text, &real) == -1)
			return -1;
		jsonw_real(w, name, real);
		return 0;
	case DECL_BOOLEAN:
		return write_boolean(text, name, w);
	case DECL_JSON:
		return write_json(text, name, w);
	default:
		return write_text(text, name, w);
	}
}
