#include "store/stage_rows.h"

#include "decl/ddl.h"

/* The type of the row's column i; those of every table are none of these
 * but for extra, which is JSON. */
static enum decl_type
type_of(const struct decl *d, const struct decl_table *t, size_t i)
{
	if (i == ddl_count(d, t) - 2)
		return DECL_JSON;
	return i < d->n_key || i - d->n_key >= t->n_columns ? DECL_TEXT :
	    t->columns[i - d->n_key].type;
}

static void
put_value(struct jsonw *w, const char *name, enum decl_type type,
    const struct cell *c)
{
	switch (c->type) {
	case CELL_NULL:
		break;
	case CELL_INTEGER:
		if (type == DECL_BOOLEAN)
			jsonw_bool(w, name, c->u.integer != 0);
		else
			jsonw_int(w, name, c->u.integer);
		break;
	case CELL_REAL:
		jsonw_real(w, name, c->u.real);
		break;
	case CELL_TEXT:
		if (type == DECL_JSON)
			jsonw_raw(w, name, c->text, c->u.len);
		else
			jsonw_strn(w, name, c->text, c->u.len);
		break;
	}
}

/* Every column but the hash, blanks left out. */
static int
put_row(struct staging *s, const struct decl_table *t, sqlite3_stmt *stmt,
    const char *dataset, struct stream_out *out)
{
	size_t i, n = ddl_count(s->decl, t) - 1;
	struct jsonw w;
	struct cell c;

	stream_record(out, &w, "row");
	jsonw_str(&w, "source", s->decl->source);
	jsonw_str(&w, "dataset", dataset);
	jsonw_str(&w, "table", t->name);
	jsonw_obj_open(&w, "row");
	for (i = 0; i < n; i++) {
		c = cell_column(stmt, (int)i);
		put_value(&w, sqlite3_column_name(stmt, (int)i),
		    type_of(s->decl, t, i), &c);
	}
	jsonw_obj_close(&w);
	return stream_put(out, &w);
}

static int
put_table(struct staging *s, const struct decl_table *t,
    const char *dataset, struct stream_out *out, int64_t *left_out)
{
	sqlite3_stmt *stmt;
	struct buf sql;
	int r;

	buf_init(&sql, (size_t)1 << 20);
	buf_str(&sql, "SELECT ");
	ddl_names(&sql, s->decl, t, "");
	buf_printf(&sql, " FROM \"%s\" ORDER BY ", t->name);
	ddl_key(&sql, s->decl, t, "");
	stmt = db_prepare(&s->db, sql.data);
	buf_release(&sql);
	while ((r = db_step(&s->db, stmt)) == 1 && !stream_failed(out))
		if (put_row(s, t, stmt, dataset, out) == -1)
			++*left_out;
	sqlite3_finalize(stmt);
	return r == -1 ? -1 : 0;
}

int
stage_rows(struct staging *s, struct stream_out *out, int64_t *left_out)
{
	struct buf dataset;
	size_t i;
	int r = 0;

	*left_out = 0;
	buf_init(&dataset, (size_t)LIMIT_PART_MEMBERS *
	    LIMIT_PART_VALUE_BYTES * 3);
	if (part_values(&s->dataset, 0, s->dataset.n, &dataset) == -1)
		r = staging_fail_errno(s, "dataset");
	for (i = 0; r == 0 && i < s->decl->n_tables; i++)
		r = put_table(s, &s->decl->tables[i], dataset.data, out,
		    left_out);
	buf_release(&dataset);
	return r;
}
