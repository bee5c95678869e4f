#include "store/walk.h"

#include <errno.h>
#include <string.h>

static const char ddl[] =
"CREATE TABLE IF NOT EXISTS main.page_marks (page TEXT NOT NULL,"
"	\"offset\" INTEGER NOT NULL, run TEXT NOT NULL, read_at TEXT NOT NULL,"
"	entries INTEGER NOT NULL, found INTEGER NOT NULL, total INTEGER,"
"	PRIMARY KEY (page, \"offset\")) STRICT, WITHOUT ROWID;"
"CREATE TABLE IF NOT EXISTS main.page_walks (page TEXT PRIMARY KEY,"
"	run TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
"	next INTEGER NOT NULL, total INTEGER) STRICT, WITHOUT ROWID;";

static struct db *
db_of(struct walk *w)
{
	return &w->settle->canon->db;
}

/* --- where it begins ----------------------------------------------------- */

/* Is there a full walk of this range that was not finished? */
static int
look_back(struct walk *w)
{
	sqlite3_stmt *s = db_prepare(db_of(w), "SELECT next, total "
	    "FROM main.page_walks WHERE page = ?1 AND first = ?2 "
	    "AND last = ?3");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->page->name);
	sqlite3_bind_int64(s, 2, w->first);
	sqlite3_bind_int64(s, 3, w->last);
	if ((r = db_step(db_of(w), s)) == 1) {
		w->next = sqlite3_column_int64(s, 0);
		w->total = sqlite3_column_type(s, 1) == SQLITE_NULL ? -1 :
		    sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	/* How much came in since it does not say: all of it again. */
	if (w->total == -1)
		w->next = -1;
	return r == -1 ? -1 : 0;
}

int
walk_begin(struct walk *w, struct settle *s, const struct page *page)
{
	w->settle = s;
	w->page = page;
	w->next = w->total = -1;
	w->at = w->first;
	if (db_int(db_of(w), "SELECT count(*) FROM main.sqlite_schema "
	    "WHERE name IN ('page_marks', 'page_walks')", 0) != 2 &&
	    db_exec(db_of(w), ddl) == -1)
		return -1;
	return w->full ? look_back(w) : 0;
}

/* --- the items of a page ------------------------------------------------- */

/* While they are looked at. */
struct looking {
	struct walk *w;
	const struct queue_actor *a;
	struct walk_page *out;
	struct buf *why;
};

static int
look_at(const struct record *r, void *arg)
{
	struct looking *l = arg;
	int known;

	if (!record_is(r, "item"))
		return 0;
	known = settle_known(l->w->settle, r->root, l->why);
	l->out->items++;
	l->out->found += known == 0;
	return known == -1 ? -1 : 0;
}

static int
add_item(const struct record *r, void *arg)
{
	struct looking *l = arg;
	enum queue_added added;

	if (!record_is(r, "item"))
		return 0;
	if (settle_found(l->w->settle, l->a, r->root, l->w->again, &added,
	    l->why) == -1)
		return -1;
	l->out->taken_up += added == QUEUE_TAKEN_UP;
	return 0;
}

/* What the record that closed the page says of it. */
static void
read_closing(const struct work *work, struct walk_page *out)
{
	yyjson_doc *doc = yyjson_read(work->closing, strlen(work->closing),
	    0);
	struct record r = { .root = yyjson_doc_get_root(doc) };

	*out = (struct walk_page){ .entries = record_int(&r, "entries",
	    work->n),
	    .total = record_int(&r, "total", -1),
	    .last = yyjson_is_true(yyjson_obj_get(r.root, "last")) };
	yyjson_doc_free(doc);
}

/* --- marks ---------------------------------------------------------------- */

