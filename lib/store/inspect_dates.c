#include "store/inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/path.h"
#include "record/part.h"

#define DAY_MS 86400000
#define DATE_TEXT 11		/* "2026-11-20" and its '\0' */

/* --- the dates of each key ------------------------------------------------ */

/* A key without its date. */
struct group {
	const char *source, *key;	/* of the arena; key is JSON */
	const char *confirmed_at;	/* of one without a date, or NULL */
	uint64_t hash;
	int64_t *days;		/* owned: those that are valid */
	size_t n, room;
};

/*
 * All keys by hash: sorting 100,000 texts would take longer than the rest.
 * slots has indexes into group, plus 1, and is never more than half full.
 */
struct groups {
	struct arena arena;
	struct group *group;	/* owned */
	size_t n, room;
	size_t *slots;		/* owned; n_slots is a power of two */
	size_t n_slots;
};

static void
groups_release(struct groups *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		free(g->group[i].days);
	free(g->group);
	free(g->slots);
	arena_release(&g->arena);
}

static uint64_t
hash(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)		/* FNV-1a */
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return h;
}

/* Room for one more in an array that doubles. */
static int
grow(void **array, size_t *room, size_t n, size_t size)
{
	size_t more = *room == 0 ? 16 : 2 * *room;
	void *new;

	if (n < *room)
		return 0;
	if ((new = realloc(*array, more * size)) == NULL)
		return -1;
	*array = new;
	*room = more;
	return 0;
}

/* Where the key is in slots, or would be. */
static size_t
find_slot(const struct groups *g, uint64_t h, const char *source,
    const char *key)
{
	size_t i = (size_t)h & (g->n_slots - 1);
	const struct group *p;

	for (; g->slots[i] != 0; i = (i + 1) & (g->n_slots - 1)) {
		p = &g->group[g->slots[i] - 1];
		if (p->hash == h && strcmp(p->key, key) == 0 &&
		    strcmp(p->source, source) == 0)
			break;
	}
	return i;
}

static int
widen(struct groups *g)
{
	size_t i, n = g->n_slots == 0 ? 64 : 2 * g->n_slots;
	size_t *slots;

	if (2 * g->n < g->n_slots)
		return 0;
	if ((slots = calloc(n, sizeof(*slots))) == NULL)
		return -1;
	free(g->slots);
	g->slots = slots;
	g->n_slots = n;
	for (i = 0; i < g->n; i++)
		g->slots[find_slot(g, g->group[i].hash, g->group[i].source,
		    g->group[i].key)] = i + 1;
	return 0;
}

/* The group of that key, a new one if need be; NULL without memory. */
static struct group *
group_of(struct groups *g, const char *source, const char *key)
{
	uint64_t h = hash(hash(0xcbf29ce484222325, source), key);
	struct group *new;
	size_t slot;
	void *array = g->group;

	if (widen(g) == -1)
		return NULL;
	slot = find_slot(g, h, source, key);
	if (g->slots[slot] != 0)
		return &g->group[g->slots[slot] - 1];
	if (grow(&array, &g->room, g->n, sizeof(*g->group)) == -1)
		return NULL;
	g->group = array;
	new = &g->group[g->n];
	*new = (struct group){ .hash = h,
	    .source = arena_strdup(&g->arena, source),
	    .key = arena_strdup(&g->arena, key) };
	if (new->source == NULL || new->key == NULL)
		return NULL;
	g->slots[slot] = ++g->n;
	return new;
}

static int
add_day(struct group *p, int64_t day)
{
	void *array = p->days;

	if (grow(&array, &p->room, p->n, sizeof(*p->days)) == -1)
		return -1;
	p->days = array;
	p->days[p->n++] = day;
	return 0;
}

/* One partition, in columns source, part, valid. */
static int
take_row(struct groups *g, sqlite3_stmt *s, struct buf *key)
{
	char date[DATE_TEXT];
	struct group *p;

	buf_clear(key);
	switch (pick_undated(db_text(s, 1), key, date)) {
	case -1:
		return -1;
	case 0:			/* it has no date */
		return 0;
	}
	if ((p = group_of(g, db_text(s, 0), key->data)) == NULL)
		return -1;
	return sqlite3_column_int(s, 2) && pick_day(date) != -1 ?
	    add_day(p, pick_day(date)) : 0;
}

/* Keys that never had a valid date are there, with none. */
static const char dated_sql[] =
"SELECT source, part, status = 'valid' FROM partition_state"
"  INDEXED BY state_changed $STATE"
" UNION ALL SELECT source, part, 0 FROM partition_asked"
"  INDEXED BY asked_pending $PENDING AND pending";

/* Gather the dates.  Returns 0, or -1 with db_message(). */
static int
gather(struct db *db, const struct inspect *q, struct groups *g)
{
	sqlite3_stmt *s = inspect_prepare(db, q, dated_sql);
	struct buf key;
	int r;

	*g = (struct groups){ .n = 0 };
	arena_init(&g->arena);
	buf_init(&key, LIMIT_RECORD_BYTES);
	while ((r = db_step(db, s)) == 1)
		if (take_row(g, s, &key) == -1) {
			r = db_fail_errno(db, db->path);
			break;
		}
	sqlite3_finalize(s);
	buf_release(&key);
	return r;
}

/* --- what both show ------------------------------------------------------- */

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

