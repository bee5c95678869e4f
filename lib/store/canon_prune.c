#include "store/canon_prune.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/stop.h"
#include "store/canon_schema.h"
#include "store/canon_table.h"

#define SQL_BYTES ((size_t)1 << 16)
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static const char plan_ddl[] =
    "PRAGMA query_only = OFF;"
    "CREATE TEMP TABLE prune_chosen (dataset TEXT);"
    "CREATE TEMP TABLE prune_plan (dataset TEXT, version_id TEXT,"
    " oldest TEXT);";

/* ?1: what ended before goes.  oldest is the first that stays. */
static const char plan_sql[] =
    "WITH v AS (SELECT dataset, version_id, seq, status,"
    " lead(promoted_at) OVER (PARTITION BY dataset ORDER BY seq) AS ended"
    " FROM main.dataset_versions WHERE seq IS NOT NULL),"
    " k AS (SELECT dataset, version_id, min(seq) AS seq FROM v"
    " WHERE status = 'active' OR ended IS NULL OR ended >= ?1"
    " GROUP BY dataset)"
    " INSERT INTO temp.prune_plan SELECT * FROM ("
    " SELECT v.dataset, v.version_id, k.version_id FROM v"
    " JOIN k USING (dataset) WHERE v.seq < k.seq"
    " UNION ALL SELECT w.dataset, w.version_id, NULL"
    " FROM main.dataset_versions AS w WHERE w.seq IS NULL"
    " AND w.created_at < ?1 AND NOT EXISTS (SELECT 1"
    " FROM main.gate_parts AS g WHERE g.dataset = w.dataset"
    " AND g.version = w.version_id AND g.state = 'held'))"
    " WHERE NOT EXISTS (SELECT 1 FROM temp.prune_chosen)"
    " OR dataset IN (SELECT dataset FROM temp.prune_chosen)";

/* What is known of a version; the last one is its own row. */
static const char *const records[] = { "version_inputs", "version_tables",
	"version_findings", "version_reports", "dataset_version_events",
	"dataset_versions" };

/* The files made of a version: DATA/FOLDER/SOURCE/DATASET/ and its name. */
static const struct {
	const char *folder, *prefix, *suffix;
} files[] = {
	{ "diff", "", ".jsonl" },
	{ "diff", "", ".held.jsonl" },
	{ "report", "ready_report_", ".json" },
	{ "report", "ready_report_", ".md" },
	{ "report", "ready_report_", ".html" },
};

/* --- the plan ----------------------------------------------------------- */

static int
plan(struct canon *c, const struct canon_prune *o)
{
	char cutoff[CLOCK_TEXT];
	char *const *label = o->datasets;
	sqlite3_stmt *s;
	int64_t now;
	int r;

	if (clock_parse(o->now, &now) == -1)
		return db_fail_errno(&c->db, o->now);
	clock_format(now - o->days * DAY_MS, cutoff);
	r = db_exec(&c->db, plan_ddl);
	for (; r == 0 && label != NULL && *label != NULL; label++) {
		s = db_prepare(&c->db, "INSERT INTO temp.prune_chosen"
		    " VALUES (?1)");
		if (s != NULL)
			db_bind(s, 1, *label);
		r = db_run(&c->db, s);
		sqlite3_finalize(s);
	}
	if (r == -1)
		return -1;
	if ((s = db_prepare(&c->db, plan_sql)) != NULL)
		db_bind(s, 1, cutoff);
	r = db_run(&c->db, s);
	sqlite3_finalize(s);
	return r;
}

/* --- one dataset -------------------------------------------------------- */

struct prune_work {
	struct canon *c;
	const struct canon_prune *o;
	struct part key;
	struct canon_pruned gone;
	char label[PATH_BYTES_MAX];
	char oldest[CANON_VERSION_BYTES];	/* "": none was active */
};

/* Run a template with the dataset's key, ?9 the oldest version kept. */
static int64_t
for_table(struct prune_work *w, const struct decl_table *t, const char *text)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s = NULL;
	struct buf sql;
	int64_t n = -1;

	buf_init(&sql, SQL_BYTES);
	if (canon_sql(&sql, w->c->d, t, NULL, text) == 0)
		s = db_prepare(db, sql.data);
	buf_release(&sql);
	if (s != NULL) {
		canon_bind(s, &w->key);
		db_bind(s, LIMIT_PART_MEMBERS + 1, w->oldest);
	}
	switch (db_step(db, s)) {
	case 1:
		n = sqlite3_column_int64(s, 0);
		break;
	case 0:
		n = sqlite3_changes(db->h);
		break;
	}
	sqlite3_finalize(s);
	return n;
}

/* History that ended with the oldest version kept, or before: how much. */
static int
history(struct prune_work *w, const char *text)
{
	int64_t n;
	size_t t;

	for (t = 0; w->oldest[0] != '\0' && t < w->c->d->n_tables; t++) {
		if (!decl_has(w->c->d->tables[t].kind, &w->key))
			continue;
		if ((n = for_table(w, &w->c->d->tables[t], text)) == -1)
			return -1;
		w->gone.rows += n;
	}
	return 0;
}

