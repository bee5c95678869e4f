#include "store/queue_schema.h"

#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "decl/ddl.h"

#define SQL_BYTES ((size_t)1 << 20)

/* --- what is there ------------------------------------------------------ */

static int
refuse(struct queue *q, const char *what, const char *name)
{
	struct db *db = q->db;

	buf_clear(&db->message);
	buf_printf(&db->message, "%s: queue %s: %s%s%s", db->path,
	    q->d->name, what, name != NULL ? ": " : "",
	    name != NULL ? name : "");
	db->status = EXIT_REFUSED;
	errno = EPROTO;
	return -1;
}

/* A value of queue_meta into out; 1, 0 (none) or -1. */
static int
meta(struct queue *q, const char *name, struct buf *out)
{
	sqlite3_stmt *s = db_prepare(q->db, "SELECT value FROM "
	    "main.queue_meta WHERE queue = ?1 AND name = ?2");
	int r;

	buf_clear(out);
	if (s == NULL)
		return -1;
	db_bind(s, 1, q->d->name);
	db_bind(s, 2, name);
	r = db_step(q->db, s);
	if (r == 1 && buf_str(out, db_text(s, 0)) == -1)
		r = db_fail_errno(q->db, q->db->path);
	sqlite3_finalize(s);
	return r;
}

static int
set_meta(struct queue *q, const char *name, const char *value)
{
	sqlite3_stmt *s = db_prepare(q->db, "INSERT OR REPLACE INTO "
	    "main.queue_meta (queue, name, value) VALUES (?1, ?2, ?3)");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, q->d->name);
	db_bind(s, 2, name);
	db_bind(s, 3, value);
	r = db_run(q->db, s);
	sqlite3_finalize(s);
	return r;
}

/* Table and key, as text to be compared. */
static int
identity(struct buf *b, const struct decl_queue *d)
{
	return queue_sql(b, d, "{t}: {key}");
}

/*
 * The facts of the table and the declared ones: add those that are missing.
 * One that is gone, or of another type, is not for us to decide about.
 */