static int
write_mark(struct walk *w, const struct queue_actor *a,
    const struct walk_page *p)
{
	sqlite3_stmt *s = db_prepare(db_of(w), "INSERT OR REPLACE INTO "
	    "main.page_marks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
	char now[CLOCK_TEXT];
	int r;

	if (s == NULL)
		return -1;
	clock_format(a->now_ms, now);
	db_bind(s, 1, w->page->name);
	sqlite3_bind_int64(s, 2, w->at);
	db_bind(s, 3, a->run);
	db_bind(s, 4, now);
	sqlite3_bind_int64(s, 5, p->entries);
	sqlite3_bind_int64(s, 6, p->found);
	db_bind_count(s, 7, p->total);
	r = db_run(db_of(w), s);
	sqlite3_finalize(s);
	return r;
}

/* How far a full walk came: up to next, or (over) to its end. */
static int
write_walk(struct walk *w, const struct queue_actor *a,
    const struct walk_page *p, int64_t next, int over)
{
	sqlite3_stmt *s = db_prepare(db_of(w), over ?
	    "DELETE FROM main.page_walks WHERE page = ?1" :
	    "INSERT OR REPLACE INTO main.page_walks "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, w->page->name);
	if (!over) {
		db_bind(s, 2, a->run);
		sqlite3_bind_int64(s, 3, w->first);
		sqlite3_bind_int64(s, 4, w->last);
		sqlite3_bind_int64(s, 5, next);
		db_bind_count(s, 6, p->total);
	}
	r = db_run(db_of(w), s);
	sqlite3_finalize(s);
	return r;
}

/* --- one page after the other ---------------------------------------------- */

/*
 * Where an earlier walk is taken up, if what came in since has been read by
 * now; else -1.
 */
static int64_t
take_up(const struct walk *w, const struct walk_page *p, int64_t behind)
{
	int64_t grown = p->total != -1 ? p->total - w->total : 0, at;

	if (w->next == -1 || behind < w->first + grown)
		return -1;
	at = grown < 0 ? w->next + grown : w->next;
	at -= (at - w->first) % w->step;
	return at > behind ? at : -1;
}

/* In the transaction: all of the page.  0, 1 if nothing is written, -1. */
static int
write_page(struct walk *w, struct looking *l, const struct work *work,
    int64_t next, int over)
{
	if (work_each(work, look_at, l) != 0)
		return -1;
	if (!w->full && l->out->found == 0 && !w->again) {
		l->out->known = 1;
		return 1;
	}
	if (work_each(work, add_item, l) != 0 ||
	    write_mark(w, l->a, l->out) == -1)
		return -1;
	/* Until it is where it was, a walk that is taken up keeps its mark. */
	if (!w->full || (w->next != -1 && next < w->next && !over))
		return 0;
	return write_walk(w, l->a, l->out, next, over);
}

/* Where offsets count entries: have all come that there are? */
static int
is_total(const struct walk *w, const struct walk_page *p)
{
	return p->total != -1 && w->step == w->page->walk->entries &&
	    w->at + p->entries >= p->total;
}

int
walk_take(struct walk *w, const struct queue_actor *a,
    const struct work *work, struct walk_page *out, struct buf *why)
{
	struct looking l = { w, a, out, why };
	int64_t behind = w->at + w->step, up;
	int over, r;

	read_closing(work, out);
	up = take_up(w, out, behind);
	out->moved = up != -1;
	over = out->last || behind > w->last || is_total(w, out);
	if (out->entries == 0) {
		buf_clear(why);
		buf_str(why, "no entries");
		errno = EINVAL;
		return -1;
	}
	if (db_begin(db_of(w)) == -1)
		return -1;
	r = write_page(w, &l, work, out->moved ? up : behind, over);
	if (r != 0)
		db_rollback(db_of(w));
	else
		r = db_commit(db_of(w));
	if (r != 0)
		return r;
	if (out->moved)
		w->next = -1;
	w->at = out->moved ? up : behind;
	return over || w->at > w->last;
}

int
walk_halts(const struct walk *w, const char *code)
{
	const struct decl_queue *q;
	size_t i, k;

	for (i = 0; i < w->page->n_rows; i++) {
		if (w->page->rows[i].item == NULL)
			continue;
		q = decl_queue(w->settle->all, w->page->rows[i].item);
		for (k = 0; q != NULL && k < q->breaker.n_halt_on; k++)
			if (strcmp(q->breaker.halt_on[k], code) == 0)
				return 1;
	}
	return 0;
}
