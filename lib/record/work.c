#include "record/work.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* The canonical text of a key; NULL with errno. */
static char *
text_of(const struct part *key)
{
	struct buf text;
	char *s = NULL;

	buf_init(&text, LIMIT_RECORD_BYTES);
	if (part_json(key, &text) == 0)
		s = buf_detach(&text);
	buf_release(&text);
	return s;
}

/* The same of a record's part. */
static char *
key_of(const char *record, size_t len)
{
	yyjson_doc *doc = yyjson_read(record, len, 0);
	struct part part;
	char *text = NULL;

	errno = EINVAL;
	if (part_read(&part, yyjson_obj_get(yyjson_doc_get_root(doc),
	    "part")) == 0)
		text = text_of(&part);
	yyjson_doc_free(doc);
	return text;
}

struct work *
work_new(const char *record, size_t len, const struct part *key, void *arg)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->arg = arg;
	w->worker_status = -1;
	buf_init(&w->lines, WORK_BYTES);
	w->key = key != NULL ? text_of(key) : key_of(record, len);
	if (w->key == NULL ||
	    (w->record = strndup(record, len)) == NULL) {
		work_free(w);
		return NULL;
	}
	return w;
}

void
work_free(struct work *w)
{
	int saved = errno;

	if (w == NULL)
		return;
	free(w->key);
	free(w->record);
	free(w->closing);
	buf_release(&w->lines);
	free(w);
	errno = saved;
}

void
work_free_all(struct work *list)
{
	struct work *next;

	for (; list != NULL; list = next) {
		next = list->next;
		work_free(list);
	}
}

int
work_add(struct work *w, const struct record *r)
{
	size_t before = w->lines.len;

	if (buf_add(&w->lines, r->line, r->len) == -1)
		return -1;
	if (buf_chr(&w->lines, '\n') == -1) {
		buf_cut(&w->lines, before);
		return -1;
	}
	w->n++;
	return 0;
}

void
work_reset(struct work *w)
{
	buf_release(&w->lines);
	free(w->closing);
	w->closing = NULL;
	w->n = 0;
	w->end = WORK_OPEN;
}

void
work_fail(struct work *w, enum work_end end, const char *code,
    const char *fmt, ...)
{
	va_list ap;

	w->end = end;
	snprintf(w->code, sizeof(w->code), "%s", code);
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
	msg_mask(w->text, strlen(w->text));
}

int
work_is_passing(const struct work *w)
{
	static const char *const codes[] = { "dns", "connect", "timeout",
	    "too_slow", "reset", "tls", "bad_length", "truncated",
	    "robots_unknown", "interrupted", "not_asked", "item_timeout",
	    "worker_exit", "no_done" };
	const char *http = strncmp(w->code, "http_", 5) == 0 ? w->code + 5 :
	    "";
	size_t i;

	if (strcmp(http, "408") == 0 || strcmp(http, "429") == 0 ||
	    (http[0] == '5' && strlen(http) == 3))
		return 1;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(w->code, codes[i]) == 0)
			return 1;
	return 0;
}

int
work_each(const struct work *w,
    int (*fn)(const struct record *r, void *arg), void *arg)
{
	struct record r = { .source = "worker" };
	yyjson_doc *doc;
	const char *nl;
	size_t start;
	int got = 0;

	for (start = 0; got == 0 && start < w->lines.len;
	    start += r.len + 1) {
		r.line = w->lines.data + start;
		nl = memchr(r.line, '\n', w->lines.len - start);
		r.len = (size_t)(nl - r.line);
		r.number++;
		errno = ENOMEM;
		if ((doc = yyjson_read(r.line, r.len, 0)) == NULL)
			return -1;
		r.root = yyjson_doc_get_root(doc);
		r.type = record_str(&r, "type");
		got = fn(&r, arg);
		yyjson_doc_free(doc);
	}
	return got;
}
