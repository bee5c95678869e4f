#include "store/ready.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "record/sample.h"
#include "store/canon_table.h"
#include "store/ledger.h"
#include "store/raw.h"

#define EXAMPLES 5		/* rows of a check that are kept */

/* The columns of a sample's rows: key, field, expected, actual. */
#define SAMPLE_COLUMNS 4

/* Reading only, but for tables of our own: declared SQL has to be a query. */
static const char temp_ddl[] =
"PRAGMA query_only = OFF;"
"CREATE TEMP TABLE ready_table (table_name TEXT, \"rows\" INTEGER,"
"	valid_from TEXT);"
"CREATE TEMP TABLE ready_sample (sample TEXT, place INTEGER, n INTEGER,"
"	element TEXT, PRIMARY KEY (sample, place));"
"CREATE TEMP TABLE ready_result (name TEXT, severity TEXT, text TEXT,"
"	n INTEGER);"
"CREATE TEMP TABLE ready_example (name TEXT, row_key TEXT, detail TEXT);";

/*
 * The age of data is the latest time that its content was confirmed: by the
 * same bytes, or by others of a run whose rows were found to be the same.
 * An answer that is held or not promoted yet is no confirmation.
 */
static const char input_sql[] =
"CREATE TEMP TABLE ready_input AS SELECT i.part, i.run, i.snapshot,"
"	i.sha256, i.path, i.size_bytes, i.record_count, i.carried,"
"	nullif(max(ifnull(i.fetched_at, ''), ifnull((SELECT max(a.at)"
"	FROM ledger.attempts a WHERE a.source = r.source"
"	AND a.part_path = r.dataset || '/' || i.part AND a.outcome = 'ok'"
"	AND (a.sha256 = i.sha256 OR a.run > v.run"
"	AND a.run <= v.last_verified_run)), '')), '') AS confirmed_at"
"	FROM ready r JOIN main.version_inputs i ON i.dataset = r.dataset"
"	AND i.version_id = r.version JOIN main.dataset_versions v"
"	ON v.dataset = r.dataset AND v.version_id = r.version"
"	ORDER BY i.part";

/* What the report tells of the version, by the statements of both kinds. */
static const char views_sql[] =
"CREATE TEMP VIEW ready_version AS SELECT v.created_at, v.promoted_at,"
"	v.last_verified_at FROM ready r JOIN main.dataset_versions v"
"	ON v.dataset = r.dataset AND v.version_id = r.version;"
"CREATE TEMP VIEW ready_change AS SELECT t.table_name, t.payload_rows,"
"	t.quarantined, t.inserted, t.updated, t.deleted"
"	FROM ready r JOIN main.version_tables t"
"	ON t.dataset = r.dataset AND t.version_id = r.version;"
"CREATE TEMP VIEW ready_finding AS SELECT f.code, f.severity, f.table_name,"
"	f.column_name, f.n, f.row_key, f.detail"
"	FROM ready r JOIN main.version_findings f"
"	ON f.dataset = r.dataset AND f.version_id = r.version";

static const char whole_views_sql[] =
"CREATE TEMP VIEW ready_version AS SELECT min(created_at) AS created_at,"
"	max(promoted_at) AS promoted_at,"
"	max(last_verified_at) AS last_verified_at"
"	FROM main.dataset_versions WHERE status = 'active';"
"CREATE TEMP VIEW ready_change AS SELECT t.table_name, NULL AS payload_rows,"
"	sum(t.quarantined) AS quarantined, sum(t.inserted) AS inserted,"
"	sum(t.updated) AS updated, sum(t.deleted) AS deleted"
"	FROM main.dataset_versions v JOIN main.version_tables t"
"	USING (dataset, version_id) WHERE v.run = (SELECT w.run FROM"
"	main.dataset_versions w JOIN ready r ON w.version_id = r.version)"
"	GROUP BY 1;"
"CREATE TEMP VIEW ready_finding AS SELECT f.code, f.severity, f.table_name,"
"	f.column_name, sum(f.n) AS n, max(f.dataset || ifnull(' ' ||"
"	f.row_key, '')) AS row_key, f.detail FROM main.dataset_versions v"
"	JOIN main.version_findings f USING (dataset, version_id)"
"	WHERE v.status = 'active' GROUP BY 1, 2, 3, 4";

