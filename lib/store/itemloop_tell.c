#include "store/itemloop_tell.h"

#include <string.h>

#include "base/clock.h"
#include "base/exits.h"
#include "store/queue_time.h"

#define DEAD_MAX 1000		/* items given up that are named */

static void
put_head(const struct itemloop *l, struct stream_out *out, struct jsonw *w,
    const char *type)
{
	char now[CLOCK_TEXT];

	clock_now(now);
	stream_record(out, w, type);
	jsonw_str(w, "at", now);
	jsonw_str(w, "run", l->options.run);
	jsonw_str(w, "source", l->options.source);
	jsonw_str(w, "queue", l->d->name);
	jsonw_str(w, "step", l->d->steps[l->step].name);
}

static void
put_count(struct jsonw *w, const char *name, int64_t n)
{
	if (n != 0)
		jsonw_int(w, name, n);
}

static const char *
type_of(const struct settled *s)
{
	return s->end == QUEUE_DONE ? "done" :
	    s->end == QUEUE_LATER ? "retry" : "error";
}

static void
put_outcome(const struct itemloop *l, struct jsonw *w,
    const struct settled *s)
{
	if (s->end == QUEUE_DONE)
		jsonw_str(w, "state", l->d->states[s->state]);
	if (s->end == QUEUE_OVERTAKEN) {
		jsonw_str(w, "code", "overtaken");
		jsonw_str(w, "message", "another has taken it over; nothing "
		    "was changed");
		jsonw_int(w, "exit", EXIT_REFUSED);
	} else if (s->end != QUEUE_DONE) {
		jsonw_str(w, "code", s->code);
		jsonw_strn(w, "message", s->text,
		    jsonw_utf8(s->text, strlen(s->text)));
	}
	if (s->end == QUEUE_DEAD)
		jsonw_bool(w, "dead", 1);
	if (s->end == QUEUE_DONE && s->state != l->d->steps[l->step].to &&
	    l->d->final[s->state])
		jsonw_bool(w, "skipped", 1);
	put_count(w, "inserted", s->inserted);
	put_count(w, "updated", s->updated);
	put_count(w, "deleted", s->deleted);
	put_count(w, "quarantined", s->quarantined);
	put_count(w, "warnings", s->warnings);
	put_count(w, "found", s->found);
}

int
itemloop_tell_item(const struct itemloop *l, const struct itemloop_news *n,
    struct stream_out *out)
{
	struct buf label;
	struct jsonw w;
	int r;

	buf_init(&label, 4096);
	decl_queue_label(l->d, &n->item->part, &label);
	put_head(l, out, &w, type_of(n->settled));
	part_write(&n->item->part, &w, "part");
	jsonw_str(&w, "label", label.data);
	put_outcome(l, &w, n->settled);
	put_count(&w, "n", n->work->n);
	put_count(&w, "number", n->number);
	jsonw_int(&w, "total", n->total);
	jsonw_int(&w, "duration_ms", n->duration_ms);
	r = stream_put(out, &w);
	buf_release(&label);
	return r;
}

void
itemloop_tell_begin(const struct itemloop *l, struct stream_out *out)
{
	struct jsonw w;

	put_head(l, out, &w, "loop");
	jsonw_int(&w, "total", l->total);
	put_count(&w, "again", l->again);
	put_count(&w, "freed", l->freed);
	if (l->probing)
		jsonw_bool(&w, "probe", 1);
	stream_put(out, &w);
}

struct naming {
	const struct decl_queue *queue;
	struct jsonw *w;
};

/* queue_dead_fn */
static int
put_label(const struct part *key, void *arg)
{
	const struct naming *n = arg;
	struct buf label;

	buf_init(&label, 4096);
	decl_queue_label(n->queue, key, &label);
	jsonw_str(n->w, NULL, label.data);
	buf_release(&label);
	return 0;
}

void
itemloop_tell_end(const struct itemloop *l, struct stream_out *out)
{
	static const char *const ends[] = { "dry", "interrupted", "halted",
	    "unheard", "unusable" };
	struct naming n = { l->d, NULL };
	char at[CLOCK_TEXT];
	int64_t due_ms, dead;
	struct jsonw w;

	put_head(l, out, &w, "stopped");
	jsonw_str(&w, "end", ends[l->end]);
	jsonw_opt(&w, "code", l->code[0] != '\0' ? l->code : NULL);
	jsonw_opt(&w, "reason", l->reason[0] != '\0' ? l->reason : NULL);
	jsonw_int(&w, "done", l->done);
	jsonw_int(&w, "failed", l->failed);
	put_count(&w, "overtaken", l->overtaken);
	jsonw_int(&w, "due", queue_due_count(l->q, l->step, clock_wall_ms()));
	if (queue_due_next(l->q, l->step, clock_wall_ms(), 0, &due_ms) == 1) {
		clock_format(due_ms, at);
		jsonw_str(&w, "next_at", at);
	}
	n.w = &w;
	jsonw_arr_open(&w, "dead");
	dead = queue_dead(l->q, DEAD_MAX, put_label, &n);
	jsonw_arr_close(&w);
	jsonw_int(&w, "dead_count", dead);
	stream_put(out, &w);
}
