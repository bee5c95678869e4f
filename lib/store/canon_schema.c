#include "store/canon_schema.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "store/canon_table.h"
#include "store/gate_state.h"

/* Bytes of DDL: some 200 columns make 30 kB. */
#define DDL_BYTES ((size_t)4 << 20)

static const char meta_ddl[] =
    "CREATE TABLE canon_meta (\n"
    "  name TEXT NOT NULL PRIMARY KEY,\n"
    "  value TEXT NOT NULL\n"
    ") STRICT;\n";

/* After dataset_versions, whose columns name the dataset's key. */
static const char versions_ddl[] =
    "CREATE UNIQUE INDEX dataset_versions_key\n"
    "  ON dataset_versions (dataset, version_id);\n"
    "CREATE UNIQUE INDEX dataset_versions_active\n"
    "  ON dataset_versions (dataset) WHERE status = 'active';\n"
    "CREATE INDEX dataset_versions_waiting\n"
    "  ON dataset_versions (dataset) WHERE status IN ('staged', 'held');\n"
    "CREATE UNIQUE INDEX dataset_versions_seq\n"
    "  ON dataset_versions (seq);\n"
    "CREATE TABLE version_inputs (\n"
    "  version_id TEXT NOT NULL,\n"
    "  dataset TEXT NOT NULL,\n"
    "  part TEXT NOT NULL,\n"
    "  run TEXT NOT NULL,\n"
    "  snapshot TEXT,\n"
    "  sha256 TEXT,\n"
    "  size_bytes INTEGER,\n"
    "  record_count INTEGER,\n"
    "  schema_version TEXT,\n"
    "  fetched_at TEXT,\n"
    "  path TEXT,\n"
    "  carried INTEGER NOT NULL CHECK (carried IN (0, 1)),\n"
    "  PRIMARY KEY (dataset, version_id, part)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE version_tables (\n"
    "  version_id TEXT NOT NULL,\n"
    "  dataset TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  payload_rows INTEGER,\n"
    "  \"rows\" INTEGER NOT NULL,\n"
    "  quarantined INTEGER NOT NULL,\n"
    "  inserted INTEGER NOT NULL,\n"
    "  updated INTEGER NOT NULL,\n"
    "  deleted INTEGER NOT NULL,\n"
    "  PRIMARY KEY (dataset, version_id, table_name)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE version_findings (\n"
    "  version_id TEXT NOT NULL,\n"
    "  dataset TEXT NOT NULL,\n"
    "  code TEXT NOT NULL,\n"
    "  severity TEXT NOT NULL,\n"
    "  table_name TEXT,\n"
    "  column_name TEXT,\n"
    "  n INTEGER NOT NULL,\n"
    "  row_key TEXT,\n"
    "  detail TEXT\n"
    ") STRICT;\n"
    "CREATE INDEX version_findings_version\n"
    "  ON version_findings (dataset, version_id);\n"
    "CREATE TABLE dataset_version_events (\n"
    "  event_id INTEGER PRIMARY KEY,\n"
    "  version_id TEXT NOT NULL,\n"
    "  dataset TEXT NOT NULL,\n"
    "  event TEXT NOT NULL CHECK (event IN\n"
    "    ('ingest', 'diff', 'gate', 'promote', 'abort', 'rollback',\n"
    "    'accept', 'reject', 'rebuild', 'prune')),\n"
    "  at TEXT NOT NULL,\n"
    "  run TEXT NOT NULL,\n"
    "  payload TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX dataset_version_events_version\n"
    "  ON dataset_version_events (dataset, version_id);\n";

/* Is this a member of every kind's key? */
static int
is_of_all(const struct decl *d, const char *member)
{
	size_t i, j;

	for (i = 0; i < d->n_kinds; i++) {
		const struct decl_kind *k = &d->kinds[i];

		for (j = 0; j < k->n_key && strcmp(k->key[j], member) != 0;)
			j++;
		if (j == k->n_key)
			return 0;
	}
	return 1;
}

/* Rows that come item by item can be put aside. */
static const char quarantine_ddl[] =
    "CREATE TABLE quarantine (\n"
    "  quarantine_id INTEGER PRIMARY KEY,\n"
    "  dataset TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  row_key TEXT NOT NULL,\n"
    "  code TEXT NOT NULL,\n"
    "  reason TEXT NOT NULL,\n"
    "  place TEXT NOT NULL,\n"
    "  \"row\" TEXT NOT NULL,\n"
    "  run TEXT NOT NULL,\n"
    "  at TEXT NOT NULL,\n"
    "  resolved_at TEXT,\n"
    "  resolved_run TEXT,\n"
    "  resolution TEXT CHECK (resolution IN ('good', 'gone'))\n"
    ") STRICT;\n"
    "CREATE INDEX quarantine_open\n"
    "  ON quarantine (dataset) WHERE resolved_at IS NULL;\n";

