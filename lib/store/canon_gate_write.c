#include "store/canon_gate.h"

#include <stdio.h>
#include <string.h>

#include "record/jsonw.h"
#include "store/canon_judge.h"

#define PAYLOAD_BYTES ((size_t)1 << 16)

/* --- the event ---------------------------------------------------------- */

static const char *const ways[] = {
	[CANON_GATE_SAME] = "released", [CANON_GATE_OPEN] = "passed",
	[CANON_GATE_RECOVERED] = "recovered", [CANON_GATE_LASTED] = "lasted",
	[CANON_GATE_ACCEPTED] = "accepted", [CANON_GATE_HELD] = "held"
};

static void
table_members(struct jsonw *j, const struct canon_work *w,
    const struct canon_gate *g)
{
	const struct decl_table *t = &w->c->d->tables[g->table];
	const struct canon_gated *v = &w->c->gated[g->table];
	const struct gate_sample *s = &v->sample;

	jsonw_str(j, "table", t->name);
	jsonw_int(j, "active", s->active);
	jsonw_int(j, "staged", s->staged);
	jsonw_int(j, "baseline", s->baseline);
	jsonw_int(j, "missing", gate_missing(s));
	jsonw_int(j, "missing_limit", gate_missing_limit(&t->gate, v->limits,
	    s->baseline));
	jsonw_int(j, "added", s->added);
	jsonw_int(j, "added_limit", gate_growth_limit(&t->gate, v->limits,
	    s->baseline));
}

/* What became of the part, and by whose word. */
static int
event(struct canon_work *w, const struct canon_gate *g, const char *name,
    const char *reason)
{
	struct jsonw j;
	struct buf b;
	int r = -1;

	buf_init(&b, PAYLOAD_BYTES);
	jsonw_init(&j, &b);
	jsonw_obj_open(&j, NULL);
	jsonw_str(&j, "part", g->part->name);
	jsonw_str(&j, "state", ways[g->way]);
	jsonw_str(&j, "verdict", gate_name(g->now.verdict));
	if (g->changed && g->table < w->c->d->n_tables)
		table_members(&j, w, g);
	jsonw_opt(&j, "sha256", g->offered[0] != '\0' ? g->offered : NULL);
	jsonw_int(&j, "samples", g->walk.series.samples);
	jsonw_opt(&j, "reason", reason);
	jsonw_opt(&j, "who", reason != NULL ? w->o->who : NULL);
	jsonw_obj_close(&j);
	if (j.failed == 0)
		r = version_event(&w->c->versions, &w->ref, name, b.data);
	buf_release(&b);
	return r;
}

/* Only what is out of the ordinary is told. */
static int
tell(struct canon_work *w, const struct canon_gate *g)
{
	switch (g->way) {
	case CANON_GATE_ACCEPTED:
		return event(w, g, "gate", NULL) == -1 ? -1 :
		    event(w, g, "accept", g->accept);
	case CANON_GATE_HELD:
		if (g->reject != NULL &&
		    event(w, g, "reject", g->reject) == -1)
			return -1;
		return canon_gate_again(g) ? 0 : event(w, g, "gate", NULL);
	case CANON_GATE_SAME:
	case CANON_GATE_OPEN:
		return g->before.held ? event(w, g, "gate", NULL) : 0;
	case CANON_GATE_RECOVERED:
	case CANON_GATE_LASTED:
		break;
	}
	return event(w, g, "gate", NULL);
}

/* --- samples ------------------------------------------------------------ */

/* The answers in between that were what is active. */
static int
add_good(struct canon_work *w, const struct canon_gate *g, size_t t)
{
	if (g->walk.good == 0)
		return 0;
	return gate_row_add(&w->c->db, w->label.data,
	    w->c->d->tables[t].name, &(struct gate_row){
	    .at_ms = g->walk.good_ms, .seq = g->walk.seq,
	    .rows = w->c->counts[t].old_rows, .verdict = GATE_OPEN,
	    .accepted = 1, .answers = g->walk.good });
}

/* A change beyond what is normal: what was normal so far is so no more. */
static int
add_offered(struct canon_work *w, const struct canon_gate *g, size_t t)
{
	const struct canon_gated *v = &w->c->gated[t];
	const char *table = w->c->d->tables[t].name;
	int accepted = g->way != CANON_GATE_HELD;
	struct gate_row row = { .at_ms = g->walk.series.samples > 0 ?
	    g->walk.series.last_ms : g->fetched_ms,
	    .seq = g->walk.seq, .rows = v->sample.staged,
	    .missing = gate_missing(&v->sample), .added = v->sample.added,
	    .verdict = v->verdict, .accepted = accepted,
	    .answers = g->walk.fresh > 0 ? g->walk.fresh : 1 };

	if (!accepted && g->walk.fresh == 0)
		return 0;
	if (accepted && v->young != GATE_OPEN && gate_counts_forget(
	    &w->c->db, w->label.data, table) == -1)
		return -1;
	return gate_row_add(&w->c->db, w->label.data, table, &row);
}

/* The keys that later samples of the series have to agree with. */
static int
keep_keys(struct canon_work *w, size_t t)
{
	return (int)canon_gate_sql(w, t, "INSERT INTO main.gate_keys"
	    " SELECT ?9, ?10, " CANON_GATE_KEY
	    " FROM {schema}.{name} AS t WHERE {dataset}");
}

