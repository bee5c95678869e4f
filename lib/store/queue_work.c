#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/owner.h"
#include "store/queue_sql.h"

/* What finds an item that is still ours. */
#define IS_OURS " FROM main.{t} WHERE item_id = :id AND epoch = :epoch " \
	"AND owner = :owner AND state = :from"

static void
bind_item(struct queue *q, sqlite3_stmt *s, const struct queue_item *item,
    const char *owner)
{
	int i = sqlite3_bind_parameter_index(s, ":owner");

	queue_bind_int(s, ":id", item->id);
	queue_bind_int(s, ":epoch", item->epoch);
	queue_bind(s, ":from", q->d->states[q->d->steps[item->step].from]);
	if (i > 0)
		sqlite3_bind_text(s, i, owner, (int)strcspn(owner, "\n"),
		    SQLITE_STATIC);
}

int
queue_holds(struct queue *q, const struct queue_item *item,
    const char *owner)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_HOLDS,
	    "SELECT 1" IS_OURS);
	int r;

	if (s == NULL)
		return -1;
	bind_item(q, s, item, owner);
	r = db_step(q->db, s);
	sqlite3_reset(s);
	return r;
}

/* --- the end of an attempt ---------------------------------------------- */

/* Its row; 1, or 0 if the item is not ours any more, or -1. */
static int
add_attempt(struct queue *q, const struct queue_actor *a,
    const struct queue_item *item, const char *owner, const char *outcome,
    const struct queue_failure *f)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_ATTEMPT,
	    "INSERT INTO main.{t_attempts} (item_id, epoch, step, run, "
	    "started_at, ended_at, outcome, code, message) "
	    "SELECT item_id, epoch, :step, :run, claimed_at, :now, :outcome, "
	    ":code, :message" IS_OURS);
	char now[CLOCK_TEXT];

	if (s == NULL)
		return -1;
	clock_format(a->now_ms, now);
	bind_item(q, s, item, owner);
	queue_bind(s, ":step", q->d->steps[item->step].name);
	queue_bind(s, ":run", a->run);
	queue_bind(s, ":now", now);
	queue_bind(s, ":outcome", outcome);
	queue_bind(s, ":code", f != NULL ? f->code : NULL);
	queue_bind(s, ":message", f != NULL ? f->message : NULL);
	if (db_run(q->db, s) == -1)
		return -1;
	return sqlite3_changes(q->db->h) == 1;
}

/* How an item leaves its state with its lease. */
struct leaving {
	size_t to;
	int failed;		/* the run counts as one that it failed in */
	int over;		/* no run counts any more */
	const struct queue_failure *f;
};

static int
leave(struct queue *q, const struct queue_actor *a,
    const struct queue_item *item, const struct leaving *l)
{
	const struct decl_step *step = &q->d->steps[item->step];
	sqlite3_stmt *s = queue_statement(q, QUEUE_FINISH,
	    "UPDATE main.{t} SET state = :to, owner = NULL, "
	    "lease_until = NULL, claimed_at = NULL, tries = 0, "
	    "failed_runs = CASE WHEN :over THEN 0 "
	    "ELSE failed_runs + :failed END, "
	    "resume = CASE WHEN :failed THEN state ELSE resume END, "
	    "version = coalesce(:version, version), code = :code, "
	    "message = :message, due_at = :now, changed_at = :now, "
	    "changed_run = :run WHERE item_id = :id");
	char now[CLOCK_TEXT];

	if (s == NULL || queue_act(q, "loop", step->name, a) == -1)
		return -1;
	clock_format(a->now_ms, now);
	queue_bind(s, ":to", q->d->states[l->to]);
	queue_bind_int(s, ":over", l->over);
	queue_bind_int(s, ":failed", l->failed);
	queue_bind(s, ":version", l->f == NULL ? step->version : NULL);
	queue_bind(s, ":code", l->f != NULL ? l->f->code : NULL);
	queue_bind(s, ":message", l->f != NULL ? l->f->message : NULL);
	queue_bind(s, ":now", now);
	queue_bind(s, ":run", a->run);
	queue_bind_int(s, ":id", item->id);
	return db_run(q->db, s) == -1 ? -1 : queue_acted(q);
}

int
queue_finish(struct queue *q, const struct queue_actor *a,
    const struct queue_item *item, const char *owner, size_t to)
{
	const struct decl_transition *t = decl_queue_move(q->d, DECL_STEP,
	    item->step, NULL, q->d->steps[item->step].from, to);
	struct leaving l = { 0 };
	int r;

	if (t == NULL)
		return queue_failed(q, EXIT_DATA, "step %s does not lead to "
		    "\"%s\"", q->d->steps[item->step].name, q->d->states[to]);
	l.to = t->to;
	l.over = q->d->final[t->to];
	r = add_attempt(q, a, item, owner, "ok", NULL);
	if (r == 1)
		r = leave(q, a, item, &l) == -1 ? -1 : 1;
	return r == -1 ? -1 : r == 1 ? QUEUE_DONE : QUEUE_OVERTAKEN;
}