int
ready_is_whole(const struct ready *r)
{
	return r->o->dataset->n == 0;
}

/* --- failures ------------------------------------------------------------ */

static int fail(struct ready *r, enum exits status, const char *fmt, ...)
    MSG_FMT(3, 4);

static int
fail(struct ready *r, enum exits status, const char *fmt, ...)
{
	va_list ap;

	r->status = status;
	buf_clear(&r->message);
	va_start(ap, fmt);
	buf_vprintf(&r->message, fmt, ap);
	va_end(ap);
	errno = EINVAL;
	return -1;
}

int
ready_declared_failed(struct ready *r, const char *section, const char *name)
{
	struct db *db = &r->canon.db;

	if (r->message.len > 0 || db_status(db) != EXIT_BUG)
		return -1;
	return fail(r, EXIT_USAGE, "%s: %s.%s: %s", r->d->file, section,
	    name, sqlite3_errmsg(db->h));
}

const char *
ready_message(const struct ready *r)
{
	return r->message.len > 0 ? r->message.data :
	    canon_message(&r->canon);
}

enum exits
ready_status(const struct ready *r)
{
	return r->message.len > 0 ? r->status : canon_status(&r->canon);
}

/* --- opening ------------------------------------------------------------- */

static int
attach_ledger(struct ready *r)
{
	struct buf path;
	int done;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/ledger.sqlite", r->o->data) == -1)
		done = fail(r, EXIT_USAGE, "%s: path too long", r->o->data);
	else
		done = db_attach(&r->canon.db, path.data, "ledger", DB_READ);
	buf_release(&path);
	return done;
}

/* Say also what waits instead of it. */
static int
no_version(struct ready *r)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, "SELECT version_id, status "
	    "FROM main.dataset_versions WHERE dataset = ? "
	    "AND status IN ('held', 'staged') ORDER BY version_id DESC");

	if (s == NULL)
		return -1;
	db_bind(s, 1, r->o->label);
	switch (db_step(&r->canon.db, s)) {
	case 1:
		fail(r, EXIT_NOINPUT, "%s: no active version; %s is %s",
		    r->o->label, db_text(s, 0), db_text(s, 1));
		break;
	case 0:
		fail(r, EXIT_NOINPUT, "%s: no active version", r->o->label);
		break;
	}
	sqlite3_finalize(s);
	return -1;
}

/* The version promoted last, of whatever dataset. */
static int
newest_version(struct ready *r, char version[CANON_VERSION_BYTES])
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, "SELECT version_id "
	    "FROM main.dataset_versions WHERE status = 'active' "
	    "ORDER BY seq DESC LIMIT 1");
	int step = db_step(&r->canon.db, s);

	version[0] = '\0';
	if (step == 1)
		snprintf(version, CANON_VERSION_BYTES, "%s", db_text(s, 0));
	sqlite3_finalize(s);
	return step == -1 ? -1 : 0;
}

/* The version that readers would have now, "" if there is none. */
static int
active_version(struct ready *r, char version[CANON_VERSION_BYTES])
{
	struct version_active active;

	if (ready_is_whole(r))
		return newest_version(r, version);
	if (version_active(&r->canon.versions, r->o->label, &active) == -1)
		return -1;
	memcpy(version, active.version, CANON_VERSION_BYTES);
	return 0;
}

static int
find_version(struct ready *r)
{
	if (active_version(r, r->version) == -1)
		return -1;
	if (r->version[0] != '\0')
		return 0;
	return ready_is_whole(r) ? fail(r, EXIT_NOINPUT,
	    "%s: no active version", r->d->source) : no_version(r);
}

/* CREATE TEMP TABLE ready, with the dataset's key, and its row. */
static int
create_ready(struct ready *r)
{
	const struct part *key = r->o->dataset;
	struct buf b;
	size_t i;
	int done = 0;

	buf_init(&b, 65536);
	buf_str(&b, "CREATE TEMP TABLE ready (");
	for (i = 0; i < key->n && done == 0; i++)
		if ((done = db_ident(&b, key->m[i].name)) == 0)
			done = buf_str(&b, " TEXT, ");
	if (done == 0)
		done = buf_str(&b, "source TEXT, dataset TEXT, version TEXT, "
		    "parent TEXT, run TEXT, made_at TEXT, seed INTEGER)");
	if (done == 0)
		done = db_exec(&r->canon.db, b.data);
	buf_release(&b);
	return done;
}

