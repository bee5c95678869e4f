#include "store/held_report.h"

#include <stdio.h>
#include <string.h>

#include "store/table.h"

/* What becomes of part i: read, and told by fn if it is held. */
static int
each_held(const struct held *h,
    int (*fn)(const struct held *, const struct gate_view *, void *),
    void *arg)
{
	size_t i;
	int n = 0;

	for (i = 0; i < h->d->n_parts; i++) {
		struct gate_view v = { .db = h->db, .d = h->d,
		    .dataset = h->dataset, .label = h->label,
		    .part = &h->d->parts[i], .now_ms = h->now_ms };

		if (!decl_has(v.part->kind, h->dataset))
			continue;
		if (gate_view_read(&v) == -1)
			return -1;
		if (!v.state.held)
			continue;
		n++;
		if (fn != NULL && fn(h, &v, arg) == -1)
			return -1;
	}
	return n;
}

/* --- a section and a member --------------------------------------------- */

static int
put_member(const struct held *h, const struct gate_view *v, void *arg)
{
	const struct decl_table *t = v->state.table[0] == '\0' ? NULL :
	    decl_table(v->d, v->state.table);
	struct jsonw *w = arg;
	int r;

	jsonw_obj_open(w, NULL);
	r = gate_tell_members(&h->tell, v, t, w);
	jsonw_obj_close(w);
	return r;
}

int
held_members(const struct held *h, struct jsonw *w)
{
	int n;

	jsonw_arr_open(w, "held");
	n = each_held(h, put_member, w);
	jsonw_arr_close(w);
	return n == -1 ? -1 : 0;
}

/* As it stands there: lines of a fixed form. */
static int
put_text(const struct held *h, const struct gate_view *v, void *arg)
{
	struct buf *b = arg;

	if (buf_str(b, "\n```\n") == -1 || gate_tell_text(&h->tell, v, b) == -1)
		return -1;
	return buf_str(b, "```\n");
}

int
held_section(const struct held *h, struct buf *b)
{
	size_t start = b->len;
	int n;

	if (buf_str(b, "\n## Held\n\nThe rows of these parts stay what they "
	    "were.\n") == -1)
		return -1;
	if ((n = each_held(h, put_text, b)) == 0)
		buf_cut(b, start);
	return n == -1 ? -1 : 0;
}

/* --- the report of a version -------------------------------------------- */

/* A statement about a version of the dataset; NULL on failure. */
static sqlite3_stmt *
about(const struct held *h, const char *sql, const char *version)
{
	sqlite3_stmt *s = db_prepare(h->db, sql);

	if (s != NULL) {
		db_bind(s, 1, h->label);
		db_bind(s, 2, version);
	}
	return s;
}

/* Has a version_reports table been made yet?  1, 0 or -1. */
static int
has_reports(const struct held *h)
{
	return (int)db_int(h->db, "SELECT count(*) FROM main.sqlite_schema "
	    "WHERE name = 'version_reports'", -1);
}

/* Does the statement give a row?  Its first column goes to version. */
static int
ask(const struct held *h, const char *sql,
    char version[CANON_VERSION_BYTES])
{
	sqlite3_stmt *s = about(h, sql, NULL);
	int r;

	version[0] = '\0';
	if (s == NULL)
		return -1;
	if ((r = db_step(h->db, s)) == 1)
		snprintf(version, CANON_VERSION_BYTES, "%s", db_text(s, 0));
	sqlite3_finalize(s);
	return r;
}

int
held_version(const struct held *h, char version[CANON_VERSION_BYTES])
{
	int known = has_reports(h);

	if (known == -1)
		return -1;
	return ask(h, known ?
	    "SELECT version_id FROM main.dataset_versions v "
	    "WHERE dataset = ?1 AND status = 'held' AND NOT EXISTS "
	    "(SELECT 1 FROM main.version_reports r WHERE r.dataset = ?1 "
	    "AND r.version_id = v.version_id) ORDER BY version_id DESC" :
	    "SELECT version_id FROM main.dataset_versions "
	    "WHERE dataset = ?1 AND status = 'held' "
	    "ORDER BY version_id DESC", version) == -1 ? -1 : 0;
}

enum held_rest
held_rest(const struct held *h, int missing)
{
	char version[CANON_VERSION_BYTES];
	int known = has_reports(h), r;

	r = ask(h, "SELECT version_id FROM main.dataset_versions "
	    "WHERE dataset = ?1 AND status = 'active'", version);
	if (r == -1 || known == -1)
		return HELD_FAILED;
	if (r == 0) {
		r = each_held(h, NULL, NULL);
		return r == -1 ? HELD_FAILED : r > 0 ? HELD_ONLY : HELD_GO_ON;
	}
	if (!missing || !known)
		return HELD_GO_ON;
	r = ask(h, "SELECT v.version_id FROM main.dataset_versions v "
	    "JOIN main.version_reports r USING (dataset, version_id) "
	    "WHERE v.dataset = ?1 AND v.status = 'active'", version);
	return r == -1 ? HELD_FAILED : r == 1 ? HELD_REPORTED : HELD_GO_ON;
}

