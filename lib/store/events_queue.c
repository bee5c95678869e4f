#include "store/events_queue.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/queue_schema.h"

enum { EVENT_ID, AT, FROM, TO, ROLE, WHO, WHY, RUN, STEP, EPOCH, KEY };

static const char transitions_sql[] =
    "SELECT v.event_id, v.at, v.from_state, v.to_state, v.role, v.who,\n"
    "  v.why, v.run, v.step, v.epoch, {key}\n"
    "FROM canon.{t_events} AS v JOIN canon.{t} USING (item_id)\n"
    "ORDER BY v.event_id";

/* The item's key: what the event is about. */
static int
put_key(const struct decl_queue *q, sqlite3_stmt *s, struct jsonw *w)
{
	struct part key = { 0 };
	struct buf b;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < q->n_key; i++)
		r = part_add(&key, q->key[i], db_text(s, KEY + (int)i));
	buf_init(&b, LIMIT_RECORD_BYTES);
	if (r == 0 && (r = part_values(&key, 0, key.n, &b)) == 0)
		jsonw_str(w, "dataset", b.data);
	buf_clear(&b);
	if (r == 0 && (r = decl_queue_label(q, &key, &b)) == 0)
		jsonw_str(w, "task", b.data);
	buf_release(&b);
	return r;
}

static int
write_event(const struct decl_queue *q, const char *source, sqlite3_stmt *s,
    struct buf *b)
{
	struct jsonw w;

	buf_clear(b);
	jsonw_record(&w, b, "event");
	jsonw_str(&w, "at", db_text(s, AT));
	jsonw_str(&w, "event", "transition");
	jsonw_int(&w, "event_id", sqlite3_column_int64(s, EVENT_ID));
	jsonw_opt(&w, "run", db_text(s, RUN));
	jsonw_str(&w, "source", source);
	if (put_key(q, s, &w) == -1)
		return -1;
	jsonw_str(&w, "queue", q->name);
	jsonw_opt(&w, "step", db_text(s, STEP));
	jsonw_str(&w, "from", db_text(s, FROM));
	jsonw_str(&w, "to", db_text(s, TO));
	jsonw_str(&w, "role", db_text(s, ROLE));
	jsonw_opt(&w, "who", db_text(s, WHO));
	jsonw_opt(&w, "why", db_text(s, WHY));
	jsonw_int(&w, "epoch", sqlite3_column_int64(s, EPOCH));
	if (jsonw_end(&w) == -1)
		return -1;
	buf_cut(b, b->len - 1);		/* its newline */
	return 0;
}

static int
add(struct events *e, const struct decl_queue *q, const char *source,
    sqlite3_stmt *s, struct buf *b)
{
	yyjson_doc *doc;
	int r;

	if (write_event(q, source, s, b) == -1)
		return db_fail_errno(&e->db, q->table);
	doc = yyjson_read(b->data, b->len, 0);
	r = events_add(e, yyjson_doc_get_root(doc), b->data);
	yyjson_doc_free(doc);
	return r;
}

static int
take_queue(struct events *e, const struct decl_queue *q, const char *source)
{
	sqlite3_stmt *s = NULL;
	struct buf sql, line;
	int r = -1;

	buf_init(&sql, LIMIT_RECORD_BYTES);
	buf_init(&line, LIMIT_RECORD_BYTES);
	if (queue_sql(&sql, q, transitions_sql) == -1)
		db_fail_errno(&e->db, q->table);
	else if ((s = db_prepare(&e->db, sql.data)) != NULL)
		while ((r = db_step(&e->db, s)) == 1)
			if ((r = add(e, q, source, s, &line)) == -1)
				break;
	sqlite3_finalize(s);
	buf_release(&sql);
	buf_release(&line);
	return r;
}

/* Has something opened the queue to write already? */
static int
is_there(struct events *e, const struct decl_queue *q)
{
	sqlite3_stmt *s = db_prepare(&e->db, "SELECT 1 FROM "
	    "canon.sqlite_schema WHERE name = ? || '_events'");
	int r = -1;

	if (s != NULL) {
		db_bind(s, 1, q->table);
		r = db_step(&e->db, s);
	}
	sqlite3_finalize(s);
	return r;
}

int
events_queues(struct events *e, const char *path, const char *source,
    const struct decl_queues *all)
{
	size_t i;
	int r = 0;

	if (all->n == 0 || (access(path, F_OK) == -1 && errno == ENOENT))
		return 0;
	if (db_attach(&e->db, path, "canon", DB_READ) == -1 ||
	    db_exec(&e->db, "BEGIN") == -1)
		return -1;
	for (i = 0; r != -1 && i < all->n; i++)
		if ((r = is_there(e, &all->q[i])) == 1)
			r = take_queue(e, &all->q[i], source);
	return r == -1 || db_commit(&e->db) == -1 ||
	    db_exec(&e->db, "DETACH canon") == -1 ? -1 : 0;
}
