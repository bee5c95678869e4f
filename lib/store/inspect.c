#include "store/inspect.h"

#include <string.h>

#include "base/limits.h"
#include "store/actions.h"

const struct sheet_column inspect_list_columns[] = {
	{ "source", 0 }, { "partition", 0 }, { "dataset", 1 }, { "part", 1 },
	{ "status", 0 }, { "run", 0 }, { "schema_version", 1 },
	{ "record_count", 0 }, { "size_bytes", 1 }, { "fetched_at", 1 },
	{ "confirmed_at", 1 }, { "last_attempt", 0 }, { "last_error", 0 },
	{ "last_attempt_run", 1 }, { "attempts", 0 }, { "failures", 0 },
	{ "action", 0 }, { "updated_at", 0 }, { "seq", 1 }, { NULL, 0 }
};

const struct sheet_column inspect_count_columns[] = {
	{ "source", 0 }, { "status", 0 }, { "last_attempt", 0 },
	{ "partitions", 0 }, { NULL, 0 }
};

const struct sheet_column inspect_fresh_columns[] = {
	{ "source", 0 }, { "key", 0 }, { "latest", 0 }, { "lag_days", 0 },
	{ "partitions", 0 }, { NULL, 0 }
};

const struct sheet_column inspect_gap_columns[] = {
	{ "source", 0 }, { "key", 0 }, { "first", 0 }, { "last", 0 },
	{ "days", 0 }, { NULL, 0 }
};

const struct sheet_column inspect_retry_columns[] = {
	{ "source", 0 }, { "times", 0 }, { "answered", 0 },
	{ "failing", 0 }, { NULL, 0 }
};

const struct sheet_column inspect_action_columns[] = {
	{ "seq", 1 }, { "at", 0 }, { "who", 0 }, { "action", 0 },
	{ "source", 0 }, { "partition", 0 }, { "dataset", 1 }, { "part", 1 },
	{ "why", 0 }, { "command", 1 }, { NULL, 0 }
};

int
inspect_is_all(const struct inspect *q)
{
	return pick_is_all(&q->only) && q->status == NULL &&
	    q->last == NULL && q->since.text[0] == '\0' &&
	    q->until.text[0] == '\0';
}

/* --- conditions ---------------------------------------------------------- */

/* The names of the columns by which a table is filtered. */
struct names {
	const char *status, *last, *changed;
};

static const struct names of_state = { "status", "last_attempt",
    "updated_at" };
static const struct names of_pending = { "'pending'", "'failed'",
    "failed_at" };

static int
equals(struct buf *sql, const char *column, const char *text)
{
	if (text == NULL)
		return 0;
	return buf_printf(sql, " AND %s = '%s'", column, text);
}

/* "WHERE ..." over a table with such columns; the tool checked the words. */
static int
where(const struct inspect *q, const struct names *n, struct buf *sql)
{
	if (buf_str(sql, " WHERE ") == -1 ||
	    pick_sql(&q->only, sql) == -1 ||
	    equals(sql, n->status, q->status) == -1 ||
	    equals(sql, n->last, q->last) == -1 ||
	    pick_time_sql(&q->since, ">=", n->changed, sql) == -1)
		return -1;
	return pick_time_sql(&q->until, "<=", n->changed, sql);
}

sqlite3_stmt *
inspect_prepare(struct db *db, const struct inspect *q, const char *sql)
{
	const char *mark;
	sqlite3_stmt *s = NULL;
	struct buf b;
	int r = 0, pending;

	buf_init(&b, LIMIT_RECORD_BYTES);
	while (r == 0 && (mark = strchr(sql, '$')) != NULL) {
		pending = mark[1] == 'P';
		r = buf_add(&b, sql, (size_t)(mark - sql)) == -1 ? -1 :
		    where(q, pending ? &of_pending : &of_state, &b);
		sql = mark + strlen(pending ? "$PENDING" : "$STATE");
	}
	if (r == -1 || buf_str(&b, sql) == -1)
		db_fail_errno(db, db->path);
	else
		s = db_prepare(db, b.data);
	buf_release(&b);
	if (s != NULL)
		sqlite3_bind_int64(s, 1, q->limit);
	return s;
}

/* Column i, a number or a text, as it is. */
static void
put(struct sheet *s, sqlite3_stmt *row, int i)
{
	if (sqlite3_column_type(row, i) == SQLITE_INTEGER)
		sheet_int(s, sqlite3_column_int64(row, i));
	else
		sheet_text(s, db_text(row, i));
}

/* All rows of a statement, whose column part (or none, -1) is JSON. */
static int
fill(struct db *db, sqlite3_stmt *row, int n, int part, struct sheet *s)
{
	int i, r;

	while ((r = db_step(db, row)) == 1 && s->failed == 0)
		for (i = 0; i < n; i++)
			if (i == part)
				sheet_raw(s, db_text(row, i));
			else
				put(s, row, i);
	sqlite3_finalize(row);
	return r == -1 ? -1 : 0;
}

