#include "store/snapshot_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "record/jsonw.h"
#include "store/canon_schema.h"

/* Digits of the hash in an id. */
#define ID_DIGITS 12

/* Bytes of the text that is hashed: declaration and all versions. */
#define HASHED_BYTES ((size_t)256 << 20)

/* Before the first report is made, there is no such table. */
#define NO_REPORTS "(SELECT NULL AS dataset, NULL AS version_id,"	\
	" NULL AS ready, NULL AS accepted, NULL AS failures, 0 AS report_id)"

/* The promoted versions of each dataset, newest first, and their reports. */
#define VERSIONS "WITH r AS (SELECT dataset, version_id, ready OR"	\
	" accepted IS NOT NULL AS ready, failures, max(report_id)"	\
	" FROM %s GROUP BY dataset, version_id)"			\
	" SELECT v.dataset, v.version_id, v.promoted_at, v.seq, v.map_sha256,"	\
	" ifnull(r.ready, 0), CASE WHEN r.ready IS NULL THEN"		\
	" 'it has no report yet' ELSE 'checks that failed: ' ||"	\
	" r.failures END"						\
	" FROM main.dataset_versions v LEFT JOIN r"			\
	" ON r.dataset = v.dataset AND r.version_id = v.version_id"	\
	" WHERE v.seq IS NOT NULL ORDER BY v.dataset, v.seq DESC"

static const char changes_sql[] =
    "SELECT v.version_id, (SELECT p.version_id FROM main.dataset_versions p"
    "  WHERE p.dataset = v.dataset AND p.version_id = v.parent"
    "  AND p.seq IS NOT NULL), v.promoted_at, v.run, v.seq,"
    " (SELECT sum(inserted) FROM main.version_tables t WHERE"
    "  t.dataset = v.dataset AND t.version_id = v.version_id),"
    " (SELECT sum(updated) FROM main.version_tables t WHERE"
    "  t.dataset = v.dataset AND t.version_id = v.version_id),"
    " (SELECT sum(deleted) FROM main.version_tables t WHERE"
    "  t.dataset = v.dataset AND t.version_id = v.version_id)"
    " FROM main.dataset_versions v WHERE v.dataset = ?1 AND v.seq <= ?2"
    " ORDER BY v.seq DESC LIMIT ?3";

struct planning {
	struct canon *c;
	const struct decl_snapshot *s;
	char *const *only;
	struct snapshot_plan *p;
	struct snapshot_error *e;
	struct buf hashed;
	struct jsonw w;
};

static int
db_failed(struct planning *g)
{
	return snapshot_fail(g->e, db_status(&g->c->db), "%s",
	    db_message(&g->c->db));
}

static const char *
keep(struct planning *g, sqlite3_stmt *s, int column)
{
	const char *text = db_text(s, column);

	return text != NULL ? arena_strdup(&g->p->arena, text) : NULL;
}

/* --- datasets ----------------------------------------------------------- */

static int
is_wanted(const struct planning *g, const char *label)
{
	size_t i;

	for (i = 0; g->only[i] != NULL; i++)
		if (strcmp(g->only[i], label) == 0)
			return 1;
	return i == 0;
}

/* The newest version of another dataset. */
static struct plan_dataset *
add_dataset(struct planning *g, sqlite3_stmt *s)
{
	struct snapshot_plan *p = g->p;
	struct plan_dataset *d;
	struct part key;

	if ((p->n & (p->n - 1)) == 0) {		/* a power of two: full */
		d = realloc(p->list, (p->n > 0 ? 2 * p->n : 1) * sizeof(*d));
		if (d == NULL)
			return NULL;
		p->list = d;
	}
	d = &p->list[p->n];
	*d = (struct plan_dataset){ .label = keep(g, s, 0),
	    .newest = keep(g, s, 1) };
	if (d->label == NULL || d->newest == NULL ||
	    decl_dataset(g->c->d, d->label, &key) == -1)
		return NULL;
	p->n++;
	return d;
}

static void
put_hashed(struct planning *g, sqlite3_stmt *s)
{
	jsonw_arr_open(&g->w, NULL);
	jsonw_str(&g->w, NULL, db_text(s, 0));
	jsonw_str(&g->w, NULL, db_text(s, 1));
	jsonw_str(&g->w, NULL, db_text(s, 4) != NULL ? db_text(s, 4) : "");
	jsonw_arr_close(&g->w);
}

