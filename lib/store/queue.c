#include "store/queue.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "store/queue_schema.h"
#include "store/queue_sql.h"

#define SQL_BYTES ((size_t)1 << 16)

int
queue_open(struct queue *q, struct db *db, const struct decl_queue *d,
    int write)
{
	memset(q, 0, sizeof(*q));
	q->db = db;
	q->d = d;
	return queue_schema_open(q, write);
}

void
queue_close(struct queue *q)
{
	size_t i;

	for (i = 0; i < QUEUE_STATEMENTS; i++) {
		sqlite3_finalize(q->st[i]);
		q->st[i] = NULL;
	}
}

/* --- statements --------------------------------------------------------- */

sqlite3_stmt *
queue_statement(struct queue *q, enum queue_statement which,
    const char *text)
{
	sqlite3_stmt **s = &q->st[which];
	struct buf sql;

	if (*s != NULL) {
		sqlite3_reset(*s);
		sqlite3_clear_bindings(*s);
		return *s;
	}
	buf_init(&sql, SQL_BYTES);
	if (queue_sql(&sql, q->d, text) == -1)
		db_fail_errno(q->db, q->db->path);
	else
		*s = db_prepare(q->db, sql.data);
	buf_release(&sql);
	return *s;
}

void
queue_bind(sqlite3_stmt *s, const char *name, const char *text)
{
	int i = sqlite3_bind_parameter_index(s, name);

	if (i > 0)
		db_bind(s, i, text);
}

void
queue_bind_int(sqlite3_stmt *s, const char *name, int64_t value)
{
	int i = sqlite3_bind_parameter_index(s, name);

	if (i > 0)
		sqlite3_bind_int64(s, i, value);
}

void
queue_bind_key(sqlite3_stmt *s, const struct part *key)
{
	char name[] = ":k0";
	size_t i;

	for (i = 0; i < key->n; i++) {
		name[2] = (char)('0' + i);
		queue_bind(s, name, key->m[i].value);
	}
}

int
queue_failed(struct queue *q, enum exits status, const char *fmt, ...)
{
	struct db *db = q->db;
	va_list ap;

	buf_clear(&db->message);
	buf_printf(&db->message, "%s: queue %s: ", db->path, q->d->name);
	va_start(ap, fmt);
	buf_vprintf(&db->message, fmt, ap);
	va_end(ap);
	db->status = status;
	errno = EINVAL;
	return -1;
}

/* --- who makes a change ------------------------------------------------- */

int
queue_act(struct queue *q, const char *role, const char *step,
    const struct queue_actor *a)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_ACT, "INSERT INTO "
	    "main.queue_actor (one, role, at, run, who, why, step) "
	    "VALUES (1, :role, :at, :run, :who, :why, :step)");
	char at[CLOCK_TEXT];

	if (s == NULL)
		return -1;
	clock_format(a->now_ms, at);
	queue_bind(s, ":role", role);
	queue_bind(s, ":at", at);
	queue_bind(s, ":run", a->run);
	queue_bind(s, ":who", a->who);
	queue_bind(s, ":why", a->why);
	queue_bind(s, ":step", step);
	return db_run(q->db, s);
}

int
queue_acted(struct queue *q)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_ACTED,
	    "DELETE FROM main.queue_actor");

	return s == NULL ? -1 : db_run(q->db, s);
}

int
queue_set_state(struct queue *q, int64_t id, size_t to)
{
	sqlite3_stmt *s = queue_statement(q, QUEUE_SET_STATE,
	    "UPDATE main.{t} SET state = :to WHERE item_id = :id");

	if (s == NULL)
		return -1;
	queue_bind(s, ":to", q->d->states[to]);
	queue_bind_int(s, ":id", id);
	return db_run(q->db, s);
}

/* --- item records ------------------------------------------------------- */

static int
wrong(struct buf *why, const char *name, const char *what)
{
	buf_clear(why);
	buf_printf(why, "\"%s\" %s", name, what);
	errno = EINVAL;
	return -1;
}

static int
fits(yyjson_val *v, enum decl_type type)
{
	switch (type) {
	case DECL_INTEGER:
		return yyjson_is_sint(v) || (yyjson_is_uint(v) &&
		    yyjson_get_uint(v) <= INT64_MAX);
	case DECL_REAL:
		return yyjson_is_num(v);
	case DECL_BOOLEAN:
		return yyjson_is_bool(v);
	default:
		return yyjson_is_str(v) &&
		    strlen(yyjson_get_str(v)) == yyjson_get_len(v);
	}
}

static int
check_facts(const struct decl_queue *d, yyjson_val *record, struct buf *why)
{
	yyjson_val *v;
	size_t i;

	for (i = 0; i < d->n_facts; i++) {
		v = yyjson_obj_get(record, d->facts[i].name);
		if (v != NULL && !fits(v, d->facts[i].type))
			return wrong(why, d->facts[i].name,
			    "is of another type than is declared");
	}
	v = yyjson_obj_get(record, "priority");
	return v == NULL || fits(v, DECL_INTEGER) ? 0 :
	    wrong(why, "priority", "is no integer");
}

int
queue_item_read(const struct decl_queue *d, yyjson_val *record,
    struct part *part, struct buf *why)
{
	yyjson_val *v = yyjson_obj_get(record, "part");
	size_t i;

	if (v == NULL)
		return wrong(why, "part", "is missing");
	if (part_read(part, v) == -1 || part->n != d->n_key)
		return wrong(why, "part", "is not the key of the queue");
	for (i = 0; i < d->n_key; i++)
		if (strcmp(part->m[i].name, d->key[i]) != 0)
			return wrong(why, d->key[i],
			    "is missing in \"part\", or not in its place");
	return check_facts(d, record, why);
}

/* --- coming in ---------------------------------------------------------- */

