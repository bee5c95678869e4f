#include "store/canon.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/stop.h"
#include "record/jsonw.h"
#include "store/canon_schema.h"

/* Virtual machine steps between two looks at a request to stop. */
#define STOP_STEPS 10000

/* KiB of page cache: what an update in key order touches, and no more. */
#define CACHE_KIB 8192

#define PAYLOAD_BYTES ((size_t)1 << 20)

/* One call of canon_promote() or canon_preview(). */
struct work {
	struct canon *c;
	const struct part *dataset;
	const struct canon_options *o;
	struct canon_result *r;
	struct buf label;
	struct version_active active;
	struct version_ref ref;
	int amends;		/* the version is the active one already */
	int64_t began_ms;
	struct change_head head;
	change_fn show;		/* a preview's; NULL to promote */
	void *arg;
};

/* --- opening ------------------------------------------------------------ */

static int
on_progress(void *arg)
{
	(void)arg;
	return stop_requested() != 0;
}

static int
open_path(struct canon *c, const char *data, enum canon_mode mode)
{
	struct buf path;
	int r;

	if (mode == CANON_MEMORY)
		return db_open(&c->db, ":memory:", DB_CREATE);
	buf_init(&path, PATH_BYTES_MAX);
	r = buf_printf(&path, "%s/%s.sqlite", data, c->d->source);
	if (r == 0)
		r = db_open(&c->db, path.data, mode == CANON_READ ? DB_READ :
		    DB_CREATE);
	buf_release(&path);
	return r;
}

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

/* Make sure that a failure outside SQLite (memory) is told, too. */
static int
failed(struct canon *c)
{
	if (c->db.status == EXIT_OK)
		db_fail_errno(&c->db, c->db.path);
	return -1;
}

static int
open_tables(struct canon *c, enum canon_mode mode)
{
	if (canon_schema_open(&c->db, c->d, mode == CANON_WRITE) == -1 ||
	    db_execf(&c->db, "PRAGMA cache_size = -%d", CACHE_KIB) == -1)
		return -1;
	c->counts = calloc(c->d->n_tables, sizeof(*c->counts));
	if (c->counts == NULL || canon_rows_init(&c->rows, &c->db, c->d)
	    == -1)
		return failed(c);
	return mode == CANON_WRITE ? canon_rows_writable(&c->rows) : 0;
}

int
canon_open(struct canon *c, const char *data, const struct decl *d,
    enum canon_mode mode)
{
	memset(c, 0, sizeof(*c));
	c->d = d;
	canon_version_init(&c->versions, &c->db, d);
	if (open_path(c, data, mode) == -1 || open_tables(c, mode) == -1)
		return -1;
	sqlite3_progress_handler(c->db.h, STOP_STEPS, on_progress, NULL);
	return 0;
}

void
canon_close(struct canon *c)
{
	canon_rows_release(&c->rows);
	canon_version_release(&c->versions);
	free(c->counts);
	c->counts = NULL;
	db_close(&c->db);
}

const char *
canon_message(const struct canon *c)
{
	return db_message(&c->db);
}

enum exits
canon_status(const struct canon *c)
{
	return db_status(&c->db);
}

int
canon_stage(struct canon *c, const char *schema)
{
	if (canon_rows_stage(&c->rows, schema) == -1 ||
	    canon_version_stage(&c->versions, schema) == -1)
		return failed(c);
	return 0;
}

int
canon_attach(struct canon *c, const char *path)
{
	c->db.status = EXIT_OK;
	if (db_attach(&c->db, path, "stage", DB_READ) == -1)
		return failed(c);
	return canon_stage(c, "stage");
}

/* --- judging: what would this staging change, and may it? --------------- */

static int
check_meta(struct work *w, const char *name, const char *want)
{
	char got[CANON_VERSION_BYTES];

	if (version_stage_meta(&w->c->versions, name, got, sizeof(got)) == -1)
		return -1;
	if (strcmp(got, want) != 0)
		return fail_with(w->c, EXIT_DATA, "%s: staging holds %s "
		    "\"%s\"", w->label.data, name, got);
	return 0;
}

static int
begin_work(struct work *w, struct canon *c, const struct part *dataset,
    const struct canon_options *o, struct canon_result *r)
{
	*w = (struct work){ .c = c, .dataset = dataset, .o = o, .r = r,
	    .began_ms = clock_mono_ms() };
	memset(r, 0, sizeof(*r));
	c->db.status = EXIT_OK;
	buf_init(&w->label, PATH_BYTES_MAX);
	if (part_values(dataset, 0, dataset->n, &w->label) == -1)
		return fail_with(c, EXIT_DATA, "no dataset");
	w->ref = (struct version_ref){ dataset, w->label.data, r->version,
	    o->run, o->now };
	w->head = (struct change_head){ dataset, w->label.data, r->version };
	return 0;
}