static int
fill_ready(struct ready *r)
{
	const struct part *key = r->o->dataset;
	const char *texts[] = { r->d->source, ready_is_whole(r) ? NULL :
	    r->o->label, r->version, r->o->run, r->o->now };
	struct buf b;
	sqlite3_stmt *s;
	int i, n = 0, done;

	buf_init(&b, 65536);
	buf_str(&b, "INSERT INTO ready SELECT ");
	while (n < (int)key->n)
		buf_printf(&b, "?%d, ", ++n);
	buf_printf(&b, "?%d, ?%d, ?%d, (SELECT parent "
	    "FROM main.dataset_versions WHERE dataset = ?%d "
	    "AND version_id = ?%d), ?%d, ?%d, ?%d", n + 1, n + 2, n + 3,
	    n + 2, n + 3, n + 4, n + 5, n + 6);
	s = db_prepare(&r->canon.db, b.data);
	buf_release(&b);
	if (s == NULL)
		return -1;
	for (i = 0; i < n; i++)
		db_bind(s, i + 1, key->m[i].value);
	for (i = 0; i < 5; i++)
		db_bind(s, n + 1 + i, texts[i]);
	sqlite3_bind_int64(s, n + 6, r->o->seed);
	done = db_run(&r->canon.db, s);
	sqlite3_finalize(s);
	return done;
}

int
ready_open(struct ready *r, const struct decl *d,
    const struct decl_ready *rules, const struct ready_options *o)
{
	*r = (struct ready){ .d = d, .rules = rules, .o = o };
	buf_init(&r->message, 4096);
	if (canon_open(&r->canon, o->data, d, CANON_READ, DB_BUSY_MS) == -1 ||
	    attach_ledger(r) == -1 || find_version(r) == -1 ||
	    db_exec(&r->canon.db, temp_ddl) == -1 || create_ready(r) == -1 ||
	    fill_ready(r) == -1 || db_exec(&r->canon.db,
	    ready_is_whole(r) ? whole_views_sql : views_sql) == -1)
		return -1;
	return db_exec(&r->canon.db, input_sql);
}

void
ready_close(struct ready *r)
{
	canon_close(&r->canon);
	buf_release(&r->message);
}

/* --- results ------------------------------------------------------------- */

static int
add_result(struct ready *r, const char *name, const char *severity,
    const char *text, int64_t n)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db,
	    "INSERT INTO ready_result VALUES (?, ?, ?, ?)");
	int done;

	if (s == NULL)
		return -1;
	db_bind(s, 1, name);
	db_bind(s, 2, severity);
	db_bind(s, 3, text);
	sqlite3_bind_int64(s, 4, n);
	done = db_run(&r->canon.db, s);
	sqlite3_finalize(s);
	return done;
}

/* Keep an example; detail is the field when it compares two values. */
static int
insert_example(struct ready *r, const char *name, const char *key,
    const char *detail, const char *expected, const char *actual,
    int compares)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, compares ?
	    "INSERT INTO ready_example VALUES (?1, substr(?2, 1, 100), "
	    "printf('%s: %s in the payload, %s in the table', ?3, "
	    "ifnull(substr(?4, 1, 100), 'nothing'), "
	    "ifnull(substr(?5, 1, 100), 'nothing')))" :
	    "INSERT INTO ready_example VALUES (?1, substr(?2, 1, 100), "
	    "substr(?3, 1, 400))");
	int done;

	if (s == NULL)
		return -1;
	db_bind(s, 1, name);
	db_bind(s, 2, key);
	db_bind(s, 3, detail);
	db_bind(s, 4, expected);
	db_bind(s, 5, actual);
	done = db_run(&r->canon.db, s);
	sqlite3_finalize(s);
	return done;
}

static int
add_example(struct ready *r, const char *name, const char *key,
    const char *detail)
{
	return insert_example(r, name, key, detail, NULL, NULL, 0);
}

static int
keep_row(struct ready *r, const char *name, sqlite3_stmt *s)
{
	if (sqlite3_column_count(s) < SAMPLE_COLUMNS)
		return add_example(r, name, db_text(s, 0), db_text(s, 1));
	return insert_example(r, name, db_text(s, 0), db_text(s, 1),
	    db_text(s, 2), db_text(s, 3), 1);
}