static int
match_facts(struct queue *q, int add)
{
	const struct decl_queue *d = q->d;
	sqlite3_stmt *s = db_prepare(q->db, "SELECT type FROM "
	    "pragma_table_info(?1, 'main') WHERE name = ?2");
	size_t i;
	int r = s == NULL ? -1 : 1;

	for (i = 0; i < d->n_facts && r >= 0; i++) {
		db_bind(s, 1, d->table);
		db_bind(s, 2, d->facts[i].name);
		r = db_step(q->db, s);
		if (r == 1 && strcmp(db_text(s, 0),
		    ddl_type(d->facts[i].type)) != 0)
			r = refuse(q, "the table has a fact of another type "
			    "than is declared; give it another name",
			    d->facts[i].name);
		sqlite3_reset(s);
		if (r == 0 && add)
			r = db_execf(q->db, "ALTER TABLE main.\"%s\" ADD "
			    "COLUMN \"%s\" %s", d->table, d->facts[i].name,
			    ddl_type(d->facts[i].type));
		else if (r == 0)
			r = refuse(q, "the table has not yet this fact; it "
			    "gets it when something is added",
			    d->facts[i].name);
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

/* Does anything wait in a state that is not declared? */
static int
match_states(struct queue *q)
{
	sqlite3_stmt *s;
	struct buf sql;
	size_t i;
	int r;

	buf_init(&sql, SQL_BYTES);
	r = queue_sql(&sql, q->d, "SELECT state FROM main.{t} WHERE state "
	    "NOT IN (");
	for (i = 0; r == 0 && i < q->d->n_states; i++)
		r = buf_printf(&sql, "%s'%s'", i > 0 ? ", " : "",
		    q->d->states[i]);
	if (r == 0)
		r = buf_str(&sql, ") LIMIT 1");
	s = r == 0 ? db_prepare(q->db, sql.data) : NULL;
	r = db_step(q->db, s);
	if (r == 1)
		r = refuse(q, "items wait in a state that is not declared "
		    "any more; declare it, with a way out", db_text(s, 0));
	sqlite3_finalize(s);
	buf_release(&sql);
	return r;
}

static int
drop_triggers(struct queue *q)
{
	sqlite3_stmt *s;
	struct buf sql;
	int r;

	buf_init(&sql, SQL_BYTES);
	s = db_prepare(q->db, "SELECT name FROM main.sqlite_schema WHERE "
	    "type = 'trigger' AND tbl_name IN (?1, ?1 || '_events')");
	if (s != NULL)
		db_bind(s, 1, q->d->table);
	while ((r = db_step(q->db, s)) == 1)
		buf_printf(&sql, "DROP TRIGGER main.\"%s\";", db_text(s, 0));
	sqlite3_finalize(s);
	if (r == 0 && sql.len > 0)
		r = db_exec(q->db, sql.data);
	buf_release(&sql);
	return r;
}

/* --- opening ------------------------------------------------------------ */

struct texts {
	struct buf identity, rules, found;
	char sum[DIGEST_TEXT];
};

static int
make_texts(struct queue *q, struct texts *t)
{
	struct digest sum;

	buf_init(&t->identity, SQL_BYTES);
	buf_init(&t->rules, SQL_BYTES);
	buf_init(&t->found, SQL_BYTES);
	if (identity(&t->identity, q->d) == -1 ||
	    queue_triggers_ddl(&t->rules, q->d) == -1 || digest_init(&sum) == -1)
		return db_fail_errno(q->db, q->db->path);
	digest_add(&sum, t->rules.data, t->rules.len);
	digest_finish(&sum, t->sum);
	return 0;
}

static int
create(struct queue *q, struct texts *t)
{
	struct buf sql;
	int r;

	buf_init(&sql, SQL_BYTES);
	r = queue_tables_ddl(&sql, q->d) == -1 ?
	    db_fail_errno(q->db, q->db->path) : db_exec(q->db, sql.data);
	buf_release(&sql);
	if (r == -1 || db_exec(q->db, t->rules.data) == -1 ||
	    set_meta(q, "table", t->identity.data) == -1)
		return -1;
	return set_meta(q, "rules", t->sum);
}

static int
follow_rules(struct queue *q, struct texts *t)
{
	if (match_states(q) == -1 || drop_triggers(q) == -1 ||
	    db_exec(q->db, t->rules.data) == -1)
		return -1;
	return set_meta(q, "rules", t->sum);
}

/* Within a transaction if write: is all as it is declared?  0 or -1. */
static int
settle(struct queue *q, struct texts *t, int write)
{
	int r = meta(q, "table", &t->found);

	if (r == 0 && write)
		return create(q, t);
	if (r != 1)
		return r;
	if (strcmp(t->found.data, t->identity.data) != 0)
		return refuse(q, "it was made with another table or key; "
		    "declare a queue of another name", t->found.data);
	if (match_facts(q, write) == -1 ||
	    (r = meta(q, "rules", &t->found)) == -1)
		return -1;
	return !write || (r == 1 && strcmp(t->found.data, t->sum) == 0) ?
	    0 : follow_rules(q, t);
}

/* 1: all is there and as declared; 0: not all; -1. */
static int
as_declared(struct queue *q, struct texts *t)
{
	size_t i;
	int r = (int)db_int(q->db, "SELECT count(*) FROM main.sqlite_schema "
	    "WHERE name = 'queue_halts_open'", -1);

	if (r != 1 || (r = meta(q, "table", &t->found)) != 1)
		return r;
	if (strcmp(t->found.data, t->identity.data) != 0)
		return 0;
	for (i = 0; i < q->d->n_facts; i++)
		if (sqlite3_table_column_metadata(q->db->h, "main",
		    q->d->table, q->d->facts[i].name, NULL, NULL, NULL, NULL,
		    NULL) != SQLITE_OK)
			return 0;
	if ((r = meta(q, "rules", &t->found)) != 1)
		return r;
	return strcmp(t->found.data, t->sum) == 0;
}

static int
open_write(struct queue *q, struct texts *t)
{
	int r = as_declared(q, t);

	if (r == 1)
		return settle(q, t, 0);
	if (r == -1 || db_begin(q->db) == -1)
		return -1;
	if (db_exec(q->db, queue_shared_ddl) == 0 && settle(q, t, 1) == 0 &&
	    db_commit(q->db) == 0)
		return 0;
	db_rollback(q->db);
	return -1;
}

static int
open_read(struct queue *q, struct texts *t)
{
	int r = (int)db_int(q->db, "SELECT count(*) FROM main.sqlite_schema "
	    "WHERE name = 'queue_meta'", -1);

	if (r == 1)
		r = meta(q, "table", &t->found);
	q->absent = r == 0;
	return r == 1 ? settle(q, t, 0) : r;
}

int
queue_schema_open(struct queue *q, int write)
{
	struct texts t;
	int r = make_texts(q, &t);

	if (r == 0)
		r = write ? open_write(q, &t) : open_read(q, &t);
	buf_release(&t.identity);
	buf_release(&t.rules);
	buf_release(&t.found);
	return r;
}
