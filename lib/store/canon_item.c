#include "store/canon_item.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/canon_judge.h"
#include "store/canon_write.h"
#include "store/staging_meta.h"

/* --- failures ----------------------------------------------------------- */

/* What staging says becomes what canon says, unless SQLite has said it. */
static int
fail_staging(struct canon_item *i)
{
	struct db *db = &i->c->db;

	if (i->staging.status == EXIT_OK)
		return -1;
	buf_clear(&db->message);
	buf_str(&db->message, i->staging.message.data);
	db->status = i->staging.status;
	return -1;
}

/* Whoever brought it is wrong. */
static int MSG_FMT(2, 3)
refuse(struct canon_item *i, const char *fmt, ...)
{
	struct db *db = &i->c->db;
	va_list ap;

	buf_clear(&db->message);
	va_start(ap, fmt);
	buf_vprintf(&db->message, fmt, ap);
	va_end(ap);
	db->status = EXIT_DATA;
	errno = EINVAL;
	return -1;
}

/* --- opening ------------------------------------------------------------ */

/* What is staged is small, and need not survive: it stays in memory. */
static int
open_all(struct canon_item *i)
{
	struct canon *c = i->c;

	/* This drops the temporary tables there are. */
	if (db_exec(&c->db, "PRAGMA temp_store = MEMORY") == -1 ||
	    canon_rows_writable(&c->rows) == -1 ||
	    canon_stage(c, "temp") == -1)
		return -1;
	if (staging_open_temp(&i->staging, c->d, &c->db) == -1 ||
	    row_checks_open(&i->checks, &i->staging) == -1)
		return fail_staging(i);
	if (map_init(&i->map, &i->staging) == -1 ||
	    (i->asked = calloc(c->d->n_tables + 1, 1)) == NULL)
		return db_fail_errno(&c->db, c->d->file);
	return 0;
}

int
canon_item_open(struct canon_item *i, struct canon *c)
{
	*i = (struct canon_item){ .c = c };
	c->db.status = EXIT_OK;
	return open_all(i);
}

void
canon_item_close(struct canon_item *i)
{
	if (i->map.staging != NULL)
		map_release(&i->map);
	row_checks_close(&i->checks);
	staging_release(&i->staging);
	free(i->asked);
	*i = (struct canon_item){ 0 };
}

/* --- rows --------------------------------------------------------------- */

static int
is_among(const struct decl_table *t, const struct decl_part *const *parts,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(t->part, parts[i]->name) == 0)
			return 1;
	return 0;
}

int
canon_item_begin(struct canon_item *i, const struct part *dataset,
    const struct decl_part *const *parts, size_t n)
{
	const struct decl *d = i->c->d;
	size_t t, k;

	i->c->db.status = EXIT_OK;
	for (k = 0; k < n; k++)
		if (!decl_has(parts[k]->kind, dataset))
			return refuse(i, "part %s is of other datasets",
			    parts[k]->name);
	i->dataset = *dataset;
	i->rows = 0;
	i->map.element = 0;
	for (t = 0; t < d->n_tables; t++)
		i->asked[t] = d->tables[t].paged &&
		    decl_has(d->tables[t].kind, dataset) &&
		    is_among(&d->tables[t], parts, n);
	if (staging_restart(&i->staging, dataset) == -1 ||
	    row_checks_clear(&i->checks) == -1)
		return fail_staging(i);
	return 0;
}

int
canon_item_row(struct canon_item *i, const char *table, yyjson_val *values)
{
	const struct decl *d = i->c->d;
	const struct decl_table *t = decl_table(d, table);
	size_t n = t != NULL ? (size_t)(t - d->tables) : 0;
	int64_t before;

	if (t == NULL)
		return refuse(i, "%s: no such table", table);
	if (!i->asked[n])
		return refuse(i, "%s: not a table of the item's pages",
		    table);
	if (!yyjson_is_obj(values))
		return refuse(i, "%s: a row without values", table);
	before = i->staging.tables[n].rows;
	i->rows++;
	if (map_row(&i->map, n, values) == -1)
		return fail_staging(i);
	if (i->staging.tables[n].rows > before && row_checks_keep(&i->checks,
	    n, i->map.element - 1, values) == -1)
		return db_fail_errno(&i->c->db, table);
	return 0;
}

/* --- promoting ---------------------------------------------------------- */

/* Check and number what is staged, and say what it is. */
static int
complete(struct canon_item *i, const struct canon_options *o,
    struct canon_item_result *r)
{
	const struct decl *d = i->c->d;
	int64_t warnings;
	size_t t;

	if (staging_flush(&i->staging) == -1)
		return fail_staging(i);
	for (t = 0; t < d->n_tables; t++) {
		if (!i->asked[t])
			continue;
		if ((warnings = row_checks_run(&i->checks, t)) == -1)
			return fail_staging(i);
		r->warnings += warnings;
	}
	if (staging_number(&i->staging) == -1 ||
	    staging_meta_write(&i->staging, o->run, o->now) == -1)
		return fail_staging(i);
	return 0;
}

/* Compare, and say what it comes to. */
static int
judge(struct canon_work *w)
{
	struct canon_result *r = w->r;

	memcpy(r->active, w->active.version, sizeof(r->active));
	if (canon_compare(w) == -1)
		return -1;
	r->outcome = r->tables > 0 ? CANON_PROMOTED : CANON_UNCHANGED;
	if (r->tables > 0)
		return version_after(&w->c->versions, &w->ref, r->version);
	memcpy(r->version, r->active, sizeof(r->version));
	return 0;
}

static int
promote(struct canon_item *i, struct canon_work *w,
    struct canon_item_result *r)
{
	struct canon_version *v = &w->c->versions;

	if (strlen(w->o->run) >= sizeof(r->canon.staged))
		return refuse(i, "%s: too long for a run", w->o->run);
	memcpy(r->canon.staged, w->o->run, strlen(w->o->run) + 1);
	r->canon.outcome = CANON_UNCHANGED;
	if (version_active(v, w->label.data, &w->active) == -1)
		return -1;
	if (i->rows == 0 && w->active.version[0] == '\0')
		return 0;
	if (complete(i, w->o, r) == -1)
		return -1;
	r->quarantined = row_checks_write(&i->checks, w->label.data,
	    i->asked, w->o->run, w->o->now);
	if (r->quarantined == -1)
		return fail_staging(i);
	if (judge(w) == -1)
		return -1;
	if (r->canon.tables == 0 && w->active.version[0] == '\0')
		return 0;
	return canon_write_item(w);
}

int
canon_item_promote(struct canon_item *i, const char *run, const char *now,
    struct canon_item_result *r)
{
	const struct canon_options o = { .run = run, .now = now };
	struct canon_work w;
	int done;

	*r = (struct canon_item_result){ 0 };
	done = canon_begin(&w, i->c, &i->dataset, &o, &r->canon);
	w.only = i->asked;
	if (done == 0 && (done = promote(i, &w, r)) == -1 &&
	    i->c->db.status == EXIT_OK)
		db_fail_errno(&i->c->db, i->c->db.path);
	r->canon.ms = clock_mono_ms() - w.began_ms;
	buf_release(&w.label);
	return done;
}

const struct notes *
canon_item_findings(const struct canon_item *i)
{
	return &i->staging.notes;
}