/* A version, newest first: is it the one that readers are given? */
static int
look_at(struct planning *g, sqlite3_stmt *s)
{
	struct plan_dataset *d = g->p->n > 0 ?
	    &g->p->list[g->p->n - 1] : NULL;
	int ready = g->s->take_promoted || sqlite3_column_int(s, 5);

	if (d == NULL || strcmp(d->label, db_text(s, 0)) != 0) {
		if ((d = add_dataset(g, s)) == NULL)
			return -1;
		put_hashed(g, s);
		d->active = ready;
		if (!ready && (d->withheld = keep(g, s, 6)) == NULL)
			return -1;
	}
	if (!ready || d->version != NULL)
		return 0;
	d->version = keep(g, s, 1);
	d->promoted_at = keep(g, s, 2);
	d->seq = sqlite3_column_int64(s, 3);
	put_hashed(g, s);
	return d->version != NULL && d->promoted_at != NULL ? 0 : -1;
}

static int
find_datasets(struct planning *g)
{
	int reports = (int)db_int(&g->c->db, "SELECT count(*) "
	    "FROM main.sqlite_schema WHERE name = 'version_reports'", 0);
	sqlite3_stmt *s;
	struct buf sql;
	int r;

	buf_init(&sql, 4096);
	buf_printf(&sql, VERSIONS, reports > 0 ? "main.version_reports" :
	    NO_REPORTS);
	s = db_prepare(&g->c->db, sql.data);
	buf_release(&sql);
	jsonw_arr_open(&g->w, "datasets");
	while ((r = db_step(&g->c->db, s)) == 1) {
		if (is_wanted(g, db_text(s, 0)) && look_at(g, s) == -1) {
			snapshot_fail_errno(g->e, db_text(s, 0));
			break;
		}
	}
	jsonw_arr_close(&g->w);
	sqlite3_finalize(s);
	if (r == -1)
		db_failed(g);
	return r == 0 ? 0 : -1;
}

/* The newest one of all that readers are given. */
static int
find_newest(struct planning *g)
{
	struct snapshot_plan *p = g->p;
	const struct plan_dataset *best = NULL;
	size_t i;

	p->all_active = !p->partial;
	for (i = 0; i < p->n; i++) {
		p->all_active &= p->list[i].active;
		if (p->list[i].version != NULL &&
		    (best == NULL || p->list[i].seq > best->seq))
			best = &p->list[i];
	}
	if (best == NULL)
		return snapshot_fail(g->e, EXIT_NOINPUT, "%s: no %sversion "
		    "for readers", g->c->db.path,
		    g->s->take_promoted ? "" : "ready ");
	p->version = best->version;
	p->generated_at = best->promoted_at;
	return 0;
}

/* What was asked for has to be there. */
static int
check_wanted(struct planning *g)
{
	size_t i, j;

	for (i = 0; g->only[i] != NULL; i++) {
		for (j = 0; j < g->p->n; j++)
			if (strcmp(g->p->list[j].label, g->only[i]) == 0)
				break;
		if (j == g->p->n)
			return snapshot_fail(g->e, EXIT_NOINPUT,
			    "%s: no version was ever promoted", g->only[i]);
	}
	return 0;
}

/* --- changes ------------------------------------------------------------ */

static struct plan_change *
add_change(struct planning *g, size_t dataset, sqlite3_stmt *s)
{
	struct snapshot_plan *p = g->p;
	struct plan_change *v;

	if ((p->n_changes & (p->n_changes - 1)) == 0) {
		v = realloc(p->changes, (p->n_changes > 0 ?
		    2 * p->n_changes : 1) * sizeof(*v));
		if (v == NULL)
			return NULL;
		p->changes = v;
	}
	v = &p->changes[p->n_changes++];
	*v = (struct plan_change){ dataset, keep(g, s, 0), keep(g, s, 1),
	    keep(g, s, 2), keep(g, s, 3), sqlite3_column_int64(s, 4),
	    sqlite3_column_int64(s, 5), sqlite3_column_int64(s, 6),
	    sqlite3_column_int64(s, 7), 0 };
	return v->version != NULL ? v : NULL;
}

/*
 * The last versions of one dataset, newest first.  That with which it
 * began tells nothing: all of it is new.  One whose parent is not kept can
 * no longer be told from the history.
 */
