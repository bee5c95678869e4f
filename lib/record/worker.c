#include "record/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "record/part.h"

#define TOLD_BYTES 200		/* of a line that is at fault */

void
worker_init(struct worker *w, worker_other_fn other, void *arg)
{
	*w = (struct worker){ .other = other, .arg = arg };
	w->tail = &w->finished;
	buf_init(&w->line, LIMIT_RECORD_BYTES);
	buf_init(&w->key, LIMIT_RECORD_BYTES);
}

void
worker_release(struct worker *w)
{
	work_free_all(w->first);
	work_free_all(w->finished);
	buf_release(&w->line);
	buf_release(&w->key);
	worker_init(w, w->other, w->arg);
}

/* --- the items it has ---------------------------------------------------- */

void
worker_give(struct worker *w, struct work *item)
{
	struct work **p = &w->first;

	while (*p != NULL)
		p = &(*p)->next;
	item->next = NULL;
	*p = item;
	w->n++;
}

static struct work *
remove_item(struct worker *w, struct work *item)
{
	struct work **p = &w->first;

	while (*p != item)
		p = &(*p)->next;
	*p = item->next;
	item->next = NULL;
	w->n--;
	return item;
}

static void
finish(struct worker *w, struct work *item)
{
	remove_item(w, item);
	*w->tail = item;
	w->tail = &item->next;
}

struct work *
worker_take_back(struct worker *w)
{
	return w->first != NULL ? remove_item(w, w->first) : NULL;
}

struct work *
worker_take(struct worker *w)
{
	struct work *item = w->finished;

	if (item == NULL)
		return NULL;
	if ((w->finished = item->next) == NULL)
		w->tail = &w->finished;
	item->next = NULL;
	return item;
}

void
worker_fail(struct worker *w, struct work *item, const char *code,
    const char *text)
{
	work_fail(item, WORK_BROKEN, code, "%s", text);
	finish(w, item);
}

/* --- what it says -------------------------------------------------------- */

/* How much of a line is told; it isn't terminated. */
static int
told(size_t len)
{
	return len < TOLD_BYTES ? (int)len : TOLD_BYTES;
}

/* It did what it must not.  Returns -1. */
static int MSG_FMT(3, 4)
fault(struct worker *w, const char *code, const char *fmt, ...)
{
	va_list ap;

	w->fault = code;
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* The same, and that is the item's failure. */
static int
fault_of(struct worker *w, struct work *item)
{
	w->settled = 1;
	worker_fail(w, item, w->fault, w->text);
	return -1;
}

/* The item whose key the record has by this name, or NULL. */
static struct work *
find(struct worker *w, const struct record *r, const char *name)
{
	struct work *item = w->first;
	struct part part;

	buf_clear(&w->key);
	if (part_read(&part, yyjson_obj_get(r->root, name)) == -1 ||
	    part_json(&part, &w->key) == -1)
		return NULL;
	while (item != NULL && strcmp(item->key, w->key.data) != 0)
		item = item->next;
	return item;
}

static int
take_row(struct worker *w, struct work *item, const struct record *r)
{
	if (work_add(item, r) == 0)
		return 0;
	if (errno != E2BIG)
		return -1;
	fault(w, "too_big", "more than %zu bytes of rows",
	    (size_t)WORK_BYTES);
	return fault_of(w, item);
}

static int
take_done(struct worker *w, struct work *item, const struct record *r)
{
	int64_t n = record_int(r, "n", -1);

	if (n != item->n) {
		fault(w, "wrong_count", "%" PRId64 " rows came, done says %"
		    PRId64, item->n, n);
		return fault_of(w, item);
	}
	if ((item->closing = strndup(r->line, r->len)) == NULL)
		return -1;
	item->end = WORK_DONE;
	finish(w, item);
	return 0;
}

static int
take_error(struct worker *w, struct work *item, const struct record *r)
{
	const char *code = record_str(r, "code");
	const char *message = record_str(r, "message");

	if (code == NULL || code[0] == '\0') {
		fault(w, "garbage", "an error record without a code");
		return fault_of(w, item);
	}
	work_fail(item, WORK_ERROR, code, "%s",
	    message != NULL ? message : "");
	item->http = record_int(r, "status", 0);
	finish(w, item);
	return 0;
}

static int
take_last(struct worker *w, const struct record *r)
{
	const char *reason = record_str(r, "reason");

	w->over = 1;
	if (record_is(r, "abort"))
		snprintf(w->text, sizeof(w->text), "%s",
		    reason != NULL ? reason : "it gave up");
	return 0;
}

static int
take_record(struct worker *w, const struct record *r)
{
	static const struct kind {
		const char *type, *key;
		int (*take)(struct worker *w, struct work *item,
		    const struct record *r);
	} kinds[] = {
		{ "row", "part", take_row },
		{ "item", "of", take_row },
		{ "done", "part", take_done },
		{ "error", "part", take_error },
	};
	struct work *item;
	size_t i;

	if (w->over)
		return fault(w, "garbage", "a record after the last one");
	if (record_is(r, "end") || record_is(r, "abort"))
		return take_last(w, r);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!record_is(r, kinds[i].type))
			continue;
		if ((item = find(w, r, kinds[i].key)) == NULL)
			return fault(w, "wrong_key", "a record of type %s "
			    "about an item that it does not have: %.*s",
			    r->type, told(r->len), r->line);
		return kinds[i].take(w, item, r);
	}
	if (w->other != NULL)
		w->other(r, w->arg);
	return 0;
}

static int
take_line(struct worker *w, const char *line, size_t len)
{
	struct record r = { .line = line, .len = len, .source = "worker" };
	yyjson_doc *doc = yyjson_read(line, len, 0);
	int got;

	r.root = yyjson_doc_get_root(doc);
	if ((r.type = record_str(&r, "type")) == NULL)
		got = fault(w, "garbage", "not a record: %.*s", told(len),
		    line);
	else
		got = take_record(w, &r);
	yyjson_doc_free(doc);
	return got;
}

static int
too_long(struct worker *w)
{
	return fault(w, "too_long", "a line of more than %zu bytes",
	    LIMIT_RECORD_BYTES);
}

/* Keep the beginning of a line. */
static int
keep(struct worker *w, const char *bytes, size_t n)
{
	if (n == 0 || buf_add(&w->line, bytes, n) == 0)
		return 0;
	return errno == E2BIG ? too_long(w) : -1;
}

/* The n bytes complete a line. */
static int
complete(struct worker *w, const char *bytes, size_t n)
{
	int got;

	if (w->line.len == 0)
		return n >= LIMIT_RECORD_BYTES ? too_long(w) :
		    take_line(w, bytes, n);
	if (w->line.len + n >= LIMIT_RECORD_BYTES)
		return too_long(w);
	if (keep(w, bytes, n) == -1)
		return -1;
	got = take_line(w, w->line.data, w->line.len);
	buf_clear(&w->line);
	return got;
}

int
worker_hear(struct worker *w, const char *bytes, size_t n)
{
	const char *nl;
	size_t len;

	while (n > 0 && (nl = memchr(bytes, '\n', n)) != NULL) {
		len = (size_t)(nl - bytes);
		if (complete(w, bytes, len) == -1)
			return -1;
		bytes += len + 1;
		n -= len + 1;
	}
	return keep(w, bytes, n);
}
