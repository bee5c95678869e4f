#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "store/queue_sql.h"

/* --- claiming ----------------------------------------------------------- */

/* Owners are kept without the end of their line. */
static void
trim(const char *owner, char out[OWNER_TEXT])
{
	size_t n = strcspn(owner, "\n");

	if (n >= OWNER_TEXT)
		n = OWNER_TEXT - 1;
	memcpy(out, owner, n);
	out[n] = '\0';
}

/*
 * The highest priority among what waits in a state, or the next below that
 * of :below.  1 and the priority, 0, or -1.  These three read the index
 * TABLE_due only, and of it what they return: so a claim costs the same
 * however many items there are.
 */
static int
top(struct queue *q, const char *state, const int64_t *below, int64_t *out)
{
	sqlite3_stmt *s = below == NULL ? queue_statement(q, QUEUE_TOP,
	    "SELECT priority FROM main.{t} INDEXED BY {t_due} "
	    "WHERE owner IS NULL AND state = :state "
	    "ORDER BY priority DESC LIMIT 1") : queue_statement(q,
	    QUEUE_NEXT_TOP,
	    "SELECT priority FROM main.{t} INDEXED BY {t_due} "
	    "WHERE owner IS NULL AND state = :state AND priority < :below "
	    "ORDER BY priority DESC LIMIT 1");
	int r;

	if (s == NULL)
		return -1;
	queue_bind(s, ":state", state);
	if (below != NULL)
		queue_bind_int(s, ":below", *below);
	if ((r = db_step(q->db, s)) == 1) {
		*out = sqlite3_column_int64(s, 0);
		sqlite3_reset(s);
	}
	return r;
}

/* The first item of that priority if it is due: 1 and its id, 0, or -1. */
static int
first_due(struct queue *q, const char *state, int64_t priority,
    const char *now, int64_t *id)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_DUE,
	    "SELECT item_id FROM main.{t} INDEXED BY {t_due} "
	    "WHERE owner IS NULL AND state = :state "
	    "AND priority = :priority AND due_at <= :now "
	    "ORDER BY due_at, {key} LIMIT 1");
	int r;

	if (s == NULL)
		return -1;
	queue_bind(s, ":state", state);
	queue_bind(s, ":now", now);
	queue_bind_int(s, ":priority", priority);
	if ((r = db_step(q->db, s)) == 1) {
		*id = sqlite3_column_int64(s, 0);
		sqlite3_reset(s);
	}
	return r;
}

/* The item that is to be claimed next: 1 and its id, 0, or -1. */
static int
next(struct queue *q, size_t step, const char *now, int64_t *id)
{
	const char *state = q->d->states[q->d->steps[step].from];
	int64_t priority;
	int r = top(q, state, NULL, &priority);

	while (r == 1) {
		if ((r = first_due(q, state, priority, now, id)) != 0)
			return r;
		r = top(q, state, &priority, &priority);
	}
	return r;
}

/* What the item's worker is told of it. */
static int
read_item(struct queue *q, int64_t id, struct queue_item *item)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_STATE,
	    "SELECT epoch, tries, {key} FROM main.{t} WHERE item_id = :id");
	size_t i;
	int r;

	if (s == NULL)
		return -1;
	queue_bind_int(s, ":id", id);
	if ((r = db_step(q->db, s)) != 1)
		return r == 0 ? queue_failed(q, EXIT_BUG, "no item %lld",
		    (long long)id) : -1;
	item->id = id;
	item->epoch = sqlite3_column_int64(s, 0);
	item->attempt = sqlite3_column_int64(s, 1) + 1;
	item->part.n = 0;
	for (i = 0, r = 0; r == 0 && i < q->d->n_key; i++)
		r = part_add(&item->part, q->d->key[i],
		    db_text(s, (int)i + 2));
	sqlite3_reset(s);
	return r == 0 ? 0 : queue_failed(q, EXIT_DATA, "item %lld: its key "
	    "is too long", (long long)id);
}

