#include "store/ready_report.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "store/held_report.h"
#include "store/table.h"

static const char reports_ddl[] =
"CREATE TABLE IF NOT EXISTS version_reports ("
"	report_id INTEGER PRIMARY KEY,"
"	version_id TEXT NOT NULL,"
"	dataset TEXT NOT NULL,"
"	made_at TEXT NOT NULL,"
"	run TEXT NOT NULL,"
"	ready INTEGER NOT NULL CHECK (ready IN (0, 1)),"
"	accepted TEXT,"
"	failures INTEGER NOT NULL,"
"	warnings INTEGER NOT NULL,"
"	seed INTEGER NOT NULL,"
"	report TEXT NOT NULL) STRICT;"
"CREATE INDEX IF NOT EXISTS version_reports_version"
"	ON version_reports (dataset, version_id);";

/* Who asks what is held. */
static struct held
held_of(struct ready *r)
{
	struct held h = { .db = &r->canon.db, .d = r->d,
	    .dataset = r->o->dataset, .label = r->o->label,
	    .tell = { r->d->file, r->o->data } };

	clock_parse(r->o->now, &h.now_ms);
	return h;
}

/* --- JSON ---------------------------------------------------------------- */

/* One row, whose columns become members; a name ending in ? is a truth. */
static const char head_json[] =
"SELECT ready.*, v.* FROM ready JOIN ready_version v";

/* Members that hold JSON of their own; NULLs are left out. */
static const struct member {
	const char *name, *sql;
} members[] = {
	{ "snapshots",
"SELECT json_group_object(part, snapshot) FROM ready_input" },
	{ "inputs",
"SELECT json_group_array(json_patch('{}', json_object('part', part,"
"	'run', run, 'snapshot', snapshot, 'sha256', sha256,"
"	'size_bytes', size_bytes, 'record_count', record_count,"
"	'carried', json(iif(carried, 'true', 'false')),"
"	'confirmed_at', confirmed_at))) FROM ready_input" },
	{ "metrics",
"SELECT json_group_object(t.table_name, json_patch('{}', json_object("
"	'rows', t.\"rows\", 'record_count', v.payload_rows,"
"	'quarantined', v.quarantined, 'inserted', v.inserted,"
"	'updated', v.updated, 'deleted', v.deleted)))"
"	FROM ready_table t LEFT JOIN ready_change v USING (table_name)" },
	{ "checks",
"SELECT json_group_object(name, json_object('severity', severity,"
"	'text', text, 'ok', json(iif(n, 'false', 'true')), 'found', n,"
"	'examples', (SELECT json_group_array(json_object("
"	    'row_key', row_key, 'detail', detail)) FROM ready_example e"
"	    WHERE e.name = r.name))) FROM ready_result r" },
	{ "sample_sizes",
"SELECT json_group_object(sample, n) FROM"
"	(SELECT sample, count(*) AS n FROM ready_sample GROUP BY sample)" },
	{ "findings",
"SELECT json_group_array(json_patch('{}', json_object('code', f.code,"
"	'severity', f.severity, 'table', f.table_name,"
"	'column', f.column_name, 'n', f.n, 'row_key', f.row_key,"
"	'detail', f.detail))) FROM ready_finding f" },
	{ "waiting",
"SELECT json_group_array(json_object('version', v.version_id,"
"	'status', v.status, 'created_at', v.created_at, 'events',"
"	(SELECT json_group_object(event, json(payload))"
"	    FROM main.dataset_version_events e WHERE e.dataset = v.dataset"
"	    AND e.version_id = v.version_id AND event IN ('gate', 'abort'))))"
"	FROM main.dataset_versions v JOIN ready r ON v.dataset = r.dataset"
"	WHERE v.status IN ('held', 'staged')" },
};

/* Column i of s as a member. */
static void
put_column(struct jsonw *w, sqlite3_stmt *s, int i)
{
	const char *name = sqlite3_column_name(s, i);

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		jsonw_int(w, name, sqlite3_column_int64(s, i));
		break;
	case SQLITE_FLOAT:
		jsonw_real(w, name, sqlite3_column_double(s, i));
		break;
	case SQLITE_NULL:
		break;
	default:
		jsonw_opt(w, name, db_text(s, i));
	}
}