static int
look_up(struct work *w)
{
	struct canon_version *v = &w->c->versions;
	struct canon_result *r = w->r;

	if (check_meta(w, "source", w->c->d->source) == -1 ||
	    check_meta(w, "dataset", w->label.data) == -1)
		return -1;
	if (version_stage_meta(v, "run", r->version, sizeof(r->version))
	    == -1 || version_stage_bytes(v, &r->bytes) == -1 ||
	    version_active(v, w->label.data, &w->active) == -1)
		return -1;
	if (r->version[0] == '\0')
		return fail_with(w->c, EXIT_DATA, "%s: staging names no run",
		    w->label.data);
	memcpy(r->active, w->active.version, sizeof(r->active));
	w->amends = strcmp(r->active, r->version) == 0;
	return 0;
}

/* Note what is newer than this run or its staging; NULL if nothing is. */
static const char *
newer(struct work *w)
{
	const char *version = w->r->version;

	if (strcmp(w->o->run, version) < 0)
		return version;
	if (strcmp(w->active.version, version) > 0)
		return w->active.version;
	return strcmp(w->active.verified, version) > 0 ?
	    w->active.verified : NULL;
}

/* Overtaken: that is the outcome, and what is newer is noted. */
static int
fence(struct work *w)
{
	const char *id = newer(w);

	if (id == NULL)
		return 0;
	w->r->outcome = CANON_FENCED;
	memcpy(w->r->newer, id, strlen(id) + 1);
	return 1;
}

/* The first required part without an input; NULL for none. */
static int
missing_part(struct work *w)
{
	const struct decl *d = w->c->d;
	size_t i;

	for (i = 0; i < d->n_parts; i++) {
		int has = version_has_input(&w->c->versions,
		    d->parts[i].name);

		if (has == -1)
			return -1;
		if (has == 0 && d->parts[i].required) {
			w->r->missing_part = d->parts[i].name;
			return 0;
		}
	}
	return 0;
}

/* Staging says how many rows it has; fewer have been lost on the way. */
static int
check_rows(struct work *w, const char *table, const struct diff_count *count)
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