static int
lease(struct queue *q, const struct queue_claim *c, const char *now,
    int64_t id, struct queue_item *item)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_LEASE,
	    "UPDATE main.{t} SET owner = :owner, epoch = epoch + 1, "
	    "lease_until = :until, claimed_at = :now WHERE item_id = :id");
	char until[CLOCK_TEXT], owner[OWNER_TEXT];

	if (s == NULL)
		return -1;
	clock_format(c->now_ms + c->lease_ms, until);
	trim(c->owner, owner);
	queue_bind(s, ":owner", owner);
	queue_bind(s, ":until", until);
	queue_bind(s, ":now", now);
	queue_bind_int(s, ":id", id);
	item->step = c->step;
	return db_run(q->db, s) == -1 ? -1 : read_item(q, id, item);
}

int
queue_claim(struct queue *q, const struct queue_claim *c,
    struct queue_item *items, size_t max)
{
	char now[CLOCK_TEXT];
	int64_t id;
	size_t n = 0;
	int r;

	clock_format(c->now_ms, now);
	/* Asking costs others nothing. */
	if (max == 0 || q->absent || (r = next(q, c->step, now, &id)) == 0)
		return 0;
	if (r == -1 || db_begin(q->db) == -1)
		return -1;
	while (n < max && (r = next(q, c->step, now, &id)) == 1) {
		if (lease(q, c, now, id, &items[n]) == -1) {
			r = -1;
			break;
		}
		n++;
	}
	if (r != -1 && db_commit(q->db) == 0)
		return (int)n;
	db_rollback(q->db);
	return -1;
}

static void
write_fact(struct jsonw *w, const struct decl_fact *f, sqlite3_stmt *s,
    int i)
{
	if (sqlite3_column_type(s, i) == SQLITE_NULL)
		return;
	if (f->type == DECL_TEXT)
		jsonw_strn(w, f->name, db_text(s, i),
		    (size_t)sqlite3_column_bytes(s, i));
	else if (f->type == DECL_REAL)
		jsonw_real(w, f->name, sqlite3_column_double(s, i));
	else if (f->type == DECL_BOOLEAN)
		jsonw_bool(w, f->name, sqlite3_column_int(s, i));
	else
		jsonw_int(w, f->name, sqlite3_column_int64(s, i));
}

int
queue_facts(struct queue *q, const struct queue_item *item, struct jsonw *w)
{
	const struct decl_queue *d = q->d;
	sqlite3_stmt *s;
	struct buf b;
	size_t i;
	int r;

	buf_init(&b, (size_t)1 << 16);
	r = buf_str(&b, "SELECT priority");
	for (i = 0; r == 0 && i < d->n_facts; i++)
		r = buf_printf(&b, ", \"%s\"", d->facts[i].name);
	if (r == 0)
		r = buf_str(&b, " FROM main.{t} WHERE item_id = :id");
	s = r == 0 ? queue_statement(q, QUEUE_FACTS, b.data) : NULL;
	buf_release(&b);
	if (s == NULL)
		return r == 0 ? -1 : db_fail_errno(q->db, q->db->path);
	queue_bind_int(s, ":id", item->id);
	if ((r = db_step(q->db, s)) != 1)
		return r;
	for (i = 0; i < d->n_facts; i++)
		write_fact(w, &d->facts[i], s, (int)i + 1);
	if (sqlite3_column_int64(s, 0) != 0)
		jsonw_int(w, "priority", sqlite3_column_int64(s, 0));
	sqlite3_reset(s);
	return 0;
}

/* --- keeping and losing ------------------------------------------------- */

int
queue_renew(struct queue *q, const char *owner, int64_t until_ms)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_RENEW,
	    "UPDATE main.{t} SET lease_until = :until "
	    "WHERE owner IS NOT NULL AND owner = :owner");
	char until[CLOCK_TEXT], line[OWNER_TEXT];

	if (s == NULL)
		return -1;
	clock_format(until_ms, until);
	trim(owner, line);
	queue_bind(s, ":until", until);
	queue_bind(s, ":owner", line);
	return db_run(q->db, s);
}

/* A lease that may be over. */
struct leased {
	int64_t id, epoch;
};

/* Is the owner seen to be dead? */
static int
is_dead(const char *owner)
{
	char line[OWNER_TEXT + 1];
	struct owner o;

	snprintf(line, sizeof(line), "%s\n", owner);
	if (owner_parse(&o, line) == -1)
		return 0;
	switch (owner_state(&o)) {
	case OWNER_GONE:
	case OWNER_EARLIER:
		return 1;
	default:
		return 0;
	}
}

