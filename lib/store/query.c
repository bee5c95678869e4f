#include "store/query.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "record/jsonw.h"

#define SQL_BYTES ((size_t)1 << 20)

/* Virtual machine steps between two looks at the clock. */
#define LIMIT_STEPS 2000

#define FILTERS "{filters}"

/* How a column's value is written. */
enum form {
	FORM_PLAIN,
	FORM_JSON,
	FORM_BOOLEAN
};

void
query_init(struct query *q)
{
	query_args_init(&q->args);
	buf_init(&q->sql, SQL_BYTES);
	buf_init(&q->rows, QUERY_ANSWER_BYTES);
	q->until_ms = 0;
}

void
query_release(struct query *q)
{
	query_args_release(&q->args);
	buf_release(&q->sql);
	buf_release(&q->rows);
}

/* --- SQL ---------------------------------------------------------------- */

static int
is_except(const struct route_facet *f, const char *name)
{
	size_t i;

	for (i = 0; f != NULL && i < f->n_except; i++)
		if (strcmp(f->except[i], name) == 0)
			return 1;
	return 0;
}

/*
 * The conditions of what was given within the same thing (NULL: of the row
 * itself), but for a facet's exceptions.  Returns how many, or -1.
 */
static int
add_within(struct buf *b, const struct query_args *a,
    const struct route_facet *f, const char *within)
{
	const struct route *r = a->route;
	const struct route_param *p;
	size_t i;
	int n = 0;

	for (i = 0; i < r->n_params; i++) {
		p = &r->params[i];
		if (!a->values[i].given || p->sql == NULL ||
		    is_except(f, p->name) || (within == NULL ?
		    p->within != NULL : p->within == NULL ||
		    strcmp(p->within, within) != 0))
			continue;
		if (buf_printf(b, "%s(%s)", n++ > 0 ? " AND " : "", p->sql)
		    == -1)
			return -1;
	}
	return n;
}

/* Append sql with {filters} replaced. */
static int
fill_in(struct buf *b, const char *sql, const struct buf *filters)
{
	const char *at;

	while ((at = strstr(sql, FILTERS)) != NULL) {
		if (buf_add(b, sql, (size_t)(at - sql)) == -1 ||
		    buf_add(b, filters->data, filters->len) == -1)
			return -1;
		sql = at + strlen(FILTERS);
	}
	return buf_str(b, sql);
}

/* All of them. */
static int
add_filters(struct buf *b, const struct query_args *a,
    const struct route_facet *f)
{
	const struct route *r = a->route;
	int n = add_within(b, a, f, NULL), some, failed = n == -1;
	struct buf inner;
	size_t i;

	buf_init(&inner, SQL_BYTES);
	for (i = 0; !failed && i < r->n_withins; i++) {
		buf_clear(&inner);
		some = add_within(&inner, a, f, r->withins[i].name);
		failed = some == -1 || (some > 0 &&
		    (buf_str(b, n++ > 0 ? " AND (" : "(") == -1 ||
		    fill_in(b, r->withins[i].sql, &inner) == -1 ||
		    buf_chr(b, ')') == -1));
	}
	buf_release(&inner);
	if (failed)
		return -1;
	return n > 0 ? 0 : buf_str(b, "1");
}

/* A facet's SQL, with the conditions where it wants them. */
static int
facet_sql(struct buf *b, const struct query_args *a,
    const struct route_facet *f)
{
	struct buf filters;
	int r;

	buf_clear(b);
	buf_init(&filters, SQL_BYTES);
	r = add_filters(&filters, a, f) == -1 ||
	    fill_in(b, f->sql, &filters) == -1 ? -1 : 0;
	buf_release(&filters);
	return r;
}

static int
add_order(struct buf *b, const struct query_args *a)
{
	size_t i;

	if (buf_str(b, " ORDER BY ") == -1)
		return -1;
	for (i = 0; i < a->n_sorts; i++)
		if (buf_printf(b, "%s%s, ", a->sorts[i].sort->sql,
		    a->sorts[i].down ? " DESC" : "") == -1)
			return -1;
	return buf_str(b, a->route->order);
}

static int
add_where(struct buf *b, const struct query_args *a)
{
	return buf_printf(b, " FROM %s WHERE ", a->route->from) == -1 ? -1 :
	    add_filters(b, a, NULL);
}

/*
 * The rows of a page.  By their key they are found first, so that only
 * theirs, not those of all that were found, are put together.
 */
