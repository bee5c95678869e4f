#include "store/staging_derive.h"

#include <stdlib.h>
#include <string.h>

/* Hash and number the rows that a table's own SQL has inserted. */
static int
hash_derived(struct staging *s, size_t table, sqlite3_stmt *get,
    sqlite3_stmt *set)
{
	const struct decl_table *t = &s->decl->tables[table];
	struct cell *cells = calloc(t->n_columns + 1, sizeof(*cells));
	unsigned char hash[ROWHASH_BYTES];
	int64_t row;
	size_t i;
	int r = -1;

	if (cells == NULL)
		return staging_fail_errno(s, t->name);
	while ((r = db_step(s->db, get)) == 1) {
		row = sqlite3_column_int64(get, 0);
		for (i = 0; i <= t->n_columns; i++)
			cells[i] = cell_column(get, (int)i + 1);
		if (staging_hash(s, t, cells, &cells[t->n_columns],
		    hash) == -1 ||
		    occurrences_add(&s->occurrences, table, cells, row)
		    == -1) {
			r = staging_fail_errno(s, t->name);
			break;
		}
		sqlite3_bind_blob(set, 1, hash, ROWHASH_BYTES,
		    SQLITE_STATIC);
		sqlite3_bind_int64(set, 2, row);
		if ((r = db_run(s->db, set)) == -1)
			break;
		s->tables[table].rows++;
	}
	free(cells);
	return r;
}

int
staging_derive(struct staging *s, size_t table)
{
	const struct decl_table *t = &s->decl->tables[table];
	struct buf *sql = &s->scratch;
	sqlite3_stmt *get, *set;
	size_t i;
	int r = -1;

	if (db_exec(s->db, t->sql) == -1)
		return staging_fail_sql(s, "table", t->name);
	buf_clear(sql);
	buf_str(sql, "SELECT rowid, ");
	for (i = 0; i < t->n_columns; i++)
		buf_printf(sql, "\"%s\", ", t->columns[i].name);
	buf_printf(sql, "extra FROM \"%s\"", t->name);
	get = db_prepare(s->db, sql->data);
	buf_clear(sql);
	buf_printf(sql, "UPDATE \"%s\" SET row_hash = ? WHERE rowid = ?",
	    t->name);
	set = db_prepare(s->db, sql->data);
	if (get != NULL && set != NULL)
		r = hash_derived(s, table, get, set);
	sqlite3_finalize(get);
	sqlite3_finalize(set);
	return r;
}

static enum finding_severity
severity(const char *name)
{
	return strcmp(name, "error") == 0 ? FINDING_ERROR :
	    strcmp(name, "warning") == 0 ? FINDING_WARNING : FINDING_INFO;
}

/* The columns that a finding's SELECT may have, by name. */
static int
column_index(sqlite3_stmt *stmt, const char *name)
{
	int i;

	for (i = 0; i < sqlite3_column_count(stmt); i++)
		if (strcmp(sqlite3_column_name(stmt, i), name) == 0)
			return i;
	return -1;
}

/* Each row that a declared finding selects is one occurrence of it. */
static int
count_rows(struct staging *s, const struct decl_sql *f, sqlite3_stmt *stmt)
{
	int key = column_index(stmt, "row_key");
	int detail = column_index(stmt, "detail"), r;
	const char *k, *text;
	struct note *p;

	if (key == -1 || detail == -1)
		return staging_fail(s, EXIT_USAGE, "%s: finding.%s: sql: "
		    "needs the columns row_key and detail", s->decl->file,
		    f->name);
	while ((r = db_step(s->db, stmt)) == 1) {
		k = db_text(stmt, key);
		text = db_text(stmt, detail);
		p = notes_count(&s->notes, f->name, severity(f->severity),
		    "", "", 1);
		if (p == NULL)
			return staging_fail_errno(s, f->name);
		note_example(p, k != NULL ? k : "", text != NULL ? text : "");
	}
	return r == -1 ? staging_fail_sql(s, "finding", f->name) : 0;
}

int
staging_find(struct staging *s, const struct decl_sql *f)
{
	sqlite3_stmt *stmt = db_prepare(s->db, f->sql);
	int r = stmt == NULL ? staging_fail_sql(s, "finding", f->name) :
	    count_rows(s, f, stmt);

	sqlite3_finalize(stmt);
	return r;
}
