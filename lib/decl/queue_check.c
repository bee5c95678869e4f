#include <stdio.h>
#include <string.h>

#include "decl/queue.h"
#include "decl/reader.h"

/* Columns that every item has, and names that item records use. */
static const char *const own_names[] = { "item_id", "state", "priority",
	"due_at", "resume", "tries", "failed_runs", "epoch", "owner",
	"lease_until", "claimed_at", "version", "code", "message",
	"changed_run", "changed_at", "added_at", "seen_at", "type", "run",
	"source", "queue", "step", "part", "attempt", "of", "label", "n",
	"rowid", "oid" };

/* Of TABLE there are TABLE_attempts and so on. */
static const char *const tails[] = { "", "_attempts", "_events", "_due",
	"_owned", "_history", "_as_of" };

/* --- names -------------------------------------------------------------- */

/* Is it a column already: one of every item, a key member, a fact? */
static int
taken(const struct decl_queue *q, const char *name, size_t n_key,
    size_t n_facts)
{
	size_t i;

	for (i = 0; i < sizeof(own_names) / sizeof(own_names[0]); i++)
		if (strcmp(own_names[i], name) == 0)
			return 1;
	for (i = 0; i < n_key; i++)
		if (strcmp(q->key[i], name) == 0)
			return 1;
	for (i = 0; i < n_facts; i++)
		if (strcmp(q->facts[i].name, name) == 0)
			return 1;
	return 0;
}

static int
check_columns(const struct reader *r, const char *where,
    const struct decl_queue *q)
{
	const char *facts = reader_path(r, where, "facts");
	size_t i;

	if (facts == NULL)
		return -1;
	if (q->n_key == 0 || q->n_key >= LIMIT_PART_MEMBERS)
		return reader_fail_at(r, where, "key", "key: 1 to %d "
		    "members", LIMIT_PART_MEMBERS - 1);
	for (i = 0; i < q->n_key; i++) {
		if (reader_name(r, where, q->key[i]) == -1)
			return -1;
		if (taken(q, q->key[i], i, 0))
			return reader_fail_at(r, where, "key", "key: \"%s\" "
			    "is a column of every item, or occurs twice",
			    q->key[i]);
	}
	for (i = 0; i < q->n_facts; i++)
		if (taken(q, q->facts[i].name, q->n_key, i))
			return reader_fail_at(r, facts, q->facts[i].name,
			    "every item has a column \"%s\" already",
			    q->facts[i].name);
	return 0;
}

static int
is_view(const struct decl *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n_views; i++)
		if (strcmp(d->views[i].name, name) == 0)
			return 1;
	return 0;
}

/* Its tables stand beside those with the rows. */
static int
check_table(const struct reader *r, const char *where, const struct decl *d,
    const struct decl_queue *q)
{
	static const char *const prefixes[] = { "sqlite_", "staging_",
	    "canon_", "dataset_", "version_", "gate_", "ready", "queue_" };
	char name[96];
	size_t i;

	if (reader_name(r, where, q->table) == -1)
		return -1;
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(q->table, prefixes[i], strlen(prefixes[i])) == 0)
			return reader_fail_at(r, where, "table",
			    "\"%s\": a name that the stores use", q->table);
	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", q->table, tails[i]);
		if (decl_table(d, name) != NULL || is_view(d, name))
			return reader_fail_at(r, where, "table",
			    "\"%s\" is a table or view already", name);
	}
	return 0;
}

static int
check_label(const struct reader *r, const char *where,
    const struct decl_queue *q)
{
	const char *p = q->label;
	size_t n, i;

	while (p != NULL && (p = strchr(p, '{')) != NULL) {
		n = strcspn(++p, "}");
		for (i = 0; i < q->n_key; i++)
			if (strncmp(q->key[i], p, n) == 0 &&
			    q->key[i][n] == '\0')
				break;
		if (p[n] == '\0' || i == q->n_key)
			return reader_fail_at(r, where, "label", "label: "
			    "{%.*s} is no member of the key", (int)n, p);
	}
	return 0;
}

/* --- transitions, each for itself --------------------------------------- */