static void
day_text(int64_t day, char text[CLOCK_TEXT])
{
	clock_format(day * DAY_MS, text);
	text[DATE_TEXT - 1] = '\0';
}

static int
is_full(const struct inspect *q, const struct sheet *s)
{
	return s->failed != 0 || (q->limit >= 0 && s->n >= q->limit);
}

static int
by_name(const struct group *x, const struct group *y)
{
	int r = strcmp(x->source, y->source);

	return r != 0 ? r : strcmp(x->key, y->key);
}

/* --- freshness ------------------------------------------------------------ */

static int64_t
latest_day(const struct group *p)
{
	int64_t day = -1, ms;
	size_t i;

	if (p->confirmed_at != NULL)
		return clock_parse(p->confirmed_at, &ms) == 0 ?
		    ms / DAY_MS : -1;
	for (i = 0; i < p->n; i++)
		if (p->days[i] > day)
			day = p->days[i];
	return day;
}

/* The stalest first; hash is the latest day by then. */
static int
by_day(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return by_name(x, y);
}

static const char undated_sql[] =
"SELECT source, part, confirmed_at FROM partition_state WHERE rowid IN"
" (SELECT rowid FROM partition_state INDEXED BY state_changed $STATE"
"  AND status = 'valid' AND part_date(part) IS NULL)";

/* Those without a date are keys of their own. */
static int
gather_undated(struct db *db, const struct inspect *q, struct groups *g)
{
	sqlite3_stmt *s = inspect_prepare(db, q, undated_sql);
	struct group *p;
	int r;

	while ((r = db_step(db, s)) == 1) {
		if ((p = group_of(g, db_text(s, 0), db_text(s, 1))) == NULL ||
		    (p->confirmed_at = arena_strdup(&g->arena,
		    db_text(s, 2) != NULL ? db_text(s, 2) : "")) == NULL) {
			r = db_fail_errno(db, db->path);
			break;
		}
		p->n = 1;
	}
	sqlite3_finalize(s);
	return r;
}

static void
put_fresh(const struct inspect *q, struct sheet *s, const struct group *p)
{
	char day[CLOCK_TEXT];

	day_text((int64_t)p->hash, day);
	sheet_text(s, p->source);
	put_key(s, p->key);
	sheet_text(s, p->confirmed_at != NULL ? p->confirmed_at : day);
	sheet_int(s, q->now_ms / DAY_MS - (int64_t)p->hash);
	sheet_int(s, (int64_t)p->n);
}

int
inspect_freshness(struct db *db, const struct inspect *q, struct sheet *s)
{
	struct groups g;
	int64_t day;
	size_t i, n = 0;
	int r;

	if ((r = gather(db, q, &g)) == 0 &&
	    (r = gather_undated(db, q, &g)) == 0) {
		for (i = 0; i < g.n; i++) {
			if ((day = latest_day(&g.group[i])) == -1) {
				free(g.group[i].days);
				continue;
			}
			g.group[n] = g.group[i];
			g.group[n++].hash = (uint64_t)day;
		}
		g.n = n;
		if (n > 0)
			qsort(g.group, n, sizeof(*g.group), by_day);
		for (i = 0; i < n && !is_full(q, s); i++)
			put_fresh(q, s, &g.group[i]);
	}
	groups_release(&g);
	return r;
}

/* --- gaps ----------------------------------------------------------------- */

static int
by_source(const void *a, const void *b)
{
	return by_name(a, b);
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Days are missing from first up to last. */
static void
put_gap(const struct inspect *q, struct sheet *s, const struct group *p,
    int64_t first, int64_t last)
{
	char text[CLOCK_TEXT];

	if (first > last || is_full(q, s))
		return;
	sheet_text(s, p->source);
	put_key(s, p->key);
	day_text(first, text);
	sheet_text(s, text);
	day_text(last, text);
	sheet_text(s, text);
	sheet_int(s, last - first + 1);
}

/* The day of a bound, -1 if there is none. */
static int64_t
bound(const struct pick_time *t)
{
	char day[DATE_TEXT];

	memcpy(day, t->text, DATE_TEXT - 1);
	day[DATE_TEXT - 1] = '\0';
	return t->text[0] != '\0' ? pick_day(day) : -1;
}

static void
put_gaps(const struct inspect *q, struct sheet *s, const struct group *p)
{
	int64_t until = bound(&q->until), next = bound(&q->since);
	size_t i;

	if (p->n > 0)
		qsort(p->days, p->n, sizeof(*p->days), by_number);
	if (next == -1 && p->n > 0)
		next = p->days[0];
	for (i = 0; i < p->n; i++) {
		put_gap(q, s, p, next, p->days[i] - 1);
		if (p->days[i] >= next)
			next = p->days[i] + 1;
	}
	if (next != -1 && until != -1)
		put_gap(q, s, p, next, until);
}

int
inspect_gaps(struct db *db, const struct inspect *q, struct sheet *s)
{
	struct groups g;
	size_t i;
	int r;

	if ((r = gather(db, q, &g)) == 0 && g.n > 0) {
		qsort(g.group, g.n, sizeof(*g.group), by_source);
		for (i = 0; i < g.n && !is_full(q, s); i++)
			put_gaps(q, s, &g.group[i]);
	}
	groups_release(&g);
	return r;
}
