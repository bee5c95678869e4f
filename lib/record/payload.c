#include "record/payload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/gzip.h"
#include "base/limits.h"
#include "record/jsonw.h"
#include "record/split.h"

/* One pass. */
struct pass {
	payload_fn fn;
	void *arg;		/* borrowed */
	struct finding *f;	/* borrowed */
	struct split split;
	int lines;		/* not an array: */
	const char *rows;	/* see payload_form */
	struct buf line;	/* the text so far of the open one */
	int64_t n_lines;
	int64_t n;		/* elements of lines handed on */
	struct digest digest;
	int digested;		/* digest is in use */
	int64_t size_bytes;
	enum split_result how;	/* where the splitter is */
	enum payload_result r;	/* the verdict so far */
	int failed;		/* errno for PAYLOAD_FAILED */
	void *pool;		/* owned; one for all elements */
	size_t pool_bytes;
};

static void
bad(struct pass *p, enum finding_code code, int64_t offset, int64_t element,
    const char *text)
{
	struct finding *f = p->f;

	p->r = PAYLOAD_BAD;
	*f = (struct finding){ .code = code, .severity = FINDING_ERROR,
	    .offset = offset };
	if (element >= 0)
		snprintf(f->where, sizeof(f->where), "%s %lld",
		    p->lines ? "line" : "element", (long long)element);
	snprintf(f->text, sizeof(f->text), "%s", text);
}

static void
failed(struct pass *p, int err)
{
	p->r = PAYLOAD_FAILED;
	p->failed = err;
}

/* The text is not JSON, or not even UTF-8: which, and where. */
static void
judge_element(struct pass *p, const char *text, size_t len, int64_t n,
    const yyjson_read_err *err)
{
	size_t whole = jsonw_utf8(text, len);

	if (whole < len)
		bad(p, FINDING_BAD_UTF8, p->split.start + (int64_t)whole, n,
		    finding_explain(FINDING_BAD_UTF8));
	else
		bad(p, FINDING_NOT_JSON, p->split.start + (int64_t)err->pos,
		    n, err->msg);
}

/* A pool of at least need bytes.  Returns 0, or -1. */
static int
grow_pool(struct pass *p, size_t need)
{
	if (need <= p->pool_bytes)
		return 0;
	free(p->pool);
	p->pool_bytes = need + need / 2;
	if ((p->pool = malloc(p->pool_bytes)) != NULL)
		return 0;
	p->pool_bytes = 0;
	failed(p, ENOMEM);
	return -1;
}

/*
 * Parse element or line n, in the pool; NULL after saying so.  Not in
 * place: when a string is wrong, the text must still be what was read to
 * say where.  The pool makes the copy cheap.
 */
static yyjson_val *
parse(struct pass *p, char *text, size_t len, int64_t n)
{
	yyjson_read_err err;
	yyjson_alc alc;
	yyjson_doc *doc;

	if (grow_pool(p, yyjson_read_max_memory_usage(len, 0)) == -1)
		return NULL;
	yyjson_alc_pool_init(&alc, p->pool, p->pool_bytes);
	doc = yyjson_read_opts(text, len, 0, &alc, &err);
	if (doc == NULL)
		judge_element(p, text, len, n, &err);
	return yyjson_doc_get_root(doc);
}

static int
hand_on(struct pass *p, yyjson_val *element, int64_t n)
{
	if (p->fn == NULL || p->fn(element, n, p->arg) == 0)
		return 0;
	p->r = PAYLOAD_STOPPED;
	return -1;
}

/* split_fn */
static int
take_element(char *text, size_t len, int64_t n, void *arg)
{
	struct pass *p = arg;
	yyjson_val *element = parse(p, text, len, n);

	return element == NULL ? -1 : hand_on(p, element, n);
}

/* --- lines --------------------------------------------------------------- */

/* Nesting of a text that is JSON. */
static int
depth_of(const char *text, size_t n)
{
	int depth = 0, deepest = 0, in_string = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (text[i] == '"')
			in_string = !in_string;
		else if (in_string && text[i] == '\\')
			i++;
		else if (!in_string && (text[i] == '[' || text[i] == '{'))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!in_string && (text[i] == ']' || text[i] == '}'))
			depth--;
	}
	return deepest;
}