/* It stays where it is, due again when the schedule says so. */
static int
try_later(struct queue *q, const struct queue_actor *a,
    const struct queue_item *item, const struct queue_failure *f,
    int64_t wait_ms)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_LATER_SQL,
	    "UPDATE main.{t} SET owner = NULL, lease_until = NULL, "
	    "claimed_at = NULL, tries = tries + 1, due_at = :due, "
	    "code = :code, message = :message WHERE item_id = :id");
	char due[CLOCK_TEXT];

	if (s == NULL)
		return -1;
	clock_format(a->now_ms + wait_ms, due);
	queue_bind(s, ":due", due);
	queue_bind(s, ":code", f->code);
	queue_bind(s, ":message", f->message);
	queue_bind_int(s, ":id", item->id);
	return db_run(q->db, s);
}

/* How often it failed so far: tries of this run, and runs. */
static int
failures(struct queue *q, const struct queue_item *item, const char *owner,
    int64_t *tries, int64_t *runs)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_FAILURES,
	    "SELECT tries, failed_runs" IS_OURS);
	int r;

	if (s == NULL)
		return -1;
	bind_item(q, s, item, owner);
	if ((r = db_step(q->db, s)) == 1) {
		*tries = sqlite3_column_int64(s, 0);
		*runs = sqlite3_column_int64(s, 1);
		sqlite3_reset(s);
	}
	return r;
}

/* The wait before another try in this run, or -1: none. */
static int64_t
next_try(const struct queue *q, const struct queue_item *item,
    const struct queue_failure *f, int64_t tries)
{
	struct buf key;
	int64_t wait;

	if (!f->temporary)
		return -1;
	buf_init(&key, 4096);
	part_values(&item->part, 0, item->part.n, &key);
	wait = schedule_wait(&q->d->retry, tries + 1, key.data);
	buf_release(&key);
	return wait;
}

int
queue_fail(struct queue *q, const struct queue_actor *a,
    const struct queue_item *item, const char *owner,
    const struct queue_failure *f)
{
	size_t from = q->d->steps[item->step].from;
	struct leaving l = { .failed = 1, .f = f };
	int64_t tries, runs, wait;
	int dead, r = failures(q, item, owner, &tries, &runs);

	if (r != 1)
		return r == 0 ? QUEUE_OVERTAKEN : -1;
	wait = next_try(q, item, f, tries);
	dead = runs + 1 >= q->d->max_attempts;
	if (add_attempt(q, a, item, owner, wait != -1 ? "again" : dead ?
	    "dead" : "failed", f) == -1)
		return -1;
	if (wait != -1)
		return try_later(q, a, item, f, wait) == -1 ? -1 :
		    QUEUE_LATER;
	l.to = decl_queue_move(q->d, dead ? DECL_GIVE_UP : DECL_FAIL,
	    DECL_NONE, NULL, from, DECL_NONE)->to;
	if (leave(q, a, item, &l) == -1)
		return -1;
	return dead ? QUEUE_DEAD : QUEUE_FAILED;
}

/* --- a new run ---------------------------------------------------------- */

/*
 * Items in the state of t that are to go where it leads: after a failure,
 * where they failed, or by the first such transition.
 */
#define WAITS " WHERE owner IS NULL AND state = :from " \
	"AND CASE :kind WHEN 'again' THEN changed_run IS NOT :run " \
	"AND (resume = :to OR :rest) ELSE version <> :version END"

static sqlite3_stmt *
prepare(struct queue *q, const char *head)
{
	struct buf b;
	sqlite3_stmt *s = NULL;

	buf_init(&b, 4096);
	if (buf_printf(&b, "%s \"%s\"%s%s", head, q->d->table,
	    head[0] == 'U' ? " SET state = :to" : "", WAITS) == 0)
		s = db_prepare(q->db, b.data);
	else
		db_fail_errno(q->db, q->db->path);
	buf_release(&b);
	return s;
}

static void
bind_transition(struct queue *q, sqlite3_stmt *s,
    const struct decl_transition *t, const struct queue_actor *a, int rest)
{
	size_t step = decl_queue_begins(q->d, t->to);

	queue_bind(s, ":from", q->d->states[t->from]);
	queue_bind(s, ":to", q->d->states[t->to]);
	queue_bind(s, ":kind", t->move == DECL_AGAIN ? "again" : "stale");
	queue_bind(s, ":run", a->run);
	queue_bind_int(s, ":rest", rest);
	queue_bind(s, ":version", q->d->steps[step].version);
}

