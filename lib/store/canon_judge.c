#include "store/canon_judge.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/canon_gate.h"
#include "store/canon_schema.h"

static int MSG_FMT(3, 4)
fail_with(struct canon *c, enum exits status, const char *fmt, ...)
{
	va_list ap;

	buf_clear(&c->db.message);
	va_start(ap, fmt);
	buf_vprintf(&c->db.message, fmt, ap);
	va_end(ap);
	c->db.status = status;
	errno = EINVAL;
	return -1;
}

static int
check_meta(struct canon_work *w, const char *name, const char *want)
{
	char got[CANON_VERSION_BYTES];

	if (version_stage_meta(&w->c->versions, name, got, sizeof(got)) == -1)
		return -1;
	if (strcmp(got, want) != 0)
		return fail_with(w->c, EXIT_DATA, "%s: staging holds %s "
		    "\"%s\"", w->label.data, name, got);
	return 0;
}

int
canon_begin(struct canon_work *w, struct canon *c, const struct part *dataset,
    const struct canon_options *o, struct canon_result *r)
{
	*w = (struct canon_work){ .c = c, .dataset = dataset, .o = o, .r = r,
	    .began_ms = clock_mono_ms() };
	memset(r, 0, sizeof(*r));
	c->db.status = EXIT_OK;
	buf_init(&w->label, PATH_BYTES_MAX);
	if (part_values(dataset, 0, dataset->n, &w->label) == -1)
		return fail_with(c, EXIT_DATA, "no dataset");
	w->ref = (struct version_ref){ dataset, w->label.data, r->version,
	    o->run, r->staged, o->now };
	w->head = (struct change_head){ dataset, w->label.data, r->version,
	    o->run };
	return 0;
}

int
canon_takes(const struct canon_work *w, size_t t)
{
	return w->only != NULL ? w->only[t] :
	    decl_has(w->c->d->tables[t].kind, w->dataset);
}

int
canon_look_up(struct canon_work *w)
{
	struct canon_version *v = &w->c->versions;
	struct canon_result *r = w->r;

	if (check_meta(w, "source", w->c->d->source) == -1 ||
	    check_meta(w, "dataset", w->label.data) == -1)
		return -1;
	if (version_stage_meta(v, "run", r->staged, sizeof(r->staged)) == -1 ||
	    version_stage_bytes(v, &r->bytes) == -1 ||
	    version_active(v, w->label.data, &w->active) == -1)
		return -1;
	if (r->staged[0] == '\0')
		return fail_with(w->c, EXIT_DATA, "%s: staging names no run",
		    w->label.data);
	if (version_next(v, &w->ref, r->version) == -1)
		return w->c->db.status != EXIT_OK ? -1 : fail_with(w->c,
		    EXIT_REFUSED, "%s: no id is left for run %s",
		    w->label.data, w->o->run);
	memcpy(r->active, w->active.version, sizeof(r->active));
	w->repeats = strcmp(w->active.run, w->o->run) == 0;
	return 0;
}

/* Is this run or its staging overtaken?  What is newer, or NULL. */
static const char *
newer(struct canon_work *w)
{
	const char *run = w->o->run, *staged = w->r->staged;

	if (strcmp(run, staged) < 0)
		return staged;
	if (strcmp(run, w->active.run) < 0)
		return w->active.run;
	if (strcmp(run, w->active.verified) < 0)
		return w->active.verified;
	return strcmp(staged, w->active.staged) < 0 ? w->active.staged : NULL;
}

static int
fenced(struct canon_work *w, const char *by)
{
	w->r->outcome = CANON_FENCED;
	memcpy(w->r->newer, by, strlen(by) + 1);
	return 0;
}

int
canon_check_map(struct canon_work *w)
{
	char map[DIGEST_TEXT];
	struct buf hint;

	if (version_stage_meta(&w->c->versions, "map_sha256", map,
	    sizeof(map)) == -1)
		return -1;
	if (w->active.version[0] == '\0' || strcmp(map, w->active.map) == 0)
		return 0;
	buf_init(&hint, PATH_BYTES_MAX);
	canon_rebuild_hint(&hint, &w->c->db, w->c->d);
	fail_with(w->c, EXIT_REFUSED, "%s: staged by another map than its "
	    "active version; %s", w->label.data, hint.data);
	buf_release(&hint);
	return -1;
}

/* Nothing differs: the active version is the one to speak of. */
static int
agrees(struct canon_work *w)
{
	struct canon_result *r = w->r;

	r->outcome = w->repeats ? CANON_REPEATED : CANON_UNCHANGED;
	memcpy(r->version, r->active, sizeof(r->version));
	return 0;
}

/* Does a version need this part: a first one, or one after the active? */
static int
needs(struct canon_work *w, const struct decl_part *part)
{
	struct version_ref active = w->ref;

	if (part->required || w->active.version[0] == '\0')
		return part->required;
	active.version = w->active.version;
	return version_had_input(&w->c->versions, &active, part->name);
}

