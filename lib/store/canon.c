#include "store/canon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/stop.h"
#include "store/canon_gate.h"
#include "store/canon_mix.h"
#include "store/canon_schema.h"
#include "store/canon_write.h"

/* Virtual machine steps between two looks at a request to stop. */
#define STOP_STEPS 10000

/* KiB of page cache: what an update in key order touches, and no more. */
#define CACHE_KIB 8192

/* Make sure that a failure outside SQLite (memory) is told, too. */
static int
failed(struct canon *c)
{
	int saved = errno;

	if (c->db.status == EXIT_OK)
		db_fail_errno(&c->db, c->db.path);
	errno = saved;
	return -1;
}

/* --- opening ------------------------------------------------------------ */

static int
on_progress(void *arg)
{
	(void)arg;
	return stop_requested() != 0;
}

static int
open_tables(struct canon *c, enum canon_mode mode)
{
	int writes = mode == CANON_WRITE || mode == CANON_CHANGE;

	if (canon_schema_open(&c->db, c->d, writes) == -1 ||
	    db_execf(&c->db, "PRAGMA cache_size = -%d", CACHE_KIB) == -1)
		return -1;
	c->counts = calloc(c->d->n_tables, sizeof(*c->counts));
	c->gated = calloc(c->d->n_tables, sizeof(*c->gated));
	c->gates = calloc(c->d->n_parts, sizeof(*c->gates));
	c->holds = calloc(c->d->n_parts, sizeof(*c->holds));
	if (c->counts == NULL || c->gated == NULL || c->gates == NULL ||
	    c->holds == NULL || canon_rows_init(&c->rows, &c->db, c->d) == -1)
		return -1;
	return writes ? canon_rows_writable(&c->rows) : 0;
}

int
canon_open_file(struct canon *c, const char *path, const struct decl *d,
    enum canon_mode mode, int64_t wait_ms)
{
	memset(c, 0, sizeof(*c));
	c->d = d;
	canon_version_init(&c->versions, &c->db, d);
	if (db_open(&c->db, path, mode == CANON_READ ? DB_READ :
	    mode == CANON_CHANGE ? DB_WRITE : DB_CREATE) == -1)
		return failed(c);
	c->db.wait_ms = wait_ms;
	if (open_tables(c, mode) == -1)
		return failed(c);
	sqlite3_progress_handler(c->db.h, STOP_STEPS, on_progress, NULL);
	return 0;
}

int
canon_open(struct canon *c, const char *data, const struct decl *d,
    enum canon_mode mode, int64_t wait_ms)
{
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/%s.sqlite", data, d->source) == -1)
		buf_clear(&path);
	r = canon_open_file(c, mode == CANON_MEMORY ? ":memory:" : path.data,
	    d, mode, wait_ms);
	buf_release(&path);
	return r;
}

void
canon_close(struct canon *c)
{
	canon_rows_release(&c->rows);
	canon_version_release(&c->versions);
	free(c->counts);
	free(c->gated);
	free(c->gates);
	free(c->holds);
	c->counts = NULL;
	c->gated = NULL;
	c->gates = NULL;
	c->holds = NULL;
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

int
canon_attach_mix(struct canon *c, const char *path)
{
	c->db.status = EXIT_OK;
	if (c->mixed && (canon_stage(c, "stage") == -1 ||
	    db_exec(&c->db, "DETACH mix") == -1))
		return -1;
	c->mixed = db_attach(&c->db, path, "mix", DB_READ) == 0;
	return c->mixed ? 0 : failed(c);
}

int
canon_detach(struct canon *c)
{
	canon_rows_reset(&c->rows);
	canon_version_reset(&c->versions);
	if (c->mixed && db_exec(&c->db, "DETACH mix") == -1)
		return -1;
	c->mixed = 0;
	return db_exec(&c->db, "DETACH stage");
}

/* --- promoting ---------------------------------------------------------- */

/* Some parts are held, others not: without a mix nothing can be done. */
static int
need_mix(struct canon_work *w)
{
	int fits;

	if (w->r->outcome != CANON_PROMOTED || w->r->held == 0)
		return 0;
	if ((fits = canon_mix_fits(w)) == 0)
		w->r->outcome = CANON_MIX;
	return fits == -1 ? -1 : 0;
}

static int
promote(struct canon_work *w)
{
	if (canon_schema_begin(&w->c->db, w->c->d) == -1)
		return -1;
	if (canon_look_up(w) == -1 || canon_judge(w) == -1 ||
	    need_mix(w) == -1 || canon_write(w) == -1 ||
	    db_commit(&w->c->db) == -1) {
		failed(w->c);
		db_rollback(&w->c->db);
		return -1;
	}
	w->r->ms = clock_mono_ms() - w->began_ms;
	return 0;
}

/* Our own tables were checked: SQL can only be wrong about staging's. */
static int
finish_work(struct canon_work *w, int r)
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
	struct canon_work w;
	int done = canon_begin(&w, c, dataset, o, r);

	if (done == 0)
		done = promote(&w);
	if (c->mixed && canon_stage(c, "stage") == -1)
		done = -1;
	return finish_work(&w, done);
}

