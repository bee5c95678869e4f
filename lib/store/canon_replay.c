#include "store/canon_replay.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "store/canon_table.h"
#include "store/raw.h"

#define SQL_BYTES ((size_t)1 << 20)

/* Which rows are of datasets that were asked for. */
#define CHOSEN "(NOT EXISTS (SELECT 1 FROM temp.replay_chosen)" \
	" OR dataset IN (SELECT dataset FROM temp.replay_chosen))"
#define REBUILT "dataset IN (SELECT dataset FROM temp.replay_plan)"

static const char plan_ddl[] =
    "CREATE TEMP TABLE IF NOT EXISTS replay_chosen (dataset TEXT);"
    "DELETE FROM temp.replay_chosen;"
    "CREATE TEMP TABLE IF NOT EXISTS replay_plan (n INTEGER PRIMARY KEY,"
    " dataset TEXT, version_id TEXT, run TEXT, staged_run TEXT, at TEXT);"
    "CREATE TEMP TABLE IF NOT EXISTS replay_gone (path TEXT PRIMARY KEY);"
    "CREATE TEMP TABLE IF NOT EXISTS replay_input (dataset TEXT, part TEXT,"
    " run TEXT, snapshot TEXT, sha256 TEXT, schema_version TEXT,"
    " fetched_at TEXT, path TEXT, size_bytes INTEGER,"
    " record_count INTEGER, sealed_at TEXT);";

/* --- planning ----------------------------------------------------------- */

/* Run a query with up to two texts. */
static int
run(struct replay *p, const char *sql, const char *a, const char *b)
{
	sqlite3_stmt *s = db_prepare(&p->c->db, sql);
	int r = -1;

	if (s != NULL) {
		if (a != NULL)
			db_bind(s, 1, a);
		if (b != NULL)
			db_bind(s, 2, b);
		r = db_run(&p->c->db, s);
	}
	sqlite3_finalize(s);
	return r;
}

static int
begin_plan(struct replay *p)
{
	char *const *label = p->o->datasets;

	if (db_exec(&p->c->db, plan_ddl) == -1)
		return -1;
	for (; label != NULL && *label != NULL; label++)
		if (run(p, "INSERT INTO temp.replay_chosen VALUES (?1)",
		    *label, NULL) == -1)
			return -1;
	return 0;
}

/* Can the payload at path be read as the declaration has this part? */
static int
usable(struct replay *p, const char *part, const char *path,
    const char *schema)
{
	const struct decl_part *dp = decl_part(p->c->d, part);

	return dp != NULL && path != NULL && schema != NULL &&
	    strcmp(schema, dp->schema_version) == 0 &&
	    raw_present(p->o->data, path);
}

/* Note which of the inputs that sql lists cannot be used. */
static int
find_gone(struct replay *p, const char *sql)
{
	sqlite3_stmt *s = db_prepare(&p->c->db, sql);
	int r, noted = 0;

	while (noted == 0 && (r = db_step(&p->c->db, s)) == 1)
		if (!usable(p, db_text(s, 0), db_text(s, 1), db_text(s, 2)))
			noted = run(p, "INSERT OR IGNORE INTO"
			    " temp.replay_gone VALUES (ifnull(?1, ''))",
			    db_text(s, 1), NULL);
	sqlite3_finalize(s);
	return noted == -1 || r == -1 ? -1 : 0;
}

/* An active version must be made again; older ones if they can. */
static int
check_active(struct replay *p)
{
	struct db *db = &p->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT v.dataset, v.version_id,"
	    " g.path FROM old.dataset_versions AS v JOIN old.version_inputs"
	    " AS i USING (dataset, version_id) JOIN temp.replay_gone AS g"
	    " ON g.path = ifnull(i.path, '') WHERE v.status = 'active'");
	int r = db_step(db, s);

	if (r == 1) {
		buf_clear(&db->message);
		buf_printf(&db->message, "%s: its active version %s was made "
		    "of %s, which is gone or of another schema version",
		    db_text(s, 0), db_text(s, 1), db_text(s, 2));
		db->status = EXIT_NOINPUT;
		errno = ENOENT;
	}
	sqlite3_finalize(s);
	return r == 0 ? 0 : -1;
}