/*
 * The first part without an input that the version needs; NULL for none.
 * What the active version had and staging has not is no empty answer: its
 * rows must not go.
 */
static int
missing_part(struct canon_work *w)
{
	const struct decl *d = w->c->d;
	size_t i;
	int r;

	for (i = 0; i < d->n_parts; i++) {
		if (!decl_has(d->parts[i].kind, w->dataset))
			continue;
		r = version_has_input(&w->c->versions, d->parts[i].name);
		if (r == 0 && (r = needs(w, &d->parts[i])) == 1) {
			w->r->missing_part = d->parts[i].name;
			return 0;
		}
		if (r == -1)
			return -1;
	}
	return 0;
}

/* Staging says how many rows it has; fewer have been lost on the way. */
static int
check_rows(struct canon_work *w, const char *table,
    const struct diff_count *count)
{
	int64_t said;

	if (version_stage_rows(&w->c->versions, table, &said) == -1)
		return -1;
	if (said != count->new_rows)
		return fail_with(w->c, EXIT_DATA, "%s: staging says %lld rows "
		    "in %s and has %lld", w->label.data, (long long)said,
		    table, (long long)count->new_rows);
	return 0;
}

int
canon_compare(struct canon_work *w)
{
	struct canon_result *r = w->r;
	size_t t;

	r->inserted = r->updated = r->deleted = r->tables = r->rows = 0;
	for (t = 0; t < w->c->d->n_tables; t++) {
		struct diff_count *n = &w->c->counts[t];

		*n = (struct diff_count){ 0 };
		if (!canon_takes(w, t))
			continue;
		if ((w->show != NULL ? canon_rows_show(&w->c->rows, &w->head,
		    t, w->show, w->arg, n) : canon_rows_diff(&w->c->rows,
		    w->dataset, t, n)) == -1 ||
		    check_rows(w, w->c->d->tables[t].name, n) == -1)
			return -1;
		r->inserted += n->inserted;
		r->updated += n->updated;
		r->deleted += n->deleted;
		r->tables += n->inserted + n->updated + n->deleted > 0;
		r->rows += n->new_rows;
	}
	return 0;
}

static struct gate_hold
hold_of(const struct canon_work *w, const struct canon_gate *g)
{
	const struct decl *d = w->c->d;
	const struct gate_series *s = &g->walk.series;
	struct gate_hold h = { .part = g->part->name,
	    .verdict = g->now.verdict, .samples = s->samples,
	    .ms = s->last_ms - s->first_ms };

	if (g->table < d->n_tables) {
		h.table = d->tables[g->table].name;
		h.rules = &d->tables[g->table].gate;
		h.sample = w->c->gated[g->table].sample;
		h.limits = w->c->gated[g->table].limits;
	}
	return h;
}

/* Tell the parts that are held, or else the first that was accepted. */
static void
note_holds(struct canon_work *w)
{
	struct canon_result *r = w->r;
	size_t i;

	r->held = 0;
	for (i = 0; i < w->c->d->n_parts; i++) {
		const struct canon_gate *g = &w->c->gates[i];

		if (g->way == CANON_GATE_HELD)
			w->c->holds[r->held++] = hold_of(w, g);
		else if (g->way == CANON_GATE_ACCEPTED &&
		    r->hold.part == NULL)
			r->hold = hold_of(w, g);
	}
	if (r->held > 0)
		r->hold = w->c->holds[0];
	r->more = w->c->holds + 1;
}

/* What may pass goes without what is held, if a version can. */
static enum canon_outcome
ask_gate(struct canon_work *w)
{
	size_t i, passing = 0, stuck = 0;

	for (i = 0; i < w->c->d->n_parts; i++) {
		const struct canon_gate *g = &w->c->gates[i];
		int held = g->way == CANON_GATE_HELD;

		passing += g->staged && g->changed && !held;
		stuck += held && !g->had && g->part->required;
	}
	note_holds(w);
	if (w->r->held == 0)
		return CANON_PROMOTED;
	return passing == 0 || stuck > 0 ? CANON_HELD : CANON_PROMOTED;
}

/* Compare and decide; reads only. */
int
canon_judge(struct canon_work *w)
{
	struct canon_result *r = w->r;
	const char *by = newer(w);

	/* A run may be repeated although a newer one agreed with it. */
	if (by != NULL && !w->repeats)
		return fenced(w, by);
	if (canon_check_map(w) == -1 || missing_part(w) == -1)
		return -1;
	r->outcome = CANON_WAITING;
	if (by == NULL && r->missing_part != NULL)
		return 0;
	if (canon_compare(w) == -1)
		return -1;
	if (by == NULL && canon_gate_judge(w) == -1)
		return -1;
	if (r->tables == 0 && w->active.version[0] != '\0')
		return agrees(w);
	if (by != NULL)
		return fenced(w, by);
	r->outcome = ask_gate(w);
	return 0;
}