/* --- partitions ---------------------------------------------------------- */

/*
 * The two lists are cut before they are joined, each by its index: it
 * decides on what the index has in it, and only then looks at the rows.
 */
static const char list_sql[] =
"SELECT source, part_path, dataset, part, status, run, schema_version,"
" record_count, size_bytes, fetched_at, confirmed_at, last_attempt,"
" last_error, last_attempt_run, attempts, ifnull((SELECT failures FROM"
" partition_asked AS q WHERE q.source = p.source"
" AND q.part_path = p.part_path), 0),"
" iif(" ACTION_IS_TERMINAL("p") ", 'terminal', " ACTION_REQUEST("p") "),"
" updated_at, seq FROM"
" (SELECT * FROM (SELECT source, part_path, dataset, part, status, run,"
"  schema_version, record_count, size_bytes, fetched_at, confirmed_at,"
"  last_attempt, last_error, last_attempt_run, attempts, updated_at, seq"
"  FROM partition_state INDEXED BY state_changed $STATE"
"  ORDER BY updated_at DESC, part DESC LIMIT ?1)"
" UNION ALL SELECT * FROM (SELECT source, part_path, dataset, part,"
"  'pending', NULL, NULL, NULL, NULL, NULL, NULL, 'failed', code,"
"  failed_run, failures, failed_at, NULL"
"  FROM partition_asked INDEXED BY asked_pending $PENDING AND pending"
"  ORDER BY failed_at DESC, part DESC LIMIT ?1)"
" ORDER BY 16 DESC, 4 DESC LIMIT ?1) AS p";

int
inspect_list(struct db *db, const struct inspect *q, struct sheet *s)
{
	return fill(db, inspect_prepare(db, q, list_sql), 19, 3, s);
}

static const char counts_sql[] =
"SELECT source, status, last_attempt, count(*) FROM partition_state $STATE"
" GROUP BY 1, 2, 3"
" UNION ALL SELECT source, 'pending', 'failed', count(*)"
"  FROM partition_asked INDEXED BY asked_pending $PENDING AND pending"
"  GROUP BY 1 ORDER BY 1, 2 DESC, 3 DESC LIMIT ?1";

/* Filtered by more than the small index knows, the large one is read. */
static const char counts_large_sql[] =
"SELECT source, status, last_attempt, count(*)"
" FROM partition_state INDEXED BY state_changed $STATE GROUP BY 1, 2, 3"
" UNION ALL SELECT source, 'pending', 'failed', count(*)"
"  FROM partition_asked INDEXED BY asked_pending $PENDING AND pending"
"  GROUP BY 1 ORDER BY 1, 2 DESC, 3 DESC LIMIT ?1";

int
inspect_counts(struct db *db, const struct inspect *q, struct sheet *s)
{
	int small = q->only.dataset == NULL && q->only.members.n == 0 &&
	    q->since.text[0] == '\0' && q->until.text[0] == '\0';

	return fill(db, inspect_prepare(db, q, small ? counts_sql :
	    counts_large_sql), 4, -1, s);
}

static const char actions_sql[] =
"SELECT seq, at, who, action, source, part_path, dataset, part, why, command"
" FROM (SELECT *, 'valid' AS status, 'ok' AS last_attempt, at AS updated_at"
" FROM state_actions) $STATE ORDER BY seq DESC LIMIT ?1";

int
inspect_actions(struct db *db, const struct inspect *q, struct sheet *s)
{
	return fill(db, inspect_prepare(db, q, actions_sql), 10, 7, s);
}

#define BAND(n) "CASE WHEN " n " <= 2 THEN 1 WHEN " n " <= 5 THEN 3"	\
	" WHEN " n " <= 10 THEN 6 ELSE 11 END"

/* Grouped first as the small index has them, which needs no sorting. */
static const char retries_sql[] =
"SELECT source, CASE low WHEN 1 THEN '1-2' WHEN 3 THEN '3-5'"
"  WHEN 6 THEN '6-10' ELSE '11+' END, sum(answered), sum(failing) FROM"
" (SELECT source, " BAND("attempts") " AS low, sum(n) AS answered,"
"   0 AS failing FROM (SELECT source, attempts, count(*) AS n"
"    FROM partition_state $STATE"
"    GROUP BY source, status, last_attempt, attempts) GROUP BY 1, 2"
"  UNION ALL SELECT source, " BAND("failures") ", count(*), 0"
"   FROM partition_asked INDEXED BY asked_pending $PENDING AND pending"
"   GROUP BY 1, 2"
"  UNION ALL SELECT source, " BAND("failures") ", 0, count(*)"
"   FROM partition_asked INDEXED BY asked_failing $PENDING AND failures > 0"
"   GROUP BY 1, 2)"
" GROUP BY source, low ORDER BY source, low LIMIT ?1";

int
inspect_retries(struct db *db, const struct inspect *q, struct sheet *s)
{
	return fill(db, inspect_prepare(db, q, retries_sql), 4, -1, s);
}