static int
find_changes_of(struct planning *g, sqlite3_stmt *s, size_t i)
{
	const struct plan_dataset *d = &g->p->list[i];
	int64_t room = g->s->change_rows, rows;
	struct plan_change *v;
	int r;

	if (d->version == NULL)
		return 0;
	db_bind(s, 1, d->label);
	sqlite3_bind_int64(s, 2, d->seq);
	sqlite3_bind_int64(s, 3, g->s->change_versions);
	while ((r = db_step(&g->c->db, s)) == 1) {
		if ((v = add_change(g, i, s)) == NULL) {
			sqlite3_reset(s);
			return snapshot_fail_errno(g->e, d->label);
		}
		rows = v->inserted + v->updated + v->deleted;
		v->kept = v->parent != NULL && room >= rows;
		room = v->kept ? room - rows : 0;
		jsonw_arr_open(&g->w, NULL);
		jsonw_str(&g->w, NULL, d->label);
		jsonw_str(&g->w, NULL, v->version);
		jsonw_bool(&g->w, NULL, v->kept);
		jsonw_arr_close(&g->w);
	}
	return r == -1 ? db_failed(g) : 0;
}

static int
by_seq(const void *a, const void *b)
{
	const struct plan_change *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int
find_changes(struct planning *g)
{
	sqlite3_stmt *s = db_prepare(&g->c->db, changes_sql);
	int r = s == NULL ? db_failed(g) : 0;
	size_t i;

	jsonw_arr_open(&g->w, "changes");
	for (i = 0; r == 0 && i < g->p->n; i++)
		r = find_changes_of(g, s, i);
	jsonw_arr_close(&g->w);
	sqlite3_finalize(s);
	if (r == 0 && g->p->n_changes > 0)
		qsort(g->p->changes, g->p->n_changes, sizeof(*g->p->changes),
		    by_seq);
	return r;
}

/* --- the id ------------------------------------------------------------- */

/* What is declared, as far as it shapes the files. */
static int
hash_declared(struct planning *g)
{
	const struct decl *d = g->c->d;
	char tables[DIGEST_TEXT];
	yyjson_val *v;

	if (canon_schema_sha256(d, tables) == -1)
		return snapshot_fail_errno(g->e, d->file);
	jsonw_int(&g->w, "schema", SNAPSHOT_SCHEMA);
	jsonw_str(&g->w, "source", d->source);
	jsonw_str(&g->w, "tables", tables);
	jsonw_canonical(&g->w, "declared", yyjson_obj_get(d->root,
	    "snapshot"));
	if ((v = yyjson_obj_get(d->root, "view")) != NULL)
		jsonw_canonical(&g->w, "views", v);
	jsonw_bool(&g->w, "partial", g->p->partial);
	return 0;
}

static int
make_id(struct planning *g)
{
	struct digest sum;
	char hex[DIGEST_TEXT];

	jsonw_obj_close(&g->w);
	if (g->w.failed != 0 || digest_init(&sum) == -1) {
		if (g->w.failed != 0)
			errno = g->w.failed;
		return snapshot_fail_errno(g->e, g->c->d->file);
	}
	digest_add(&sum, g->hashed.data, g->hashed.len);
	digest_finish(&sum, hex);
	snprintf(g->p->id, sizeof(g->p->id), "%s-%.*s", g->p->version,
	    ID_DIGITS, hex);
	if (!snapshot_is_id(g->p->id))
		return snapshot_fail(g->e, EXIT_DATA, "%s: a version of "
		    "which no folder can be named", g->p->version);
	return 0;
}

int
snapshot_plan(struct canon *c, const struct decl_snapshot *s,
    char *const *only, struct snapshot_plan *p, struct snapshot_error *e)
{
	struct planning g = { .c = c, .s = s, .only = only, .p = p, .e = e };
	int r;

	memset(p, 0, sizeof(*p));
	arena_init(&p->arena);
	p->partial = only[0] != NULL;
	buf_init(&g.hashed, HASHED_BYTES);
	jsonw_init(&g.w, &g.hashed);
	jsonw_obj_open(&g.w, NULL);
	r = hash_declared(&g);
	if (r == 0 && (r = find_datasets(&g)) == 0 &&
	    (r = check_wanted(&g)) == 0 && (r = find_newest(&g)) == 0 &&
	    (s->changes == NULL || (r = find_changes(&g)) == 0))
		r = make_id(&g);
	buf_release(&g.hashed);
	return r;
}

void
snapshot_plan_release(struct snapshot_plan *p)
{
	free(p->list);
	free(p->changes);
	arena_release(&p->arena);
	p->list = NULL;
	p->changes = NULL;
	p->n = p->n_changes = 0;
}