sqlite3_stmt *
ready_query(struct ready *r, const char *sql)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, sql);

	if (s == NULL || sqlite3_stmt_readonly(s))
		return s;
	sqlite3_finalize(s);
	fail(r, EXIT_USAGE, "%s: no query: %.200s", r->d->file, sql);
	return NULL;
}

/* SQL that could be prepared has met data that it cannot take. */
static int
keep_error(struct ready *r, const char *name)
{
	struct db *db = &r->canon.db;

	if (db_status(db) != EXIT_BUG ||
	    add_example(r, name, "the query", db_message(db)) == -1)
		return -1;
	db->status = EXIT_OK;		/* it is told, and all goes on */
	return 0;
}

/*
 * Run a check to its end.  One that the data makes fail has found
 * something.  0, or -1 when it is no query or the machine failed.
 */
static int
run_check(struct ready *r, const char *name, const char *severity,
    const char *text, const char *sql)
{
	sqlite3_stmt *s = ready_query(r, sql);
	int64_t n = 0;
	int step;

	if (s == NULL)
		return -1;
	while ((step = db_step(&r->canon.db, s)) == 1)
		if (n++ < EXAMPLES && keep_row(r, name, s) == -1) {
			sqlite3_finalize(s);
			return -1;
		}
	sqlite3_finalize(s);
	if (step == -1 && (n++, keep_error(r, name)) == -1)
		return -1;
	return add_result(r, name, severity, text, n);
}

/* --- samples ------------------------------------------------------------- */

struct draw {
	struct ready *r;
	struct sample sample;
	sqlite3_stmt *insert;
};