static int
page_sql(struct buf *b, const struct query_args *a)
{
	static const char limit[] = " LIMIT @size OFFSET @offset";
	const struct route *r = a->route;

	buf_clear(b);
	if (buf_printf(b, "SELECT %s", r->select) == -1)
		return -1;
	if (r->one)
		return add_where(b, a) == -1 ? -1 : buf_str(b, " LIMIT 1");
	if (r->key == NULL)
		return add_where(b, a) == -1 || add_order(b, a) == -1 ? -1 :
		    buf_str(b, limit);
	if (buf_printf(b, " FROM %s WHERE %s IN (SELECT %s", r->from, r->key,
	    r->key) == -1 || add_where(b, a) == -1 || add_order(b, a) == -1)
		return -1;
	return buf_printf(b, "%s)", limit) == -1 ? -1 : add_order(b, a);
}

static int
count_sql(struct buf *b, const struct query_args *a)
{
	buf_clear(b);
	return buf_str(b, "SELECT count(*)") == -1 ? -1 : add_where(b, a);
}

static void
bind_number(sqlite3_stmt *s, const char *name, int64_t value)
{
	int i = sqlite3_bind_parameter_index(s, name);

	if (i > 0)
		sqlite3_bind_int64(s, i, value);
}

/* The statement of q->sql, with everything bound; NULL on failure. */
static sqlite3_stmt *
statement(struct query *q, struct snapshot_db *s)
{
	const struct query_args *a = &q->args;
	sqlite3_stmt *stmt = snapshot_db_statement(s, q->sql.data);

	if (stmt == NULL)
		return NULL;
	bind_number(stmt, "@size", a->page_size);
	bind_number(stmt, "@offset", (a->page - 1) * a->page_size);
	if (query_args_bind(a, stmt) == 0)
		return stmt;
	buf_clear(&s->db.message);
	buf_printf(&s->db.message, "route.%s: SQL with a parameter that is "
	    "none of the route's", a->route->name);
	s->db.status = EXIT_USAGE;
	return NULL;
}

/* --- rows --------------------------------------------------------------- */

static int
is_listed(const char *const *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return 1;
	return 0;
}

/* How each column is written.  Returns how many there are. */
static int
find_forms(const struct route *r, sqlite3_stmt *s,
    enum form forms[QUERY_COLUMNS_MAX])
{
	int i, n = sqlite3_column_count(s);
	const char *name;

	if (n > QUERY_COLUMNS_MAX)
		n = QUERY_COLUMNS_MAX;
	for (i = 0; i < n; i++) {
		name = sqlite3_column_name(s, i);
		forms[i] = is_listed(r->json, r->n_json, name) ? FORM_JSON :
		    is_listed(r->boolean, r->n_boolean, name) ?
		    FORM_BOOLEAN : FORM_PLAIN;
	}
	return n;
}

static void
put_value(struct jsonw *w, sqlite3_stmt *s, int i, enum form form)
{
	const char *name = sqlite3_column_name(s, i);

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_NULL:
		jsonw_null(w, name);
		break;
	case SQLITE_INTEGER:
		if (form == FORM_BOOLEAN)
			jsonw_bool(w, name, sqlite3_column_int64(s, i) != 0);
		else
			jsonw_int(w, name, sqlite3_column_int64(s, i));
		break;
	case SQLITE_FLOAT:
		jsonw_real(w, name, sqlite3_column_double(s, i));
		break;
	default:
		if (form == FORM_JSON)
			jsonw_raw(w, name, db_text(s, i),
			    (size_t)sqlite3_column_bytes(s, i));
		else
			jsonw_strn(w, name, db_text(s, i),
			    (size_t)sqlite3_column_bytes(s, i));
	}
}

/* Every row of s as an object.  Returns how many, or -1. */
static int64_t
put_rows(struct snapshot_db *d, sqlite3_stmt *s, const struct route *r,
    struct jsonw *w)
{
	enum form forms[QUERY_COLUMNS_MAX];
	int i, step, n = find_forms(r, s, forms);
	int64_t rows = 0;

	while ((step = db_step(&d->db, s)) == 1) {
		jsonw_obj_open(w, NULL);
		for (i = 0; i < n; i++)
			put_value(w, s, i, forms[i]);
		jsonw_obj_close(w);
		rows++;
		if (w->failed) {
			sqlite3_reset(s);
			errno = w->failed;
			return db_fail_errno(&d->db, r->path);
		}
	}
	return step == -1 ? -1 : rows;
}

/* --- answers ------------------------------------------------------------ */

static void
put_meta(struct jsonw *w, const struct snapshot_db *s)
{
	jsonw_str(w, "generatedAt", s->meta.generated_at);
	jsonw_str(w, "version", s->meta.version);
	jsonw_str(w, "snapshot", s->meta.id);
}