static void
bind_value(sqlite3_stmt *s, int i, yyjson_val *v)
{
	if (yyjson_is_str(v))
		db_bind(s, i, yyjson_get_str(v));
	else if (yyjson_is_bool(v))
		sqlite3_bind_int(s, i, yyjson_get_bool(v));
	else if (yyjson_is_int(v))
		sqlite3_bind_int64(s, i, yyjson_get_sint(v));
	else if (yyjson_is_num(v))
		sqlite3_bind_double(s, i, yyjson_get_num(v));
}

/* Key, facts as :f0, :f1, ..., priority and the time. */
static void
bind_record(struct queue *q, sqlite3_stmt *s, const struct part *key,
    yyjson_val *record, const char *at)
{
	yyjson_val *priority = yyjson_obj_get(record, "priority");
	char name[24];
	size_t i;

	queue_bind_key(s, key);
	queue_bind(s, ":at", at);
	if (priority != NULL)
		queue_bind_int(s, ":priority", yyjson_get_sint(priority));
	for (i = 0; i < q->d->n_facts; i++) {
		snprintf(name, sizeof(name), ":f%zu", i);
		bind_value(s, sqlite3_bind_parameter_index(s, name),
		    yyjson_obj_get(record, q->d->facts[i].name));
	}
}

/* What a record does not bring stays as it is. */
static sqlite3_stmt *
update_statement(struct queue *q)
{
	struct buf b;
	sqlite3_stmt *s = NULL;
	size_t i;
	int r;

	buf_init(&b, SQL_BYTES);
	r = buf_str(&b, "UPDATE main.{t} SET seen_at = :at, "
	    "priority = coalesce(:priority, priority)");
	for (i = 0; r == 0 && i < q->d->n_facts; i++)
		r = buf_printf(&b, ", \"%s\" = coalesce(:f%zu, \"%s\")",
		    q->d->facts[i].name, i, q->d->facts[i].name);
	if (r == 0)
		r = buf_str(&b, " WHERE {is_key}");
	if (r == 0)
		s = queue_statement(q, QUEUE_UPDATE, b.data);
	else
		db_fail_errno(q->db, q->db->path);
	buf_release(&b);
	return s;
}

static sqlite3_stmt *
insert_statement(struct queue *q)
{
	struct buf b;
	sqlite3_stmt *s = NULL;
	size_t i;
	int r;

	buf_init(&b, SQL_BYTES);
	r = buf_str(&b, "INSERT INTO main.{t} ({key}, state, due_at, "
	    "changed_run, changed_at, added_at, seen_at, priority");
	for (i = 0; r == 0 && i < q->d->n_facts; i++)
		r = buf_printf(&b, ", \"%s\"", q->d->facts[i].name);
	for (i = 0; r == 0 && i < q->d->n_key; i++)
		r = buf_printf(&b, "%s:k%zu", i == 0 ? ") VALUES (" : ", ",
		    i);
	if (r == 0)
		r = buf_str(&b, ", :state, :at, :run, :at, :at, :at, "
		    "coalesce(:priority, 0)");
	for (i = 0; r == 0 && i < q->d->n_facts; i++)
		r = buf_printf(&b, ", :f%zu", i);
	if (r == 0)
		r = buf_str(&b, ")");
	if (r == 0)
		s = queue_statement(q, QUEUE_INSERT, b.data);
	else
		db_fail_errno(q->db, q->db->path);
	buf_release(&b);
	return s;
}

/* The item of that key: 1 with id, state and whether it is leased; 0, -1. */
static int
find_item(struct queue *q, const struct part *key, int64_t *id,
    size_t *state)
{
	sqlite3_stmt *s;
	int r;

	if (q->absent)
		return 0;
	s = queue_statement(q, QUEUE_FIND,
	    "SELECT item_id, state FROM main.{t} WHERE {is_key}");
	if (s == NULL)
		return -1;
	queue_bind_key(s, key);
	if ((r = db_step(q->db, s)) == 1) {
		*id = sqlite3_column_int64(s, 0);
		*state = decl_queue_state(q->d, db_text(s, 1));
		sqlite3_reset(s);
	}
	return r;
}

int
queue_known(struct queue *q, const struct part *key)
{
	int64_t id;
	size_t state;

	return find_item(q, key, &id, &state);
}

/* A discovery's transition, if one leads from where the item is. */
static int
take_up(struct queue *q, const struct queue_actor *a, int64_t id,
    size_t state, enum queue_added *out)
{
	const struct decl_transition *t = decl_queue_move(q->d, DECL_FOUND,
	    DECL_NONE, NULL, state, DECL_NONE);

	if (t == NULL)
		return 0;
	*out = QUEUE_TAKEN_UP;
	if (queue_act(q, "discovery", NULL, a) == -1 ||
	    queue_set_state(q, id, t->to) == -1)
		return -1;
	return queue_acted(q);
}

int
queue_add(struct queue *q, const struct queue_actor *a,
    const struct part *key, yyjson_val *record, int again,
    enum queue_added *out)
{
	sqlite3_stmt *s;
	char at[CLOCK_TEXT];
	size_t state = DECL_NONE;
	int64_t id = 0;
	int known = find_item(q, key, &id, &state);

	if (known == -1)
		return -1;
	s = known ? update_statement(q) : insert_statement(q);
	if (s == NULL)
		return -1;
	clock_format(a->now_ms, at);
	bind_record(q, s, key, record, at);
	queue_bind(s, ":run", a->run);
	queue_bind(s, ":state", q->d->states[q->d->initial]);
	if (db_run(q->db, s) == -1)
		return -1;
	*out = known ? QUEUE_KNOWN : QUEUE_NEW;
	return known && again ? take_up(q, a, id, state, out) : 0;
}
