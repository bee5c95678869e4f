#include "store/walk_tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static void
put_head(const struct walk_tell *t, struct jsonw *j, const char *type)
{
	char now[CLOCK_TEXT];

	clock_now(now);
	stream_record(t->out, j, type);
	jsonw_str(j, "at", now);
	jsonw_str(j, "run", t->run);
	jsonw_str(j, "source", t->source);
	jsonw_str(j, "step", "walk");
}

/* The page, and its place among those that may come. */
static void
put_page(const struct walk_tell *t, struct jsonw *j, const char *type,
    int64_t at, int64_t duration_ms)
{
	const struct walk *w = t->walk;
	int64_t left = at > w->last ? 0 : (w->last - at) / w->step;
	char label[128];

	put_head(t, j, type);
	snprintf(label, sizeof(label), "%s %" PRId64, w->page->name, at);
	part_write(t->key, j, "part");
	jsonw_str(j, "label", label);
	jsonw_int(j, "number", t->number);
	jsonw_int(j, "total", t->number + left);
	jsonw_int(j, "duration_ms", duration_ms);
}

static void
put_text(struct jsonw *j, const char *name, const char *text)
{
	jsonw_strn(j, name, text, jsonw_utf8(text, strlen(text)));
}

void
walk_tell_page(const struct walk_tell *t, const struct walk_page *p,
    int64_t at, int64_t duration_ms)
{
	struct jsonw j;

	put_page(t, &j, "page", at, duration_ms);
	jsonw_int(&j, "entries", p->entries);
	jsonw_int(&j, "n", p->items);
	jsonw_int(&j, "found", p->found);
	if (p->taken_up > 0)
		jsonw_int(&j, "taken_up", p->taken_up);
	if (p->total != -1)
		jsonw_int(&j, "entries_total", p->total);
	if (p->known)
		jsonw_bool(&j, "known", 1);
	stream_put(t->out, &j);
}

void
walk_tell_failure(const struct walk_tell *t, const char *code,
    const char *text, int64_t duration_ms)
{
	struct jsonw j;

	put_page(t, &j, "error", t->walk->at, duration_ms);
	jsonw_str(&j, "code", code);
	put_text(&j, "message", text);
	stream_put(t->out, &j);
}

void
walk_tell_end(const struct walk_tell *t, const char *end, const char *reason)
{
	struct jsonw j;

	put_head(t, &j, "stopped");
	jsonw_str(&j, "end", end);
	if (reason != NULL)
		put_text(&j, "reason", reason);
	jsonw_int(&j, "pages", t->number);
	jsonw_int(&j, "found", t->found);
	stream_put(t->out, &j);
}