static int
has_pages(const struct decl *d)
{
	size_t i;

	for (i = 0; i < d->n_kinds; i++)
		if (d->kinds[i].paged)
			return 1;
	return 0;
}

static int
dataset_versions(struct buf *b, const struct decl *d)
{
	size_t i;

	if (buf_str(b, "CREATE TABLE dataset_versions (\n"
	    "  version_id TEXT NOT NULL,\n"
	    "  dataset TEXT NOT NULL,\n") == -1)
		return -1;
	for (i = 0; i < d->n_members; i++)
		if (buf_str(b, "  ") == -1 ||
		    db_ident(b, d->members[i]) == -1 ||
		    buf_str(b, is_of_all(d, d->members[i]) ?
		    " TEXT NOT NULL,\n" : " TEXT,\n") == -1)
			return -1;
	return buf_str(b, "  status TEXT NOT NULL CHECK (status IN\n"
	    "    ('staged', 'active', 'archived', 'held')),\n"
	    "  seq INTEGER,\n"
	    "  parent TEXT,\n"
	    "  run TEXT NOT NULL,\n"
	    "  staged_run TEXT,\n"
	    "  created_at TEXT NOT NULL,\n"
	    "  promoted_at TEXT,\n"
	    "  last_verified_at TEXT,\n"
	    "  last_verified_run TEXT,\n"
	    "  last_staged_run TEXT,\n"
	    "  map_sha256 TEXT\n"
	    ") STRICT;\n");
}

/*
 * The parent that a foreign key can name: an index over ifnull() is none
 * that it could refer to.  That a nested table has its parent's key
 * columns, the declaration was checked for.
 */
static const struct decl_table *
parent_of(const struct decl *d, const struct decl_table *t)
{
	const struct decl_table *parent;
	size_t i;

	if (!decl_nested(t))
		return NULL;
	parent = &d->tables[t->parent];
	for (i = 0; i < parent->n_key; i++)
		if (parent->null_key[i])
			return NULL;
	return parent;
}

/* The columns of the foreign key, ending in the given occurrence. */
static int
parent_key(struct buf *b, const struct decl_table *parent,
    const char *occurrence)
{
	const struct decl_kind *k = parent->kind;
	size_t i;

	for (i = 0; i < k->n_key; i++)
		if (db_ident(b, k->key[i]) == -1 || buf_str(b, ", ") == -1)
			return -1;
	for (i = 0; i < parent->n_key; i++)
		if (db_ident(b, parent->columns[parent->key[i]].name) == -1 ||
		    buf_str(b, ", ") == -1)
			return -1;
	return buf_str(b, occurrence);
}

static int
foreign_key(struct buf *b, const struct decl_table *parent)
{
	if (buf_str(b, ",\n  FOREIGN KEY (") == -1 ||
	    parent_key(b, parent, "parent_occurrence") == -1 ||
	    buf_str(b, ")\n    REFERENCES ") == -1 ||
	    db_ident(b, parent->name) == -1 || buf_str(b, " (") == -1 ||
	    parent_key(b, parent, "occurrence") == -1)
		return -1;
	return buf_str(b, ")\n    DEFERRABLE INITIALLY DEFERRED");
}

/* Can children be found by the index over the key, which begins alike? */
static int
key_begins_alike(const struct decl_table *t, const struct decl_table *parent)
{
	size_t i;

	for (i = 0; i < parent->n_key; i++)
		if (i == t->n_key || strcmp(t->columns[t->key[i]].name,
		    parent->columns[parent->key[i]].name) != 0)
			return 0;
	return 1;
}

/* Deleting a parent looks for its children: that must not be a scan. */
static int
parent_index(struct buf *b, const struct decl *d,
    const struct decl_table *t, const struct decl_table *parent)
{
	if (key_begins_alike(t, parent))
		return 0;
	if (canon_sql(b, d, t, NULL, "CREATE INDEX {name_parent}\n"
	    "  ON {name} (") == -1 ||
	    parent_key(b, parent, "parent_occurrence") == -1)
		return -1;
	return buf_str(b, ");\n");
}

static int
active_table(struct buf *b, const struct decl *d, const struct decl_table *t)
{
	const struct decl_table *parent = parent_of(d, t);

	if (canon_sql(b, d, t, NULL, "CREATE TABLE {name} (\n  {defs},\n"
	    "  valid_from TEXT NOT NULL") == -1 ||
	    (parent != NULL && foreign_key(b, parent) == -1) ||
	    canon_sql(b, d, t, NULL, "\n) STRICT;\n"
	    "CREATE UNIQUE INDEX {name_key}\n  ON {name} ({index});\n") == -1)
		return -1;
	return parent == NULL ? 0 : parent_index(b, d, t, parent);
}

