#include "store/stage_rows.h"

#include "decl/ddl.h"
#include "store/change.h"

static int
put_row(struct staging *s, const struct decl_table *t, sqlite3_stmt *stmt,
    const char *dataset, struct stream_out *out)
{
	struct jsonw w;

	stream_record(out, &w, "row");
	jsonw_str(&w, "source", s->decl->source);
	jsonw_str(&w, "dataset", dataset);
	jsonw_str(&w, "table", t->name);
	jsonw_obj_open(&w, "row");
	row_write(&w, t, stmt, 0);
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
	ddl_names(&sql, t, "");
	buf_printf(&sql, " FROM \"%s\" ORDER BY ", t->name);
	ddl_key(&sql, t, "");
	stmt = db_prepare(s->db, sql.data);
	buf_release(&sql);
	while ((r = db_step(s->db, stmt)) == 1 && !stream_failed(out))
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
