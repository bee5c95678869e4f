#include <stdio.h>

#include "store/queue_sql.h"

static int
write_halt(struct queue *q, const char *sql, size_t step, int64_t now_ms,
    const struct queue_actor *a, const char *code, const char *reason)
{
	sqlite3_stmt *s = db_prepare(q->db, sql);
	char now[CLOCK_TEXT];
	int r;

	if (s == NULL)
		return -1;
	clock_format(now_ms, now);
	queue_bind(s, ":queue", q->d->name);
	queue_bind(s, ":step", q->d->steps[step].name);
	queue_bind(s, ":now", now);
	queue_bind(s, ":run", a != NULL ? a->run : NULL);
	queue_bind(s, ":code", code);
	queue_bind(s, ":reason", reason);
	r = db_run(q->db, s);
	sqlite3_finalize(s);
	return r;
}

int
queue_halt(struct queue *q, const struct queue_actor *a, size_t step,
    const char *code, const char *reason)
{
	return write_halt(q, "INSERT INTO main.queue_halts (queue, step, "
	    "run, code, reason, halted_at) VALUES (:queue, :step, :run, "
	    ":code, :reason, :now)", step, a->now_ms, a, code, reason);
}

int
queue_clear_halt(struct queue *q, size_t step, int64_t now_ms)
{
	return write_halt(q, "UPDATE main.queue_halts SET cleared_at = :now "
	    "WHERE queue = :queue AND step = :step AND cleared_at IS NULL",
	    step, now_ms, NULL, NULL, NULL);
}

static void
take(char *out, size_t size, sqlite3_stmt *s, int i)
{
	const char *text = db_text(s, i);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

int
queue_halted(struct queue *q, size_t step, struct queue_halt *h)
{
	sqlite3_stmt *s;
	int r;

	if (q->absent)
		return 0;
	s = db_prepare(q->db, "SELECT run, code, reason, halted_at "
	    "FROM main.queue_halts WHERE queue = :queue AND step = :step "
	    "AND cleared_at IS NULL ORDER BY halt_id DESC LIMIT 1");
	if (s == NULL)
		return -1;
	queue_bind(s, ":queue", q->d->name);
	queue_bind(s, ":step", q->d->steps[step].name);
	if ((r = db_step(q->db, s)) == 1) {
		take(h->run, sizeof(h->run), s, 0);
		take(h->code, sizeof(h->code), s, 1);
		take(h->reason, sizeof(h->reason), s, 2);
		take(h->halted_at, sizeof(h->halted_at), s, 3);
	}
	sqlite3_finalize(s);
	return r;
}
