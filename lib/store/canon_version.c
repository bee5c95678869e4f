#include "store/canon_version.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/jsonw.h"
#include "store/canon_table.h"

#define SQL_BYTES ((size_t)1 << 16)
#define PAYLOAD_BYTES ((size_t)1 << 20)

/* Parameters after the dataset's key; the last ones as comments say. */
enum param {
	PARAM_VERSION = LIMIT_PART_MEMBERS + 1,	/* ?9 */
	PARAM_LABEL,				/* ?10, "2026/A" */
	PARAM_NOW,				/* ?11 */
	PARAM_A,				/* ?12 … */
	PARAM_B,
	PARAM_C,
	PARAM_D,
	PARAM_E
};

enum version_sql {
	SQL_ACTIVE,
	SQL_STATUS,
	SQL_CREATE,
	SQL_INPUTS_FORGET,
	SQL_INPUTS,
	SQL_FINDINGS_FORGET,
	SQL_FINDINGS,
	SQL_TABLE,
	SQL_CHANGED,
	SQL_SUMS,
	SQL_SET_STATUS,
	SQL_ARCHIVE,
	SQL_ACTIVATE,
	SQL_VERIFY,
	SQL_SETTLE,
	SQL_GATE_COUNT,
	SQL_EVENT,
	SQL_META,
	SQL_HAS_INPUT,
	SQL_HAD_INPUT,
	SQL_STAGE_ROWS,
	SQL_STAGE_BYTES,
	SQL_INGEST,
	SQL_COUNT
};

_Static_assert(SQL_COUNT <= VERSION_SQL_MAX, "VERSION_SQL_MAX is too small");

