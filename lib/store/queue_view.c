#include "store/queue_view.h"

#include <string.h>

#include "store/queue_schema.h"
#include "store/queue_sql.h"

#define SQL_BYTES ((size_t)1 << 16)

/* --- counts ------------------------------------------------------------- */

static sqlite3_stmt *
prepare(struct queue *q, const char *text)
{
	sqlite3_stmt *s = NULL;
	struct buf b;

	buf_init(&b, SQL_BYTES);
	if (queue_sql(&b, q->d, text) == 0)
		s = db_prepare(q->db, b.data);
	else
		db_fail_errno(q->db, q->db->path);
	buf_release(&b);
	return s;
}

/* Those that wait are read from their index alone. */
static int
count_waiting(struct queue *q, const char *now, struct queue_count *counts)
{
	sqlite3_stmt *s = prepare(q, "SELECT state, count(*), "
	    "sum(due_at <= :now), min(iif(due_at > :now, due_at, NULL)) "
	    "FROM main.{t} INDEXED BY {t_due} WHERE owner IS NULL "
	    "GROUP BY state");
	size_t at;
	int r;

	if (s == NULL)
		return -1;
	queue_bind(s, ":now", now);
	while ((r = db_step(q->db, s)) == 1) {
		at = decl_queue_state(q->d, db_text(s, 0));
		if (at == DECL_NONE)
			continue;
		counts[at].items = sqlite3_column_int64(s, 1);
		if (decl_queue_begins(q->d, at) == DECL_NONE)
			continue;
		counts[at].due = sqlite3_column_int64(s, 2);
		if (db_text(s, 3) != NULL)
			snprintf(counts[at].next_due, CLOCK_TEXT, "%s",
			    db_text(s, 3));
	}
	sqlite3_finalize(s);
	return r;
}

static int
count_leased(struct queue *q, struct queue_count *counts)
{
	sqlite3_stmt *s = prepare(q, "SELECT state, count(*) FROM main.{t} "
	    "WHERE owner IS NOT NULL GROUP BY state");
	size_t at;
	int r;

	while ((r = db_step(q->db, s)) == 1) {
		at = decl_queue_state(q->d, db_text(s, 0));
		if (at == DECL_NONE)
			continue;
		counts[at].leased = sqlite3_column_int64(s, 1);
		counts[at].items += counts[at].leased;
	}
	sqlite3_finalize(s);
	return r;
}

int
queue_counts(struct queue *q, int64_t now_ms,
    struct queue_count counts[DECL_STATES_MAX])
{
	char now[CLOCK_TEXT];

	memset(counts, 0, DECL_STATES_MAX * sizeof(*counts));
	if (q->absent)
		return 0;
	clock_format(now_ms, now);
	return count_waiting(q, now, counts) == -1 ? -1 :
	    count_leased(q, counts);
}

/* --- items -------------------------------------------------------------- */

/* How many columns there are before the key, and after it the facts. */
#define FIXED 14

static sqlite3_stmt *
each_statement(struct queue *q, const struct queue_filter *f)
{
	sqlite3_stmt *s = NULL;
	struct buf b;
	size_t i;
	int r;

	buf_init(&b, SQL_BYTES);
	r = buf_str(&b, "SELECT item_id, priority, tries, failed_runs, "
	    "epoch, state, due_at, owner, lease_until, version, code, "
	    "message, changed_run, changed_at, {key}");
	for (i = 0; r == 0 && i < q->d->n_facts; i++)
		r = buf_printf(&b, ", \"%s\"", q->d->facts[i].name);
	if (r == 0)
		r = buf_str(&b, " FROM main.{t} WHERE true");
	for (i = 0; r == 0 && i < f->key.n; i++)
		r = buf_printf(&b, " AND \"%s\" = :k%zu", q->d->key[i], i);
	if (r == 0 && f->state != NULL)
		r = buf_str(&b, " AND state = :state");
	if (r == 0 && f->code != NULL)
		r = buf_str(&b, " AND code = :code");
	if (r == 0)
		r = buf_str(&b, " ORDER BY {key} LIMIT :limit");
	if (r == 0)
		s = prepare(q, b.data);
	else
		db_fail_errno(q->db, q->db->path);
	buf_release(&b);
	return s;
}

static int
take_row(struct queue *q, sqlite3_stmt *s, struct queue_row *r)
{
	size_t i;

	*r = (struct queue_row){ .id = sqlite3_column_int64(s, 0),
	    .priority = sqlite3_column_int64(s, 1),
	    .tries = sqlite3_column_int64(s, 2),
	    .failed_runs = sqlite3_column_int64(s, 3),
	    .epoch = sqlite3_column_int64(s, 4), .state = db_text(s, 5),
	    .due_at = db_text(s, 6), .owner = db_text(s, 7),
	    .lease_until = db_text(s, 8), .version = db_text(s, 9),
	    .code = db_text(s, 10), .message = db_text(s, 11),
	    .run = db_text(s, 12), .changed_at = db_text(s, 13),
	    .facts = s, .first_fact = FIXED + (int)q->d->n_key };
	for (i = 0; i < q->d->n_key; i++)
		if (part_add(&r->key, q->d->key[i], db_text(s, FIXED +
		    (int)i)) == -1)
			return queue_failed(q, EXIT_DATA, "item %lld: its "
			    "key is too long", (long long)r->id);
	return 0;
}

int
queue_each(struct queue *q, const struct queue_filter *f, int64_t limit,
    queue_row_fn fn, void *arg)
{
	struct queue_row row;
	sqlite3_stmt *s;
	int r;

	if (q->absent)
		return 0;
	if ((s = each_statement(q, f)) == NULL)
		return -1;
	queue_bind_key(s, &f->key);
	queue_bind(s, ":state", f->state);
	queue_bind(s, ":code", f->code);
	queue_bind_int(s, ":limit", limit);
	while ((r = db_step(q->db, s)) == 1)
		if (take_row(q, s, &row) == -1 || fn(&row, arg) == -1) {
			r = -1;
			break;
		}
	sqlite3_finalize(s);
	return r;
}