/* {"meta":{…},"data":DATA}; page rows if total is not -1. */
static int
finish(struct query *q, struct snapshot_db *s, int64_t total,
    struct buf *out)
{
	const struct query_args *a = &q->args;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_obj_open(&w, NULL);
	jsonw_obj_open(&w, "meta");
	if (total != -1) {
		jsonw_int(&w, "page", a->page);
		jsonw_int(&w, "pageSize", a->page_size);
		jsonw_int(&w, "total", total);
		jsonw_bool(&w, "hasNext", a->page * a->page_size < total);
	}
	put_meta(&w, s);
	jsonw_obj_close(&w);
	jsonw_raw(&w, "data", q->rows.data, q->rows.len);
	if (jsonw_end(&w) == 0)
		return 200;
	db_fail_errno(&s->db, a->route->path);
	return 500;
}

/* A short page tells how many there are; else they are counted. */
static int64_t
find_total(struct query *q, struct snapshot_db *s, int64_t rows)
{
	const struct query_args *a = &q->args;
	int64_t before = (a->page - 1) * a->page_size, total = -1;
	sqlite3_stmt *stmt;

	if (rows < a->page_size && (rows > 0 || a->page == 1))
		return before + rows;
	if (count_sql(&q->sql, a) == -1 || (stmt = statement(q, s)) == NULL)
		return -1;
	if (db_step(&s->db, stmt) == 1)
		total = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return total;
}

static int
answer_rows(struct query *q, struct snapshot_db *s, struct buf *out)
{
	const struct route *r = q->args.route;
	sqlite3_stmt *stmt;
	struct jsonw w;
	int64_t rows;

	if (page_sql(&q->sql, &q->args) == -1 ||
	    (stmt = statement(q, s)) == NULL)
		return 500;
	jsonw_init(&w, &q->rows);
	if (!r->one)
		jsonw_arr_open(&w, NULL);
	rows = put_rows(s, stmt, r, &w);
	if (!r->one)
		jsonw_arr_close(&w);
	if (rows == -1 || w.failed)
		return 500;
	if (r->one)
		return rows == 0 ? 404 : finish(q, s, -1, out);
	if ((rows = find_total(q, s, rows)) == -1)
		return 500;
	return finish(q, s, rows, out);
}

static int
answer_facets(struct query *q, struct snapshot_db *s, struct buf *out)
{
	const struct route *r = q->args.route;
	sqlite3_stmt *stmt;
	struct jsonw w;
	size_t i;

	jsonw_init(&w, &q->rows);
	jsonw_obj_open(&w, NULL);
	for (i = 0; i < r->n_facets; i++) {
		if (facet_sql(&q->sql, &q->args, &r->facets[i]) == -1 ||
		    (stmt = statement(q, s)) == NULL)
			return 500;
		jsonw_arr_open(&w, r->facets[i].name);
		if (put_rows(s, stmt, r, &w) == -1)
			return 500;
		jsonw_arr_close(&w);
	}
	jsonw_obj_close(&w);
	return w.failed ? 500 : finish(q, s, -1, out);
}

/* What only SQL can find wrong.  0 or -1. */
static int
run_checks(struct query *q, struct snapshot_db *s)
{
	const struct route *r = q->args.route;
	sqlite3_stmt *stmt;
	size_t i;
	int step;

	for (i = 0; i < r->n_checks; i++) {
		buf_clear(&q->sql);
		if (buf_str(&q->sql, r->checks[i].sql) == -1 ||
		    (stmt = statement(q, s)) == NULL)
			return -1;
		while ((step = db_step(&s->db, stmt)) == 1)
			query_args_problem(&q->args, r->checks[i].param, "%s",
			    db_text(stmt, 0) != NULL ? db_text(stmt, 0) :
			    "is wrong");
		if (step == -1)
			return -1;
	}
	return 0;
}

static int
answer(struct query *q, struct snapshot_db *s, struct buf *out)
{
	if (q->args.n_problems > 0)
		return 400;
	if (run_checks(q, s) == -1)
		return 500;
	if (q->args.n_problems > 0)
		return 400;
	return q->args.route->n_facets > 0 ? answer_facets(q, s, out) :
	    answer_rows(q, s, out);
}

/* --- errors ------------------------------------------------------------- */

static void
put_error(struct buf *out, const char *code, const char *message,
    const char *trace, const struct query_problem *list, size_t n)
{
	struct jsonw w;
	size_t i;

	jsonw_init(&w, out);
	jsonw_obj_open(&w, NULL);
	jsonw_obj_open(&w, "error");
	jsonw_str(&w, "code", code);
	jsonw_str(&w, "message", message);
	jsonw_opt(&w, "traceId", trace);
	jsonw_arr_open(&w, "details");
	for (i = 0; i < n; i++) {
		jsonw_obj_open(&w, NULL);
		jsonw_str(&w, "param", list[i].param);
		jsonw_str(&w, "message", list[i].message);
		jsonw_obj_close(&w);
	}
	jsonw_arr_close(&w);
	jsonw_obj_close(&w);
	jsonw_end(&w);
}