static int
take_rows(struct pass *p, yyjson_val *line)
{
	yyjson_val *rows = yyjson_ptr_get(line, p->rows), *row;
	size_t i, max;

	if (rows == NULL || yyjson_is_null(rows))
		return 0;
	if (!yyjson_is_arr(rows)) {
		bad(p, FINDING_NOT_ARRAY, p->split.start, p->n_lines,
		    finding_explain(FINDING_NOT_ARRAY));
		return -1;
	}
	yyjson_arr_foreach(rows, i, max, row)
		if (hand_on(p, row, p->n++) == -1)
			return -1;
	return 0;
}

/* The line is whole. */
static int
take_line(struct pass *p)
{
	yyjson_val *line;
	int r;

	if (p->line.len == 0)
		return 0;
	p->n_lines++;
	if ((line = parse(p, p->line.data, p->line.len, p->n_lines)) == NULL)
		return -1;
	if (depth_of(p->line.data, p->line.len) > LIMIT_JSON_DEPTH) {
		bad(p, FINDING_TOO_DEEP, p->split.start, p->n_lines,
		    finding_explain(FINDING_TOO_DEEP));
		return -1;
	}
	r = p->rows == NULL ? hand_on(p, line, p->n++) : take_rows(p, line);
	buf_clear(&p->line);
	return r;
}

static int
add_to_line(struct pass *p, const char *bytes, size_t n)
{
	if (buf_add(&p->line, bytes, n) == 0)
		return 0;
	if (errno == E2BIG)
		bad(p, FINDING_TOO_BIG, p->split.start, p->n_lines + 1,
		    finding_explain(FINDING_TOO_BIG));
	else
		failed(p, errno);
	return -1;
}