/*
 * In the order of its index, what one version ended is one range, and so
 * is what was true before a version and is not any more.
 */
static int
history_table(struct buf *b, const struct decl *d,
    const struct decl_table *t)
{
	return canon_sql(b, d, t, NULL,
	    "CREATE TABLE {name_history} (\n  {defs},\n"
	    "  valid_from TEXT NOT NULL,\n"
	    "  valid_to TEXT NOT NULL,\n"
	    "  CHECK (valid_from < valid_to)\n"
	    ") STRICT;\n"
	    "CREATE UNIQUE INDEX {name_history_key}\n"
	    "  ON {name_history} ({dataset_key}, valid_to, {own_index});\n");
}

static int
declared_indexes(struct buf *b, const struct decl_table *t)
{
	size_t i;

	for (i = 0; i < t->n_indexes; i++)
		if (buf_str(b, "CREATE INDEX ") == -1 ||
		    db_ident(b, t->indexes[i].name) == -1 ||
		    buf_str(b, " ON ") == -1 ||
		    db_ident(b, t->name) == -1 ||
		    buf_printf(b, " (%s);\n", t->indexes[i].columns) == -1)
			return -1;
	return 0;
}

int
canon_schema_ddl(struct buf *b, const struct decl *d)
{
	size_t i;

	if (buf_str(b, meta_ddl) == -1 || dataset_versions(b, d) == -1 ||
	    buf_str(b, versions_ddl) == -1 ||
	    buf_str(b, gate_state_ddl) == -1 ||
	    (has_pages(d) && buf_str(b, quarantine_ddl) == -1))
		return -1;
	for (i = 0; i < d->n_tables; i++) {
		const struct decl_table *t = &d->tables[i];

		if (active_table(b, d, t) == -1 ||
		    declared_indexes(b, t) == -1 ||
		    history_table(b, d, t) == -1)
			return -1;
	}
	return 0;
}

/* The rows of any version that is kept; the version leads the way. */
static int
as_of_view(struct buf *b, const struct decl *d, const struct decl_table *t)
{
	return canon_sql(b, d, t, NULL, "CREATE VIEW {name_as_of} AS\n"
	    "SELECT v.version_id AS as_of, {columns}, t.valid_from,\n"
	    "    NULL AS valid_to\n"
	    "FROM dataset_versions AS v CROSS JOIN {name} AS t\n"
	    "WHERE v.seq IS NOT NULL AND {of_version}\n"
	    "    AND t.valid_from <= v.version_id\n"
	    "UNION ALL\n"
	    "SELECT v.version_id, {columns}, t.valid_from, t.valid_to\n"
	    "FROM dataset_versions AS v CROSS JOIN {name_history} AS t\n"
	    "WHERE v.seq IS NOT NULL AND {of_version}\n"
	    "    AND t.valid_from <= v.version_id\n"
	    "    AND t.valid_to > v.version_id;\n");
}

static int
views_ddl(struct buf *b, const struct decl *d)
{
	size_t i;

	for (i = 0; i < d->n_tables; i++)
		if (as_of_view(b, d, &d->tables[i]) == -1)
			return -1;
	for (i = 0; i < d->n_views; i++)
		if (buf_str(b, "CREATE VIEW ") == -1 ||
		    db_ident(b, d->views[i].name) == -1 ||
		    buf_printf(b, " AS\n%s;\n", d->views[i].sql) == -1)
			return -1;
	return 0;
}

static int
digest_of(const char *bytes, size_t n, char hex[DIGEST_TEXT])
{
	struct digest sum;

	if (digest_init(&sum) == -1)
		return -1;
	digest_add(&sum, bytes, n);
	digest_finish(&sum, hex);
	return 0;
}

int
canon_schema_sha256(const struct decl *d, char hex[DIGEST_TEXT])
{
	struct buf b;
	int r;

	buf_init(&b, DDL_BYTES);
	r = canon_schema_ddl(&b, d);
	if (r == 0)
		r = digest_of(b.data, b.len, hex);
	buf_release(&b);
	return r;
}

static int
views_sha256(const struct decl *d, char hex[DIGEST_TEXT])
{
	struct buf b;
	int r;

	buf_init(&b, DDL_BYTES);
	r = views_ddl(&b, d);
	if (r == 0)
		r = digest_of(b.data, b.len, hex);
	buf_release(&b);
	return r;
}

int
canon_schema_whole(struct buf *b, const struct decl *d)
{
	char tables[DIGEST_TEXT], views[DIGEST_TEXT];

	if (canon_schema_sha256(d, tables) == -1 ||
	    views_sha256(d, views) == -1 || canon_schema_ddl(b, d) == -1 ||
	    views_ddl(b, d) == -1)
		return -1;
	return buf_printf(b, "INSERT INTO canon_meta (name, value) VALUES\n"
	    "  ('source', '%s'), ('tables_sha256', '%s'),\n"
	    "  ('views_sha256', '%s');\n", d->source, tables, views);
}

