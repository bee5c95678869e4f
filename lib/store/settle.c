#include "store/settle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_KIB 3000

static struct db *
db_of(struct settle *s)
{
	return &s->canon->db;
}

/* --- queues -------------------------------------------------------------- */

/* The queue of that number, opened when it is first asked for. */
static struct queue *
queue_of(struct settle *s, size_t i)
{
	if (!s->opened[i]) {
		s->opened[i] = 1;
		if (queue_open(&s->queues[i], db_of(s), &s->all->q[i], 1)
		    == -1)
			return NULL;
	}
	return &s->queues[i];
}

struct queue *
settle_queue(struct settle *s)
{
	return &s->queues[s->queue];
}

static int
find_parts(struct settle *s, const struct decl_step *step)
{
	size_t i;

	s->n_parts = step->n_parts;
	s->parts = calloc(step->n_parts + 1, sizeof(*s->parts));
	for (i = 0; s->parts != NULL && i < step->n_parts; i++)
		s->parts[i] = decl_part(s->canon->d, step->parts[i]);
	return s->parts != NULL ? 0 : -1;
}

int
settle_open(struct settle *s, struct canon *c, const struct decl_queues *all,
    size_t queue, size_t step, const char *owner)
{
	size_t i;

	*s = (struct settle){ .canon = c, .all = all, .queue = queue,
	    .step = step, .owner = owner };
	s->queues = calloc(all->n, sizeof(*s->queues));
	s->opened = calloc(all->n, 1);
	errno = ENOMEM;
	/* What is made of an item is small, and loops are many. */
	if (db_execf(&c->db, "PRAGMA main.cache_size = -%d", CACHE_KIB) == -1)
		return -1;
	if (s->queues == NULL || s->opened == NULL ||
	    (step != DECL_NONE &&
	    find_parts(s, &all->q[queue].steps[step]) == -1))
		return db_fail_errno(&c->db, c->db.path);
	/* None is to be made within a transaction. */
	for (i = 0; i < all->n; i++)
		if (queue_of(s, i) == NULL)
			return -1;
	if (s->n_parts == 0)
		return 0;
	s->has_rows = 1;
	return canon_item_open(&s->rows, c);
}

void
settle_close(struct settle *s)
{
	size_t i;

	for (i = 0; s->opened != NULL && i < s->all->n; i++)
		if (s->opened[i])
			queue_close(&s->queues[i]);
	if (s->has_rows)
		canon_item_close(&s->rows);
	free(s->queues);
	free(s->opened);
	free(s->parts);
	*s = (struct settle){ .canon = s->canon };
}

/* --- items that were found ----------------------------------------------- */

static int
is_none(struct buf *why, const char *what, const char *name)
{
	buf_clear(why);
	buf_printf(why, "%s \"%s\"", what, name != NULL ? name : "");
	errno = EINVAL;
	return -1;
}

/* The queue and the key that an item record names. */
static int
read_found(struct settle *s, yyjson_val *record, struct queue **q,
    struct part *key, struct buf *why)
{
	const char *name = yyjson_get_str(yyjson_obj_get(record, "queue"));
	const struct decl_queue *d = name != NULL ?
	    decl_queue(s->all, name) : NULL;

	if (d == NULL)
		return is_none(why, "an item of no declared queue:", name);
	*q = queue_of(s, (size_t)(d - s->all->q));
	return queue_item_read(d, record, key, why);
}

int
settle_found(struct settle *s, const struct queue_actor *a,
    yyjson_val *record, int again, enum queue_added *out, struct buf *why)
{
	struct queue *q;
	struct part key;

	if (read_found(s, record, &q, &key, why) == -1)
		return -1;
	return queue_add(q, a, &key, record, again, out);
}

int
settle_known(struct settle *s, yyjson_val *record, struct buf *why)
{
	struct queue *q;
	struct part key;

	if (read_found(s, record, &q, &key, why) == -1)
		return -1;
	return queue_known(q, &key);
}

/* --- what came of it ----------------------------------------------------- */

/* While the records of one item are taken. */
struct taking {
	struct settle *s;
	const struct queue_actor *a;
	struct settled *out;
	struct buf why;
};

/* What came is not to be taken: 1, and it fails. */
static int
refuse(struct taking *t, const char *code, const char *text)
{
	snprintf(t->out->code, sizeof(t->out->code), "%s", code);
	snprintf(t->out->text, sizeof(t->out->text), "%s", text);
	return 1;
}

static int
take_row(struct taking *t, const struct record *r)
{
	const char *table = record_str(r, "table");
	int got;

	if (!t->s->has_rows)
		return refuse(t, "bad_row", "the step declares no parts, so "
		    "no rows may come of it");
	got = canon_item_row(&t->s->rows, table != NULL ? table : "",
	    yyjson_obj_get(r->root, "values"));
	if (got == -1 && errno == EINVAL)
		return refuse(t, "bad_row", canon_message(t->s->canon));
	return got;
}

