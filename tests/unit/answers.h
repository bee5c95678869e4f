/*
 * answers.h -- an API's answers beside SQL on the canonical tables.
 *
 * A test makes up what is in the canonical database, has a snapshot built
 * of it, and asks that with random combinations of filters.  What is right
 * is found with conditions that are written once more, over the tables as
 * they are canonical.  The seed is captures_seed()'s.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/rng.h"
#include "captures.h"
#include "store/canon.h"
#include "store/query.h"
#include "store/snapshot_build.h"

struct answers {
	uint64_t seed;
	struct decl decl;
	struct decl_snapshot rules;
	struct decl_routes routes;
	struct canon canon;
	struct snapshot_db snapshot;
	struct query query;
	char data[200];
};

static struct answers api;

#define ANY(list) ((list)[below((int64_t)TAP_COUNT(list))])

static inline int64_t
below(int64_t n)
{
	return (int64_t)rng_below(&api.seed, (uint64_t)n);
}

/* --- a canonical database, and a snapshot of it -------------------------- */

/*
 * Begin with the declaration config and an empty canonical database.
 * Returns 1; or 0 with what skipped, if config is not there.
 */
static inline int
answers_open(const char *what, const char *config)
{
	struct buf why;

	if (access(config, R_OK) == -1) {
		tap_skip(what, "not in the source tree");
		return 0;
	}
	api.seed = captures_seed();
	free(captures_tmpdir());
	staged_decl(&api.decl, config);
	buf_init(&why, 8192);
	if (decl_snapshot_read(&api.decl, &api.rules, &why) == -1 ||
	    decl_routes_read(&api.decl, &api.routes, &why) == -1)
		staged_die(config, why.data);
	buf_release(&why);
	snprintf(api.data, sizeof(api.data), "%s/d", tmpdir_path);
	if (canon_open(&api.canon, api.data, &api.decl, CANON_WRITE,
	    DB_BUSY_MS) == -1)
		staged_die(api.data, canon_message(&api.canon));
	return 1;
}

/* Build the snapshot, and be ready to ask it. */
static inline void
answers_build(void)
{
	char root[300], folder[700];
	char *const all[] = { NULL };
	struct snapshot_build b = { api.data, root, &api.decl, &api.rules,
	    &api.routes, all, 0 };
	struct snapshot_error e;
	struct snapshot_built r;

	snapshot_error_init(&e);
	snprintf(root, sizeof(root), "%s/snapshots", api.data);
	mkdir(root, 0777);
	if (snapshot_build(&b, &r, &e) == -1)
		staged_die("snapshot", e.text.data);
	snprintf(folder, sizeof(folder), "%s/%s", root, r.id);
	tap_int(snapshot_db_open(&api.snapshot, folder, &api.rules), 0,
	    "a snapshot of it");
	snapshot_error_release(&e);
	query_init(&api.query);
}

static inline void
answers_close(void)
{
	query_release(&api.query);
	snapshot_db_close(&api.snapshot);
	canon_close(&api.canon);
	decl_release(&api.decl);
	tmpdir_leave();
}

/* --- what is asked ------------------------------------------------------- */

struct answers_sort {
	const char *name, *sql;		/* as the API and SQL call it */
};

/* Append " AND (COND)", with value in the place of each {v}. */
static inline void
answers_condition(struct buf *out, const char *cond, const char *value)
{
	const char *at;

	buf_str(out, " AND (");
	while ((at = strstr(cond, "{v}")) != NULL) {
		buf_add(out, cond, (size_t)(at - cond));
		buf_str(out, value);
		cond = at + 3;
	}
	buf_printf(out, "%s)", cond);
}

/* Set out to any of the values that sql gives.  Returns 0: it has none. */
static inline int
answers_draw(const char *sql, struct buf *out)
{
	char text[1000];
	sqlite3_stmt *s;
	int64_t n;

	buf_clear(out);
	snprintf(text, sizeof(text), "SELECT count(*) FROM (%s)", sql);
	if ((n = db_int(&api.canon.db, text, 0)) == 0)
		return 0;
	snprintf(text, sizeof(text), "SELECT * FROM (%s) ORDER BY 1 LIMIT 1 "
	    "OFFSET %lld", sql, (long long)below(n));
	s = db_prepare(&api.canon.db, text);
	if (db_step(&api.canon.db, s) == 1 && db_text(s, 0) != NULL)
		buf_str(out, db_text(s, 0));
	sqlite3_finalize(s);
	return out->len > 0;
}

/* Every second time: one of n sorts, upwards or downwards. */
static inline void
answers_sorted(const struct answers_sort *sorts, size_t n, struct buf *url,
    struct buf *order)
{
	const struct answers_sort *sort;
	int down;

	if (below(2) != 0)
		return;
	sort = &sorts[below((int64_t)n)];
	down = (int)below(2);
	buf_printf(url, "&sort=%s%s", down ? "-" : "", sort->name);
	buf_printf(order, "%s%s, ", sort->sql, down ? " DESC" : "");
}

/* --- what is answered, and what should be -------------------------------- */

/* Append the body that a path is answered with.  Returns the status. */
static inline int
answers_ask(const char *path, const char *url, struct buf *body)
{
	struct route_capture found[ROUTE_CAPTURES_MAX];
	struct query_options o = { "t", 0 };
	const struct route *r;
	size_t n;

	if ((r = route_match(&api.routes, path, found, &n)) == NULL)
		staged_die(path, "no such route");
	return query_answer(&api.query, &api.snapshot, r, found, n, url, &o,
	    body);
}

/* Append "TOTAL: ID ID..." of a page of rows, or what is wrong with it. */
static inline void
answers_got(const char *path, const char *url, const char *id,
    struct buf *out)
{
	yyjson_val *row, *root, *v;
	struct buf body;
	yyjson_doc *doc;
	size_t i, max;
	int status;

	buf_init(&body, QUERY_ANSWER_BYTES);
	status = answers_ask(path, url, &body);
	doc = yyjson_read(body.data, body.len, 0);
	root = yyjson_doc_get_root(doc);
	if (status != 200 || doc == NULL)
		buf_printf(out, "%d %s", status, body.data);
	else
		buf_printf(out, "%lld:", (long long)yyjson_get_sint(
		    yyjson_ptr_get(root, "/meta/total")));
	yyjson_arr_foreach(yyjson_obj_get(root, "data"), i, max, row) {
		v = yyjson_obj_get(row, id);
		if (yyjson_is_str(v))
			buf_printf(out, " %s", yyjson_get_str(v));
		else
			buf_printf(out, " %lld",
			    (long long)yyjson_get_sint(v));
	}
	yyjson_doc_free(doc);
	buf_release(&body);
}

/* Append the same as SQL has it: its total, and sql gives the page. */
static inline void
answers_want(const char *sql, int64_t total, struct buf *out)
{
	sqlite3_stmt *s = db_prepare(&api.canon.db, sql);
	int r;

	buf_printf(out, "%lld:", (long long)total);
	while ((r = db_step(&api.canon.db, s)) == 1)
		buf_printf(out, " %s", db_text(s, 0));
	if (r == -1)
		staged_die(sql, canon_message(&api.canon));
	sqlite3_finalize(s);
}

#endif