/* Is the value of name in canon_meta this one?  1, 0, or -1. */
static int
meta_is(struct db *db, const char *name, const char *value)
{
	sqlite3_stmt *s;
	int r;

	s = db_prepare(db, "SELECT value IS ?2 FROM main.canon_meta "
	    "WHERE name = ?1");
	if (s == NULL)
		return -1;
	db_bind(s, 1, name);
	db_bind(s, 2, value);
	r = db_step(db, s);
	if (r == 1)
		r = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return r;
}

int
canon_rebuild_hint(struct buf *b, const struct db *db, const struct decl *d)
{
	const char *slash = strrchr(db->path, '/');

	return buf_printf(b, "rebuild it: diff-promote -c %s -d %.*s "
	    "--rebuild -r RUN", d->file,
	    slash != NULL ? (int)(slash - db->path) : 1,
	    slash != NULL ? db->path : ".");
}

static int
wrong_declaration(struct db *db, const struct decl *d)
{
	buf_clear(&db->message);
	buf_printf(&db->message, "%s: made by another declaration than %s; ",
	    db->path, d->file);
	canon_rebuild_hint(&db->message, db, d);
	db->status = EXIT_REFUSED;
	errno = EPROTO;
	return -1;
}

/* Drop the views there are and create those declared. */
static int
replace_views(struct db *db, const struct decl *d, const char *sum)
{
	sqlite3_stmt *s;
	struct buf b;
	int r, ok = 0;

	buf_init(&b, DDL_BYTES);
	s = db_prepare(db, "SELECT name FROM main.sqlite_schema "
	    "WHERE type = 'view'");
	while ((r = db_step(db, s)) == 1)
		if (buf_str(&b, "DROP VIEW main.") == -1 ||
		    db_ident(&b, db_text(s, 0)) == -1 ||
		    buf_str(&b, ";\n") == -1)
			break;
	sqlite3_finalize(s);
	if (r == 0 && views_ddl(&b, d) == 0 && buf_printf(&b,
	    "UPDATE main.canon_meta SET value = '%s' "
	    "WHERE name = 'views_sha256';\n", sum) == 0)
		ok = db_exec(db, b.data) == 0;
	buf_release(&b);
	return ok ? 0 : -1;
}

static int
follow(struct db *db, const struct decl *d, const char *sum)
{
	int same = meta_is(db, "views_sha256", sum);

	if (same != 0)
		return same == 1 ? 0 : -1;
	if (db_begin(db) == -1)
		return -1;
	if (replace_views(db, d, sum) == -1 || db_commit(db) == -1) {
		db_rollback(db);
		return -1;
	}
	return 0;
}

static int
open_schema(struct db *db, const struct decl *d, int follow_views,
    struct buf *ddl, const char *hint)
{
	char tables[DIGEST_TEXT], views[DIGEST_TEXT];

	if (canon_schema_sha256(d, tables) == -1 ||
	    views_sha256(d, views) == -1 ||
	    canon_schema_whole(ddl, d) == -1) {
		buf_clear(&db->message);
		buf_printf(&db->message, "%s: no tables can be made of it",
		    d->file);
		db->status = EXIT_USAGE;
		return -1;
	}
	if (db_schema(db, CANON_SCHEMA_VERSION, ddl->data, hint) == -1) {
		/* What SQLite does not take is the declaration's SQL. */
		if (db_status(db) == EXIT_BUG) {
			db->status = EXIT_USAGE;
			errno = EINVAL;
		}
		return -1;
	}
	switch (meta_is(db, "tables_sha256", tables)) {
	case 1:
		return follow_views ? follow(db, d, views) : 0;
	case 0:
		return wrong_declaration(db, d);
	default:
		return -1;
	}
}

int
canon_schema_begin(struct db *db, const struct decl *d)
{
	char tables[DIGEST_TEXT];
	int same;

	if (canon_schema_sha256(d, tables) == -1)
		return db_fail_errno(db, d->file);
	if (db_begin(db) == -1)
		return -1;
	if ((same = meta_is(db, "tables_sha256", tables)) == 1)
		return 0;
	db_rollback(db);
	return same == 0 ? wrong_declaration(db, d) : -1;
}

int
canon_schema_open(struct db *db, const struct decl *d, int follow_views)
{
	struct buf ddl, hint;
	int r;

	buf_init(&ddl, DDL_BYTES);
	buf_init(&hint, 3 * PATH_BYTES_MAX);
	canon_rebuild_hint(&hint, db, d);
	r = open_schema(db, d, follow_views, &ddl, hint.data);
	buf_release(&hint);
	buf_release(&ddl);
	return r;
}
