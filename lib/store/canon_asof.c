#include "store/canon_asof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/canon_table.h"

#define SQL_BYTES ((size_t)1 << 20)

/* ?1 the dataset or NULL, ?2 the version or instant. */
static const char of_version[] =
    "SELECT dataset, version_id FROM main.dataset_versions"
    " WHERE version_id = ?2 AND seq IS NOT NULL"
    " AND (?1 IS NULL OR dataset = ?1) ORDER BY {dataset_key}";

/* The last one promoted by then counts, whatever a clock that was set. */
static const char of_instant[] =
    "SELECT dataset, version_id, max(seq) FROM main.dataset_versions"
    " WHERE promoted_at <= ?2 AND seq IS NOT NULL"
    " AND (?1 IS NULL OR dataset = ?1) GROUP BY dataset"
    " ORDER BY {dataset_key}";

/* A dataset whose versions of then are not kept; one that has a parent. */
static const char cut_off[] =
    "SELECT dataset, version_id, min(seq) FROM main.dataset_versions"
    " WHERE seq IS NOT NULL AND (?1 IS NULL OR dataset = ?1)"
    " GROUP BY dataset HAVING min(promoted_at) > ?2"
    " AND parent IS NOT NULL LIMIT 1";

/* --- what is kept ------------------------------------------------------- */

static sqlite3_stmt *
prepare(struct canon *c, const char *text, const char *label,
    const char *when)
{
	sqlite3_stmt *s = NULL;
	struct buf sql;

	buf_init(&sql, SQL_BYTES);
	if (canon_sql(&sql, c->d, NULL, NULL, text) == 0)
		s = db_prepare(&c->db, sql.data);
	buf_release(&sql);
	if (s != NULL) {
		db_bind(s, 1, label);
		db_bind(s, 2, when);
	}
	return s;
}

/* ": kept are 3 versions, R1 (…) to R3 (…)"; ": none is kept". */
static int
say_kept(struct canon *c, const char *label, struct buf *why)
{
	sqlite3_stmt *s = prepare(c, "WITH kept AS (SELECT seq, version_id ||"
	    " ' (' || promoted_at || ')' AS text FROM main.dataset_versions"
	    " WHERE seq IS NOT NULL AND (?1 IS NULL OR dataset = ?1))"
	    " SELECT (SELECT count(*) FROM kept),"
	    " (SELECT text FROM kept ORDER BY seq LIMIT 1),"
	    " (SELECT text FROM kept ORDER BY seq DESC LIMIT 1)", label,
	    NULL);
	int r = db_step(&c->db, s);

	if (r == 1 && sqlite3_column_int64(s, 0) == 0)
		buf_str(why, "; no version is kept");
	else if (r == 1)
		buf_printf(why, "; kept are %lld: %s to %s",
		    (long long)sqlite3_column_int64(s, 0), db_text(s, 1),
		    db_text(s, 2));
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

/* A version that is known, and was never active. */
static int
say_status(struct canon *c, const char *label, const char *when,
    struct buf *why)
{
	sqlite3_stmt *s = prepare(c, "SELECT dataset || ' ' || iif(status ="
	    " 'archived', 'was held', 'is ' || status) || ' and never active'"
	    " FROM main.dataset_versions WHERE version_id = ?2"
	    " AND (?1 IS NULL OR dataset = ?1) LIMIT 1", label, when);
	int r = db_step(&c->db, s);

	buf_str(why, r == 1 ? db_text(s, 0) : "no such version");
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

static int
not_kept(struct canon *c, const char *label, const char *when,
    const char *what)
{
	struct buf why;
	int r = 0;

	buf_init(&why, 4096);
	buf_printf(&why, "%s: ", when);
	if (what != NULL)
		buf_str(&why, what);
	else
		r = say_status(c, label, when, &why);
	if (r == 0 && say_kept(c, label, &why) == 0) {
		buf_clear(&c->db.message);
		buf_str(&c->db.message, why.data);
		c->db.status = EXIT_NOINPUT;
		errno = ENOENT;
	}
	buf_release(&why);
	return -1;
}

/* --- finding ------------------------------------------------------------ */

static int
add(struct asof *a, sqlite3_stmt *s)
{
	struct asof_dataset *p;

	if (a->n == a->room) {
		a->room = a->room * 2 + 16;
		p = realloc(a->list, a->room * sizeof(*p));
		if (p == NULL)
			return -1;
		a->list = p;
	}
	p = &a->list[a->n];
	p->label = arena_strdup(&a->arena, db_text(s, 0));
	p->version = arena_strdup(&a->arena, db_text(s, 1));
	if (p->label == NULL || p->version == NULL)
		return -1;
	a->n++;
	return 0;
}

static int
collect(struct canon *c, const char *sql, const char *label,
    const char *when, struct asof *a)
{
	sqlite3_stmt *s = prepare(c, sql, label, when);
	int r;

	while ((r = db_step(&c->db, s)) == 1)
		if (add(a, s) == -1) {
			r = db_fail_errno(&c->db, c->db.path);
			break;
		}
	sqlite3_finalize(s);
	return r;
}

/* Is there a dataset that was there then, but is not kept?  1, 0 or -1. */
static int
is_cut_off(struct canon *c, const char *label, const char *at)
{
	sqlite3_stmt *s = prepare(c, cut_off, label, at);
	int r = db_step(&c->db, s);

	sqlite3_finalize(s);
	return r;
}

static int
find(struct canon *c, const char *when, const char *label, struct asof *a)
{
	char at[CLOCK_TEXT];
	int64_t ms;
	int r;

	if (clock_parse(when, &ms) == -1) {
		r = collect(c, of_version, label, when, a);
		return r != 0 || a->n > 0 ? r : not_kept(c, label, when,
		    NULL);
	}
	clock_format(ms, at);
	if (collect(c, of_instant, label, at, a) == -1 ||
	    (r = is_cut_off(c, label, at)) == -1)
		return -1;
	return r == 0 && a->n > 0 ? 0 : not_kept(c, label, when,
	    "no version of then");
}

int
asof_find(struct canon *c, const char *when, const struct part *dataset,
    struct asof *a)
{
	struct buf label;
	int r;

	*a = (struct asof){ 0 };
	arena_init(&a->arena);
	buf_init(&label, PATH_BYTES_MAX);
	if (dataset != NULL && part_values(dataset, 0, dataset->n, &label)
	    == -1)
		r = db_fail_errno(&c->db, c->db.path);
	else
		r = find(c, when, dataset != NULL ? label.data : NULL, a);
	buf_release(&label);
	return r;
}

void
asof_release(struct asof *a)
{
	free(a->list);
	arena_release(&a->arena);
	a->list = NULL;
	a->n = a->room = 0;
}

sqlite3_stmt *
asof_rows(struct canon *c, const struct decl_table *t)
{
	sqlite3_stmt *s = NULL;
	struct buf sql;

	buf_init(&sql, SQL_BYTES);
	if (canon_sql(&sql, c->d, t, NULL, "SELECT {columns}, t.valid_from"
	    " FROM main.{name_as_of} AS t WHERE t.as_of = ?9 AND {dataset}"
	    " ORDER BY {key}") == 0)
		s = db_prepare(&c->db, sql.data);
	buf_release(&sql);
	return s;
}