static int
save_table(struct canon_work *w, const struct canon_gate *g, size_t t)
{
	const char *table = w->c->d->tables[t].name;
	int held = g->way == CANON_GATE_HELD;

	if (add_good(w, g, t) == -1 ||
	    (g->changed && add_offered(w, g, t) == -1))
		return -1;
	if ((!held || g->walk.restarted) && gate_keys_forget(&w->c->db,
	    w->label.data, table) == -1)
		return -1;
	return held && g->walk.restarted ? keep_keys(w, t) : 0;
}

/* --- parts -------------------------------------------------------------- */

static void
hold(struct canon_work *w, struct canon_gate *g)
{
	const struct decl *d = w->c->d;
	struct gate_part *p = &g->now;

	p->held = 1;
	snprintf(p->table, sizeof(p->table), "%s", g->table < d->n_tables ?
	    d->tables[g->table].name : "");
	if (!canon_gate_again(g))
		snprintf(p->version, sizeof(p->version), "%s",
		    w->r->version);
	if (!g->before.held || !g->walk.held)
		clock_format(g->walk.series.samples > 0 ?
		    g->walk.series.first_ms : g->fetched_ms, p->held_since);
	p->series = g->walk.series;
	if (p->verdict == GATE_REJECTED) {
		gate_reject(p->rejected, g->offered);
		memcpy(p->series.sha256, g->offered, sizeof(g->offered));
		p->series.samples = 0;
	}
}

static void
release(struct canon_work *w, struct canon_gate *g)
{
	struct gate_part *p = &g->now;

	p->held = 0;
	p->table[0] = p->held_since[0] = p->same[0] = '\0';
	p->series = (struct gate_series){ .samples = 0 };
	if (g->changed)
		snprintf(p->version, sizeof(p->version), "%s",
		    w->r->version);
	else if (strcmp(g->offered, g->active) != 0)
		memcpy(p->same, g->offered, sizeof(p->same));
	gate_unreject(p->rejected, g->offered);
}

static int
has_gated(const struct decl *d, const struct canon_gate *g)
{
	size_t t;

	for (t = 0; t < d->n_tables; t++)
		if (d->tables[t].gated && canon_gate_is_of(g, &d->tables[t]))
			return 1;
	return 0;
}

/* Is there anything that the database does not say yet? */
static int
is_news(const struct canon_work *w, const struct canon_gate *g)
{
	if (!g->staged || g->known)
		return 0;
	if (g->way == CANON_GATE_HELD)
		return g->reject != NULL || !canon_gate_again(g) ||
		    g->walk.fresh > 0;
	/* What could pass alone waits for what it needs. */
	if (g->changed && w->r->outcome == CANON_HELD)
		return 0;
	return g->before.held || has_gated(w->c->d, g);
}

static int
save(struct canon_work *w, struct canon_gate *g)
{
	const struct gate_word word = { g->accept != NULL ? g->accept :
	    g->reject, w->o->who, w->o->now };
	int said = g->way == CANON_GATE_ACCEPTED ||
	    (g->way == CANON_GATE_HELD && g->reject != NULL);
	const struct decl *d = w->c->d;
	size_t t;

	w->r->heard |= said;
	if (g->way == CANON_GATE_HELD)
		hold(w, g);
	else
		release(w, g);
	g->now.seq = g->walk.seq;
	for (t = 0; t < d->n_tables; t++)
		if (d->tables[t].gated && canon_gate_is_of(g, &d->tables[t])
		    && save_table(w, g, t) == -1)
			return -1;
	return gate_part_save(&w->c->db, w->label.data, g->part->name,
	    &g->now, said ? &word : NULL);
}

int
canon_gate_save(struct canon_work *w)
{
	size_t i;

	for (i = 0; i < w->c->d->n_parts; i++) {
		struct canon_gate *g = &w->c->gates[i];

		g->saved = is_news(w, g);
		if (g->saved && save(w, g) == -1)
			return -1;
	}
	return 0;
}

int
canon_gate_tell(struct canon_work *w)
{
	size_t i;

	for (i = 0; i < w->c->d->n_parts; i++)
		if (w->c->gates[i].saved &&
		    tell(w, &w->c->gates[i]) == -1)
			return -1;
	return 0;
}

int
canon_gate_hold(struct db *db, const struct decl *d, const char *label,
    const char *part, const char *version, const char *sha256,
    const char *wanted, const struct gate_word *word)
{
	struct gate_part p;
	size_t t;

	if (gate_part_load(db, label, part, &p) == -1)
		return -1;
	p.held = 1;
	p.verdict = GATE_REJECTED;
	p.table[0] = p.same[0] = '\0';
	p.series = (struct gate_series){ .samples = 0 };
	snprintf(p.series.sha256, sizeof(p.series.sha256), "%s", sha256);
	gate_unreject(p.rejected, wanted != NULL ? wanted : "");
	gate_reject(p.rejected, sha256);
	snprintf(p.version, sizeof(p.version), "%s", version);
	snprintf(p.held_since, sizeof(p.held_since), "%s", word->at);
	for (t = 0; t < d->n_tables; t++) {
		const struct decl_table *table = &d->tables[t];

		/* What was normal belongs to what is given up. */
		if (table->gated && strcmp(table->part, part) == 0 &&
		    (gate_keys_forget(db, label, table->name) == -1 ||
		    gate_counts_forget(db, label, table->name) == -1))
			return -1;
	}
	return gate_part_save(db, label, part, &p, word);
}
