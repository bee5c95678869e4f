#include "store/canon_rollback.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/canon_asof.h"
#include "store/canon_gate.h"
#include "store/canon_schema.h"
#include "store/canon_write.h"
#include "store/stage.h"

/* --- what it was made of ------------------------------------------------ */

static int
fail_stage(struct canon *c, const struct stage *st, enum exits status)
{
	buf_clear(&c->db.message);
	buf_str(&c->db.message, st->message.data);
	c->db.status = status;
	return -1;
}

static int
stage_version(struct canon *c, struct stage *st, const char *version,
    const struct canon_options *o, const char *path)
{
	enum exits status;
	size_t i;

	for (i = 0; i < c->d->n_parts; i++)
		if (stage_input_of_version(st, &c->db, version, i) == -1)
			return -1;
	unlink(path);
	status = stage_write(st, path, o->run, o->now);
	if (status != EXIT_OK)
		return fail_stage(c, st, status);
	return canon_attach(c, path);
}

/* --- within the transaction --------------------------------------------- */

/*
 * What was staged last stays the last: it is offered again, and is held,
 * not overtaken.
 */
static int
judge(struct canon_work *w)
{
	struct canon_result *r = w->r;
	const char *newer = NULL;

	if (canon_look_up(w) == -1 || canon_check_map(w) == -1 ||
	    canon_compare(w) == -1)
		return -1;
	if (strcmp(w->o->run, w->active.run) < 0)
		newer = w->active.run;
	else if (strcmp(w->o->run, w->active.verified) < 0)
		newer = w->active.verified;
	memcpy(r->staged, w->active.staged, sizeof(r->staged));
	r->outcome = newer != NULL ? CANON_FENCED :
	    r->tables == 0 ? CANON_UNCHANGED : CANON_PROMOTED;
	if (newer != NULL)
		memcpy(r->newer, newer, strlen(newer) + 1);
	else if (r->tables == 0)
		memcpy(r->version, r->active, sizeof(r->version));
	return 0;
}

/* Hold each part whose payload is given up. */
static int
hold(struct canon_work *w, const char *target)
{
	const struct gate_word word = { w->o->reject != NULL ?
	    w->o->reject : "rolled back", w->o->who, w->o->now };
	struct db *db = &w->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT i.part, i.sha256, o.sha256"
	    " FROM main.version_inputs AS i LEFT JOIN main.version_inputs"
	    " AS o ON o.dataset = i.dataset AND o.part = i.part"
	    " AND o.version_id = ?3 WHERE i.dataset = ?1"
	    " AND i.version_id = ?2 AND i.sha256 IS NOT o.sha256");
	int r, done = 0;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->label.data);
	db_bind(s, 2, w->active.version);
	db_bind(s, 3, target);
	while (done == 0 && (r = db_step(db, s)) == 1)
		done = canon_gate_hold(db, w->c->d, w->label.data,
		    db_text(s, 0), w->r->version, db_text(s, 1),
		    db_text(s, 2), &word);
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}

static int
promote(struct canon_work *w, const char *target)
{
	struct db *db = &w->c->db;

	if (canon_schema_begin(db, w->c->d) == -1)
		return -1;
	if (judge(w) == 0 && (w->r->outcome != CANON_PROMOTED ||
	    (hold(w, target) == 0 && canon_write_back(w, target) == 0)) &&
	    db_commit(db) == 0) {
		w->r->ms = clock_mono_ms() - w->began_ms;
		return 0;
	}
	db_rollback(db);
	return -1;
}

static int
preview(struct canon_work *w)
{
	int r = db_exec(&w->c->db, "BEGIN");

	if (r == 0)
		r = judge(w);
	db_rollback(&w->c->db);
	return r;
}

/* --- the whole ---------------------------------------------------------- */

/* The version that target names; version gets its id. */
static int
find(struct canon *c, const struct part *dataset, const char *target,
    char version[CANON_VERSION_BYTES])
{
	struct asof a;
	int r = asof_find(c, target, dataset, &a);

	if (r == 0 && strlen(a.list[0].version) < CANON_VERSION_BYTES)
		memcpy(version, a.list[0].version,
		    strlen(a.list[0].version) + 1);
	asof_release(&a);
	return r;
}

static int
roll(struct canon_work *w, struct stage *st, const char *target,
    const char *path)
{
	int r = stage_version(w->c, st, target, w->o, path);

	if (r == 0)
		r = w->show != NULL ? preview(w) : promote(w, target);
	unlink(path);
	return r;
}

int
canon_rollback(struct canon *c, const char *data,
    const struct part *dataset, const struct canon_options *o,
    const char *target, struct canon_result *r, change_fn fn, void *arg)
{
	char version[CANON_VERSION_BYTES] = "";
	struct canon_work w;
	struct stage st;
	struct buf path;
	int done = canon_begin(&w, c, dataset, o, r);

	w.show = fn;
	w.arg = arg;
	stage_init(&st, c->d, data, dataset);
	buf_init(&path, PATH_BYTES_MAX);
	if (done == 0)
		done = find(c, dataset, target, version);
	if (done == 0 && stage_path(&path, &st, "rollback") == -1)
		done = db_fail_errno(&c->db, data);
	if (done == 0)
		done = roll(&w, &st, version, path.data);
	if (done == -1 && c->db.status == EXIT_OK)
		db_fail_errno(&c->db, c->db.path);
	buf_release(&path);
	stage_release(&st);
	buf_release(&w.label);
	return done;
}