/* Compare every table; to be applied, or shown to show. */
static int
compare(struct work *w)
{
	struct canon_result *r = w->r;
	size_t t;

	r->inserted = r->updated = r->deleted = r->tables = r->rows = 0;
	for (t = 0; t < w->c->d->n_tables; t++) {
		struct diff_count *n = &w->c->counts[t];

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

/* The first gated table that looks like a loss decides. */
static void
ask_gate(struct work *w)
{
	const struct decl *d = w->c->d;
	double missing_max = gate_missing_max(d);
	size_t t;

	w->r->verdict = GATE_OPEN;
	for (t = 0; t < d->n_tables && w->r->verdict == GATE_OPEN; t++) {
		const struct diff_count *n = &w->c->counts[t];

		if (!d->tables[t].gated)
			continue;
		w->r->sample = (struct gate_sample){ n->old_rows,
		    n->new_rows, n->deleted, w->active.version[0] == '\0' };
		w->r->verdict = gate_judge(&w->r->sample, missing_max);
		w->r->table = d->tables[t].name;
	}
}

/* Compare and decide; reads only. */
static int
judge(struct work *w)
{
	struct canon_result *r = w->r;

	/* A run may be repeated although a newer one agreed with it. */
	if (fence(w) && (!w->amends || strcmp(r->newer, r->version) == 0))
		return 0;
	if (missing_part(w) == -1)
		return -1;
	r->outcome = CANON_WAITING;
	if (r->missing_part != NULL)
		return 0;
	if (compare(w) == -1)
		return -1;
	if (r->tables == 0 && w->active.version[0] != '\0') {
		r->outcome = w->amends ? CANON_REPEATED : CANON_UNCHANGED;
		return 0;
	}
	if (fence(w))
		return 0;
	ask_gate(w);
	r->outcome = r->verdict == GATE_OPEN || w->o->accept != NULL ?
	    CANON_PROMOTED : CANON_HELD;
	return 0;
}

/* --- writing it down ---------------------------------------------------- */

static void
counts_members(struct jsonw *w, int64_t inserted, int64_t updated,
    int64_t deleted)
{
	jsonw_int(w, "inserted", inserted);
	jsonw_int(w, "updated", updated);
	jsonw_int(w, "deleted", deleted);
}

static void
diff_payload(struct jsonw *w, const struct work *k)
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
gate_payload(struct jsonw *w, const struct work *k)
{
	jsonw_str(w, "verdict", gate_name(k->r->verdict));
	jsonw_str(w, "table", k->r->table);
	jsonw_int(w, "active", k->r->sample.active);
	jsonw_int(w, "staged", k->r->sample.staged);
	jsonw_int(w, "missing", k->r->sample.missing);
	jsonw_bool(w, "accepted", k->o->accept != NULL);
	jsonw_opt(w, "reason", k->o->accept);
	jsonw_opt(w, "who", k->o->accept != NULL ? k->o->who : NULL);
}

static void
abort_payload(struct jsonw *w, const struct work *k)
{
	if (k->r->missing_part != NULL) {
		jsonw_str(w, "reason", "a required part was never accepted");
		jsonw_str(w, "part", k->r->missing_part);
	} else {
		jsonw_str(w, "reason", gate_text(k->r->verdict));
		jsonw_str(w, "table", k->r->table);
	}
}

static void
promote_payload(struct jsonw *w, const struct work *k)
{
	jsonw_opt(w, "parent", k->active.version[0] != '\0' ?
	    k->active.version : NULL);
	counts_members(w, k->r->inserted, k->r->updated, k->r->deleted);
	jsonw_int(w, "rows", k->r->rows);
	jsonw_int(w, "bytes", k->r->bytes);
	jsonw_int(w, "ms", k->r->ms);
	if (k->amends)
		jsonw_bool(w, "amended", 1);
}

static int
event(struct work *k, const char *name,
    void (*payload)(struct jsonw *, const struct work *))
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

/* The version as it came: inputs, findings, counts of every table. */
static int
write_version(struct work *w)
{
	struct canon_version *v = &w->c->versions;
	size_t t;

	if (version_stage(v, &w->ref, w->active.version) == -1)
		return -1;
	for (t = 0; t < w->c->d->n_tables; t++)
		if (version_table(v, &w->ref, w->c->d->tables[t].name,
		    &w->c->counts[t]) == -1)
			return -1;
	return 0;
}

/* Said once, however often the run is repeated. */
static int
write_waiting(struct work *w)
{
	char status[12];

	if (w->amends)
		return 0;
	if (version_status(&w->c->versions, &w->ref, status) == -1 ||
	    version_stage(&w->c->versions, &w->ref, w->active.version) == -1)
		return -1;
	return status[0] == '\0' ? event(w, "abort", abort_payload) : 0;
}

static int
write_held(struct work *w)
{
	char status[12];

	if (version_status(&w->c->versions, &w->ref, status) == -1)
		return -1;
	/* An active version that was continued stays what it was. */
	if (!w->amends && (write_version(w) == -1 ||
	    version_set_status(&w->c->versions, &w->ref, "held") == -1))
		return -1;
	if (strcmp(status, "held") == 0)
		return 0;
	if (event(w, "diff", diff_payload) == -1 ||
	    event(w, "gate", gate_payload) == -1)
		return -1;
	return event(w, "abort", abort_payload);
}

static int
apply(struct work *w)
{
	struct canon *c = w->c;
	size_t t;

	for (t = 0; t < c->d->n_tables; t++) {
		const struct diff_count *n = &c->counts[t];
		const struct decl_table *table = &c->d->tables[t];

		if (n->inserted + n->updated + n->deleted > 0 &&
		    canon_rows_apply(&c->rows, w->dataset, t, w->r->version)
		    == -1)
			return -1;
		if (table->gated && version_gate_count(&c->versions, &w->ref,
		    table->name, n->new_rows) == -1)
			return -1;
	}
	return 0;
}

static int
write_promoted(struct work *w)
{
	struct canon_version *v = &w->c->versions;

	if (write_version(w) == -1 || event(w, "diff", diff_payload) == -1 ||
	    (w->r->verdict != GATE_OPEN &&
	    event(w, "gate", gate_payload) == -1) ||
	    apply(w) == -1 || version_settle(v, &w->ref) == -1 ||
	    version_activate(v, &w->ref) == -1)
		return -1;
	w->r->ms = clock_mono_ms() - w->began_ms;
	return event(w, "promote", promote_payload);
}

/*
 * The run was continued and staged more than its version has: undo the
 * version and judge again, against what was active before it.
 */
static int
amend(struct work *w)
{
	struct canon *c = w->c;
	size_t t;

	for (t = 0; t < c->d->n_tables; t++)
		if (canon_rows_undo(&c->rows, w->dataset, t, w->r->version)
		    == -1)
			return -1;
	memcpy(w->active.version, w->active.parent,
	    sizeof(w->active.version));
	if (judge(w) == -1)
		return -1;
	/* It is on record; that it changes nothing any more is no reason to
	 * take it off. */
	if (w->r->outcome == CANON_REPEATED)
		w->r->outcome = CANON_PROMOTED;
	return 0;
}

static int
judge_and_amend(struct work *w)
{
	if (judge(w) == -1)
		return -1;
	if (!w->amends || (w->r->outcome != CANON_PROMOTED &&
	    w->r->outcome != CANON_HELD))
		return 0;
	if (db_exec(&w->c->db, "SAVEPOINT amend") == -1 || amend(w) == -1)
		return -1;
	if (w->r->outcome == CANON_HELD &&
	    db_exec(&w->c->db, "ROLLBACK TO amend") == -1)
		return -1;
	return db_exec(&w->c->db, "RELEASE amend");
}

/* A repeated run is told as it was the first time. */
static int
recall(struct work *w)
{
	struct diff_count sum = { 0 };

	if (version_sums(&w->c->versions, &w->ref, &sum, &w->r->tables) == -1)
		return -1;
	w->r->inserted = sum.inserted;
	w->r->updated = sum.updated;
	w->r->deleted = sum.deleted;
	return 0;
}

static int
write_outcome(struct work *w)
{
	switch (w->r->outcome) {
	case CANON_PROMOTED:
		return write_promoted(w);
	case CANON_UNCHANGED:
		if (version_settle(&w->c->versions, &w->ref) == -1)
			return -1;
		return version_verify(&w->c->versions, &w->ref);
	case CANON_WAITING:
		return write_waiting(w);
	case CANON_HELD:
		return write_held(w);
	case CANON_REPEATED:
		return recall(w);
	case CANON_FENCED:
		break;
	}
	return 0;
}

static int
promote(struct work *w)
{
	if (db_begin(&w->c->db) == -1)
		return -1;
	if (look_up(w) == -1 || judge_and_amend(w) == -1 ||
	    write_outcome(w) == -1 || db_commit(&w->c->db) == -1) {
		failed(w->c);
		db_rollback(&w->c->db);
		return -1;
	}
	w->r->ms = clock_mono_ms() - w->began_ms;
	return 0;
}

/* Our own tables were checked: SQL can only be wrong about staging's. */
static int
finish_work(struct work *w, int r)
{
	if (r == -1 && w->c->db.status == EXIT_BUG)
		w->c->db.status = EXIT_DATA;
	buf_release(&w->label);
	return r;
}

int
canon_promote(struct canon *c, const struct part *dataset,
    const struct canon_options *o, struct canon_result *r)
{
	struct work w;
	int done = begin_work(&w, c, dataset, o, r);

	if (done == 0)
		done = promote(&w);
	return finish_work(&w, done);
}

/* --- reading ------------------------------------------------------------ */

int
canon_preview(struct canon *c, const struct part *dataset,
    const struct canon_options *o, struct canon_result *r, change_fn fn,
    void *arg)
{
	struct work w;
	int done = begin_work(&w, c, dataset, o, r);

	w.show = fn;
	w.arg = arg;
	if (done == 0 && (db_exec(&c->db, "BEGIN") == -1 ||
	    look_up(&w) == -1 || judge(&w) == -1))
		done = failed(c);
	db_rollback(&c->db);
	return finish_work(&w, done);
}

int
canon_changes(struct canon *c, const struct part *dataset,
    const char *version, change_fn fn, void *arg)
{
	struct change_head head = { dataset, NULL, version };
	struct version_ref ref = { dataset, NULL, version, NULL, NULL };
	struct buf label;
	size_t t;
	int r;

	c->db.status = EXIT_OK;
	buf_init(&label, PATH_BYTES_MAX);
	r = part_values(dataset, 0, dataset->n, &label);
	head.label = ref.label = label.data;
	if (r == 0)
		r = db_exec(&c->db, "BEGIN");
	for (t = 0; r == 0 && t < c->d->n_tables; t++) {
		int changed = version_changed(&c->versions, &ref,
		    c->d->tables[t].name);

		r = changed != 1 ? changed :
		    canon_rows_made(&c->rows, &head, t, fn, arg);
	}
	if (r == -1)
		failed(c);
	db_rollback(&c->db);
	buf_release(&label);
	return r;
}