/* How many there are, and of how many datasets. */
static void
count(struct replay *p)
{
	p->r->versions = db_int(&p->c->db,
	    "SELECT count(*) FROM temp.replay_plan", 0);
	p->r->datasets = db_int(&p->c->db,
	    "SELECT count(DISTINCT dataset) FROM temp.replay_plan", 0);
}

int
replay_plan_versions(struct replay *p)
{
	int64_t all;

	if (begin_plan(p) == -1 || db_exec(&p->c->db,
	    "INSERT INTO temp.replay_plan SELECT seq, dataset, version_id,"
	    " run, staged_run, promoted_at FROM old.dataset_versions"
	    " WHERE seq IS NOT NULL AND " CHOSEN) == -1 ||
	    find_gone(p, "SELECT DISTINCT i.part, i.path, i.schema_version"
	    " FROM old.version_inputs AS i"
	    " JOIN temp.replay_plan USING (dataset, version_id)") == -1 ||
	    check_active(p) == -1)
		return -1;
	count(p);
	all = p->r->versions;
	if (db_exec(&p->c->db, "DELETE FROM temp.replay_plan AS a"
	    " WHERE n <= (SELECT max(b.n) FROM temp.replay_plan AS b"
	    " JOIN old.version_inputs AS i USING (dataset, version_id)"
	    " JOIN temp.replay_gone AS g ON g.path = ifnull(i.path, '')"
	    " WHERE b.dataset = a.dataset)") == -1)
		return -1;
	count(p);
	p->r->lost = all - p->r->versions;
	return 0;
}

/*
 * Good is what its run's attempt says, or what no attempt tells of any
 * more; the answers of long ago are not kept.
 */
int
replay_plan_ledger(struct replay *p)
{
	if (begin_plan(p) == -1 || run(p, "INSERT INTO temp.replay_input"
	    " SELECT dataset, substr(part_path, length(dataset) + 2), run,"
	    " snapshot_id, sha256, schema_version, fetched_at, path,"
	    " size_bytes, record_count, sealed_at"
	    " FROM ledger.raw_snapshots AS s WHERE source = ?1 AND " CHOSEN
	    " AND ifnull((SELECT max(outcome = 'ok') FROM ledger.attempts"
	    " AS a WHERE a.source = s.source AND a.part_path = s.part_path"
	    " AND a.run = s.run), 1)", p->c->d->source, NULL) == -1 ||
	    find_gone(p, "SELECT part, path, schema_version"
	    " FROM temp.replay_input") == -1 ||
	    db_exec(&p->c->db, "DELETE FROM temp.replay_input WHERE path IN"
	    " (SELECT path FROM temp.replay_gone);"
	    "INSERT INTO temp.replay_plan (dataset, version_id, run,"
	    " staged_run, at) SELECT dataset, run, run, run, max(sealed_at)"
	    " FROM temp.replay_input GROUP BY dataset, run"
	    " ORDER BY run, dataset") == -1)
		return -1;
	p->r->from_ledger = 1;
	count(p);
	return 0;
}

static int
copy(char *out, size_t size, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n >= size) {
		errno = EINVAL;
		return -1;
	}
	memcpy(out, text != NULL ? text : "", n + 1);
	return 0;
}

int
replay_next(struct replay *p, int64_t n, struct replay_item *item)
{
	sqlite3_stmt *s = db_prepare(&p->c->db, "SELECT n, dataset,"
	    " version_id, run, staged_run, at FROM temp.replay_plan"
	    " WHERE n > ?1 ORDER BY n LIMIT 1");
	int r;

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, n);
	if ((r = db_step(&p->c->db, s)) == 1) {
		item->n = sqlite3_column_int64(s, 0);
		if (copy(item->dataset, sizeof(item->dataset),
		    db_text(s, 1)) == -1 || copy(item->version,
		    sizeof(item->version), db_text(s, 2)) == -1 ||
		    copy(item->run, sizeof(item->run), db_text(s, 3)) == -1 ||
		    copy(item->staged, sizeof(item->staged),
		    db_text(s, 4)) == -1 ||
		    copy(item->at, sizeof(item->at), db_text(s, 5)) == -1)
			r = db_fail_errno(&p->c->db, item->dataset);
	}
	sqlite3_finalize(s);
	return r;
}