/* n more bytes, that end at p->size_bytes. */
static int
feed_lines(struct pass *p, const char *bytes, size_t n)
{
	const char *end = bytes + n, *nl;

	while ((nl = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		if (add_to_line(p, bytes, (size_t)(nl - bytes)) == -1 ||
		    take_line(p) == -1)
			return -1;
		bytes = nl + 1;
		p->split.start = p->size_bytes - (end - bytes);
	}
	return add_to_line(p, bytes, (size_t)(end - bytes));
}

/* --- one pass ------------------------------------------------------------ */

static int
take_bytes(const char *bytes, size_t n, void *arg)
{
	struct pass *p = arg;

	p->size_bytes += (int64_t)n;
	if (p->digested)
		digest_add(&p->digest, bytes, n);
	if (p->lines)
		return feed_lines(p, bytes, n);
	p->how = split_feed(&p->split, bytes, n);
	return p->how != SPLIT_OK;
}

static enum finding_code
code_of_gzip(enum gzip_result r)
{
	switch (r) {
	case GZIP_TRUNCATED:
		return FINDING_TRUNCATED;
	case GZIP_TOO_BIG:
		return FINDING_TOO_BIG;
	default:
		return FINDING_BAD_GZIP;
	}
}

static enum finding_code
code_of_split(enum split_result r)
{
	switch (r) {
	case SPLIT_NOT_ARRAY:
		return FINDING_NOT_ARRAY;
	case SPLIT_TOO_BIG:
		return FINDING_TOO_BIG;
	case SPLIT_TOO_DEEP:
		return FINDING_TOO_DEEP;
	case SPLIT_TRUNCATED:
		return FINDING_TRUNCATED;
	case SPLIT_EMPTY:
		return FINDING_EMPTY_BODY;
	default:
		return FINDING_NOT_JSON;
	}
}

/* The last one may have no newline; without any, nothing came. */
static void
end_lines(struct pass *p)
{
	if (take_line(p) == 0 && p->n_lines == 0)
		bad(p, FINDING_EMPTY_BODY, 0, -1,
		    finding_explain(FINDING_EMPTY_BODY));
}

/* Say how the pass over the bytes ended, unless that was said already. */
static void
judge(struct pass *p, enum gzip_result g)
{
	const struct split *s = &p->split;

	if (g == GZIP_OK && p->lines)
		end_lines(p);
	else if (g == GZIP_OK)
		p->how = split_end(&p->split);
	if (p->r != PAYLOAD_OK)
		return;
	if (g == GZIP_IO)
		failed(p, errno);
	else if (p->how == SPLIT_MEMORY)
		failed(p, ENOMEM);
	else if (g != GZIP_OK && g != GZIP_STOPPED)
		bad(p, code_of_gzip(g), p->size_bytes, -1, gzip_text(g));
	else if (p->how != SPLIT_OK)
		bad(p, code_of_split(p->how), s->offset,
		    s->element.len > 0 ? s->n : -1, split_text(p->how));
}

static int
gather(const char *bytes, size_t n, void *arg)
{
	return buf_add(arg, bytes, n);
}

/*
 * What does not begin like an array: another JSON value, or something
 * else altogether?  The second look is only for the message, so it is
 * given to what one element may have.
 */
static void
look_again(struct pass *p, int fd)
{
	struct buf b;
	yyjson_doc *doc = NULL;
	size_t whole;

	buf_init(&b, LIMIT_ELEMENT_BYTES);
	if (lseek(fd, 0, SEEK_SET) == 0 &&
	    gzip_read(fd, LIMIT_PAYLOAD_BYTES, gather, &b) == GZIP_OK) {
		whole = jsonw_utf8(b.data, b.len);
		doc = yyjson_read(b.data, b.len, 0);
		if (whole < b.len)
			bad(p, FINDING_BAD_UTF8, (int64_t)whole, -1,
			    finding_explain(FINDING_BAD_UTF8));
		else if (doc == NULL)
			bad(p, FINDING_NOT_JSON, 0, -1,
			    finding_explain(FINDING_NOT_JSON));
	}
	yyjson_doc_free(doc);
	buf_release(&b);
}

/*
 * Does the file begin as its coding says?  FINDING_NONE, or what is wrong;
 * -1 with errno.
 */
static int
judge_head(int fd, enum payload_coding coding)
{
	unsigned char head[2] = { 0x1f, 0x8b };
	int magic;
	ssize_t n;

	do
		n = pread(fd, head, sizeof(head), 0);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	magic = head[0] == 0x1f && head[1] == 0x8b;
	if (coding == PAYLOAD_PLAIN)
		return n == 2 && magic ? FINDING_NOT_JSON : FINDING_NONE;
	if (!magic)
		return FINDING_BAD_GZIP;
	return n == 1 ? FINDING_TRUNCATED : FINDING_NONE;
}

static void
run(struct pass *p, int fd, enum payload_coding coding)
{
	int code = judge_head(fd, coding);

	if (code == -1 || lseek(fd, 0, SEEK_SET) == -1) {
		failed(p, errno);
		return;
	}
	if (code != FINDING_NONE) {
		bad(p, (enum finding_code)code, 0, -1,
		    coding == PAYLOAD_GZIP ? "no gzip header" :
		    "gzip where plain text was announced");
		return;
	}
	judge(p, gzip_read(fd, LIMIT_PAYLOAD_BYTES, take_bytes, p));
	if (p->r == PAYLOAD_BAD && p->f->code == FINDING_NOT_ARRAY &&
	    !p->lines)
		look_again(p, fd);
}

const struct payload_form payload_array = { PAYLOAD_ARRAY, NULL };

enum payload_result
payload_each(int fd, enum payload_coding coding,
    const struct payload_form *form, payload_fn fn, void *arg,
    struct payload_facts *facts, struct finding *f)
{
	struct pass p = { .fn = fn, .arg = arg, .f = f,
	    .lines = form->format == PAYLOAD_LINES, .rows = form->rows };

	if (facts != NULL) {
		if (digest_init(&p.digest) == -1)
			return PAYLOAD_FAILED;
		p.digested = 1;
	}
	split_init(&p.split, LIMIT_ELEMENT_BYTES, take_element, &p);
	buf_init(&p.line, LIMIT_ELEMENT_BYTES);
	run(&p, fd, coding);
	if (facts != NULL) {
		facts->size_bytes = p.size_bytes;
		facts->record_count = p.lines ? p.n : p.split.n;
		digest_finish(&p.digest, facts->sha256);
	}
	split_release(&p.split);
	buf_release(&p.line);
	free(p.pool);
	if (p.r == PAYLOAD_FAILED)
		errno = p.failed;
	return p.r;
}

/* --- other formats ------------------------------------------------------- */

static const char *const formats[] = { "json-array", "json", "bytes",
    "json-lines" };

int
payload_has_elements(enum payload_format format)
{
	return format == PAYLOAD_ARRAY || format == PAYLOAD_LINES;
}

int
payload_format_parse(const char *name, enum payload_format *out)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(name, formats[i]) == 0) {
			*out = (enum payload_format)i;
			return 0;
		}
	}
	return -1;
}

