#include "store/due.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "store/actions.h"

/* Those that fail, then those that do not but were requested. */
static const char due_sql[] =
"SELECT part_path, dataset, part, task, failures, failed_at, request FROM"
" (SELECT source, part_path, dataset, part, task, failures, failed_at,"
"  " ACTION_REQUEST("q") " AS request FROM partition_asked AS q"
"  WHERE failures > 0"
" UNION ALL SELECT * FROM (SELECT a.source, a.part_path, a.dataset, a.part,"
"  q.task, 0, '', " ACTION_REQUEST("a") " AS request"
"  FROM (SELECT DISTINCT source, part_path, dataset, part"
"   FROM state_actions WHERE action IN ('retry', 'backfill')) AS a"
"  LEFT JOIN partition_asked AS q USING (source, part_path)"
"  WHERE ifnull(q.failures, 0) = 0) WHERE request IS NOT NULL) AS d"
" WHERE NOT " ACTION_IS_TERMINAL("d") " AND ";
static const char order_sql[] =
" ORDER BY request IS NULL, failed_at, part_path";

static sqlite3_stmt *
prepare(struct db *db, const struct due_query *q)
{
	sqlite3_stmt *s = NULL;
	struct buf sql;

	buf_init(&sql, LIMIT_RECORD_BYTES);
	if (buf_str(&sql, due_sql) == -1 || pick_sql(q->only, &sql) == -1 ||
	    buf_str(&sql, order_sql) == -1)
		db_fail_errno(db, q->only->source);
	else
		s = db_prepare(db, sql.data);
	buf_release(&sql);
	return s;
}

/* A time that nobody can read is long ago. */
static int
is_due(const struct due_query *q, sqlite3_stmt *s)
{
	int64_t failed_ms = 0, due_ms;

	if (db_text(s, 6) != NULL)
		return 1;
	if (clock_parse(db_text(s, 5), &failed_ms) == -1)
		failed_ms = 0;
	due_ms = schedule_due(&q->schedule, failed_ms,
	    sqlite3_column_int64(s, 4), db_text(s, 0));
	return due_ms != -1 && due_ms <= q->now_ms;
}

static int
keep(struct arena *a, sqlite3_stmt *s, int i, const char **out)
{
	const char *text = db_text(s, i);

	*out = text != NULL ? arena_strdup(a, text) : NULL;
	return text == NULL || *out != NULL ? 0 : -1;
}

static struct due *
take(sqlite3_stmt *s, struct arena *a)
{
	struct due *d = arena_alloc(a, sizeof(*d));

	if (d == NULL || keep(a, s, 0, &d->part_path) == -1 ||
	    keep(a, s, 1, &d->dataset) == -1 ||
	    keep(a, s, 2, &d->part) == -1 || keep(a, s, 3, &d->task) == -1 ||
	    keep(a, s, 6, &d->request) == -1)
		return NULL;
	d->failures = sqlite3_column_int64(s, 4);
	d->next = NULL;
	return d;
}

int64_t
due_list(struct db *db, const struct due_query *q, struct arena *a,
    struct due **first, int64_t *waiting)
{
	sqlite3_stmt *s = prepare(db, q);
	int64_t n = 0;
	int r;

	*first = NULL;
	*waiting = 0;
	while ((r = db_step(db, s)) == 1) {
		if (!is_due(q, s)) {
			++*waiting;
			continue;
		}
		if (q->limit >= 0 && n == q->limit)
			break;
		if ((*first = take(s, a)) == NULL) {
			r = db_fail_errno(db, q->only->source);
			break;
		}
		first = &(*first)->next;
		n++;
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : n;
}