/* Of the ledger: the newest good one that was there by then. */
static int
ledger_input(struct replay *p, const struct replay_item *item,
    struct stage *st, size_t i)
{
	struct db *db = &p->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT " STAGE_INPUT_COLUMNS
	    " FROM temp.replay_input WHERE part = ?1 AND dataset = ?2"
	    " AND run <= ?3 ORDER BY run DESC LIMIT 1");

	if (s != NULL) {
		db_bind(s, 2, item->dataset);
		db_bind(s, 3, item->run);
	}
	return stage_input_of_query(st, db, s, i);
}

int
replay_inputs(struct replay *p, const struct replay_item *item,
    struct stage *st)
{
	size_t i;
	int r = 0;

	for (i = 0; r != -1 && i < p->c->d->n_parts; i++)
		r = p->r->from_ledger ? ledger_input(p, item, st, i) :
		    stage_input_of_version(st, p->old, item->version, i);
	if (r == -1 && !p->r->from_ledger)
		db_fail_errno(&p->c->db, p->old->path);
	return r == -1 ? -1 : 0;
}

/* --- what goes along ---------------------------------------------------- */

int
replay_carry(struct replay *p, const struct replay_item *item)
{
	if (run(p, "UPDATE main.dataset_versions AS v SET (seq, parent, run,"
	    " staged_run, created_at, promoted_at, last_verified_at,"
	    " last_verified_run, last_staged_run) = (SELECT seq, parent, run,"
	    " staged_run, created_at, promoted_at, last_verified_at,"
	    " last_verified_run, last_staged_run FROM old.dataset_versions"
	    " WHERE dataset = v.dataset AND version_id = v.version_id)"
	    " WHERE dataset = ?1 AND version_id = ?2", item->dataset,
	    item->version) == -1)
		return -1;
	return run(p, "UPDATE main.version_inputs AS i SET carried ="
	    " (SELECT carried FROM old.version_inputs WHERE dataset ="
	    " i.dataset AND version_id = i.version_id AND part = i.part)"
	    " WHERE dataset = ?1 AND version_id = ?2", item->dataset,
	    item->version);
}

/* Versions that were never active: as they are on record. */
static int
carry_waiting(struct replay *p)
{
	static const char sql[] =
	    "INSERT INTO main.dataset_versions (version_id, dataset,"
	    " {dataset_key}, status, parent, run, staged_run, created_at,"
	    " map_sha256) SELECT version_id, dataset, {dataset_key}, status,"
	    " parent, run, staged_run, created_at, map_sha256"
	    " FROM old.dataset_versions WHERE seq IS NULL AND " REBUILT ";"
	    "INSERT INTO main.version_inputs SELECT i.* FROM"
	    " old.version_inputs AS i JOIN old.dataset_versions AS v"
	    " USING (dataset, version_id) WHERE v.seq IS NULL AND i." REBUILT
	    ";INSERT INTO main.version_tables SELECT t.* FROM"
	    " old.version_tables AS t JOIN old.dataset_versions AS v"
	    " USING (dataset, version_id) WHERE v.seq IS NULL AND t." REBUILT
	    ";INSERT INTO main.version_findings SELECT f.* FROM"
	    " old.version_findings AS f JOIN old.dataset_versions AS v"
	    " USING (dataset, version_id) WHERE v.seq IS NULL AND f." REBUILT;
	struct buf b;
	int r;

	buf_init(&b, SQL_BYTES);
	r = canon_sql(&b, p->c->d, NULL, NULL, sql);
	if (r == 0)
		r = db_exec(&p->c->db, b.data);
	buf_release(&b);
	return r;
}

/* Every table of the gate's has the dataset in it. */
static int
carry_gate(struct replay *p)
{
	struct db *db = &p->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT name FROM main.sqlite_schema"
	    " WHERE type = 'table' AND name LIKE 'gate\\_%' ESCAPE '\\'");
	int r, done = 0;

	while (done == 0 && (r = db_step(db, s)) == 1)
		done = db_execf(db, "INSERT INTO main.\"%s\" SELECT *"
		    " FROM old.\"%s\" WHERE " REBUILT, db_text(s, 0),
		    db_text(s, 0));
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}