static int
fail(const struct reader *r, const char *where,
    const struct decl_transition *t, const char *member, const char *what)
{
	char number[48];
	const char *path;

	snprintf(number, sizeof(number), "transition.%zu", t->number);
	path = reader_path(r, where, number);
	return path == NULL ? -1 : reader_fail_at(r, path, member, "%s",
	    what);
}

/* Which may be there once only, for the same state? */
static int
same_kind(const struct decl_transition *a, const struct decl_transition *b)
{
	if (a->move != b->move || a->from != b->from || a->step != b->step)
		return 0;
	if (a->move == DECL_FAIL || a->move == DECL_GIVE_UP ||
	    a->move == DECL_FOUND)
		return 1;
	return a->to == b->to && (a->move != DECL_ACTION ||
	    strcmp(a->action, b->action) == 0);
}

static int
check_one(const struct reader *r, const char *where, struct decl_queue *q,
    const struct decl_transition *t)
{
	const struct decl_transition *other;

	if (t->from == t->to)
		return fail(r, where, t, "to", "from a state to itself");
	for (other = q->transitions; other < t; other++)
		if (same_kind(t, other))
			return fail(r, where, t, "from", t->to == other->to ?
			    "this transition is declared twice" :
			    "another one says where that leads");
	return 0;
}

/* A step begins in one state, where no other does and no work is over. */
static int
set_step(const struct reader *r, const char *where, struct decl_queue *q,
    const struct decl_transition *t)
{
	struct decl_step *s;
	size_t begins = decl_queue_begins(q, t->from);

	if (t->move != DECL_STEP)
		return 0;
	s = &q->steps[t->step];
	if (s->from == DECL_NONE) {
		s->from = t->from;
		s->to = t->to;
	}
	if (s->from != t->from)
		return fail(r, where, t, "from",
		    "the step begins in another state");
	if (begins != DECL_NONE && begins != t->step)
		return fail(r, where, t, "from",
		    "another step begins in this state");
	return q->final[t->from] ? fail(r, where, t, "from",
	    "a step begins in a final state") : 0;
}

/* Failing is of states in which a step begins; the way back leads there. */
static int
check_way(const struct reader *r, const char *where,
    const struct decl_queue *q, const struct decl_transition *t)
{
	int from = decl_queue_begins(q, t->from) != DECL_NONE;
	int to = decl_queue_begins(q, t->to) != DECL_NONE;

	switch (t->move) {
	case DECL_FAIL:
	case DECL_GIVE_UP:
		return from && !to ? 0 : fail(r, where, t, from ? "to" :
		    "from", from ? "a step begins where what failed goes" :
		    "no step begins there that could fail");
	case DECL_AGAIN:
	case DECL_STALE:
		return to && !from ? 0 : fail(r, where, t, to ? "from" :
		    "to", to ? "a step begins there" :
		    "no step begins there");
	default:
		return 0;
	}
}

static int
check_transitions(const struct reader *r, const char *where,
    struct decl_queue *q)
{
	const struct decl_transition *t = q->transitions;
	const struct decl_transition *end = t + q->n_transitions;

	for (; t < end; t++)
		if (check_one(r, where, q, t) == -1 ||
		    set_step(r, where, q, t) == -1)
			return -1;
	for (t = q->transitions; t < end; t++)
		if (check_way(r, where, q, t) == -1)
			return -1;
	return 0;
}

/* --- all of them together ----------------------------------------------- */

/* What fails in a step goes somewhere, and comes back from there. */
static int
check_step(const struct reader *r, const char *where,
    const struct decl_queue *q, const struct decl_step *s)
{
	const struct decl_transition *t;
	const char *path = reader_path(r, where, "step");

	if (path == NULL || (path = reader_path(r, path, s->name)) == NULL)
		return -1;
	if (s->from == DECL_NONE)
		return reader_fail(r, path, "no transition is made by this "
		    "step");
	if (decl_queue_move(q, DECL_GIVE_UP, DECL_NONE, NULL, s->from,
	    DECL_NONE) == NULL)
		return reader_fail(r, path, "on = \"give-up\" is missing: "
		    "where an item goes from \"%s\" that failed in too many "
		    "runs", q->states[s->from]);
	t = decl_queue_move(q, DECL_FAIL, DECL_NONE, NULL, s->from,
	    DECL_NONE);
	if (t == NULL)
		return reader_fail(r, path, "on = \"fail\" is missing: "
		    "where an item goes from \"%s\" that failed",
		    q->states[s->from]);
	return decl_queue_move(q, DECL_AGAIN, DECL_NONE, NULL, t->to,
	    s->from) != NULL ? 0 : reader_fail(r, path, "on = \"again\" is "
	    "missing: from \"%s\" back to \"%s\"", q->states[t->to],
	    q->states[s->from]);
}

