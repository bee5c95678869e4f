#include "store/inspect.h"

#include <string.h>

#include "base/path.h"
#include "record/part.h"

#define DAY_MS 86400000

/* The key's JSON: as it is in JSON, its values elsewhere. */
static void
put_key(struct sheet *s, const char *json)
{
	struct buf values;
	struct part key;

	if (s->format == SHEET_JSON || s->format == SHEET_JSONL) {
		sheet_raw(s, json);
		return;
	}
	buf_init(&values, PATH_BYTES_MAX);
	sheet_text(s, part_parse(&key, json) == 0 &&
	    part_values(&key, 0, key.n, &values) == 0 ? values.data : json);
	buf_release(&values);
}

/* --- freshness ----------------------------------------------------------- */

static const char freshness_sql[] =
"SELECT source, part_undated(part) AS key, max(part_date(part)) AS latest,"
"  count(*) FROM partition_state INDEXED BY state_changed $STATE"
"  AND status = 'valid' GROUP BY 1, 2 HAVING latest IS NOT NULL"
" UNION ALL SELECT source, part, confirmed_at, 1 FROM partition_state"
"  WHERE rowid IN (SELECT rowid FROM partition_state"
"   INDEXED BY state_changed $STATE AND status = 'valid'"
"   AND part_date(part) IS NULL)"
" ORDER BY 3, 1, 2 LIMIT ?1";

static int64_t
lag_days(const char *latest, int64_t now_ms)
{
	int64_t ms, day;

	if (latest == NULL)
		return 0;
	if ((day = pick_day(latest)) != -1)
		return now_ms / DAY_MS - day;
	return clock_parse(latest, &ms) == 0 ? (now_ms - ms) / DAY_MS : 0;
}

int
inspect_freshness(struct db *db, const struct inspect *q, struct sheet *s)
{
	sqlite3_stmt *row = inspect_prepare(db, q, freshness_sql);
	int r;

	while ((r = db_step(db, row)) == 1 && s->failed == 0) {
		sheet_text(s, db_text(row, 0));
		put_key(s, db_text(row, 1));
		sheet_text(s, db_text(row, 2));
		sheet_int(s, lag_days(db_text(row, 2), q->now_ms));
		sheet_int(s, sqlite3_column_int64(row, 3));
	}
	sqlite3_finalize(row);
	return r == -1 ? -1 : 0;
}

/* --- gaps ---------------------------------------------------------------- */

/* Keys that never had a valid date are there, with none. */
static const char gaps_sql[] =
"SELECT source, part_undated(part) AS key,"
"  iif(status = 'valid', part_date(part), NULL) AS day"
"  FROM partition_state INDEXED BY state_changed $STATE"
"  AND part_date(part) IS NOT NULL"
" UNION SELECT source, part_undated(part), NULL FROM partition_asked"
"  INDEXED BY asked_pending $PENDING AND pending"
"  AND part_date(part) IS NOT NULL"
" ORDER BY 1, 2, 3";

/* One walk over the dates of all keys. */
struct walk {
	const struct inspect *q;
	struct sheet *sheet;
	struct buf source, key;	/* of the key at hand */
	int64_t next;		/* the first day not accounted for; -1: of a
				 * key that had none yet */
};

/* Days are missing from first up to last. */
static void
put_gap(struct walk *w, int64_t first, int64_t last)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	if (first > last || (w->q->limit >= 0 &&
	    w->sheet->n >= w->q->limit))
		return;
	clock_format(first * DAY_MS, from);
	clock_format(last * DAY_MS, to);
	from[10] = to[10] = '\0';
	sheet_text(w->sheet, w->source.data);
	put_key(w->sheet, w->key.data);
	sheet_text(w->sheet, from);
	sheet_text(w->sheet, to);
	sheet_int(w->sheet, last - first + 1);
}

/* The day of a bound, -1 if there is none. */
static int64_t
bound(const struct pick_time *t)
{
	char day[11];

	memcpy(day, t->text, 10);
	day[10] = '\0';
	return t->text[0] != '\0' ? pick_day(day) : -1;
}

/* After the last day of a key. */
static void
end_key(struct walk *w)
{
	int64_t until = bound(&w->q->until);

	if (w->key.len > 0 && w->next != -1 && until != -1)
		put_gap(w, w->next, until);
}

static int
begin_key(struct walk *w, const char *source, const char *key)
{
	end_key(w);
	buf_clear(&w->source);
	buf_clear(&w->key);
	w->next = bound(&w->q->since);
	return buf_str(&w->source, source) == -1 ? -1 :
	    buf_str(&w->key, key);
}

static void
take_day(struct walk *w, int64_t day)
{
	if (w->next != -1)
		put_gap(w, w->next, day - 1);
	if (day >= w->next)
		w->next = day + 1;
}

/* One row: NULL for the day says only that there is such a key. */
static int
take_row(struct walk *w, const char *source, const char *key,
    const char *day)
{
	if ((w->key.len == 0 || strcmp(w->source.data, source) != 0 ||
	    strcmp(w->key.data, key) != 0) &&
	    begin_key(w, source, key) == -1)
		return -1;
	if (day != NULL && pick_day(day) != -1)
		take_day(w, pick_day(day));
	return 0;
}

int
inspect_gaps(struct db *db, const struct inspect *q, struct sheet *s)
{
	struct walk w = { .q = q, .sheet = s, .next = -1 };
	sqlite3_stmt *row = inspect_prepare(db, q, gaps_sql);
	int r;

	buf_init(&w.source, PATH_BYTES_MAX);
	buf_init(&w.key, PATH_BYTES_MAX);
	while ((r = db_step(db, row)) == 1 && s->failed == 0)
		if (take_row(&w, db_text(row, 0), db_text(row, 1),
		    db_text(row, 2)) == -1) {
			r = db_fail_errno(db, db->path);
			break;
		}
	end_key(&w);
	sqlite3_finalize(row);
	buf_release(&w.source);
	buf_release(&w.key);
	return r == -1 ? -1 : 0;
}