const char *
payload_format_text(enum payload_format format)
{
	return formats[format];
}

/* A payload that is looked at as a whole. */
struct whole {
	struct digest digest;
	int64_t size_bytes;
	int keep;
	struct buf text;	/* with keep: all of it */
};

static int
take_whole(const char *bytes, size_t n, void *arg)
{
	struct whole *w = arg;

	w->size_bytes += (int64_t)n;
	digest_add(&w->digest, bytes, n);
	return w->keep ? buf_add(&w->text, bytes, n) : 0;
}

static void
judge_value(struct pass *p, const struct buf *b)
{
	yyjson_read_err err = { 0 };
	yyjson_doc *doc;

	if (b->len == 0) {
		bad(p, FINDING_EMPTY_BODY, 0, -1,
		    finding_explain(FINDING_EMPTY_BODY));
		return;
	}
	doc = yyjson_read_opts(b->data, b->len, 0, NULL, &err);
	if (doc == NULL && err.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		failed(p, ENOMEM);
	else if (doc == NULL)
		judge_element(p, b->data, b->len, -1, &err);
	else if (depth_of(b->data, b->len) > LIMIT_JSON_DEPTH)
		bad(p, FINDING_TOO_DEEP, -1, -1,
		    finding_explain(FINDING_TOO_DEEP));
	yyjson_doc_free(doc);
}

/* Read fd as it is stored, whatever it begins with. */
static enum gzip_result
read_plain(int fd, struct whole *w)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return GZIP_IO;
		if (w->size_bytes + n > LIMIT_PAYLOAD_BYTES)
			return GZIP_TOO_BIG;
		(void)take_whole(chunk, (size_t)n, w);
	}
	return GZIP_OK;
}

static void
run_whole(struct pass *p, int fd, enum payload_coding coding,
    struct whole *w)
{
	int plain = coding == PAYLOAD_PLAIN && !w->keep;
	int code = plain ? FINDING_NONE : judge_head(fd, coding);
	enum gzip_result g;

	if (code == -1 || lseek(fd, 0, SEEK_SET) == -1) {
		failed(p, errno);
		return;
	}
	if (code != FINDING_NONE) {
		bad(p, (enum finding_code)code, 0, -1,
		    finding_explain((enum finding_code)code));
		return;
	}
	g = plain ? read_plain(fd, w) :
	    gzip_read(fd, LIMIT_PAYLOAD_BYTES, take_whole, w);
	if (g == GZIP_IO || (g == GZIP_STOPPED && errno != E2BIG))
		failed(p, errno);
	else if (g == GZIP_STOPPED)
		bad(p, FINDING_TOO_BIG, w->size_bytes, -1,
		    finding_explain(FINDING_TOO_BIG));
	else if (g == GZIP_OK && coding == PAYLOAD_GZIP &&
	    lseek(fd, 0, SEEK_CUR) == 0)
		bad(p, FINDING_TRUNCATED, 0, -1, "not even a gzip header");
	else if (g != GZIP_OK)
		bad(p, code_of_gzip(g), w->size_bytes, -1, gzip_text(g));
	else if (w->keep)
		judge_value(p, &w->text);
}

enum payload_result
payload_check(int fd, enum payload_coding coding,
    const struct payload_form *form, struct payload_facts *facts,
    struct finding *f)
{
	struct whole w = { .keep = form->format == PAYLOAD_JSON };
	struct pass p = { .f = f };

	if (payload_has_elements(form->format))
		return payload_each(fd, coding, form, NULL, NULL, facts, f);
	if (digest_init(&w.digest) == -1)
		return PAYLOAD_FAILED;
	buf_init(&w.text, LIMIT_ELEMENT_BYTES);
	run_whole(&p, fd, coding, &w);
	buf_release(&w.text);
	facts->size_bytes = w.size_bytes;
	facts->record_count = 1;
	digest_finish(&w.digest, facts->sha256);
	if (p.r == PAYLOAD_FAILED)
		errno = p.failed;
	return p.r;
}
