#include <string.h>

#include "decl/ddl.h"
#include "store/queue_schema.h"

/*
 * Of all queues.  The row of queue_actor says who makes a change, for the
 * triggers: it is there within a transaction only, since no row can be
 * the 0 that it refers to when that is committed.
 */
const char queue_shared_ddl[] =
    "CREATE TABLE IF NOT EXISTS main.queue_meta (\n"
    "  queue TEXT NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  value TEXT NOT NULL,\n"
    "  PRIMARY KEY (queue, name)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE IF NOT EXISTS main.queue_actor (\n"
    "  one INTEGER PRIMARY KEY CHECK (one = 1),\n"
    "  role TEXT NOT NULL CHECK (role IN\n"
    "    ('loop', 'discovery', 'person')),\n"
    "  at TEXT NOT NULL,\n"
    "  run TEXT,\n"
    "  who TEXT,\n"
    "  why TEXT,\n"
    "  step TEXT,\n"
    "  until INTEGER NOT NULL DEFAULT 0 CHECK (until = 0)\n"
    "    REFERENCES queue_actor (one) DEFERRABLE INITIALLY DEFERRED\n"
    ") STRICT;\n"
    "CREATE TABLE IF NOT EXISTS main.queue_halts (\n"
    "  halt_id INTEGER PRIMARY KEY,\n"
    "  queue TEXT NOT NULL,\n"
    "  step TEXT NOT NULL,\n"
    "  run TEXT,\n"
    "  code TEXT NOT NULL,\n"
    "  reason TEXT NOT NULL,\n"
    "  halted_at TEXT NOT NULL,\n"
    "  cleared_at TEXT\n"
    ") STRICT;\n"
    "CREATE INDEX IF NOT EXISTS main.queue_halts_open\n"
    "  ON queue_halts (queue, step) WHERE cleared_at IS NULL;\n";

static const char own_columns[] =
    "  state TEXT NOT NULL,\n"
    "  priority INTEGER NOT NULL DEFAULT 0,\n"
    "  due_at TEXT NOT NULL,\n"
    "  resume TEXT,\n"
    "  tries INTEGER NOT NULL DEFAULT 0,\n"
    "  failed_runs INTEGER NOT NULL DEFAULT 0,\n"
    "  epoch INTEGER NOT NULL DEFAULT 0,\n"
    "  owner TEXT,\n"
    "  lease_until TEXT,\n"
    "  claimed_at TEXT,\n"
    "  version TEXT,\n"
    "  code TEXT,\n"
    "  message TEXT,\n"
    "  changed_run TEXT,\n"
    "  changed_at TEXT NOT NULL,\n"
    "  added_at TEXT NOT NULL,\n"
    "  seen_at TEXT NOT NULL,\n"
    "  CHECK ((owner IS NULL) = (lease_until IS NULL)),\n"
    "  UNIQUE ({key})\n"
    ") STRICT;\n"
    "CREATE INDEX main.{t_due}\n"
    "  ON {t} (state, priority DESC, due_at, {key})\n"
    "  WHERE owner IS NULL;\n"
    "CREATE INDEX main.{t_owned}\n"
    "  ON {t} (owner, lease_until) WHERE owner IS NOT NULL;\n"
    "CREATE TABLE main.{t_attempts} (\n"
    "  item_id INTEGER NOT NULL REFERENCES {t},\n"
    "  epoch INTEGER NOT NULL,\n"
    "  step TEXT NOT NULL,\n"
    "  run TEXT,\n"
    "  started_at TEXT NOT NULL,\n"
    "  ended_at TEXT NOT NULL,\n"
    "  outcome TEXT NOT NULL CHECK (outcome IN\n"
    "    ('ok', 'again', 'failed', 'dead', 'lost')),\n"
    "  code TEXT,\n"
    "  message TEXT,\n"
    "  PRIMARY KEY (item_id, epoch)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE main.{t_events} (\n"
    "  event_id INTEGER PRIMARY KEY,\n"
    "  item_id INTEGER NOT NULL REFERENCES {t},\n"
    "  at TEXT NOT NULL,\n"
    "  from_state TEXT NOT NULL,\n"
    "  to_state TEXT NOT NULL,\n"
    "  role TEXT NOT NULL,\n"
    "  who TEXT,\n"
    "  why TEXT,\n"
    "  run TEXT,\n"
    "  step TEXT,\n"
    "  epoch INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX main.{t_events_item} ON {t_events} (item_id);\n";

/* What a transition brings with it, whoever makes it; but who finishes an
 * item says all of it himself.  The lease of whoever worked at it ends. */
