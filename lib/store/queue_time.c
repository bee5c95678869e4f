#include "store/queue_time.h"

#include "store/queue_schema.h"
#include "store/queue_sql.h"

/* Prepare text about the step's state at now. */
static sqlite3_stmt *
prepare(struct queue *q, const char *text, size_t step, const char *now)
{
	sqlite3_stmt *s = NULL;
	struct buf sql;

	buf_init(&sql, 4096);
	if (queue_sql(&sql, q->d, text) == -1)
		db_fail_errno(q->db, q->db->path);
	else
		s = db_prepare(q->db, sql.data);
	buf_release(&sql);
	if (s != NULL) {
		queue_bind(s, ":state", q->d->states[q->d->steps[step].from]);
		queue_bind(s, ":now", now);
	}
	return s;
}

int64_t
queue_due_count(struct queue *q, size_t step, int64_t now_ms)
{
	char now[CLOCK_TEXT];
	sqlite3_stmt *s;
	int64_t n = -1;

	clock_format(now_ms, now);
	s = prepare(q, "SELECT count(*) FROM main.{t} INDEXED BY {t_due} "
	    "WHERE owner IS NULL AND state = :state AND due_at <= :now",
	    step, now);
	if (db_step(q->db, s) == 1)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

int
queue_due_next(struct queue *q, size_t step, int64_t now_ms, int tried,
    int64_t *due_ms)
{
	char now[CLOCK_TEXT];
	sqlite3_stmt *s;
	int r;

	clock_format(now_ms, now);
	s = prepare(q, tried ? "SELECT min(due_at) FROM main.{t} "
	    "WHERE owner IS NULL AND state = :state AND due_at > :now "
	    "AND tries > 0" : "SELECT min(due_at) FROM main.{t} "
	    "WHERE owner IS NULL AND state = :state AND due_at > :now",
	    step, now);
	if ((r = db_step(q->db, s)) == 1)
		r = db_text(s, 0) != NULL &&
		    clock_parse(db_text(s, 0), due_ms) == 0;
	sqlite3_finalize(s);
	return r;
}

/* The items that were given up into this state. */
static int64_t
dead_in(struct queue *q, size_t state, int64_t max, queue_dead_fn fn,
    void *arg)
{
	sqlite3_stmt *s = prepare(q, "SELECT {key} FROM main.{t} "
	    "WHERE state = :dead ORDER BY {key}", 0, "");
	struct part key;
	int64_t n = 0;
	size_t i;
	int r;

	if (s == NULL)
		return -1;
	queue_bind(s, ":dead", q->d->states[state]);
	while ((r = db_step(q->db, s)) == 1) {
		key.n = 0;
		for (i = 0; i < q->d->n_key; i++)
			part_add(&key, q->d->key[i], db_text(s, (int)i));
		if (n++ < max && fn(&key, arg) != 0)
			break;
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : n;
}

int64_t
queue_dead(struct queue *q, int64_t max, queue_dead_fn fn, void *arg)
{
	const struct decl_queue *d = q->d;
	unsigned char seen[DECL_STATES_MAX] = { 0 };
	const struct decl_transition *t;
	int64_t all = 0, n;
	size_t i;

	for (i = 0; i < d->n_transitions; i++) {
		t = &d->transitions[i];
		if (t->move != DECL_GIVE_UP || seen[t->to])
			continue;
		seen[t->to] = 1;
		n = dead_in(q, t->to, max - all, fn, arg);
		if (n == -1)
			return -1;
		all += n;
	}
	return all;
}

int
queue_due_anew(struct queue *q, size_t step, const char *run, int64_t now_ms)
{
	char now[CLOCK_TEXT];
	sqlite3_stmt *s;
	int r;

	clock_format(now_ms, now);
	s = prepare(q, "UPDATE main.{t} AS i SET due_at = :now, tries = 0 "
	    "WHERE owner IS NULL AND state = :state AND tries > 0 "
	    "AND NOT EXISTS (SELECT 1 FROM main.{t_attempts} AS a "
	    "WHERE a.item_id = i.item_id AND a.run = :run)", step, now);
	if (s != NULL)
		queue_bind(s, ":run", run);
	r = s == NULL ? -1 : db_run(q->db, s);
	sqlite3_finalize(s);
	return r;
}