void
query_error(struct buf *out, const char *code, const char *message,
    const char *trace)
{
	put_error(out, code, message, trace, NULL, 0);
}

/* "parameter: what", and how many more. */
static void
put_problems(struct buf *out, const struct query_args *a, const char *trace)
{
	struct buf text;

	buf_init(&text, 8192);
	if (a->n_problems == 1)
		buf_printf(&text, "%s: %s", a->problems[0].param,
		    a->problems[0].message);
	else
		buf_printf(&text, "%zu problems", a->n_problems);
	put_error(out, "bad_request", text.data, trace, a->problems,
	    a->n_problems);
	buf_release(&text);
}

static int
on_progress(void *arg)
{
	const struct query *q = arg;

	return clock_mono_ms() > q->until_ms;
}

int
query_answer(struct query *q, struct snapshot_db *s, const struct route *r,
    const struct route_capture *captures, size_t n, const char *query,
    const struct query_options *o, struct buf *out)
{
	size_t start = out->len;
	int status = 500;

	buf_clear(&q->rows);
	s->db.status = EXIT_OK;
	if (o->limit_ms > 0) {
		q->until_ms = clock_mono_ms() + o->limit_ms;
		sqlite3_progress_handler(s->db.h, LIMIT_STEPS, on_progress,
		    q);
	}
	if (query_args_take(&q->args, r, captures, n, query) == 0)
		status = answer(q, s, out);
	sqlite3_progress_handler(s->db.h, 0, NULL, NULL);
	if (status == 500 && db_status(&s->db) == EXIT_TEMP)
		status = 503;
	if (status == 200)
		return status;
	buf_cut(out, start);
	if (status == 400)
		put_problems(out, &q->args, o->trace);
	else if (status == 404)
		query_error(out, "not_found", "there is no such thing",
		    o->trace);
	else if (status == 503)
		query_error(out, "too_long", "the answer takes too long",
		    o->trace);
	else
		query_error(out, "internal", "something went wrong here",
		    o->trace);
	return status;
}

/* --- checking declared SQL ---------------------------------------------- */

/* Does SQLite take it, and does it only read?  0 or -1. */
static int
try(struct query *q, struct snapshot_db *s, struct buf *where,
    const char *member, const char *name)
{
	sqlite3_stmt *stmt = statement(q, s);

	if (stmt != NULL && sqlite3_stmt_readonly(stmt))
		return 0;
	buf_printf(where, "route.%s.%s", q->args.route->name, member);
	if (name != NULL)
		buf_printf(where, ".%s", name);
	return -1;
}

static int
check_rows(struct query *q, struct snapshot_db *s, struct buf *where)
{
	struct query_args *a = &q->args;
	const struct route *r = a->route;
	size_t i;

	if (page_sql(&q->sql, a) == -1 || try(q, s, where, "select", NULL)
	    == -1)
		return -1;
	for (i = 0; i < r->n_params; i++) {
		a->values[i].given = 1;
		if (count_sql(&q->sql, a) == -1 ||
		    try(q, s, where, "param", r->params[i].name) == -1)
			return -1;
	}
	for (i = 0; i < r->n_sorts; i++) {
		a->sorts[0].sort = &r->sorts[i];
		a->n_sorts = 1;
		if (page_sql(&q->sql, a) == -1 ||
		    try(q, s, where, "sort", r->sorts[i].name) == -1)
			return -1;
	}
	return 0;
}

static int
check_facets(struct query *q, struct snapshot_db *s, struct buf *where)
{
	struct query_args *a = &q->args;
	const struct route *r = a->route;
	size_t i, j;

	for (i = 0; i < r->n_params; i++)
		a->values[i].given = 1;
	for (j = 0; j < r->n_facets; j++)
		if (facet_sql(&q->sql, a, &r->facets[j]) == -1 ||
		    try(q, s, where, "facet", r->facets[j].name) == -1)
			return -1;
	return 0;
}

int
query_check(struct query *q, struct snapshot_db *s, const struct route *r,
    struct buf *where)
{
	size_t i;

	if (query_args_take(&q->args, r, NULL, 0, NULL) == -1)
		return db_fail_errno(&s->db, r->path);
	if ((r->n_facets > 0 ? check_facets(q, s, where) :
	    check_rows(q, s, where)) == -1)
		return -1;
	for (i = 0; i < r->n_checks; i++) {
		buf_clear(&q->sql);
		if (buf_str(&q->sql, r->checks[i].sql) == -1 ||
		    try(q, s, where, "check", r->checks[i].name) == -1)
			return -1;
	}
	return 0;
}