/* Does any item wait for t?  1, 0 or -1. */
static int
waits(struct queue *q, const struct decl_transition *t,
    const struct queue_actor *a)
{
	sqlite3_stmt *s = prepare(q, "SELECT 1 FROM");
	int r;

	if (s == NULL)
		return -1;
	bind_transition(q, s, t, a, 1);
	r = db_step(q->db, s);
	sqlite3_finalize(s);
	return r;
}

static int
move_all(struct queue *q, const struct decl_transition *t,
    const struct queue_actor *a, int rest, int64_t *n)
{
	sqlite3_stmt *s = prepare(q, "UPDATE");
	int r;

	if (s == NULL)
		return -1;
	bind_transition(q, s, t, a, rest);
	r = db_run(q->db, s);
	if (r == 0)
		*n += sqlite3_changes64(q->db->h);
	sqlite3_finalize(s);
	return r;
}

/* All transitions of a move; what has no better way goes the first. */
static int
move_each(struct queue *q, const struct queue_actor *a, enum decl_move move,
    int64_t *n)
{
	const struct decl_queue *d = q->d;
	const struct decl_transition *t;
	size_t i;
	int rest;

	for (rest = 0; rest < 2; rest++)
		for (i = 0; i < d->n_transitions; i++) {
			t = &d->transitions[i];
			if (t->move == move &&
			    move_all(q, t, a, rest, n) == -1)
				return -1;
		}
	return 0;
}

/* Is it one of a move that a new run makes? */
static int
of_run(const struct decl_queue *d, const struct decl_transition *t)
{
	return t->move == DECL_AGAIN || (t->move == DECL_STALE &&
	    d->steps[decl_queue_begins(d, t->to)].version != NULL);
}

static int
any_waits(struct queue *q, const struct queue_actor *a)
{
	const struct decl_transition *t = q->d->transitions;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < q->d->n_transitions; i++)
		if (of_run(q->d, &t[i]))
			r = waits(q, &t[i], a);
	return r;
}

int
queue_again(struct queue *q, const struct queue_actor *a, int64_t *failed,
    int64_t *stale)
{
	int r;

	*failed = *stale = 0;
	if ((r = any_waits(q, a)) != 1)
		return r;
	if (db_begin(q->db) == -1)
		return -1;
	if (queue_act(q, "loop", NULL, a) == 0 &&
	    move_each(q, a, DECL_AGAIN, failed) == 0 &&
	    move_each(q, a, DECL_STALE, stale) == 0 &&
	    queue_acted(q) == 0 && db_commit(q->db) == 0)
		return 0;
	db_rollback(q->db);
	return -1;
}

/* --- persons ------------------------------------------------------------ */

/* Back to where it was, if the action leads there; else the first way. */
static const struct decl_transition *
way(const struct decl_queue *d, const char *action, size_t from,
    const char *resume)
{
	const struct decl_transition *t = NULL;
	size_t back = resume != NULL ? decl_queue_state(d, resume) :
	    DECL_NONE;

	if (back != DECL_NONE)
		t = decl_queue_move(d, DECL_ACTION, DECL_NONE, action, from,
		    back);
	return t != NULL ? t : decl_queue_move(d, DECL_ACTION, DECL_NONE,
	    action, from, DECL_NONE);
}

int
queue_way(struct queue *q, const char *action, int64_t id,
    struct queue_way *out)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_WAY,
	    "SELECT state, resume, {key} FROM main.{t} WHERE item_id = :id");
	const struct decl_transition *t = NULL;
	size_t i;
	int r;

	if (s == NULL)
		return -1;
	queue_bind_int(s, ":id", id);
	if ((r = db_step(q->db, s)) != 1)
		return r;
	out->from = decl_queue_state(q->d, db_text(s, 0));
	out->key.n = 0;
	for (i = 0; r == 1 && i < q->d->n_key; i++)
		if (part_add(&out->key, q->d->key[i], db_text(s, (int)i +
		    2)) == -1)
			r = queue_failed(q, EXIT_DATA, "item %lld: its key "
			    "is too long", (long long)id);
	t = way(q->d, action, out->from, db_text(s, 1));
	sqlite3_reset(s);
	if (r == -1 || t == NULL)
		return r == -1 ? -1 : 0;
	out->to = t->to;
	return 1;
}

int
queue_move(struct queue *q, const struct queue_actor *a, const char *action,
    int64_t id, struct queue_way *out)
{
	int r = queue_way(q, action, id, out);

	if (r != 1)
		return r;
	if (queue_act(q, "person", NULL, a) == -1 ||
	    queue_set_state(q, id, out->to) == -1 || queue_acted(q) == -1)
		return -1;
	return 1;
}