/* Members of JSON, by their statements. */
static const struct member {
	const char *name, *sql;
} members[] = {
	{ "inputs",
"SELECT json_group_array(json_patch('{}', json_object('part', part,"
"	'run', run, 'snapshot', snapshot, 'sha256', sha256,"
"	'size_bytes', size_bytes, 'record_count', record_count)))"
"	FROM main.version_inputs WHERE dataset = ?1 AND version_id = ?2" },
	{ "metrics",
"SELECT json_group_object(table_name, json_patch('{}', json_object("
"	'rows', \"rows\", 'record_count', payload_rows,"
"	'quarantined', quarantined, 'inserted', inserted,"
"	'updated', updated, 'deleted', deleted)))"
"	FROM main.version_tables WHERE dataset = ?1 AND version_id = ?2" },
	{ "findings",
"SELECT json_group_array(json_patch('{}', json_object('code', code,"
"	'severity', severity, 'table', table_name, 'column', column_name,"
"	'n', n, 'row_key', row_key, 'detail', detail)))"
"	FROM main.version_findings WHERE dataset = ?1 AND version_id = ?2" },
};

static int
put_json(const struct held *h, const struct member *m, const char *version,
    struct jsonw *w)
{
	sqlite3_stmt *s = about(h, m->sql, version);
	int r = s == NULL ? -1 : db_step(h->db, s);

	if (r == 1)
		jsonw_raw(w, m->name, db_text(s, 0),
		    (size_t)sqlite3_column_bytes(s, 0));
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

int
held_json(const struct held *h, const char *version, struct buf *b)
{
	struct jsonw w;
	size_t i;

	jsonw_init(&w, b);
	jsonw_obj_open(&w, NULL);
	for (i = 0; i < h->dataset->n; i++)
		jsonw_str(&w, h->dataset->m[i].name, h->dataset->m[i].value);
	jsonw_str(&w, "source", h->d->source);
	jsonw_str(&w, "dataset", h->label);
	jsonw_str(&w, "dataset_version_id", version);
	jsonw_str(&w, "status", "held");
	jsonw_bool(&w, "ready", 0);
	if (held_members(h, &w) == -1)
		return -1;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (put_json(h, &members[i], version, &w) == -1)
			return -1;
	return jsonw_end(&w);
}

static const struct section {
	const char *title, *sql;
} sections[] = {
	{ "What it would have changed",
"SELECT table_name AS \"table\", \"rows\","
"	nullif(inserted, 0) AS inserted, nullif(updated, 0) AS updated,"
"	nullif(deleted, 0) AS deleted,"
"	nullif(quarantined, 0) AS quarantined FROM main.version_tables"
"	WHERE dataset = ?1 AND version_id = ?2" },
	{ "Findings",
"SELECT severity, code AS finding, table_name ||"
"	ifnull('.' || column_name, '') AS \"table\", n,"
"	row_key || ifnull(': ' || detail, '') AS example"
"	FROM main.version_findings WHERE dataset = ?1 AND version_id = ?2"
"	ORDER BY severity DESC, n DESC" },
	{ "Inputs",
"SELECT part, run, record_count AS records, size_bytes AS bytes,"
"	fetched_at AS fetched FROM main.version_inputs"
"	WHERE dataset = ?1 AND version_id = ?2" },
};

static int
put_section(const struct held *h, const struct section *sec,
    const char *version, struct buf *b)
{
	sqlite3_stmt *s = about(h, sec->sql, version);
	size_t start = b->len;
	int64_t rows = -1;

	if (s != NULL && buf_printf(b, "\n## %s\n\n", sec->title) == 0)
		rows = table_print(b, h->db, s, TABLE_MARKDOWN);
	sqlite3_finalize(s);
	if (rows == 0)
		buf_cut(b, start);
	return rows == -1 ? -1 : 0;
}

int
held_markdown(const struct held *h, const char *version, struct buf *b)
{
	size_t i;

	if (buf_printf(b, "# %s %s: NOT READY, held by the gate\n\nVersion "
	    "%s is held; the active version goes on, if there is one.\n",
	    h->d->title != NULL ? h->d->title : h->d->source, h->label,
	    version) == -1 || held_section(h, b) == -1)
		return -1;
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (put_section(h, &sections[i], version, b) == -1)
			return -1;
	return buf_printf(b, "\n## To look further\n\n    less "
	    "%s/diff/%s/%s/%s.held.jsonl\n    gate-inspect -c %s -d %s %s\n",
	    h->tell.data, h->d->source, h->label, version, h->tell.config,
	    h->tell.data, h->label);
}
