#include "store/canon_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "record/jsonw.h"
#include "store/canon_gate.h"

#define PAYLOAD_BYTES ((size_t)1 << 20)

/* --- the events --------------------------------------------------------- */

static void
counts_members(struct jsonw *w, int64_t inserted, int64_t updated,
    int64_t deleted)
{
	jsonw_int(w, "inserted", inserted);
	jsonw_int(w, "updated", updated);
	jsonw_int(w, "deleted", deleted);
}

static void
diff_payload(struct jsonw *w, const struct canon_work *k)
{
	size_t t;

	counts_members(w, k->r->inserted, k->r->updated, k->r->deleted);
	jsonw_int(w, "rows", k->r->rows);
	jsonw_obj_open(w, "tables");
	for (t = 0; t < k->c->d->n_tables; t++) {
		const struct diff_count *n = &k->c->counts[t];

		if (n->inserted + n->updated + n->deleted == 0)
			continue;
		jsonw_obj_open(w, k->c->d->tables[t].name);
		counts_members(w, n->inserted, n->updated, n->deleted);
		jsonw_obj_close(w);
	}
	jsonw_obj_close(w);
}

static void
abort_payload(struct jsonw *w, const struct canon_work *k)
{
	if (k->r->missing_part != NULL) {
		jsonw_str(w, "reason", "a part has no valid payload");
		jsonw_str(w, "part", k->r->missing_part);
	} else {
		jsonw_str(w, "reason", gate_text(k->r->hold.verdict));
		jsonw_opt(w, "table", k->r->hold.table);
	}
}

static void
promote_payload(struct jsonw *w, const struct canon_work *k)
{
	jsonw_opt(w, "parent", k->active.version[0] != '\0' ?
	    k->active.version : NULL);
	counts_members(w, k->r->inserted, k->r->updated, k->r->deleted);
	jsonw_int(w, "rows", k->r->rows);
	jsonw_int(w, "bytes", k->r->bytes);
	jsonw_int(w, "ms", k->r->ms);
}

static void
rollback_payload(struct jsonw *w, const struct canon_work *k)
{
	jsonw_str(w, "to", k->target);
	jsonw_str(w, "from", k->active.version);
	jsonw_opt(w, "reason", k->o->reject);
	jsonw_opt(w, "who", k->o->who);
}

static int
event(struct canon_work *k, const char *name,
    void (*payload)(struct jsonw *, const struct canon_work *))
{
	struct buf b;
	struct jsonw w;
	int r = -1;

	buf_init(&b, PAYLOAD_BYTES);
	jsonw_init(&w, &b);
	jsonw_obj_open(&w, NULL);
	payload(&w, k);
	jsonw_obj_close(&w);
	if (w.failed == 0)
		r = version_event(&k->c->versions, &k->ref, name, b.data);
	buf_release(&b);
	return r;
}

/* --- the outcomes ------------------------------------------------------- */

/* The counts of every table. */
static int
write_tables(struct canon_work *w)
{
	struct canon_version *v = &w->c->versions;
	size_t t;

	for (t = 0; t < w->c->d->n_tables; t++)
		if (canon_takes(w, t) && version_table(v, &w->ref, w->c->d->tables[t].name,
		    &w->c->counts[t]) == -1)
			return -1;
	return 0;
}

/* The version as it came: inputs, findings, counts. */
static int
write_version(struct canon_work *w)
{
	return version_stage(&w->c->versions, &w->ref, w->active.version)
	    == -1 ? -1 : write_tables(w);
}

/* The same payloads offered again are no other version.  1, 0 or -1. */
static int
offered_again(struct canon_work *w, const char *status)
{
	char id[CANON_VERSION_BYTES];

	if (version_offered(&w->c->versions, &w->ref, status, id) == -1)
		return -1;
	if (id[0] == '\0')
		return 0;
	memcpy(w->r->version, id, sizeof(id));
	return 1;
}

static int
write_waiting(struct canon_work *w)
{
	int again = offered_again(w, "staged");

	if (again != 0)
		return again == 1 ? 0 : -1;
	if (version_stage(&w->c->versions, &w->ref, w->active.version) == -1)
		return -1;
	return event(w, "abort", abort_payload);
}

/* Is all that is held what was held before?  Then it has its version. */
static int
held_again(struct canon_work *w)
{
	const char *version = NULL;
	size_t i;

	for (i = 0; i < w->c->d->n_parts; i++) {
		const struct canon_gate *g = &w->c->gates[i];

		if (g->way != CANON_GATE_HELD)
			continue;
		if (!canon_gate_again(g))
			return offered_again(w, "held");
		version = g->before.version;
	}
	if (version == NULL)
		return 0;
	snprintf(w->r->version, sizeof(w->r->version), "%s", version);
	return 1;
}