static const char moved_ddl[] =
    "CREATE TRIGGER main.{t_moved} AFTER UPDATE OF state ON {t}\n"
    "WHEN NEW.state <> OLD.state BEGIN\n"
    "  INSERT INTO {t_events} (item_id, at, from_state, to_state, role,\n"
    "    who, why, run, step, epoch)\n"
    "  SELECT NEW.item_id, coalesce(a.at,\n"
    "      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), OLD.state, NEW.state,\n"
    "    coalesce(a.role, 'person'),\n"
    "    CASE WHEN a.one IS NULL THEN 'unknown' ELSE a.who END, a.why,\n"
    "    a.run, a.step, NEW.epoch\n"
    "  FROM (SELECT 1) LEFT JOIN queue_actor AS a ON a.one = 1;\n"
    "  UPDATE {t} SET owner = NULL, lease_until = NULL,\n"
    "    claimed_at = NULL, tries = 0,\n"
    "    resume = CASE WHEN OLD.state IN ({steps}) THEN OLD.state\n"
    "      ELSE OLD.resume END,\n"
    "    failed_runs = CASE WHEN EXISTS (SELECT 1 FROM queue_actor\n"
    "      WHERE role = 'loop') THEN NEW.failed_runs ELSE 0 END,\n"
    "    changed_run = (SELECT run FROM queue_actor),\n"
    "    changed_at = coalesce((SELECT at FROM queue_actor),\n"
    "      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),\n"
    "    due_at = coalesce((SELECT at FROM queue_actor),\n"
    "      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))\n"
    "  WHERE item_id = NEW.item_id AND NOT (OLD.owner IS NOT NULL AND\n"
    "    EXISTS (SELECT 1 FROM queue_actor WHERE role = 'loop'));\n"
    "END;\n";

/* --- text --------------------------------------------------------------- */

/* The key columns: with commas, or each "=" a parameter. */
static int
key_columns(struct buf *b, const struct decl_queue *d, const char *each)
{
	size_t i;

	for (i = 0; i < d->n_key; i++)
		if ((i > 0 && buf_str(b, each[0] == '=' ? " AND " : ", ")
		    == -1) || db_ident(b, d->key[i]) == -1 ||
		    (each[0] == '=' && buf_printf(b, " = %s%zu", each + 1, i)
		    == -1))
			return -1;
	return 0;
}

/* The states in which steps begin, as SQL texts. */
static int
step_states(struct buf *b, const struct decl_queue *d)
{
	size_t i;

	for (i = 0; i < d->n_steps; i++)
		if (buf_printf(b, "%s'%s'", i > 0 ? ", " : "",
		    d->states[d->steps[i].from]) == -1)
			return -1;
	return 0;
}

static int
word(struct buf *b, const struct decl_queue *d, const char *name, size_t n)
{
	if (n == 3 && strncmp(name, "key", n) == 0)
		return key_columns(b, d, "");
	if (n == 6 && strncmp(name, "is_key", n) == 0)
		return key_columns(b, d, "=:k");
	if (n == 5 && strncmp(name, "steps", n) == 0)
		return step_states(b, d);
	if (n == 1 && name[0] == 'q')
		return buf_str(b, d->name);
	return buf_printf(b, "\"%s%.*s\"", d->table, (int)n - 1, name + 1);
}

int
queue_sql(struct buf *b, const struct decl_queue *d, const char *text)
{
	size_t n;

	for (;;) {
		n = strcspn(text, "{");
		if (buf_add(b, text, n) == -1)
			return -1;
		text += n;
		if (*text == '\0')
			return 0;
		n = strcspn(++text, "}");
		if (word(b, d, text, n) == -1)
			return -1;
		text += n + 1;
	}
}

int
queue_tables_ddl(struct buf *b, const struct decl_queue *d)
{
	size_t i;

	if (queue_sql(b, d, "CREATE TABLE main.{t} (\n"
	    "  item_id INTEGER PRIMARY KEY,\n") == -1)
		return -1;
	for (i = 0; i < d->n_key; i++)
		if (buf_printf(b, "  \"%s\" TEXT NOT NULL CHECK (\"%s\" <> "
		    "''),\n", d->key[i], d->key[i]) == -1)
			return -1;
	for (i = 0; i < d->n_facts; i++)
		if (buf_printf(b, "  \"%s\" %s,\n", d->facts[i].name,
		    ddl_type(d->facts[i].type)) == -1)
			return -1;
	return queue_sql(b, d, own_columns);
}

/* 'loop a b', 'person a c', ... */
static int
declared(struct buf *b, const struct decl_queue *d)
{
	const struct decl_transition *t = d->transitions;
	size_t i;

	for (i = 0; i < d->n_transitions; i++)
		if (buf_printf(b, "%s'%s %s %s'", i > 0 ? ",\n    " : "",
		    decl_move_who(t[i].move), d->states[t[i].from],
		    d->states[t[i].to]) == -1)
			return -1;
	return 0;
}