static const char *const templates[SQL_COUNT] = {
	[SQL_ACTIVE] =
	    "SELECT version_id, parent, last_verified_run"
	    " FROM main.dataset_versions"
	    " WHERE dataset = ?10 AND status = 'active'",
	[SQL_STATUS] =
	    "SELECT status FROM main.dataset_versions"
	    " WHERE dataset = ?10 AND version_id = ?9",
	/* ?12 parent, ?13 digest of the map */
	[SQL_CREATE] =
	    "INSERT INTO main.dataset_versions (dataset, version_id,"
	    " {dataset_key}, created_at, status, parent, map_sha256)"
	    " VALUES (?10, ?9, {dataset_values}, ?11, 'staged', ?12, ?13)"
	    " ON CONFLICT (dataset, version_id) DO UPDATE SET"
	    " parent = excluded.parent, map_sha256 = excluded.map_sha256",
	[SQL_INPUTS_FORGET] =
	    "DELETE FROM main.version_inputs"
	    " WHERE dataset = ?10 AND version_id = ?9",
	/* ?12 parent: an input is carried over if it was the parent's. */
	[SQL_INPUTS] =
	    "INSERT INTO main.version_inputs (dataset, version_id, part, run,"
	    " snapshot, sha256, size_bytes, record_count, schema_version,"
	    " fetched_at, path, carried)"
	    " SELECT ?10, ?9, i.part, i.run, i.snapshot, i.sha256,"
	    " i.size_bytes, i.record_count, i.schema_version, i.fetched_at,"
	    " i.path, EXISTS (SELECT 1 FROM main.version_inputs AS p"
	    " WHERE p.dataset = ?10 AND p.version_id = ?12"
	    " AND p.part = i.part AND p.run = i.run"
	    " AND p.snapshot IS i.snapshot)"
	    " FROM {schema}.staging_inputs AS i ORDER BY i.part",
	[SQL_FINDINGS_FORGET] =
	    "DELETE FROM main.version_findings"
	    " WHERE dataset = ?10 AND version_id = ?9",
	[SQL_FINDINGS] =
	    "INSERT INTO main.version_findings (dataset, version_id, code,"
	    " severity, table_name, column_name, n, row_key, detail)"
	    " SELECT ?10, ?9, code, severity, table_name, column_name, n,"
	    " row_key, detail FROM {schema}.findings ORDER BY rowid",
	/* ?12 table, ?13 rows, ?14 inserted, ?15 updated, ?16 deleted */
	[SQL_TABLE] =
	    "INSERT OR REPLACE INTO main.version_tables (dataset, version_id,"
	    " table_name, payload_rows, \"rows\", quarantined, inserted,"
	    " updated, deleted)"
	    " SELECT ?10, ?9, ?12, s.payload_rows, ?13, s.quarantined, ?14,"
	    " ?15, ?16 FROM {schema}.staging_tables AS s"
	    " WHERE s.table_name = ?12",
	/* ?12 table */
	[SQL_CHANGED] =
	    "SELECT inserted + updated + deleted > 0"
	    " FROM main.version_tables WHERE dataset = ?10"
	    " AND version_id = ?9 AND table_name = ?12",
	[SQL_SUMS] =
	    "SELECT total(inserted), total(updated), total(deleted),"
	    " count(*) FROM main.version_tables WHERE dataset = ?10"
	    " AND version_id = ?9 AND inserted + updated + deleted > 0",
	/* ?12 status */
	[SQL_SET_STATUS] =
	    "UPDATE main.dataset_versions SET status = ?12"
	    " WHERE dataset = ?10 AND version_id = ?9",
	[SQL_ARCHIVE] =
	    "UPDATE main.dataset_versions SET status = 'archived'"
	    " WHERE dataset = ?10 AND status = 'active'",
	[SQL_ACTIVATE] =
	    "UPDATE main.dataset_versions SET status = 'active',"
	    " promoted_at = ?11, last_verified_at = ?11,"
	    " last_verified_run = ?9 WHERE dataset = ?10 AND version_id = ?9",
	[SQL_VERIFY] =
	    "UPDATE main.dataset_versions SET last_verified_at = ?11,"
	    " last_verified_run = ?9"
	    " WHERE dataset = ?10 AND status = 'active'",
	[SQL_SETTLE] =
	    "UPDATE main.dataset_versions SET status = 'archived'"
	    " WHERE dataset = ?10 AND version_id <= ?9"
	    " AND status IN ('staged', 'held')",
	/* ?12 table, ?13 rows */
	[SQL_GATE_COUNT] =
	    "INSERT OR REPLACE INTO main.gate_counts (dataset, version_id,"
	    " accepted_at, table_name, \"rows\")"
	    " VALUES (?10, ?9, ?11, ?12, ?13)",
	/* ?12 event, ?13 run, ?14 payload */
	[SQL_EVENT] =
	    "INSERT INTO main.dataset_version_events (dataset, version_id,"
	    " at, event, run, payload) VALUES (?10, ?9, ?11, ?12, ?13, ?14)",
	[SQL_INGEST] =
	    "SELECT part, run, snapshot, record_count, size_bytes, carried"
	    " FROM main.version_inputs"
	    " WHERE dataset = ?10 AND version_id = ?9 ORDER BY part",
	/* ?12 name */
	[SQL_META] =
	    "SELECT value FROM {schema}.staging_meta WHERE name = ?12",
	/* ?12 part */
	[SQL_HAS_INPUT] =
	    "SELECT 1 FROM {schema}.staging_inputs WHERE part = ?12",
	/* ?12 part */
	[SQL_HAD_INPUT] =
	    "SELECT 1 FROM main.version_inputs"
	    " WHERE dataset = ?10 AND version_id = ?9 AND part = ?12",
	/* ?12 table */
	[SQL_STAGE_ROWS] =
	    "SELECT \"rows\" FROM {schema}.staging_tables"
	    " WHERE table_name = ?12",
	[SQL_STAGE_BYTES] =
	    "SELECT coalesce(sum(size_bytes), 0)"
	    " FROM {schema}.staging_inputs",
};

void
canon_version_init(struct canon_version *v, struct db *db,
    const struct decl *d)
{
	*v = (struct canon_version){ .db = db, .d = d };
}

void
canon_version_reset(struct canon_version *v)
{
	size_t i;

	for (i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(v->s[i]);
		v->s[i] = NULL;
	}
}

void
canon_version_release(struct canon_version *v)
{
	canon_version_reset(v);
	free(v->schema);
	v->schema = NULL;
}

int
canon_version_stage(struct canon_version *v, const char *schema)
{
	if (v->schema != NULL && strcmp(v->schema, schema) == 0)
		return 0;
	canon_version_reset(v);
	free(v->schema);
	return (v->schema = strdup(schema)) == NULL ? -1 : 0;
}

/* The statement, prepared when first asked for; NULL: failed. */
static sqlite3_stmt *
get(struct canon_version *v, enum version_sql which)
{
	struct buf b;

	if (v->s[which] != NULL)
		return v->s[which];
	buf_init(&b, SQL_BYTES);
	if (canon_sql(&b, v->d, NULL, v->schema, templates[which]) == 0)
		v->s[which] = db_prepare(v->db, b.data);
	buf_release(&b);
	return v->s[which];
}