/* payload_fn: an element may take a place in the sample. */
static int
draw_element(yyjson_val *element, int64_t n, void *arg)
{
	struct draw *d = arg;
	int64_t place = sample_place(&d->sample);
	char *text;
	size_t len;
	int done;

	if (place == -1)
		return 0;
	if ((text = yyjson_val_write(element, YYJSON_WRITE_NOFLAG, &len))
	    == NULL)
		return -1;
	sqlite3_bind_int64(d->insert, 2, place);
	sqlite3_bind_int64(d->insert, 3, n);
	sqlite3_bind_text64(d->insert, 4, text, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	done = db_run(&d->r->canon.db, d->insert);
	sqlite3_bind_null(d->insert, 4);
	free(text);
	return done;
}

/* The payload cannot be compared with: that is a failed check. */
static int
no_sample(struct ready *r, const struct decl_sample *s, const char *path,
    const char *why)
{
	if (add_example(r, s->name, path, why) == -1)
		return -1;
	return add_result(r, s->name, "error", s->text, 1);
}

/*
 * Draw from the payload at path, which the version was made from.
 * Returns 1, 0 when it could not be read (a result says so), or -1.
 */
static int
draw_from(struct draw *d, const struct decl_sample *s, const char *path,
    const char *sha256)
{
	const struct decl_part *p = decl_part(d->r->d, s->part);
	struct payload_facts facts;
	struct finding f;

	switch (raw_each(d->r->o->data, path, &p->form, draw_element, d,
	    &facts, &f)) {
	case PAYLOAD_OK:
		if (strcmp(facts.sha256, sha256) == 0)
			return 1;
		return no_sample(d->r, s, path,
		    finding_explain(FINDING_HASH_MISMATCH));
	case PAYLOAD_BAD:
		return no_sample(d->r, s, path, finding_explain(f.code));
	case PAYLOAD_STOPPED:
		return -1;
	case PAYLOAD_FAILED:
		break;
	}
	return no_sample(d->r, s, path, strerror(errno));
}

static int
draw_part(struct ready *r, const struct decl_sample *s, const char *path,
    const char *sha256)
{
	struct draw d = { .r = r };
	int done;

	d.insert = db_prepare(&r->canon.db,
	    "INSERT OR REPLACE INTO ready_sample VALUES (?, ?, ?, ?)");
	if (d.insert == NULL)
		return -1;
	db_bind(d.insert, 1, s->name);
	sample_init(&d.sample, r->o->sample_size, (uint64_t)r->o->seed);
	done = draw_from(&d, s, path, sha256);
	sqlite3_finalize(d.insert);
	return done;
}

/* Draw sample s.  1, 0 (a result says why not), or -1. */
static int
draw(struct ready *r, const struct decl_sample *s)
{
	sqlite3_stmt *st = db_prepare(&r->canon.db,
	    "SELECT path, sha256 FROM ready_input WHERE part = ?");
	int done;

	if (st == NULL)
		return -1;
	db_bind(st, 1, s->part);
	if ((done = db_step(&r->canon.db, st)) == 1)
		done = db_text(st, 0) == NULL ? -1 : draw_part(r, s,
		    db_text(st, 0), db_text(st, 1));
	else if (done == 0)
		done = no_sample(r, s, s->part, "the version has no input "
		    "of this part");
	sqlite3_finalize(st);
	return done;
}

/* --- checks -------------------------------------------------------------- */

/* What every declaration has to hold to, whatever the source. */
static const struct decl_sql own_checks[] = {
	{ "integrity", "error", "the databases are sound",
	    "SELECT 'integrity_check', integrity_check "
	    "FROM pragma_integrity_check WHERE integrity_check <> 'ok'", 0 },
	{ "foreign_keys", "error", "every nested row has its parent",
	    "SELECT \"table\" || ' row ' || rowid, 'no row of ' || parent "
	    "FROM pragma_foreign_key_check", 0 },
};

struct schema_check {
	struct ready *r;
	sqlite3_stmt *find;
	int64_t missing;
};

/* Is there an object of this type and name?  0, or -1. */
static int
expect(struct schema_check *c, const char *type, const char *name)
{
	int step;

	db_bind(c->find, 1, type);
	db_bind(c->find, 2, name);
	step = db_step(&c->r->canon.db, c->find);
	sqlite3_reset(c->find);
	if (step != 0 || c->missing++ >= EXAMPLES)
		return step == -1 ? -1 : 0;
	return add_example(c->r, "schema", name, type[0] == 'i' ?
	    "no such index" : type[0] == 'v' ? "no such view" :
	    "no such table");
}

static int
expect_table(struct schema_check *c, const struct decl_table *t)
{
	size_t i;
	int done = expect(c, "table", t->name);

	for (i = 0; i < t->n_indexes && done == 0; i++)
		done = expect(c, "index", t->indexes[i].name);
	return done;
}

/* Every declared table, index and view is there. */
static int
check_schema(struct ready *r)
{
	struct schema_check c = { .r = r };
	size_t i;
	int done;

	c.find = db_prepare(&r->canon.db, "SELECT 1 FROM main.sqlite_schema "
	    "WHERE type = ? AND name = ?");
	done = c.find == NULL ? -1 : 0;
	for (i = 0; i < r->d->n_tables && done == 0; i++)
		done = expect_table(&c, &r->d->tables[i]);
	for (i = 0; i < r->d->n_views && done == 0; i++)
		done = expect(&c, "view", r->d->views[i].name);
	sqlite3_finalize(c.find);
	return done == -1 ? -1 : add_result(r, "schema", "error",
	    "declared tables, indexes and views exist", c.missing);
}

/* Does the table have rows of what the report is about? */
static int
is_of(const struct ready *r, const struct decl_table *t)
{
	return ready_is_whole(r) || decl_has(t->kind, r->o->dataset);
}

/* Count the dataset's rows of each table. */
static int
count_rows(struct ready *r)
{
	const struct part *key = r->o->dataset;
	struct buf b;
	size_t i, j;
	int done = 0;

	buf_init(&b, 65536);
	for (i = 0; i < r->d->n_tables && done == 0; i++) {
		if (!is_of(r, &r->d->tables[i]))
			continue;
		buf_clear(&b);
		buf_printf(&b, "INSERT INTO ready_table SELECT '%s', "
		    "count(*), max(valid_from) FROM ready CROSS JOIN main.",
		    r->d->tables[i].name);
		db_ident(&b, r->d->tables[i].name);
		for (j = 0; j < key->n; j++) {
			buf_str(&b, j > 0 ? ", " : " USING (");
			db_ident(&b, key->m[j].name);
		}
		done = buf_str(&b, j > 0 ? ")" : "") == -1 ? -1 :
		    db_exec(&r->canon.db, b.data);
	}
	buf_release(&b);
	return done;
}

/* Content that nobody confirmed for longer than the declaration allows. */
static int
check_age(struct ready *r)
{
	char sql[512];

	if (r->rules->stale_after_minutes == 0)
		return 0;
	sqlite3_snprintf(sizeof(sql), sql, "SELECT part, 'last confirmed ' || "
	    "confirmed_at FROM ready_input, ready WHERE "
	    "(julianday(made_at) - julianday(confirmed_at)) * 1440 > %lld",
	    (long long)r->rules->stale_after_minutes);
	return run_check(r, "stale", "warning",
	    "the data was confirmed lately", sql);
}

/* One query of a template: what it selects of every table.  0 or -1. */
static int
of_each_table(struct ready *r, const struct decl_sql *c, struct buf *sql)
{
	size_t t, start = sql->len;

	for (t = 0; t < r->d->n_tables; t++)
		if (is_of(r, &r->d->tables[t]) &&
		    (buf_str(sql, sql->len > start ?
		    "\nUNION ALL SELECT * FROM (" : "SELECT * FROM (")
		    == -1 || canon_sql(sql, r->d,
		    &r->d->tables[t], NULL, c->sql) == -1 ||
		    buf_chr(sql, ')') == -1))
			return fail(r, EXIT_USAGE, "%s: check.%s: %s",
			    r->d->file, c->name, errno == EINVAL ?
			    "an unknown {word}" : strerror(errno));
	return 0;
}

static int
check_one(struct ready *r, const struct decl_sql *c)
{
	struct buf sql;
	int done;

	if (!c->each_table)
		return run_check(r, c->name, c->severity, c->text, c->sql);
	buf_init(&sql, (size_t)4 << 20);
	done = of_each_table(r, c, &sql);
	if (done == 0)
		done = run_check(r, c->name, c->severity, c->text, sql.data);
	buf_release(&sql);
	return done;
}

static int
check_declared(struct ready *r)
{
	const struct decl_sql *c;
	size_t i;

	for (i = 0; i < r->d->n_checks; i++) {
		c = &r->d->checks[i];
		if (check_one(r, c) == -1)
			return ready_declared_failed(r, "check", c->name);
	}
	return 0;
}

static int
check_samples(struct ready *r, const int *drawn)
{
	const struct decl_sample *s;
	size_t i;

	for (i = 0; i < r->rules->n_samples; i++) {
		s = &r->rules->samples[i];
		if (drawn[i] && run_check(r, s->name, "error", s->text,
		    s->sql) == -1)
			return ready_declared_failed(r, "ready.sample",
			    s->name);
	}
	return 0;
}

/* Begin to read one state, and see that it is still the one drawn for. */
static int
hold(struct ready *r)
{
	char version[CANON_VERSION_BYTES];

	if (db_exec(&r->canon.db, "BEGIN") == -1 ||
	    active_version(r, version) == -1)
		return -1;
	if (strcmp(version, r->version) == 0)
		return 0;
	return fail(r, EXIT_TEMP, "%s: version %s was promoted meanwhile; "
	    "run again", ready_is_whole(r) ? r->d->source : r->o->label,
	    version);
}

int
ready_check(struct ready *r)
{
	int *drawn = calloc(r->rules->n_samples + 1, sizeof(*drawn));
	size_t i;
	int done = 0;

	if (drawn == NULL)
		return fail(r, EXIT_OS, "%s", strerror(errno));
	for (i = 0; i < r->rules->n_samples && done != -1; i++)
		done = drawn[i] = draw(r, &r->rules->samples[i]);
	if (done == -1 || hold(r) == -1 || count_rows(r) == -1 ||
	    check_schema(r) == -1 || check_declared(r) == -1 ||
	    check_samples(r, drawn) == -1 || check_age(r) == -1)
		done = -1;
	for (i = 0; i < sizeof(own_checks) / sizeof(own_checks[0]) &&
	    done != -1; i++)
		done = run_check(r, own_checks[i].name,
		    own_checks[i].severity, own_checks[i].text,
		    own_checks[i].sql);
	free(drawn);
	return done == -1 ? -1 : 0;
}

int
ready_end(struct ready *r)
{
	return db_exec(&r->canon.db, "COMMIT");
}

int64_t
ready_count(struct ready *r, const char *severity)
{
	sqlite3_stmt *s = db_prepare(&r->canon.db, "SELECT count(*) FROM "
	    "ready_result WHERE severity = ? AND n > 0");
	int64_t n = -1;

	if (s == NULL)
		return -1;
	db_bind(s, 1, severity);
	if (db_step(&r->canon.db, s) == 1)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}