/* BEFORE an event, WHEN it is wrong: it is refused. */
static int
refusal(struct buf *b, const struct decl_queue *d, const char *trigger,
    const char *event, const char *when, const char *text)
{
	if (buf_str(b, "CREATE TRIGGER main.") == -1 ||
	    queue_sql(b, d, trigger) == -1 || buf_str(b, " BEFORE ") == -1 ||
	    queue_sql(b, d, event) == -1 || buf_str(b, "\nWHEN ") == -1 ||
	    queue_sql(b, d, when) == -1)
		return -1;
	return buf_printf(b, " BEGIN\n  SELECT RAISE(ABORT, '%s: %s');\n"
	    "END;\n", d->table, text);
}

/* The key of an item stays: not one column of it changes. */
static int
key_trigger(struct buf *b, const struct decl_queue *d)
{
	size_t i;

	if (queue_sql(b, d, "CREATE TRIGGER main.{t_key} BEFORE UPDATE OF "
	    "item_id, {key} ON {t}\nWHEN NEW.item_id <> OLD.item_id") == -1)
		return -1;
	for (i = 0; i < d->n_key; i++)
		if (buf_printf(b, "\n    OR NEW.\"%s\" <> OLD.\"%s\"",
		    d->key[i], d->key[i]) == -1)
			return -1;
	return buf_printf(b, " BEGIN\n  SELECT RAISE(ABORT, '%s: the key of "
	    "an item stays');\nEND;\n", d->table);
}

/* INSERT OR REPLACE would be a way round everything else. */
static int
new_trigger(struct buf *b, const struct decl_queue *d)
{
	size_t i;

	if (queue_sql(b, d, "CREATE TRIGGER main.{t_again} BEFORE INSERT ON "
	    "{t}\nWHEN EXISTS (SELECT 1 FROM {t} WHERE ") == -1)
		return -1;
	for (i = 0; i < d->n_key; i++)
		if (buf_printf(b, "%s\"%s\" = NEW.\"%s\"", i > 0 ? " AND " :
		    "", d->key[i], d->key[i]) == -1)
			return -1;
	if (queue_sql(b, d, ")\n    OR EXISTS (SELECT 1 FROM {t} WHERE "
	    "item_id = NEW.item_id)") == -1)
		return -1;
	return buf_printf(b, " BEGIN\n  SELECT RAISE(ABORT, '%s: there is "
	    "such an item');\nEND;\n", d->table);
}

static int
state_trigger(struct buf *b, const struct decl_queue *d)
{
	if (queue_sql(b, d, "CREATE TRIGGER main.{t_state} BEFORE UPDATE OF "
	    "state ON {t}\nWHEN NEW.state <> OLD.state AND "
	    "coalesce((SELECT role FROM queue_actor), 'person')\n"
	    "    || ' ' || OLD.state || ' ' || NEW.state NOT IN (\n    ")
	    == -1 || declared(b, d) == -1)
		return -1;
	return buf_printf(b, ") BEGIN\n  SELECT RAISE(ABORT, '%s: this "
	    "transition is not declared for who makes it');\nEND;\n",
	    d->table);
}

int
queue_triggers_ddl(struct buf *b, const struct decl_queue *d)
{
	struct buf first;
	int r;

	buf_init(&first, 256);
	r = buf_printf(&first, "NEW.state <> '%s' OR NEW.owner IS NOT NULL "
	    "OR NEW.epoch <> 0", d->states[d->initial]);
	if (r == 0)
		r = refusal(b, d, "{t_first}", "INSERT ON {t}", first.data,
		    "an item begins in its initial state, without a lease");
	buf_release(&first);
	if (r == -1 || new_trigger(b, d) == -1 || key_trigger(b, d) == -1 ||
	    state_trigger(b, d) == -1)
		return -1;
	if (refusal(b, d, "{t_work}", "UPDATE OF state ON {t}",
	    "NEW.state <> OLD.state AND OLD.owner IS NULL\n    AND OLD.state "
	    "IN ({steps})\n    AND (SELECT role FROM queue_actor) = 'loop'",
	    "nobody has a lease of the item") == -1 ||
	    refusal(b, d, "{t_lease}", "UPDATE OF owner, epoch ON {t}",
	    "NEW.epoch <> OLD.epoch +\n    (NEW.owner IS NOT NULL AND "
	    "NEW.owner IS NOT OLD.owner)",
	    "an epoch grows by one with each lease") == -1 ||
	    refusal(b, d, "{t_stays}", "DELETE ON {t}", "1",
	    "items stay") == -1 ||
	    refusal(b, d, "{t_events_fixed}", "UPDATE ON {t_events}", "1",
	    "events stay as they are") == -1 ||
	    refusal(b, d, "{t_events_stay}", "DELETE ON {t_events}", "1",
	    "events stay") == -1)
		return -1;
	return queue_sql(b, d, moved_ddl);
}