static void
put_columns(struct jsonw *w, sqlite3_stmt *s)
{
	int i, n = sqlite3_column_count(s);

	for (i = 0; i < n; i++)
		put_column(w, s, i);
}

static int
put_head(struct ready *r, const struct ready_verdict *v, struct jsonw *w)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, head_json);
	int step = db_step(&r->canon.db, s);

	if (step == 1)
		put_columns(w, s);
	sqlite3_finalize(s);
	jsonw_str(w, "dataset_version_id", r->version);
	jsonw_bool(w, "ready", v->ready);
	jsonw_opt(w, "accepted", v->accepted);
	jsonw_int(w, "passed", v->passed);
	jsonw_int(w, "failures", v->failures);
	jsonw_int(w, "warnings", v->warnings);
	return step == -1 ? -1 : 0;
}

static int
put_member(struct ready *r, struct jsonw *w, const struct member *m)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, m->sql);
	int step = db_step(&r->canon.db, s);

	if (step == 1)
		jsonw_raw(w, m->name, db_text(s, 0),
		    (size_t)sqlite3_column_bytes(s, 0));
	sqlite3_finalize(s);
	return step == -1 ? -1 : 0;
}

/* A declared table, as an array of objects. */
static int
put_report(struct ready *r, struct jsonw *w, const struct decl_report *t)
{
	sqlite3_stmt *s = ready_query(r, t->sql);
	int step;

	jsonw_arr_open(w, t->name);
	while ((step = db_step(&r->canon.db, s)) == 1) {
		jsonw_obj_open(w, NULL);
		put_columns(w, s);
		jsonw_obj_close(w);
	}
	jsonw_arr_close(w);
	sqlite3_finalize(s);
	return step == -1 ? ready_declared_failed(r, "report", t->name) : 0;
}

int
ready_json(struct ready *r, const struct ready_verdict *v, struct buf *b)
{
	const struct held h = held_of(r);
	struct jsonw w;
	size_t i;

	jsonw_init(&w, b);
	jsonw_obj_open(&w, NULL);
	if (put_head(r, v, &w) == -1)
		return -1;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (put_member(r, &w, &members[i]) == -1)
			return -1;
	if (held_members(&h, &w) == -1)
		return -1;
	jsonw_obj_open(&w, "tables");
	for (i = 0; i < r->rules->n_reports; i++)
		if (put_report(r, &w, &r->rules->reports[i]) == -1)
			return -1;
	jsonw_obj_close(&w);
	return jsonw_end(&w);
}

/* --- Markdown ------------------------------------------------------------ */

static const char head_text[] =
"SELECT 'Version ' || r.version || ', promoted ' || v.promoted_at ||"
"	CASE WHEN r.dataset IS NULL THEN '' WHEN r.parent IS NULL"
"	THEN ', the first one' ELSE ', after ' || r.parent END ||"
"	'. Last verified ' || ifnull(v.last_verified_at, 'never') || '.'"
"	FROM ready r JOIN ready_version v"
" UNION ALL SELECT 'Its data was last confirmed ' || CASE"
"	WHEN m < 120 THEN printf('%d min', m)"
"	WHEN m < 2880 THEN printf('%d h', m / 60)"
"	ELSE printf('%d days', m / 1440) END || ' before this report.'"
"	FROM (SELECT CAST(max((julianday(made_at) - julianday(confirmed_at))"
"	* 1440) AS INTEGER) AS m FROM ready_input, ready) WHERE m IS NOT NULL"
" UNION ALL SELECT '**' || v.version_id || ' is ' || v.status || '**: ' ||"
"	ifnull((SELECT payload ->> 'reason' || ifnull(' (' ||"
"	(payload ->> 'table') || ')', '') FROM main.dataset_version_events e"
"	WHERE e.dataset = v.dataset AND e.version_id = v.version_id"
"	AND event = 'abort' ORDER BY event_id DESC LIMIT 1), 'no reason') ||"
"	'; the active version goes on.' FROM main.dataset_versions v"
"	JOIN ready r ON v.dataset = r.dataset"
"	WHERE v.status IN ('held', 'staged')";

