#include "store/canon_mix.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "store/canon_gate.h"
#include "store/canon_judge.h"
#include "store/stage.h"

#define SQL_BYTES 4096

/* What one part of a mix is made of: ?1 part, ?2 dataset, ?3 version. */
static const char held_sql[] =
    "SELECT run, snapshot, sha256 FROM main.version_inputs"
    " WHERE part = ?1 AND dataset = ?2 AND version_id = ?3";
static const char offered_sql[] =
    "SELECT run, snapshot, sha256 FROM stage.staging_inputs"
    " WHERE part = ?1 AND ?2 <> ?3";
static const char mixed_sql[] =
    "SELECT run, snapshot, sha256 FROM mix.staging_inputs WHERE part = ?1";

/* Is a part in the mix what it has to be?  1, 0 or -1. */
static int
part_fits(struct canon_work *w, const struct canon_gate *g)
{
	const char *want = g->way == CANON_GATE_HELD ? held_sql : offered_sql;
	struct db *db = &w->c->db;
	sqlite3_stmt *s;
	struct buf b;
	int r;

	buf_init(&b, SQL_BYTES);
	buf_printf(&b, "SELECT 1 FROM (SELECT * FROM (%s EXCEPT %s) "
	    "UNION ALL SELECT * FROM (%s EXCEPT %s)) LIMIT 1", want,
	    mixed_sql, mixed_sql, want);
	s = db_prepare(db, b.data);
	buf_release(&b);
	if (s == NULL)
		return -1;
	db_bind(s, 1, g->part->name);
	db_bind(s, 2, w->label.data);
	db_bind(s, 3, w->active.version);
	r = db_step(db, s);
	sqlite3_finalize(s);
	return r == -1 ? -1 : r == 0;
}

/* Is it of this dataset?  1, 0 or -1. */
static int
dataset_fits(struct canon_work *w)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT 1 FROM mix.staging_meta "
	    "WHERE name = 'dataset' AND value = ?");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->label.data);
	r = db_step(db, s);
	sqlite3_finalize(s);
	return r;
}

int
canon_mix_fits(struct canon_work *w)
{
	size_t i;
	int r = w->c->mixed ? dataset_fits(w) : 0;

	for (i = 0; r == 1 && i < w->c->d->n_parts; i++)
		r = part_fits(w, &w->c->gates[i]);
	return r;
}

/* Choose the payload of each part.  0 or -1. */
static int
choose(struct canon *c, struct stage *st, const struct canon_result *r)
{
	size_t i;
	int found = 0;

	for (i = 0; found != -1 && i < c->d->n_parts; i++)
		found = c->gates[i].way == CANON_GATE_HELD ?
		    stage_input_of_version(st, &c->db, r->active, i) :
		    stage_input_of_staging(st, &c->db, "stage", i);
	return found == -1 ? -1 : 0;
}

/* Stage it.  0, or -1 as the rest of canon says it. */
static int
write_mix(struct canon *c, struct stage *st, const char *path,
    const struct canon_options *o, const struct canon_result *r)
{
	enum exits status = stage_write(st, path, r->staged, o->now);

	if (status == EXIT_OK)
		return 0;
	buf_clear(&c->db.message);
	buf_str(&c->db.message, st->message.data);
	c->db.status = status;
	return -1;
}

/* Nobody else needs its name once it is open. */
static int
make(struct canon *c, struct stage *st, const struct canon_options *o,
    const struct canon_result *r)
{
	struct buf path;
	int done = -1;

	buf_init(&path, PATH_BYTES_MAX);
	if (stage_path(&path, st, "mix") == -1)
		db_fail_errno(&c->db, st->data);
	else if (choose(c, st, r) == 0 &&
	    write_mix(c, st, path.data, o, r) == 0) {
		done = canon_attach_mix(c, path.data);
		unlink(path.data);
	}
	buf_release(&path);
	return done;
}

int
canon_mix_promote(struct canon *c, const char *data,
    const struct part *dataset, const struct canon_options *o,
    struct canon_result *r)
{
	struct stage st;
	int done;

	/* Another promotes meanwhile: the mix has to be made anew. */
	while ((done = canon_promote(c, dataset, o, r)) == 0 &&
	    r->outcome == CANON_MIX) {
		stage_init(&st, c->d, data, dataset);
		done = make(c, &st, o, r);
		stage_release(&st);
		if (done == -1)
			break;
	}
	return done;
}
