#include "store/canon_gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/canon_judge.h"
#include "store/canon_table.h"
#include "store/column.h"
#include "store/ledger.h"

#define SQL_BYTES ((size_t)1 << 16)

/* --- what is offered, and what is active -------------------------------- */

static int
read_offered(struct canon_work *w, struct canon_gate *g)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s;
	int64_t now_ms = 0;
	struct buf b;
	int r;

	/* Staging that does not say when it was fetched was so just now. */
	clock_parse(w->o->now, &now_ms);
	buf_init(&b, SQL_BYTES);
	r = canon_sql(&b, w->c->d, NULL, w->c->versions.schema,
	    "SELECT sha256, fetched_at, record_count"
	    " FROM {schema}.staging_inputs WHERE part = ?1");
	s = r == 0 ? db_prepare(db, b.data) : NULL;
	buf_release(&b);
	if (s == NULL)
		return -1;
	db_bind(s, 1, g->part->name);
	if ((r = db_step(db, s)) == 1) {
		g->staged = 1;
		column_copy(s, 0, g->offered, sizeof(g->offered));
		g->fetched_ms = column_instant(s, 1, now_ms);
		g->records = sqlite3_column_type(s, 2) == SQLITE_NULL ? -1 :
		    sqlite3_column_int64(s, 2);
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

static int
read_active(struct canon_work *w, struct canon_gate *g)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT sha256, fetched_at "
	    "FROM main.version_inputs WHERE dataset = ? AND version_id = ? "
	    "AND part = ?");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->label.data);
	db_bind(s, 2, w->active.version);
	db_bind(s, 3, g->part->name);
	if ((r = db_step(db, s)) == 1) {
		g->had = 1;
		column_copy(s, 0, g->active, sizeof(g->active));
		g->good_ms = column_instant(s, 1, 0);
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

int
canon_gate_is_of(const struct canon_gate *g, const struct decl_table *t)
{
	return t->part != NULL && strcmp(t->part, g->part->name) == 0;
}

static int
would_change(const struct canon *c, const struct canon_gate *g)
{
	size_t t;

	for (t = 0; t < c->d->n_tables; t++) {
		const struct diff_count *n = &c->counts[t];

		if (canon_gate_is_of(g, &c->d->tables[t]) &&
		    n->inserted + n->updated + n->deleted > 0)
			return 1;
	}
	return 0;
}

/* --- samples ------------------------------------------------------------ */

int64_t
canon_gate_sql(struct canon_work *w, size_t t, const char *text)
{
	const struct part *dataset = w->dataset;
	struct db *db = &w->c->db;
	sqlite3_stmt *s;
	struct buf b;
	int64_t n = -1;

	buf_init(&b, SQL_BYTES);
	s = canon_sql(&b, w->c->d, &w->c->d->tables[t],
	    w->c->versions.schema, text) == 0 ? db_prepare(db, b.data) : NULL;
	buf_release(&b);
	if (s == NULL)
		return -1;
	canon_bind(s, dataset);
	db_bind(s, LIMIT_PART_MEMBERS + 1, w->label.data);
	db_bind(s, LIMIT_PART_MEMBERS + 2, w->c->d->tables[t].name);
	switch (db_step(db, s)) {
	case 1:
		n = sqlite3_column_int64(s, 0);
		break;
	case 0:
		n = 0;
		break;
	}
	sqlite3_finalize(s);
	return n;
}

/* Do a table's staged keys agree with those that the series began with? */
static int
keys_agree(struct canon_work *w, size_t t)
{
	int64_t now = w->c->counts[t].new_rows;
	int64_t first = canon_gate_sql(w, t, "SELECT count(*) FROM main.gate_keys"
	    " WHERE dataset = ?9 AND table_name = ?10");
	int64_t both = canon_gate_sql(w, t, "SELECT count(*)"
	    " FROM {schema}.{name} AS t CROSS JOIN main.gate_keys AS k"
	    " ON k.dataset = ?9 AND k.table_name = ?10"
	    " AND k.\"key\" = " CANON_GATE_KEY " WHERE {dataset}");

	if (first == -1 || both == -1)
		return -1;
	return gate_agrees(&w->c->d->tables[t].gate, first + now - 2 * both,
	    first > now ? first : now);
}

/* 1, 0 or -1: what is offered agrees with the series that is held. */
static int
agrees(struct canon_work *w, const struct canon_gate *g)
{
	const struct decl *d = w->c->d;
	int r = 1;
	size_t t;

	if (!g->before.held || g->before.series.samples == 0)
		return 0;
	for (t = 0; r == 1 && t < d->n_tables; t++)
		if (d->tables[t].gated &&
		    canon_gate_is_of(g, &d->tables[t]))
			r = keys_agree(w, t);
	return r;
}

static int
take_answer(int64_t seq, int64_t at_ms, const char *sha256, void *arg)
{
	gate_walk(arg, seq, at_ms, sha256);
	return 0;
}

static int
ledger_failed(struct canon_work *w)
{
	struct db *db = &w->c->db;

	buf_clear(&db->message);
	buf_str(&db->message, db_message(w->o->ledger));
	db->status = db_status(w->o->ledger);
	errno = EIO;
	return -1;
}

static int
walk_ledger(struct canon_work *w, struct canon_gate *g)
{
	struct part key;
	struct buf path;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	if (decl_part_key(w->c->d, w->dataset, g->part->name, &key) == 0 &&
	    part_values(&key, 0, key.n, &path) == 0) {
		r = ledger_answers(w->o->ledger, w->c->d->source, path.data,
		    g->before.seq, take_answer, &g->walk);
		if (r == -1)
			ledger_failed(w);
	}
	buf_release(&path);
	return r;
}

/* Walk the answers since the part was judged last. */
static int
walk(struct canon_work *w, struct canon_gate *g)
{
	int same = !g->changed, agree = same ? 0 : agrees(w, g);

	if (agree == -1)
		return -1;
	g->walk = (struct gate_walk){ .offered = g->offered,
	    .active = g->had ? g->active : NULL,
	    .same = same ? g->offered : g->before.same,
	    .rejected = g->before.rejected, .agrees = agree, .held = g->before.held,
	    .series = g->before.series, .seq = g->before.seq };
	/* Other rows of the same bytes: another declaration read them. */
	if (!same && strcmp(g->active, g->offered) == 0)
		g->walk.active = NULL;
	if (w->o->ledger != NULL && walk_ledger(w, g) == -1)
		return -1;
	gate_walk_end(&g->walk, g->fetched_ms);
	if (g->walk.good > 0)
		g->good_ms = g->walk.good_ms;
	return 0;
}

/* --- judging ------------------------------------------------------------ */

/* What is normal for a table, and when it was seen last. */
static int
read_baseline(struct canon_work *w, struct canon_gate *g, size_t t,
    int64_t *baseline)
{
	int64_t at_ms;
	size_t n;

	if (gate_baseline_now(&w->c->db, w->label.data, &w->c->d->tables[t],
	    g->walk.good, w->c->counts[t].old_rows, baseline, &n, &at_ms)
	    == -1)
		return -1;
	if (g->walk.good == 0 && at_ms != 0)
		g->good_ms = at_ms;
	return 0;
}

static int
judge_table(struct canon_work *w, struct canon_gate *g, size_t t)
{
	const struct diff_count *n = &w->c->counts[t];
	const struct decl_gate *rules = &w->c->d->tables[t].gate;
	struct canon_gated *v = &w->c->gated[t];

	v->sample = (struct gate_sample){ .active = n->old_rows,
	    .staged = n->new_rows, .gone = n->deleted, .added = n->inserted,
	    .records = g->records, .first = !g->had };
	if (read_baseline(w, g, t, &v->sample.baseline) == -1)
		return -1;
	v->limits = g->walk.held ? GATE_RECOVERED : gate_limits(rules,
	    g->walk.series.first_ms - g->good_ms);
	v->verdict = gate_judge(rules, &v->sample, v->limits);
	v->young = gate_judge(rules, &v->sample, GATE_YOUNG);
	return 0;
}

/*
 * Judge the tables of a part; the first that may not pass decides, or the
 * first that may not pass by lasting either.
 */
static int
judge_tables(struct canon_work *w, struct canon_gate *g, int *lasts)
{
	const struct decl *d = w->c->d;
	const struct gate_series *s = &g->walk.series;
	size_t t;

	g->table = d->n_tables;
	*lasts = 1;
	for (t = 0; t < d->n_tables; t++) {
		enum gate_verdict v;

		if (!d->tables[t].gated ||
		    !canon_gate_is_of(g, &d->tables[t]))
			continue;
		if (judge_table(w, g, t) == -1)
			return -1;
		v = w->c->gated[t].verdict;
		if (g->table == d->n_tables ||
		    (v != GATE_OPEN && (g->now.verdict == GATE_OPEN ||
		    (!gate_may_last(v) && gate_may_last(g->now.verdict))))) {
			g->table = t;
			g->now.verdict = v;
		}
		if ((v != GATE_OPEN && !gate_may_last(v)) ||
		    !gate_lasted(&d->tables[t].gate, s->samples,
		    s->last_ms - s->first_ms))
			*lasts = 0;
	}
	return 0;
}

/* Did a person say no to what is offered, now or before? */
static int
is_rejected(const struct canon_gate *g)
{
	return g->reject != NULL ||
	    gate_is_rejected(g->before.rejected, g->offered);
}

static enum canon_gate_way
decide(struct canon_gate *g, int lasts)
{
	int rejected = is_rejected(g);

	if (rejected)
		g->now.verdict = GATE_REJECTED;
	if (g->now.verdict == GATE_OPEN)
		return g->walk.held ? CANON_GATE_RECOVERED : CANON_GATE_OPEN;
	if (g->accept != NULL)
		return CANON_GATE_ACCEPTED;
	return lasts && !rejected ? CANON_GATE_LASTED : CANON_GATE_HELD;
}

/* Nothing came of it that is not known: not even the answers matter. */
static int
is_known(const struct canon_gate *g)
{
	return !g->changed && !g->before.held &&
	    (strcmp(g->offered, g->active) == 0 ||
	    strcmp(g->offered, g->before.same) == 0);
}

static int
judge(struct canon_work *w, struct canon_gate *g)
{
	int lasts = 0;

	if (read_offered(w, g) == -1)
		return -1;
	if (!g->staged)
		return 0;
	if (read_active(w, g) == -1 || gate_part_load(&w->c->db,
	    w->label.data, g->part->name, &g->before) == -1)
		return -1;
	/* A first payload is news, also when it is empty. */
	g->changed = !g->had || would_change(w->c, g);
	g->now = g->before;
	if ((g->known = is_known(g)))
		return 0;
	g->now.verdict = GATE_OPEN;
	if (walk(w, g) == -1)
		return -1;
	if (!g->changed)
		return 0;
	if (judge_tables(w, g, &lasts) == -1)
		return -1;
	g->way = decide(g, lasts);
	return 0;
}

/* Before judging: which part it is, and what a person says about it. */
static struct canon_gate
begin(const struct canon_options *o, const struct decl_part *part)
{
	int meant = o->part == NULL || strcmp(o->part, part->name) == 0;

	return (struct canon_gate){ .part = part,
	    .accept = meant ? o->accept : NULL,
	    .reject = meant ? o->reject : NULL };
}

int
canon_gate_judge(struct canon_work *w)
{
	const struct decl *d = w->c->d;
	size_t i;

	for (i = 0; i < d->n_parts; i++) {
		w->c->gates[i] = begin(w->o, &d->parts[i]);
		if (decl_has(d->parts[i].kind, w->dataset) &&
		    judge(w, &w->c->gates[i]) == -1)
			return -1;
	}
	return 0;
}

int
canon_gate_again(const struct canon_gate *g)
{
	return g->before.held && g->walk.held &&
	    strcmp(g->before.series.sha256, g->offered) == 0;
}