static const struct ready_section sections[] = {
	{ "Checks",
"SELECT CASE WHEN n = 0 THEN 'passed' WHEN severity = 'error' THEN '**failed**'"
"	ELSE severity END AS result, name AS \"check\", text AS what,"
"	nullif(n, 0) AS found, (SELECT row_key || ': ' || detail"
"	    FROM ready_example e WHERE e.name = r.name LIMIT 1) AS example"
"	FROM ready_result r ORDER BY n = 0, severity, rowid" },
	{ "Rows and changes",
"SELECT t.table_name AS \"table\", t.\"rows\","
"	nullif(v.inserted, 0) AS inserted, nullif(v.updated, 0) AS updated,"
"	nullif(v.deleted, 0) AS deleted,"
"	nullif(v.quarantined, 0) AS quarantined"
"	FROM ready_table t LEFT JOIN ready_change v USING (table_name)" },
	{ "Findings",
"SELECT f.severity, f.code AS finding, f.table_name ||"
"	ifnull('.' || f.column_name, '') AS \"table\", f.n,"
"	f.row_key || ifnull(': ' || f.detail, '') AS example"
"	FROM ready_finding f ORDER BY f.severity DESC, f.n DESC" },
	{ "Inputs",
"SELECT part, run, record_count AS records, size_bytes AS bytes,"
"	confirmed_at AS confirmed, iif(carried, 'from the version before',"
"	'new') AS origin FROM ready_input" },
	{ NULL, NULL }
};

const char *
ready_paragraphs(void)
{
	return head_text;
}

const struct ready_section *
ready_sections(void)
{
	return sections;
}

static int
add_section(struct ready *r, struct buf *b, const char *title,
    const char *sql)
{
	sqlite3_stmt *s = ready_query(r, sql);
	size_t start = b->len;
	int64_t rows = -1;

	if (s != NULL && buf_printf(b, "\n## %s\n\n", title) == 0)
		rows = table_print(b, &r->canon.db, s, TABLE_MARKDOWN);
	sqlite3_finalize(s);
	if (rows == 0)
		buf_cut(b, start);
	return rows == -1 ? -1 : 0;
}

/* The lines that a query gives, as paragraphs. */
static int
add_lines(struct ready *r, struct buf *b, const char *sql)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, sql);
	int step;

	while ((step = db_step(&r->canon.db, s)) == 1)
		if (buf_printf(b, "\n%s\n", db_text(s, 0)) == -1)
			break;
	sqlite3_finalize(s);
	return step == 0 ? 0 : -1;
}

static int
add_title(const struct ready *r, const struct ready_verdict *v,
    struct buf *b)
{
	if (buf_printf(b, "# %s%s%s: %s", r->d->title != NULL ? r->d->title :
	    r->d->source, ready_is_whole(r) ? "" : " ", r->o->label,
	    v->ready ? "ready" : "NOT READY") == -1)
		return -1;
	if (v->accepted != NULL && buf_printf(b, ", accepted: %s",
	    v->accepted) == -1)
		return -1;
	return buf_printf(b, "\n\nChecks: %lld passed, %lld failed. "
	    "Warnings: %lld.\n", (long long)v->passed,
	    (long long)v->failures, (long long)v->warnings);
}

static int
add_footer(const struct ready *r, struct buf *b)
{
	const struct ready_options *o = r->o;

	if (buf_str(b, "\n## To look further\n\n") == -1 ||
	    (!ready_is_whole(r) && buf_printf(b,
	    "    less %s/diff/%s/%s/%s.jsonl\n"
	    "    sqlite3 %s/%s.sqlite \"SELECT at, event, payload FROM "
	    "dataset_version_events WHERE dataset = '%s'\"\n",
	    o->data, r->d->source, o->label, r->version, o->data,
	    r->d->source, o->label) == -1))
		return -1;
	return buf_printf(b, "    ready-report -c %s -d %s -r %s --seed "
	    "%lld%s%s\n", r->d->file, o->data, o->run, (long long)o->seed,
	    ready_is_whole(r) ? "" : " ", o->label);
}