int
canon_restore(struct canon *c, const struct part *dataset,
    const struct canon_options *o, const char *version,
    struct canon_result *r)
{
	struct canon_work w;
	int done = canon_begin(&w, c, dataset, o, r);

	if (done == 0 && (canon_look_up(&w) == -1 ||
	    canon_compare(&w) == -1 || canon_write_again(&w, version) == -1))
		done = failed(c);
	return finish_work(&w, done);
}

/* --- reading ------------------------------------------------------------ */

int
canon_preview(struct canon *c, const struct part *dataset,
    const struct canon_options *o, struct canon_result *r, change_fn fn,
    void *arg)
{
	struct canon_work w;
	int done = canon_begin(&w, c, dataset, o, r);

	w.show = fn;
	w.arg = arg;
	if (done == 0 && (db_exec(&c->db, "BEGIN") == -1 ||
	    canon_look_up(&w) == -1 || canon_judge(&w) == -1))
		done = failed(c);
	db_rollback(&c->db);
	return finish_work(&w, done);
}

int
canon_kept(struct canon *c, const struct part *dataset,
    const struct canon_options *o, const char *version, change_fn fn,
    void *arg)
{
	struct change_head head = { dataset, NULL, version, o->run };
	struct diff_count count;
	struct buf label;
	size_t t;
	int r;

	c->db.status = EXIT_OK;
	buf_init(&label, PATH_BYTES_MAX);
	r = part_values(dataset, 0, dataset->n, &label);
	head.label = label.data;
	if (r == 0)
		r = db_exec(&c->db, "BEGIN");
	for (t = 0; r == 0 && t < c->d->n_tables; t++)
		if (decl_has(c->d->tables[t].kind, dataset))
			r = canon_rows_show(&c->rows, &head, t, fn, arg, &count);
	if (r == -1)
		failed(c);
	db_rollback(&c->db);
	buf_release(&label);
	return r;
}

int
canon_changes(struct canon *c, const struct part *dataset,
    const char *version, change_fn fn, void *arg)
{
	char run[CANON_VERSION_BYTES] = "";
	struct change_head head = { dataset, NULL, version, run };
	struct version_ref ref = { .dataset = dataset, .version = version };
	struct buf label;
	size_t t;
	int r;

	c->db.status = EXIT_OK;
	buf_init(&label, PATH_BYTES_MAX);
	r = part_values(dataset, 0, dataset->n, &label);
	head.label = ref.label = label.data;
	if (r == 0)
		r = db_exec(&c->db, "BEGIN");
	if (r == 0)
		r = version_run(&c->versions, &ref, run);
	for (t = 0; r == 0 && t < c->d->n_tables; t++) {
		int changed = !decl_has(c->d->tables[t].kind, dataset) ? 0 :
		    version_changed(&c->versions, &ref, c->d->tables[t].name);

		r = changed != 1 ? changed :
		    canon_rows_made(&c->rows, &head, t, fn, arg);
	}
	if (r == -1)
		failed(c);
	db_rollback(&c->db);
	buf_release(&label);
	return r;
}
