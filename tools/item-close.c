/*
 * item-close -- gather what came of an item's pages, and close the item.
 *
 * in:   records about pages, each with the member item of page-plan
 * out:  one done or error record per item; rows and items are passed on
 * owns: nothing
 *
 * The last filter of a worker (sluice-queue(5)) whose first one is
 * page-plan.  A page has come to its end with its done, its error, or, in a
 * pipe that ends at a store, with what the store says of it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "record/stream.h"

static int partial;

static const struct opt opts[] = {
	{ "partial", 0, OPT_FLAG, NULL, &partial,
	    "a stream without its end record is fine", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"gather what came of an item's pages, and close the item", NULL, 0,
	0, opts, NULL
};

/* An item of which some pages have come to their end. */
struct open_item {
	struct open_item *next;
	char *text;		/* owned; the member item, as JSON */
	char *run, *source;	/* owned, or NULL */
	int64_t left, n;	/* pages to come; rows of those that came */
	int64_t warnings;
	int64_t entries, total;	/* of a listing; -1 */
	int last;
	char *state;		/* owned; where a page says it goes, or NULL */
	char *error;		/* owned; the first error record, or NULL */
};

struct closer {
	struct open_item *first;
	struct stream_out out;
	struct buf text;
	int64_t lost;		/* items of which pages did not come */
};

static void
free_item(struct open_item *i)
{
	free(i->text);
	free(i->run);
	free(i->source);
	free(i->state);
	free(i->error);
	free(i);
}

static _Noreturn void
no_memory(void)
{
	msg_die(EXIT_OS, "out of memory");
}

static char *
copy(const char *s, size_t n)
{
	char *p = strndup(s, n);

	if (p == NULL)
		no_memory();
	return p;
}

static char *
copy_str(const struct record *r, const char *name)
{
	const char *s = record_str(r, name);

	return s != NULL ? copy(s, strlen(s)) : NULL;
}

/* --- which item ---------------------------------------------------------- */

/* The member item of a record, or of the one that an error is about. */
static yyjson_val *
item_of(const struct record *r)
{
	yyjson_val *item = yyjson_obj_get(r->root, "item");

	if (item == NULL && record_is(r, "error"))
		item = yyjson_obj_get(yyjson_obj_get(r->root, "of"), "item");
	return yyjson_is_obj(item) &&
	    yyjson_is_obj(yyjson_obj_get(item, "part")) &&
	    yyjson_get_sint(yyjson_obj_get(item, "pages")) > 0 ? item : NULL;
}

static struct open_item *
open_item(struct closer *c, const struct record *r, yyjson_val *item)
{
	struct open_item *i = calloc(1, sizeof(*i));

	if (i == NULL)
		no_memory();
	i->text = copy(c->text.data, c->text.len);
	i->entries = i->total = -1;
	i->run = copy_str(r, "run");
	i->source = copy_str(r, "source");
	i->left = yyjson_get_sint(yyjson_obj_get(item, "pages"));
	i->next = c->first;
	c->first = i;
	return i;
}

static struct open_item *
find_item(struct closer *c, const struct record *r, yyjson_val *item)
{
	struct open_item *i = c->first;
	struct jsonw w;

	buf_clear(&c->text);
	jsonw_init(&w, &c->text);
	jsonw_val(&w, NULL, item);
	if (w.failed != 0)
		no_memory();
	while (i != NULL && strcmp(i->text, c->text.data) != 0)
		i = i->next;
	return i != NULL ? i : open_item(c, r, item);
}

/* --- closing it ---------------------------------------------------------- */

/* The members that say which item it is. */
static void
put_identity(struct jsonw *w, const struct open_item *i, yyjson_val *item)
{
	static const char *const names[] = { "queue", "step", "part",
	    "epoch", "attempt" };
	yyjson_val *v;
	size_t k;

	jsonw_opt(w, "run", i->run);
	jsonw_opt(w, "source", i->source);
	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if ((v = yyjson_obj_get(item, names[k])) != NULL)
			jsonw_val(w, names[k], v);
}

static void
put_done(struct closer *c, const struct open_item *i, yyjson_val *item)
{
	struct jsonw w;

	stream_record(&c->out, &w, "done");
	put_identity(&w, i, item);
	jsonw_int(&w, "n", i->n);
	if (i->warnings > 0)
		jsonw_int(&w, "warnings", i->warnings);
	jsonw_opt(&w, "state", i->state);
	if (i->entries != -1)
		jsonw_int(&w, "entries", i->entries);
	if (i->total != -1)
		jsonw_int(&w, "total", i->total);
	if (i->entries != -1)
		jsonw_bool(&w, "last", i->last);
	stream_put(&c->out, &w);
}