/* The same with what every statement has; a reference outlives the step. */
static sqlite3_stmt *
bound(struct canon_version *v, enum version_sql which,
    const struct version_ref *r)
{
	sqlite3_stmt *s = get(v, which);
	size_t i;

	if (s == NULL)
		return NULL;
	for (i = 0; i < r->dataset->n; i++)
		db_bind(s, (int)i + 1, r->dataset->m[i].value);
	db_bind(s, PARAM_VERSION, r->version);
	db_bind(s, PARAM_LABEL, r->label);
	db_bind(s, PARAM_NOW, r->now);
	return s;
}

static int
run(struct canon_version *v, enum version_sql which,
    const struct version_ref *r)
{
	return db_run(v->db, bound(v, which, r));
}

/* Column i into out, "" for NULL.  An id too long is none of ours: -1. */
static int
copy_text(sqlite3_stmt *s, int i, char *out, size_t size)
{
	const char *text = db_text(s, i);

	out[0] = '\0';
	if (text == NULL)
		return 0;
	if (strlen(text) >= size) {
		errno = EINVAL;
		return -1;
	}
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

int
version_active(struct canon_version *v, const char *label,
    struct version_active *a)
{
	sqlite3_stmt *s = get(v, SQL_ACTIVE);
	int r;

	memset(a, 0, sizeof(*a));
	if (s == NULL)
		return -1;
	db_bind(s, PARAM_LABEL, label);
	if ((r = db_step(v->db, s)) == 1 &&
	    (copy_text(s, 0, a->version, sizeof(a->version)) == -1 ||
	    copy_text(s, 1, a->parent, sizeof(a->parent)) == -1 ||
	    copy_text(s, 2, a->verified, sizeof(a->verified)) == -1))
		r = -1;
	sqlite3_reset(s);
	return r == -1 ? -1 : 0;
}

int
version_status(struct canon_version *v, const struct version_ref *r,
    char status[12])
{
	sqlite3_stmt *s = bound(v, SQL_STATUS, r);
	int step = db_step(v->db, s);

	status[0] = '\0';
	if (step == 1 && copy_text(s, 0, status, 12) == -1)
		step = -1;
	sqlite3_reset(s);
	return step == -1 ? -1 : 0;
}

int
version_stage_meta(struct canon_version *v, const char *name, char *out,
    size_t size)
{
	sqlite3_stmt *s = get(v, SQL_META);
	int r;

	out[0] = '\0';
	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, name);
	if ((r = db_step(v->db, s)) == 1 && copy_text(s, 0, out, size) == -1)
		r = -1;
	sqlite3_reset(s);
	return r == -1 ? -1 : 0;
}

int
version_has_input(struct canon_version *v, const char *part)
{
	sqlite3_stmt *s = get(v, SQL_HAS_INPUT);
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, part);
	r = db_step(v->db, s);
	sqlite3_reset(s);
	return r;
}

int
version_had_input(struct canon_version *v, const struct version_ref *r,
    const char *part)
{
	sqlite3_stmt *s = bound(v, SQL_HAD_INPUT, r);
	int had;

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, part);
	had = db_step(v->db, s);
	sqlite3_reset(s);
	return had;
}

/* The one integer that a statement gives, or -1 as *out. */
static int
integer(struct canon_version *v, sqlite3_stmt *s, int64_t *out)
{
	int r = db_step(v->db, s);

	*out = r == 1 ? sqlite3_column_int64(s, 0) : -1;
	sqlite3_reset(s);
	return r == -1 ? -1 : 0;
}

int
version_stage_rows(struct canon_version *v, const char *table, int64_t *rows)
{
	sqlite3_stmt *s = get(v, SQL_STAGE_ROWS);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, table);
	return integer(v, s, rows);
}

int
version_stage_bytes(struct canon_version *v, int64_t *bytes)
{
	return integer(v, get(v, SQL_STAGE_BYTES), bytes);
}

static int
create(struct canon_version *v, const struct version_ref *r,
    const char *parent)
{
	char map[CANON_VERSION_BYTES];
	sqlite3_stmt *s;

	if (version_stage_meta(v, "map_sha256", map, sizeof(map)) == -1 ||
	    (s = bound(v, SQL_CREATE, r)) == NULL)
		return -1;
	db_bind(s, PARAM_A, parent[0] != '\0' ? parent : NULL);
	db_bind(s, PARAM_B, map[0] != '\0' ? map : NULL);
	return db_run(v->db, s);
}

static int
inputs(struct canon_version *v, const struct version_ref *r,
    const char *parent)
{
	sqlite3_stmt *s;

	if (run(v, SQL_INPUTS_FORGET, r) == -1 ||
	    (s = bound(v, SQL_INPUTS, r)) == NULL)
		return -1;
	db_bind(s, PARAM_A, parent);
	return db_run(v->db, s);
}