static int
take_item(struct taking *t, const struct record *r)
{
	enum queue_added added;

	if (settle_found(t->s, t->a, r->root, 0, &added, &t->why) == -1)
		return errno == EINVAL ?
		    refuse(t, "bad_item", t->why.data) : -1;
	t->out->found += added == QUEUE_NEW;
	return 0;
}

static int
take_record(const struct record *r, void *arg)
{
	return record_is(r, "row") ? take_row(arg, r) : take_item(arg, r);
}

/* Where its worker says that it goes; 1 if it cannot go there. */
static int
find_state(struct taking *t, const struct work *w, size_t *to)
{
	const struct decl_queue *q = &t->s->all->q[t->s->queue];
	yyjson_doc *doc = yyjson_read(w->closing, strlen(w->closing), 0);
	const char *name = yyjson_get_str(yyjson_obj_get(
	    yyjson_doc_get_root(doc), "state"));
	char text[WORK_TEXT];
	int bad = 0;

	*to = DECL_NONE;
	if (name != NULL) {
		*to = decl_queue_state(q, name);
		bad = *to == DECL_NONE || decl_queue_move(q, DECL_STEP,
		    t->s->step, NULL, q->steps[t->s->step].from, *to) == NULL;
		snprintf(text, sizeof(text), "the step does not lead to "
		    "\"%.64s\"", name);
	}
	yyjson_doc_free(doc);
	return bad ? refuse(t, "bad_state", text) : 0;
}

static int
promote(struct taking *t)
{
	struct canon_item_result r;
	char now[CLOCK_TEXT];

	if (!t->s->has_rows)
		return 0;
	clock_format(t->a->now_ms, now);
	if (canon_item_promote(&t->s->rows, t->a->run, now, &r) == -1)
		return -1;
	t->out->inserted = r.canon.inserted;
	t->out->updated = r.canon.updated;
	t->out->deleted = r.canon.deleted;
	t->out->quarantined = r.quarantined;
	t->out->warnings += r.warnings;
	return 0;
}

/* Take all that came.  0, 1 if that cannot be, or -1. */
static int
take(struct taking *t, const struct queue_item *item, const struct work *w,
    size_t *to)
{
	int got;

	if ((got = find_state(t, w, to)) != 0)
		return got;
	if (t->s->has_rows && canon_item_begin(&t->s->rows, &item->part,
	    t->s->parts, t->s->n_parts) == -1)
		return errno == EINVAL ? refuse(t, "bad_item",
		    canon_message(t->s->canon)) : -1;
	if ((got = work_each(w, take_record, t)) != 0)
		return got;
	return promote(t);
}

static int
fail(struct settle *s, const struct queue_actor *a,
    const struct queue_item *item, struct settled *out)
{
	struct queue_failure f = { out->code, out->text, out->passing };
	int end = queue_fail(settle_queue(s), a, item, s->owner, &f);

	if (end == -1)
		return -1;
	out->end = (enum queue_end)end;
	out->found = 0;
	return 0;
}

static int
done(struct settle *s, const struct queue_actor *a,
    const struct queue_item *item, const struct work *w,
    struct settled *out)
{
	struct taking t = { .s = s, .a = a, .out = out };
	size_t to;
	int got, end;

	if (db_exec(db_of(s), "SAVEPOINT item") == -1)
		return -1;
	buf_init(&t.why, 4096);
	got = take(&t, item, w, &to);
	buf_release(&t.why);
	if (got == -1 || (got == 1 && db_exec(db_of(s), "ROLLBACK TO item")
	    == -1) || db_exec(db_of(s), "RELEASE item") == -1)
		return -1;
	if (got == 1)
		return fail(s, a, item, out);
	end = queue_finish(settle_queue(s), a, item, s->owner, to);
	if (end == -1)
		return -1;
	out->end = (enum queue_end)end;
	out->state = to != DECL_NONE ? to :
	    s->all->q[s->queue].steps[s->step].to;
	return 0;
}

/* What the worker itself found odd. */
static void
count_warnings(const struct work *w, struct settled *out)
{
	yyjson_doc *doc = yyjson_read(w->closing, strlen(w->closing), 0);

	out->warnings = yyjson_get_sint(yyjson_obj_get(
	    yyjson_doc_get_root(doc), "warnings"));
	yyjson_doc_free(doc);
}

int
settle_item(struct settle *s, const struct queue_actor *a,
    const struct queue_item *item, const struct work *w,
    struct settled *out)
{
	int holds = queue_holds(settle_queue(s), item, s->owner);

	*out = (struct settled){ .end = QUEUE_OVERTAKEN };
	out->state = s->all->q[s->queue].steps[s->step].from;
	if (holds != 1)
		return holds;
	if (w->end == WORK_DONE) {
		count_warnings(w, out);
		return done(s, a, item, w, out);
	}
	snprintf(out->code, sizeof(out->code), "%s", w->code);
	snprintf(out->text, sizeof(out->text), "%s", w->text);
	out->passing = work_is_passing(w);
	return fail(s, a, item, out);
}