/* The page's error as the item's: its own key, and the page's in words. */
static void
put_error(struct closer *c, const struct open_item *i, yyjson_val *item)
{
	yyjson_doc *doc = yyjson_read(i->error, strlen(i->error), 0);
	struct record r = { .root = yyjson_doc_get_root(doc),
	    .line = i->error };
	const char *message = record_str(&r, "message");
	struct jsonw w;
	struct buf text;

	buf_init(&text, 4096);
	if (record_str(&r, "dataset") != NULL && record_label(&r, &text) == 0)
		buf_str(&text, ": ");
	buf_printf(&text, "%.1000s", message != NULL ? message : "");
	buf_cut(&text, jsonw_utf8(text.data, text.len));
	stream_record(&c->out, &w, "error");
	jsonw_str(&w, "code", record_str(&r, "code") != NULL ?
	    record_str(&r, "code") : "unknown");
	jsonw_str(&w, "tool", record_str(&r, "tool") != NULL ?
	    record_str(&r, "tool") : msg_tool());
	put_identity(&w, i, item);
	jsonw_str(&w, "message", text.data);
	if (record_int(&r, "status", 0) != 0)
		jsonw_int(&w, "status", record_int(&r, "status", 0));
	stream_put(&c->out, &w);
	buf_release(&text);
	yyjson_doc_free(doc);
}

static void
put_item(struct closer *c, const struct open_item *i)
{
	yyjson_doc *doc = yyjson_read(i->text, strlen(i->text), 0);
	yyjson_val *item = yyjson_doc_get_root(doc);

	if (i->error != NULL)
		put_error(c, i, item);
	else
		put_done(c, i, item);
	yyjson_doc_free(doc);
}

static void
close_item(struct closer *c, struct open_item *i)
{
	struct open_item **p = &c->first;

	while (*p != i)
		p = &(*p)->next;
	*p = i->next;
	put_item(c, i);
	free_item(i);
}

/* --- pages --------------------------------------------------------------- */

static int
is_invalid(const struct record *r)
{
	const char *verdict = record_str(r, "verdict");

	return record_is(r, "verdict") &&
	    (verdict == NULL || strcmp(verdict, "valid") != 0);
}

/* One of its pages has come to its end with r. */
static void
take_page(struct closer *c, const struct record *r, yyjson_val *val)
{
	struct open_item *i = find_item(c, r, val);

	if ((record_is(r, "error") || is_invalid(r)) && i->error == NULL)
		i->error = copy(r->line, r->len);
	if (record_is(r, "done")) {
		i->n += record_int(r, "n", 0);
		i->warnings += record_int(r, "warnings", 0);
		if (i->state == NULL)
			i->state = copy_str(r, "state");
		i->entries = record_int(r, "entries", i->entries);
		i->total = record_int(r, "total", i->total);
		i->last |= yyjson_is_true(yyjson_obj_get(r->root, "last"));
	}
	if (--i->left == 0)
		close_item(c, i);
}

static enum exits
take(const struct record *r, void *arg)
{
	static const char *const ends[] = { "done", "error", "verdict", "raw",
	    "unchanged" };
	struct closer *c = arg;
	yyjson_val *item = item_of(r);
	size_t i, n = sizeof(ends) / sizeof(ends[0]);

	for (i = 0; i < n && !record_is(r, ends[i]); i++)
		;
	if (item == NULL || i == n)
		stream_copy(&c->out, r);
	else
		take_page(c, r, item);
	return stream_failed(&c->out) ? EXIT_IO : EXIT_OK;
}

/* The stream is whole, and yet some pages have not come. */
static void
give_up(struct closer *c)
{
	static const char lost[] = "{\"code\":\"missing_page\",\"message\":"
	    "\"not all of its pages came to an end\"}";
	struct open_item *i;

	while ((i = c->first) != NULL) {
		c->lost++;
		if (i->error == NULL)
			i->error = copy(lost, sizeof(lost) - 1);
		close_item(c, i);
	}
}

int
main(int argc, char *argv[])
{
	struct closer c = { 0 };
	enum exits status;

	opt_parse(&tool, argc, argv);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	buf_init(&c.text, LIMIT_RECORD_BYTES);
	stream_out_init(&c.out, STDOUT_FILENO, 0);
	status = stream_each(STDIN_FILENO, "standard input",
	    partial ? STREAM_PARTIAL : 0, take, &c);
	if (status == EXIT_OK) {
		give_up(&c);
		if (c.lost > 0)
			status = EXIT_DATA;
	}
	status = stream_finish(&c.out, status, c.lost > 0, NULL);
	while (c.first != NULL) {
		struct open_item *next = c.first->next;

		free_item(c.first);
		c.first = next;
	}
	buf_release(&c.text);
	return (int)status;
}
