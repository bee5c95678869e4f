#include "store/canon_version_sql.h"

#include <stdlib.h>
#include <string.h>

#include "store/canon_table.h"

#define SQL_BYTES ((size_t)1 << 16)

_Static_assert(SQL_COUNT <= VERSION_SQL_MAX, "VERSION_SQL_MAX is too small");

static const char *const templates[SQL_COUNT] = {
	[SQL_ACTIVE] =
	    "SELECT version_id, run, last_verified_run, last_staged_run,"
	    " map_sha256 FROM main.dataset_versions"
	    " WHERE dataset = ?10 AND status = 'active'",
	[SQL_RUN_OF] =
	    "SELECT run FROM main.dataset_versions"
	    " WHERE dataset = ?10 AND version_id = ?9",
	/* ?12 run; ids of one run are one range of the index */
	[SQL_LAST_OF_RUN] =
	    "SELECT max(version_id) FROM main.dataset_versions"
	    " WHERE dataset = ?10 AND version_id >= ?12"
	    " AND version_id < ?12 || '/' AND run = ?12",
	[SQL_LAST] =
	    "SELECT max(version_id) FROM main.dataset_versions"
	    " WHERE dataset = ?10",
	/* ?12 status: the newest that waits with the inputs of staging */
	[SQL_OFFERED] =
	    "SELECT v.version_id FROM main.dataset_versions AS v"
	    " WHERE v.dataset = ?10 AND v.status IN ('staged', 'held')"
	    " AND v.status = ?12"
	    " AND (SELECT count(*) FROM {schema}.staging_inputs) ="
	    " (SELECT count(*) FROM main.version_inputs AS p"
	    " JOIN {schema}.staging_inputs AS i"
	    " ON i.part = p.part AND i.sha256 IS p.sha256"
	    " WHERE p.dataset = ?10 AND p.version_id = v.version_id)"
	    " AND (SELECT count(*) FROM {schema}.staging_inputs) ="
	    " (SELECT count(*) FROM main.version_inputs AS p"
	    " WHERE p.dataset = ?10 AND p.version_id = v.version_id)"
	    " ORDER BY v.version_id DESC LIMIT 1",
	/* ?12 run, ?13 run that staged, ?14 parent, ?15 digest of the map */
	[SQL_CREATE] =
	    "INSERT INTO main.dataset_versions (dataset, version_id,"
	    " {dataset_key}, created_at, status, run, staged_run, parent,"
	    " map_sha256) VALUES (?10, ?9, {dataset_values}, ?11, 'staged',"
	    " ?12, ?13, ?14, ?15)",
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
	[SQL_FINDINGS] =
	    "INSERT INTO main.version_findings (dataset, version_id, code,"
	    " severity, table_name, column_name, n, row_key, detail)"
	    " SELECT ?10, ?9, code, severity, table_name, column_name, n,"
	    " row_key, detail FROM {schema}.findings ORDER BY rowid",
	/* ?12 table, ?13 rows, ?14 inserted, ?15 updated, ?16 deleted */
	[SQL_TABLE] =
	    "INSERT INTO main.version_tables (dataset, version_id,"
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
	/* ?12 run, ?13 run that staged */
	[SQL_ACTIVATE] =
	    "UPDATE main.dataset_versions SET status = 'active',"
	    " seq = (SELECT ifnull(max(seq), 0) + 1"
	    " FROM main.dataset_versions),"
	    " promoted_at = ?11, last_verified_at = ?11,"
	    " last_verified_run = ?12, last_staged_run = ?13"
	    " WHERE dataset = ?10 AND version_id = ?9",
	/* The same */
	[SQL_VERIFY] =
	    "UPDATE main.dataset_versions SET last_verified_at = ?11,"
	    " last_verified_run = ?12, last_staged_run = ?13"
	    " WHERE dataset = ?10 AND status = 'active'",
	[SQL_SETTLE] =
	    "UPDATE main.dataset_versions SET status = 'archived'"
	    " WHERE dataset = ?10 AND status IN ('staged', 'held')",
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

sqlite3_stmt *
version_sql(struct canon_version *v, enum version_sql which)
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

sqlite3_stmt *
version_sql_bound(struct canon_version *v, enum version_sql which,
    const struct version_ref *r)
{
	sqlite3_stmt *s = version_sql(v, which);

	if (s == NULL)
		return NULL;
	canon_bind_members(s, v->d, r->dataset);
	db_bind(s, PARAM_VERSION, r->version);
	db_bind(s, PARAM_LABEL, r->label);
	db_bind(s, PARAM_NOW, r->now);
	return s;
}

int
version_sql_run(struct canon_version *v, enum version_sql which,
    const struct version_ref *r)
{
	return db_run(v->db, version_sql_bound(v, which, r));
}
