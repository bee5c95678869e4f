#include "store/diff.h"

#include <string.h>

enum column { COLUMN_ID, COLUMN_SAME, COLUMN_KEY = 3 };

/* One side of the merge: the statement and whether it has a row. */
struct side {
	sqlite3_stmt *s;
	int has;		/* 1 a row, 0 the end, -1 failed */
	int64_t *rows;
};

static int
order(int type)
{
	switch (type) {
	case SQLITE_NULL:
		return 0;
	case SQLITE_INTEGER:
	case SQLITE_FLOAT:
		return 1;
	case SQLITE_TEXT:
		return 2;
	default:
		return 3;
	}
}

static int
compare_numbers(sqlite3_value *a, sqlite3_value *b)
{
	double x, y;

	if (sqlite3_value_type(a) == SQLITE_INTEGER &&
	    sqlite3_value_type(b) == SQLITE_INTEGER) {
		sqlite3_int64 m = sqlite3_value_int64(a);
		sqlite3_int64 n = sqlite3_value_int64(b);

		return (m > n) - (m < n);
	}
	x = sqlite3_value_double(a);
	y = sqlite3_value_double(b);
	return (x > y) - (x < y);
}

static int
compare_bytes(sqlite3_value *a, sqlite3_value *b)
{
	const void *p = sqlite3_value_blob(a), *q = sqlite3_value_blob(b);
	int m = sqlite3_value_bytes(a), n = sqlite3_value_bytes(b);
	int less = m < n ? m : n;
	int r = less > 0 ? memcmp(p, q, (size_t)less) : 0;

	return r != 0 ? r : (m > n) - (m < n);
}

int
diff_compare(sqlite3_value *a, sqlite3_value *b)
{
	int x = order(sqlite3_value_type(a)), y = order(sqlite3_value_type(b));

	if (x != y)
		return x - y;
	if (x == 0)
		return 0;
	return x == 1 ? compare_numbers(a, b) : compare_bytes(a, b);
}

static int
compare_columns(sqlite3_stmt *a, sqlite3_stmt *b, int from, int to)
{
	int i, r = 0;

	for (i = from; i < to && r == 0; i++)
		r = diff_compare(sqlite3_column_value(a, i),
		    sqlite3_column_value(b, i));
	return r;
}

static void
next(struct db *db, struct side *x)
{
	x->has = db_step(db, x->s);
	if (x->has == 1)
		++*x->rows;
}

static int64_t
id(const struct side *x)
{
	return sqlite3_column_int64(x->s, COLUMN_ID);
}

/* Which side comes first: <0 the old one, 0 same key, >0 the new one. */
static int
first(const struct side *a, const struct side *b, int columns)
{
	if (a->has == 0 || b->has == 0)
		return a->has == 1 ? -1 : 1;
	return compare_columns(a->s, b->s, COLUMN_KEY, columns);
}

static int
report(const struct side *a, const struct side *b, int which, diff_fn fn,
    void *arg, struct diff_count *count)
{
	if (which == 0 && compare_columns(a->s, b->s, COLUMN_SAME,
	    COLUMN_KEY) == 0)
		return 0;
	if (which < 0)
		count->deleted++;
	else if (which > 0)
		count->inserted++;
	else
		count->updated++;
	return fn(which <= 0 ? id(a) : 0, which >= 0 ? id(b) : 0, arg);
}

int
diff_merge(struct db *db, sqlite3_stmt *older, sqlite3_stmt *newer,
    diff_fn fn, void *arg, struct diff_count *count)
{
	struct side a = { older, 0, &count->old_rows };
	struct side b = { newer, 0, &count->new_rows };
	int columns = sqlite3_column_count(newer), which, r = 0;

	*count = (struct diff_count){ 0 };
	next(db, &a);
	next(db, &b);
	while (r == 0 && a.has != -1 && b.has != -1 && a.has + b.has > 0) {
		which = first(&a, &b, columns);
		if ((r = report(&a, &b, which, fn, arg, count)) == -1)
			break;
		if (which <= 0)
			next(db, &a);
		if (which >= 0)
			next(db, &b);
	}
	sqlite3_reset(older);
	sqlite3_reset(newer);
	return r == 0 && a.has != -1 && b.has != -1 ? 0 : -1;
}