static void
input_member(struct jsonw *w, sqlite3_stmt *s)
{
	jsonw_obj_open(w, NULL);
	jsonw_str(w, "part", db_text(s, 0));
	jsonw_str(w, "run", db_text(s, 1));
	jsonw_opt(w, "snapshot", db_text(s, 2));
	jsonw_int(w, "record_count", sqlite3_column_int64(s, 3));
	jsonw_int(w, "bytes", sqlite3_column_int64(s, 4));
	jsonw_bool(w, "carried", sqlite3_column_int(s, 5));
	jsonw_obj_close(w);
}

/* What came in, as an event that stands by itself. */
static int
ingest_event(struct canon_version *v, const struct version_ref *r)
{
	sqlite3_stmt *s = bound(v, SQL_INGEST, r);
	struct buf b;
	struct jsonw w;
	int step, done = -1;

	buf_init(&b, PAYLOAD_BYTES);
	jsonw_init(&w, &b);
	jsonw_obj_open(&w, NULL);
	jsonw_arr_open(&w, "inputs");
	while ((step = db_step(v->db, s)) == 1)
		input_member(&w, s);
	jsonw_arr_close(&w);
	jsonw_obj_close(&w);
	if (step == 0 && w.failed == 0)
		done = version_event(v, r, "ingest", b.data);
	buf_release(&b);
	return done;
}

int
version_stage(struct canon_version *v, const struct version_ref *r,
    const char *parent)
{
	char status[12];

	if (version_status(v, r, status) == -1 ||
	    create(v, r, parent) == -1 || inputs(v, r, parent) == -1 ||
	    run(v, SQL_FINDINGS_FORGET, r) == -1 ||
	    run(v, SQL_FINDINGS, r) == -1)
		return -1;
	/* An active one was continued: other things came in. */
	return status[0] == '\0' || strcmp(status, "active") == 0 ?
	    ingest_event(v, r) : 0;
}

int
version_table(struct canon_version *v, const struct version_ref *r,
    const char *table, const struct diff_count *count)
{
	sqlite3_stmt *s = bound(v, SQL_TABLE, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, table);
	sqlite3_bind_int64(s, PARAM_B, count->new_rows);
	sqlite3_bind_int64(s, PARAM_C, count->inserted);
	sqlite3_bind_int64(s, PARAM_D, count->updated);
	sqlite3_bind_int64(s, PARAM_E, count->deleted);
	return db_run(v->db, s);
}

int
version_changed(struct canon_version *v, const struct version_ref *r,
    const char *table)
{
	sqlite3_stmt *s = bound(v, SQL_CHANGED, r);
	int64_t changed;

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, table);
	return integer(v, s, &changed) == -1 ? -1 : changed == 1;
}

int
version_sums(struct canon_version *v, const struct version_ref *r,
    struct diff_count *sum, int64_t *tables)
{
	sqlite3_stmt *s = bound(v, SQL_SUMS, r);
	int step = db_step(v->db, s);

	if (step == 1) {
		sum->inserted = sqlite3_column_int64(s, 0);
		sum->updated = sqlite3_column_int64(s, 1);
		sum->deleted = sqlite3_column_int64(s, 2);
		*tables = sqlite3_column_int64(s, 3);
	}
	sqlite3_reset(s);
	return step == -1 ? -1 : 0;
}

int
version_set_status(struct canon_version *v, const struct version_ref *r,
    const char *status)
{
	sqlite3_stmt *s = bound(v, SQL_SET_STATUS, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, status);
	return db_run(v->db, s);
}

int
version_activate(struct canon_version *v, const struct version_ref *r)
{
	return run(v, SQL_ARCHIVE, r) == -1 ? -1 : run(v, SQL_ACTIVATE, r);
}

int
version_verify(struct canon_version *v, const struct version_ref *r)
{
	return run(v, SQL_VERIFY, r);
}

int
version_settle(struct canon_version *v, const struct version_ref *r)
{
	return run(v, SQL_SETTLE, r);
}

int
version_gate_count(struct canon_version *v, const struct version_ref *r,
    const char *table, int64_t rows)
{
	sqlite3_stmt *s = bound(v, SQL_GATE_COUNT, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, table);
	sqlite3_bind_int64(s, PARAM_B, rows);
	return db_run(v->db, s);
}

int
version_event(struct canon_version *v, const struct version_ref *r,
    const char *event, const char *payload)
{
	sqlite3_stmt *s = bound(v, SQL_EVENT, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, event);
	db_bind(s, PARAM_B, r->run);
	db_bind(s, PARAM_C, payload);
	return db_run(v->db, s);
}