int
ready_markdown(struct ready *r, const struct ready_verdict *v, struct buf *b)
{
	const struct decl_report *t;
	size_t i;

	const struct held h = held_of(r);

	if (add_title(r, v, b) == -1 || add_lines(r, b, head_text) == -1 ||
	    held_section(&h, b) == -1)
		return -1;
	for (i = 0; i < r->rules->n_reports; i++) {
		t = &r->rules->reports[i];
		if (!t->page_only && add_section(r, b, t->title, t->sql) == -1)
			return ready_declared_failed(r, "report", t->name);
	}
	for (i = 0; sections[i].title != NULL; i++)
		if (add_section(r, b, sections[i].title, sections[i].sql)
		    == -1)
			return -1;
	return add_footer(r, b);
}

/* --- judging and recording ----------------------------------------------- */

int
ready_standing(struct ready *r)
{
	struct db *db = &r->canon.db;

	if (db_int(db, "SELECT count(*) FROM main.sqlite_schema "
	    "WHERE name = 'version_reports'", 0) == 0)
		return 0;
	return db_int(db, "SELECT v.ready OR v.accepted IS NOT NULL "
	    "FROM main.version_reports v JOIN ready r "
	    "ON r.version = v.version_id WHERE v.dataset = '' "
	    "AND v.made_at >= (SELECT promoted_at FROM ready_version) "
	    "ORDER BY v.report_id DESC LIMIT 1", 0) == 1;
}

int
ready_judge(struct ready *r, struct ready_verdict *v)
{
	int64_t findings = db_int(&r->canon.db, "SELECT count(*) "
	    "FROM ready_finding WHERE severity = 'warning'", -1);

	v->passed = db_int(&r->canon.db,
	    "SELECT count(*) FROM ready_result WHERE n = 0", -1);
	v->failures = ready_count(r, "error");
	v->warnings = ready_count(r, "warning");
	if (v->passed == -1 || v->failures == -1 || v->warnings == -1 ||
	    findings == -1)
		return -1;
	v->warnings += findings;
	v->ready = v->failures == 0;
	return 0;
}

int
ready_name(const struct ready *r, struct buf *b)
{
	if (buf_printf(b, "report/%s/%s%sready_report_", r->d->source,
	    r->o->label, ready_is_whole(r) ? "" : "/") == -1)
		return -1;
	return path_encode(b, r->version);
}

static int
insert_report(struct db *db, const struct ready *r,
    const struct ready_verdict *v, const char *report)
{
	const char *texts[] = { r->version, r->o->label, r->o->now,
	    r->o->run, v->accepted, report };
	sqlite3_stmt *s = db_prepare(db, "INSERT INTO version_reports "
	    "(version_id, dataset, made_at, run, accepted, report, ready, "
	    "failures, warnings, seed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	int i, done;

	if (s == NULL)
		return -1;
	for (i = 0; i < 6; i++)
		db_bind(s, i + 1, texts[i]);
	sqlite3_bind_int(s, 7, v->ready);
	sqlite3_bind_int64(s, 8, v->failures);
	sqlite3_bind_int64(s, 9, v->warnings);
	sqlite3_bind_int64(s, 10, r->o->seed);
	done = db_run(db, s);
	sqlite3_finalize(s);
	return done;
}

static int
record(struct db *db, const struct ready *r, const struct ready_verdict *v)
{
	struct buf report;
	int done = -1;

	buf_init(&report, PATH_BYTES_MAX);
	if (ready_name(r, &report) == -1 || buf_str(&report, ".json") == -1)
		db_fail_errno(db, db->path);
	else if (db_begin(db) == 0) {
		if (db_exec(db, reports_ddl) == 0 &&
		    insert_report(db, r, v, report.data) == 0)
			done = db_commit(db);
		db_rollback(db);
	}
	buf_release(&report);
	return done;
}

int
ready_record(struct db *db, const struct ready *r,
    const struct ready_verdict *v)
{
	if (db_open(db, r->canon.db.path, DB_WRITE) == -1)
		return -1;
	return record(db, r, v);
}