/* Collect the leases that are over.  0 or -1. */
static int
over(struct queue *q, const char *now, struct buf *out)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_OWNED,
	    "SELECT item_id, epoch, owner, lease_until <= :now "
	    "FROM main.{t} WHERE owner IS NOT NULL");
	struct leased l;
	int r;

	if (s == NULL)
		return -1;
	queue_bind(s, ":now", now);
	while ((r = db_step(q->db, s)) == 1) {
		if (!sqlite3_column_int(s, 3) && !is_dead(db_text(s, 2)))
			continue;
		l.id = sqlite3_column_int64(s, 0);
		l.epoch = sqlite3_column_int64(s, 1);
		if (buf_add(out, &l, sizeof(l)) == -1) {
			sqlite3_reset(s);
			return db_fail_errno(q->db, q->db->path);
		}
	}
	return r;
}

/* The step that begins where the item is, as SQL. */
static int
step_names(struct buf *b, const struct decl_queue *d)
{
	size_t i;

	for (i = 0; i < d->n_steps; i++)
		if (buf_printf(b, " WHEN '%s' THEN '%s'",
		    d->states[d->steps[i].from], d->steps[i].name) == -1)
			return -1;
	return 0;
}

static sqlite3_stmt *
lost_statement(struct queue *q)
{
	sqlite3_stmt *s = NULL;
	struct buf b;

	buf_init(&b, (size_t)1 << 16);
	if (buf_str(&b, "INSERT INTO main.{t_attempts} (item_id, epoch, "
	    "step, started_at, ended_at, outcome, message) "
	    "SELECT item_id, epoch, CASE state") == 0 &&
	    step_names(&b, q->d) == 0 && buf_str(&b, " ELSE '' END, "
	    "claimed_at, :now, 'lost', owner FROM main.{t} "
	    "WHERE item_id = :id AND epoch = :epoch "
	    "AND owner IS NOT NULL") == 0)
		s = queue_statement(q, QUEUE_LOST, b.data);
	else
		db_fail_errno(q->db, q->db->path);
	buf_release(&b);
	return s;
}

static int
free_one(struct queue *q, const struct leased *l, const char *now,
    int64_t *freed)
{
	sqlite3_stmt *lost = lost_statement(q), *s;

	s = lost == NULL ? NULL : queue_statement(q, QUEUE_FREE,
	    "UPDATE main.{t} SET owner = NULL, lease_until = NULL, "
	    "claimed_at = NULL WHERE item_id = :id AND epoch = :epoch "
	    "AND owner IS NOT NULL");
	if (s == NULL)
		return -1;
	queue_bind_int(lost, ":id", l->id);
	queue_bind_int(lost, ":epoch", l->epoch);
	queue_bind(lost, ":now", now);
	queue_bind_int(s, ":id", l->id);
	queue_bind_int(s, ":epoch", l->epoch);
	if (db_run(q->db, lost) == -1 || db_run(q->db, s) == -1)
		return -1;
	*freed += sqlite3_changes64(q->db->h);
	return 0;
}

int
queue_free(struct queue *q, int64_t now_ms, int64_t *freed)
{
	const struct leased *l;
	char now[CLOCK_TEXT];
	struct buf found;
	size_t i, n;
	int r = 0;

	*freed = 0;
	buf_init(&found, SIZE_MAX / 2);
	clock_format(now_ms, now);
	/* Looked at twice: a lease may be renewed until we have the lock. */
	if (over(q, now, &found) == -1)
		r = -1;
	if (r == 0 && found.len > 0) {
		buf_clear(&found);
		r = db_begin(q->db);
		if (r == 0)
			r = over(q, now, &found);
		l = (const void *)found.data;
		n = found.len / sizeof(*l);
		for (i = 0; r == 0 && i < n; i++)
			r = free_one(q, &l[i], now, freed);
		if (r == 0)
			r = db_commit(q->db);
		if (r == -1)
			db_rollback(q->db);
	}
	buf_release(&found);
	return r;
}