/* A report is about rows: those of another map are others. */
static int
carry_reports(struct replay *p)
{
	struct db *db = &p->c->db;
	sqlite3_stmt *s = db_prepare(db, "SELECT sql FROM old.sqlite_schema"
	    " WHERE tbl_name = 'version_reports' AND sql IS NOT NULL"
	    " AND name NOT IN (SELECT name FROM main.sqlite_schema)");
	int r, done = 0;

	while (done == 0 && (r = db_step(db, s)) == 1)
		done = db_exec(db, db_text(s, 0));
	sqlite3_finalize(s);
	if (done == -1 || r == -1)
		return -1;
	if (db_int(db, "SELECT count(*) FROM old.sqlite_schema"
	    " WHERE name = 'version_reports'", 0) == 0)
		return 0;
	return db_exec(db, "INSERT INTO main.version_reports SELECT r.*"
	    " FROM old.version_reports AS r JOIN old.dataset_versions AS o"
	    " USING (dataset, version_id) JOIN main.dataset_versions AS v"
	    " USING (dataset, version_id) WHERE o.map_sha256 IS"
	    " v.map_sha256 AND r." REBUILT);
}

/* In the order in which they happened, with the versions that are kept. */
static int
carry_events(struct replay *p)
{
	return db_exec(&p->c->db, "INSERT INTO main.dataset_version_events"
	    " SELECT e.* FROM old.dataset_version_events AS e"
	    " JOIN main.dataset_versions AS v USING (dataset, version_id)"
	    " WHERE e." REBUILT " ORDER BY e.event_id");
}

static int
rebuild_events(struct replay *p)
{
	sqlite3_stmt *s = db_prepare(&p->c->db, "INSERT INTO"
	    " main.dataset_version_events (version_id, dataset, event, at,"
	    " run, payload) SELECT version_id, dataset, 'rebuild', ?1, ?2,"
	    " json_object('versions', (SELECT count(*) FROM temp.replay_plan"
	    " AS n WHERE n.dataset = v.dataset), 'from', iif(?3, 'ledger',"
	    " 'versions'), 'who', ?4) FROM main.dataset_versions AS v"
	    " WHERE status = 'active' AND " REBUILT);
	int r = -1;

	if (s != NULL) {
		db_bind(s, 1, p->o->now);
		db_bind(s, 2, p->o->run);
		sqlite3_bind_int(s, 3, p->r->from_ledger);
		db_bind(s, 4, p->o->who);
		r = db_run(&p->c->db, s);
	}
	sqlite3_finalize(s);
	return r;
}

/* What was answered meanwhile has been counted, as far as it matters. */
static int
gate_answers(struct replay *p)
{
	return run(p, "UPDATE main.gate_parts AS g SET last_seq = ifnull("
	    "(SELECT max(seq) FROM ledger.attempts AS a WHERE a.source = ?1"
	    " AND a.part_path = g.dataset || '/' || g.part), 0) WHERE "
	    REBUILT, p->c->d->source, NULL);
}

int
replay_finish(struct replay *p)
{
	if (p->r->from_ledger)
		return gate_answers(p) == -1 ? -1 : rebuild_events(p);
	if (carry_waiting(p) == -1 ||
	    carry_gate(p) == -1 || carry_events(p) == -1 ||
	    carry_reports(p) == -1)
		return -1;
	return rebuild_events(p);
}

/* --- exports ------------------------------------------------------------ */

int
replay_stale(struct replay *p, int (*fn)(const char *dataset,
    const char *version, void *arg), void *arg)
{
	struct db *db = &p->c->db;
	sqlite3_stmt *s = db_prepare(db, p->r->from_ledger ?
	    "SELECT dataset, version_id FROM main.dataset_versions"
	    " WHERE seq IS NOT NULL AND " REBUILT :
	    "SELECT dataset, version_id FROM old.dataset_versions AS o"
	    " WHERE seq IS NOT NULL AND " REBUILT
	    " AND NOT EXISTS (SELECT 1 FROM main.dataset_versions AS v"
	    " WHERE v.dataset = o.dataset AND v.version_id = o.version_id"
	    " AND v.map_sha256 IS o.map_sha256)");
	int r, done = 0;

	while (done == 0 && (r = db_step(db, s)) == 1)
		done = fn(db_text(s, 0), db_text(s, 1), arg);
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}
