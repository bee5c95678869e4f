#include "store/staging_meta.h"

#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "base/path.h"

enum meta_sql { ADD_META, ADD_TABLE, ADD_FINDING };

/* The statement, kept for the next item; NULL: failed. */
static sqlite3_stmt *
statement(struct staging *s, enum meta_sql which)
{
	static const char *const inserts[STAGING_META_SQL] = {
		[ADD_META] = "staging_meta VALUES (?, ?)",
		[ADD_TABLE] = "staging_tables VALUES (?, ?, ?, ?)",
		[ADD_FINDING] = "findings VALUES (?, ?, ?, ?, ?, ?, ?)",
	};

	if (s->meta[which] != NULL)
		return s->meta[which];
	buf_clear(&s->scratch);
	if (buf_printf(&s->scratch, "INSERT INTO %s.%s", s->schema,
	    inserts[which]) == 0)
		s->meta[which] = db_prepare(s->db, s->scratch.data);
	return s->meta[which];
}

/* The map is what decides the content beside the payloads. */
static int
map_sha256(struct staging *s)
{
	static const char *const sections[] = { "source", "dataset", "part",
	    "table", "finding" };
	struct digest digest;
	struct jsonw w;
	size_t i;

	if (s->map_sha256[0] != '\0')
		return 0;
	buf_clear(&s->scratch);
	jsonw_init(&w, &s->scratch);
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (yyjson_obj_get(s->decl->root, sections[i]) != NULL)
			jsonw_val(&w, NULL, yyjson_obj_get(s->decl->root,
			    sections[i]));
	errno = w.failed;
	if (w.failed != 0 || digest_init(&digest) == -1)
		return staging_fail_errno(s, s->decl->file);
	digest_add(&digest, s->scratch.data, s->scratch.len);
	digest_finish(&digest, s->map_sha256);
	return 0;
}

static int
write_meta(struct staging *s, const char *run, const char *normalized_at)
{
	const char *meta[][2] = { { "source", s->decl->source },
	    { "dataset", NULL }, { "run", run },
	    { "normalized_at", normalized_at }, { "map_sha256", s->map_sha256 } };
	sqlite3_stmt *stmt;
	size_t i;
	int r = 0;

	if (map_sha256(s) == -1)
		return -1;
	if ((stmt = statement(s, ADD_META)) == NULL)
		return -1;
	buf_clear(&s->scratch);
	if (part_values(&s->dataset, 0, s->dataset.n, &s->scratch) == -1)
		return staging_fail_errno(s, s->path);
	meta[1][1] = s->scratch.data;
	for (i = 0; i < sizeof(meta) / sizeof(meta[0]); i++) {
		db_bind(stmt, 1, meta[i][0]);
		db_bind(stmt, 2, meta[i][1]);
		if ((r = db_run(s->db, stmt)) == -1)
			break;
	}
	return r;
}

/* Only rows taken from the payload one by one can be counted there. */
static int
write_tables(struct staging *s)
{
	sqlite3_stmt *stmt = statement(s, ADD_TABLE);
	size_t i;
	int r = 0;

	for (i = 0; stmt != NULL && i < s->decl->n_tables && r == 0; i++) {
		const struct decl_table *t = &s->decl->tables[i];
		const struct staging_table *st = &s->tables[i];

		if (!decl_has(t->kind, &s->dataset))
			continue;
		db_bind(stmt, 1, t->name);
		if (t->sql != NULL || t->distinct)
			sqlite3_bind_null(stmt, 2);
		else
			sqlite3_bind_int64(stmt, 2, st->payload_rows);
		sqlite3_bind_int64(stmt, 3, st->rows);
		sqlite3_bind_int64(stmt, 4, st->quarantined);
		r = db_run(s->db, stmt);
	}
	return stmt == NULL ? -1 : r;
}

static const char *
null_if_empty(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

static int
write_findings(struct staging *s)
{
	sqlite3_stmt *stmt = statement(s, ADD_FINDING);
	const struct note *p;
	int r = 0;

	notes_sort(&s->notes);
	for (p = s->notes.list; stmt != NULL && r == 0 &&
	    p < s->notes.list + s->notes.n; p++) {
		db_bind(stmt, 1, p->code);
		db_bind(stmt, 2, finding_severity_text(p->severity));
		db_bind(stmt, 3, null_if_empty(p->table));
		db_bind(stmt, 4, null_if_empty(p->column));
		sqlite3_bind_int64(stmt, 5, p->n);
		db_bind(stmt, 6, null_if_empty(p->row_key));
		db_bind(stmt, 7, null_if_empty(p->detail));
		r = db_run(s->db, stmt);
	}
	return stmt == NULL ? -1 : r;
}

int
staging_meta_write(struct staging *s, const char *run,
    const char *normalized_at)
{
	return write_meta(s, run, normalized_at) == -1 ||
	    write_tables(s) == -1 || write_findings(s) == -1 ? -1 : 0;
}

/* --- the fence ---------------------------------------------------------- */

/* The run that staged d, "" if that cannot be read.  Returns as buf_str(). */
static int
staged_by(struct db *d, struct buf *run)
{
	sqlite3_stmt *stmt = db_prepare(d,
	    "SELECT value FROM staging_meta WHERE name = 'run'");
	const char *text = db_step(d, stmt) == 1 ? db_text(stmt, 0) : NULL;
	int r = buf_str(run, text != NULL ? text : "");

	sqlite3_finalize(stmt);
	return r;
}

static int
compare(struct staging *s, struct db *before)
{
	struct buf run, other;
	int r = 0;

	buf_init(&run, PATH_BYTES_MAX);
	buf_init(&other, PATH_BYTES_MAX);
	if (staged_by(s->db, &run) == -1 || staged_by(before, &other) == -1)
		r = staging_fail_errno(s, s->path);
	else if (strcmp(other.data, run.data) > 0)
		r = staging_fail(s, EXIT_REFUSED, "%s was overtaken by %s, "
		    "which has staged it", run.data, other.data);
	buf_release(&run);
	buf_release(&other);
	return r;
}

/* What is no staging database of ours is there to be replaced. */
int
staging_meta_fence(struct staging *s)
{
	struct db before;
	int r = 0;

	if (db_open(&before, s->path, DB_READ) == 0)
		r = compare(s, &before);
	db_close(&before);
	return r;
}