/* An export can be made again; a row without its export is fine. */
static int
remove_files(struct prune_work *w, const char *version)
{
	struct db *db = &w->c->db;
	struct buf path;
	size_t i;
	int r = 0;

	buf_init(&path, PATH_BYTES_MAX);
	for (i = 0; r == 0 && i < sizeof(files) / sizeof(files[0]); i++) {
		buf_clear(&path);
		if (buf_printf(&path, "%s/%s/%s/%s/%s", w->o->data,
		    files[i].folder, w->c->d->source, w->label,
		    files[i].prefix) == -1 ||
		    path_encode(&path, version) == -1 ||
		    buf_str(&path, files[i].suffix) == -1 ||
		    (unlink(path.data) == -1 && errno != ENOENT))
			r = db_fail_errno(db, path.data);
	}
	buf_release(&path);
	return r;
}

static int
remove_all_files(struct prune_work *w)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT version_id"
	    " FROM temp.prune_plan WHERE dataset = ?1");
	int r, done = 0;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->label);
	while (done == 0 && (r = db_step(db, s)) == 1)
		done = remove_files(w, db_text(s, 0));
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}

static int
remove_records(struct prune_work *w, const char *table)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s;
	struct buf sql;
	int r;

	/* ready-report makes its table when it first needs it. */
	if (strcmp(table, "version_reports") == 0 && db_int(db, "SELECT 1"
	    " FROM main.sqlite_schema WHERE name = 'version_reports'", 0)
	    == 0)
		return 0;
	buf_init(&sql, SQL_BYTES);
	buf_printf(&sql, "DELETE FROM main.%s WHERE dataset = ?1 AND"
	    " version_id IN (SELECT version_id FROM temp.prune_plan"
	    " WHERE dataset = ?1)", table);
	if ((s = db_prepare(db, sql.data)) != NULL)
		db_bind(s, 1, w->label);
	buf_release(&sql);
	r = db_run(db, s);
	sqlite3_finalize(s);
	return r;
}

static int
tell_event(struct prune_work *w)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s = db_prepare(db, "INSERT INTO"
	    " main.dataset_version_events (version_id, dataset, event, at,"
	    " run, payload) SELECT version_id, dataset, 'prune', ?2, ?3,"
	    " json_object('versions', ?4, 'rows', ?5, 'oldest', ?6)"
	    " FROM main.dataset_versions WHERE dataset = ?1"
	    " AND status = 'active'");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->label);
	db_bind(s, 2, w->o->now);
	db_bind(s, 3, w->o->run);
	sqlite3_bind_int64(s, 4, w->gone.versions);
	sqlite3_bind_int64(s, 5, w->gone.rows);
	db_bind(s, 6, w->gone.oldest);
	r = db_run(db, s);
	sqlite3_finalize(s);
	return r;
}

static int
remove_rows(struct prune_work *w)
{
	size_t i;

	if (history(w, "DELETE FROM main.{name_history} AS t"
	    " WHERE {dataset} AND t.valid_to <= ?9") == -1)
		return -1;
	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		if (remove_records(w, records[i]) == -1)
			return -1;
	return tell_event(w);
}

static int
prune_dataset(struct prune_work *w)
{
	struct db *db = &w->c->db;

	if (w->o->dry_run)
		return history(w, "SELECT count(*) FROM main.{name_history}"
		    " AS t WHERE {dataset} AND t.valid_to <= ?9");
	if (remove_all_files(w) == -1 ||
	    canon_schema_begin(db, w->c->d) == -1)
		return -1;
	if (remove_rows(w) == 0 && db_commit(db) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

/* --- all of them -------------------------------------------------------- */

static int
copy(char *out, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (n >= size) {
		errno = EINVAL;
		return -1;
	}
	memcpy(out, text, n + 1);
	return 0;
}

/* The row of the plan that s is on.  0 or -1 with errno. */
static int
take_dataset(struct prune_work *w, sqlite3_stmt *s)
{
	if (copy(w->label, sizeof(w->label), db_text(s, 0)) == -1 ||
	    copy(w->oldest, sizeof(w->oldest), db_text(s, 2)) == -1 ||
	    decl_dataset(w->c->d, w->label, &w->key) == -1)
		return -1;
	w->gone = (struct canon_pruned){ .dataset = w->label,
	    .versions = sqlite3_column_int64(s, 1),
	    .oldest = w->oldest[0] != '\0' ? w->oldest : NULL };
	return 0;
}

/* The dataset of the plan that follows w->label.  1, 0 or -1. */
static int
next_dataset(struct prune_work *w)
{
	struct db *db = &w->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT dataset, count(*),"
	    " ifnull(max(oldest), '') FROM temp.prune_plan"
	    " WHERE dataset > ?1 GROUP BY dataset ORDER BY dataset LIMIT 1");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->label);
	r = db_step(db, s);
	if (r == 1 && take_dataset(w, s) == -1)
		r = db_fail_errno(db, db_text(s, 0));
	sqlite3_finalize(s);
	return r;
}

int
canon_prune(struct canon *c, const struct canon_prune *o)
{
	struct prune_work w = { .c = c, .o = o };
	int r;

	if (plan(c, o) == -1)
		return -1;
	while ((r = next_dataset(&w)) == 1) {
		if (stop_requested()) {
			errno = EINTR;
			return db_fail_errno(&c->db, "prune");
		}
		if (prune_dataset(&w) == -1)
			return -1;
		if (o->tell != NULL)
			o->tell(&w.gone, o->arg);
	}
	return r;
}