static int
is_key_of(const struct decl_queue *q, const struct decl_kind *kind)
{
	size_t i;

	for (i = 0; i < q->n_key && i < kind->n_key; i++)
		if (strcmp(q->key[i], kind->key[i]) != 0)
			return 0;
	return q->n_key == kind->n_key;
}

/* An item's rows are one dataset's, and that is named as the item is. */
static int
check_parts(const struct reader *r, const char *where, const struct decl *d,
    const struct decl_queue *q, const struct decl_step *s)
{
	const char *path = reader_path(r, where, "step");
	const struct decl_kind *kind;
	size_t i;

	if (path == NULL || (path = reader_path(r, path, s->name)) == NULL)
		return -1;
	for (i = 0; i < s->n_parts; i++) {
		kind = decl_part(d, s->parts[i])->kind;
		if (!is_key_of(q, kind))
			return reader_fail_at(r, path, "parts", "parts: the "
			    "datasets of \"%s\" have another key than the "
			    "queue's items (%s%s)", s->parts[i],
			    kind->name == NULL ? "source" : "dataset.",
			    kind->name == NULL ? "" : kind->name);
	}
	return 0;
}

/*
 * Mark what can be reached from the states that are marked: along the
 * transitions, or against them.
 */
static void
spread(const struct decl_queue *q, int *marked, int backwards)
{
	const struct decl_transition *t = q->transitions;
	size_t i, from, to;
	int more = 1;

	while (more) {
		more = 0;
		for (i = 0; i < q->n_transitions; i++) {
			from = backwards ? t[i].to : t[i].from;
			to = backwards ? t[i].from : t[i].to;
			more |= marked[from] && !marked[to];
			marked[to] |= marked[from];
		}
	}
}

static int
leads_out(const struct decl_queue *q, size_t state)
{
	size_t i;

	for (i = 0; i < q->n_transitions; i++)
		if (q->transitions[i].from == state)
			return 1;
	return 0;
}

static int
check_states(const struct reader *r, const char *where,
    const struct decl_queue *q)
{
	int reached[DECL_STATES_MAX] = { 0 }, ends[DECL_STATES_MAX];
	const char *path = reader_path(r, where, "states"), *item;
	char number[24];
	size_t i;

	if (path == NULL)
		return -1;
	reached[q->initial] = 1;
	memcpy(ends, q->final, q->n_states * sizeof(*ends));
	spread(q, reached, 0);
	spread(q, ends, 1);
	for (i = 0; i < q->n_states; i++) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		if ((item = reader_path(r, path, number)) == NULL)
			return -1;
		if (!reached[i])
			return reader_fail(r, item, "\"%s\" cannot be "
			    "reached from \"%s\"", q->states[i],
			    q->states[q->initial]);
		if (!ends[i])
			return reader_fail(r, item, leads_out(q, i) ?
			    "from \"%s\" nothing leads to a final state" :
			    "\"%s\" is a dead end, and not in \"final\"",
			    q->states[i]);
	}
	return 0;
}

int
queue_check(const struct reader *r, const struct decl *d,
    struct decl_queue *q)
{
	const char *where = reader_path(r, "queue", q->name);
	size_t i;

	if (where == NULL || check_columns(r, where, q) == -1 ||
	    check_table(r, where, d, q) == -1 ||
	    check_label(r, where, q) == -1 ||
	    check_transitions(r, where, q) == -1)
		return -1;
	for (i = 0; i < q->n_steps; i++)
		if (check_parts(r, where, d, q, &q->steps[i]) == -1 ||
		    check_step(r, where, q, &q->steps[i]) == -1)
			return -1;
	return check_states(r, where, q);
}