static int
write_held(struct canon_work *w)
{
	int again = held_again(w);

	if (again == -1 || canon_gate_save(w) == -1)
		return -1;
	if (again == 1)
		return canon_gate_tell(w);
	if (version_settle(&w->c->versions, &w->ref) == -1 ||
	    write_version(w) == -1 ||
	    version_set_status(&w->c->versions, &w->ref, "held") == -1 ||
	    event(w, "diff", diff_payload) == -1 || canon_gate_tell(w) == -1)
		return -1;
	return event(w, "abort", abort_payload);
}

static int
apply(struct canon_work *w)
{
	struct canon *c = w->c;
	size_t t;

	for (t = 0; t < c->d->n_tables; t++) {
		const struct diff_count *n = &c->counts[t];

		if (n->inserted + n->updated + n->deleted > 0 &&
		    canon_rows_apply(&c->rows, w->dataset, t, w->r->version)
		    == -1)
			return -1;
	}
	return 0;
}

/*
 * What was judged is what is offered.  If a part of it is held, the mix is
 * what is applied, and what differs is found anew.
 */
static int
write_promoted(struct canon_work *w)
{
	struct canon_version *v = &w->c->versions;

	if (canon_gate_save(w) == -1 || (w->r->held > 0 &&
	    (canon_stage(w->c, "mix") == -1 || canon_compare(w) == -1)))
		return -1;
	if (write_version(w) == -1 || event(w, "diff", diff_payload) == -1 ||
	    canon_gate_tell(w) == -1 ||
	    apply(w) == -1 || version_settle(v, &w->ref) == -1 ||
	    version_activate(v, &w->ref) == -1)
		return -1;
	w->r->ms = clock_mono_ms() - w->began_ms;
	return event(w, "promote", promote_payload);
}

int
canon_write_again(struct canon_work *w, const char *version)
{
	struct canon_version *v = &w->c->versions;

	if (strlen(version) >= sizeof(w->r->version)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(w->r->version, version, strlen(version) + 1);
	if (version_note(v, &w->ref, w->active.version) == -1 ||
	    write_tables(w) == -1 || apply(w) == -1)
		return -1;
	return version_activate(v, &w->ref);
}

int
canon_write_back(struct canon_work *w, const char *target)
{
	struct canon_version *v = &w->c->versions;

	w->target = target;
	if (write_version(w) == -1 || event(w, "diff", diff_payload) == -1 ||
	    event(w, "rollback", rollback_payload) == -1 ||
	    apply(w) == -1 || version_settle(v, &w->ref) == -1 ||
	    version_activate(v, &w->ref) == -1)
		return -1;
	w->r->ms = clock_mono_ms() - w->began_ms;
	return event(w, "promote", promote_payload);
}

/* Nothing of an item ever waits, or is held. */
int
canon_write_item(struct canon_work *w)
{
	struct canon_version *v = &w->c->versions;

	if (w->r->outcome == CANON_UNCHANGED)
		return version_verify(v, &w->ref);
	if (version_note(v, &w->ref, w->active.version) == -1 ||
	    write_tables(w) == -1 || apply(w) == -1 ||
	    version_activate(v, &w->ref) == -1)
		return -1;
	w->r->ms = clock_mono_ms() - w->began_ms;
	return event(w, "promote", promote_payload);
}

/* The active version agrees; said once for each staging. */
static int
write_unchanged(struct canon_work *w)
{
	if (version_settle(&w->c->versions, &w->ref) == -1 ||
	    canon_gate_save(w) == -1 || canon_gate_tell(w) == -1)
		return -1;
	return strcmp(w->active.staged, w->r->staged) == 0 ? 0 :
	    version_verify(&w->c->versions, &w->ref);
}

/* A repeated run is told as it was the first time. */
static int
recall(struct canon_work *w)
{
	struct diff_count sum = { 0 };

	if (version_settle(&w->c->versions, &w->ref) == -1 ||
	    canon_gate_save(w) == -1 || canon_gate_tell(w) == -1 ||
	    version_sums(&w->c->versions, &w->ref, &sum, &w->r->tables) == -1)
		return -1;
	w->r->inserted = sum.inserted;
	w->r->updated = sum.updated;
	w->r->deleted = sum.deleted;
	return 0;
}

int
canon_write(struct canon_work *w)
{
	switch (w->r->outcome) {
	case CANON_PROMOTED:
		return write_promoted(w);
	case CANON_UNCHANGED:
		return write_unchanged(w);
	case CANON_WAITING:
		return write_waiting(w);
	case CANON_HELD:
		return write_held(w);
	case CANON_REPEATED:
		return recall(w);
	case CANON_FENCED:
	case CANON_MIX:
		break;
	}
	return 0;
}

