#include "store/snapshot_check.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/rng.h"
#include "store/query.h"

#define SQL_BYTES ((size_t)1 << 20)

static int
db_failed(const struct snapshot_fill *f, const struct db *db)
{
	return snapshot_fail(f->e, db_status(db), "%s", db_message(db));
}

static int
declared_failed(const struct snapshot_fill *f, const char *section,
    const char *name, const char *member)
{
	const struct db *db = &f->c->db;

	if (db_status(db) != EXIT_BUG)
		return db_failed(f, db);
	return snapshot_fail(f->e, EXIT_USAGE, "%s: snapshot.%s.%s.%s: %s",
	    f->c->d->file, section, name, member, sqlite3_errmsg(db->h));
}

/* --- counts ------------------------------------------------------------- */

static int
check_count(const struct snapshot_fill *f,
    const struct decl_snapshot_table *t)
{
	struct db *db = &f->c->db;
	int64_t want, got;
	struct buf sql;

	if ((want = db_int(db, t->count, -1)) == -1)
		return declared_failed(f, "table", t->name, "count");
	buf_init(&sql, 4096);
	buf_printf(&sql, "SELECT count(*) FROM %s.\"%s\"", t->file, t->name);
	got = db_int(db, sql.data, -1);
	buf_release(&sql);
	if (got == -1)
		return db_failed(f, db);
	return got == want ? 0 : snapshot_fail(f->e, EXIT_DATA,
	    "%s.%s: %lld rows, but %lld are to be expected", t->file,
	    t->name, (long long)got, (long long)want);
}

/* --- look-ups ----------------------------------------------------------- */

struct lookup {
	const struct snapshot_fill *f;
	const struct decl_lookup *l;
	sqlite3_stmt *draw, *want, *got;	/* owned */
};

/* The columns of the row drawn, by name. */
static int
bind_drawn(const struct lookup *k, sqlite3_stmt *s, const char *member)
{
	int i, j, n = sqlite3_bind_parameter_count(s);
	int columns = sqlite3_column_count(k->draw);
	const char *name;

	for (i = 1; i <= n; i++) {
		name = sqlite3_bind_parameter_name(s, i);
		for (j = 0; name != NULL && j < columns; j++)
			if (strcmp(name + 1, sqlite3_column_name(k->draw, j))
			    == 0)
				break;
		if (name == NULL || j == columns)
			return snapshot_fail(k->f->e, EXIT_USAGE,
			    "%s: snapshot.sample.%s.%s: draw has no column "
			    "for %s", k->f->c->d->file, k->l->name, member,
			    name != NULL ? name : "?");
		sqlite3_bind_value(s, i, sqlite3_column_value(k->draw, j));
	}
	return 0;
}

/* "code 12345, day 2026-11-20" */
static void
name_drawn(const struct lookup *k, struct buf *b)
{
	int i, n = sqlite3_column_count(k->draw);

	for (i = 0; i < n; i++)
		buf_printf(b, "%s%s %.60s", i > 0 ? ", " : "",
		    sqlite3_column_name(k->draw, i),
		    db_text(k->draw, i) != NULL ? db_text(k->draw, i) :
		    "NULL");
}

static int
differ(const struct lookup *k, const char *what, const char *want,
    const char *got)
{
	struct buf key;

	buf_init(&key, 1024);
	name_drawn(k, &key);
	snapshot_fail(k->f->e, EXIT_DATA, "sample %s: %s: %s: %.100s in the "
	    "canonical tables, %.100s in the snapshot", k->l->name,
	    key.len > 0 ? key.data : "?", what,
	    want != NULL ? want : "NULL", got != NULL ? got : "NULL");
	buf_release(&key);
	return -1;
}

static int
same_value(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
	const char *x = db_text(a, i), *y = db_text(b, i);

	if (x == NULL || y == NULL)
		return x == y;
	return strcmp(x, y) == 0;
}

/* The rows that stand there now. */
static int
compare_row(const struct lookup *k)
{
	int i, n = sqlite3_column_count(k->want);

	for (i = 0; i < n; i++)
		if (!same_value(k->want, k->got, i))
			return differ(k, sqlite3_column_name(k->want, i),
			    db_text(k->want, i), db_text(k->got, i));
	return 0;
}

static int
compare(const struct lookup *k)
{
	struct db *db = &k->f->c->db;
	int want, got, r = 0;

	do {
		if ((want = db_step(db, k->want)) == -1)
			return declared_failed(k->f, "sample", k->l->name,
			    "want");
		if ((got = db_step(db, k->got)) == -1)
			return declared_failed(k->f, "sample", k->l->name,
			    "got");
		if (want != got)
			r = differ(k, "rows", want ? "more" : "no more",
			    got ? "more" : "no more");
		else if (want == 1)
			r = compare_row(k);
	} while (want == 1 && r == 0);
	sqlite3_reset(k->want);
	sqlite3_reset(k->got);
	return r;
}

/* How many rows draw has. */
static int64_t
count_drawable(const struct lookup *k)
{
	struct buf sql;
	int64_t n;

	buf_init(&sql, SQL_BYTES);
	buf_printf(&sql, "SELECT count(*) FROM (%s)", k->l->draw);
	n = db_int(&k->f->c->db, sql.data, -1);
	buf_release(&sql);
	return n;
}

/*
 * Of every row that may be drawn, take as many as are wanted: each with the
 * chance that leaves the right number in the end (Knuth's algorithm S).
 */
static int
draw_all(const struct lookup *k, int64_t left)
{
	int64_t wanted = left < k->l->n ? left : k->l->n;
	uint64_t state = 0;
	const char *id;
	int step;

	for (id = k->f->p->id; *id != '\0'; id++)
		state = state * 31 + (unsigned char)*id;
	while (wanted > 0 && (step = db_step(&k->f->c->db, k->draw)) == 1) {
		if ((int64_t)rng_below(&state, (uint64_t)left--) >= wanted)
			continue;
		wanted--;
		if (bind_drawn(k, k->want, "want") == -1 ||
		    bind_drawn(k, k->got, "got") == -1 || compare(k) == -1)
			return -1;
	}
	return wanted == 0 || step == 0 ? 0 : declared_failed(k->f,
	    "sample", k->l->name, "draw");
}

static int
prepare_all(struct lookup *k)
{
	struct db *db = &k->f->c->db;

	if ((k->draw = db_prepare(db, k->l->draw)) == NULL)
		return declared_failed(k->f, "sample", k->l->name, "draw");
	if ((k->want = db_prepare(db, k->l->want)) == NULL)
		return declared_failed(k->f, "sample", k->l->name, "want");
	if ((k->got = db_prepare(db, k->l->got)) == NULL)
		return declared_failed(k->f, "sample", k->l->name, "got");
	if (sqlite3_stmt_readonly(k->draw) &&
	    sqlite3_stmt_readonly(k->want) && sqlite3_stmt_readonly(k->got)
	    && sqlite3_column_count(k->want) ==
	    sqlite3_column_count(k->got))
		return 0;
	return snapshot_fail(k->f->e, EXIT_USAGE, "%s: snapshot.sample.%s: "
	    "want and got are no queries with as many columns",
	    k->f->c->d->file, k->l->name);
}

static int
check_lookup(const struct snapshot_fill *f, const struct decl_lookup *l)
{
	struct lookup k = { .f = f, .l = l };
	int64_t n = count_drawable(&k);
	int r;

	r = n == -1 ? declared_failed(f, "sample", l->name, "draw") :
	    prepare_all(&k);
	if (r == 0)
		r = draw_all(&k, n);
	sqlite3_finalize(k.draw);
	sqlite3_finalize(k.want);
	sqlite3_finalize(k.got);
	return r;
}

int
snapshot_check_rows(const struct snapshot_fill *f,
    struct snapshot_checks *n)
{
	size_t i;

	for (i = 0; i < f->s->n_tables; i++) {
		if (f->s->tables[i].count == NULL)
			continue;
		if (check_count(f, &f->s->tables[i]) == -1)
			return -1;
		n->counts++;
	}
	for (i = 0; i < f->s->n_lookups; i++) {
		if (check_lookup(f, &f->s->lookups[i]) == -1)
			return -1;
		n->lookups++;
	}
	return 0;
}

/* --- finished files ----------------------------------------------------- */

static int
has_index(const struct snapshot_fill *f, struct db *db, const char *table,
    const char *name)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT 1 FROM sqlite_schema "
	    "WHERE type = 'index' AND tbl_name = ?1 AND name = ?2");
	int r = s == NULL ? -1 : 0;

	if (r == 0) {
		db_bind(s, 1, table);
		db_bind(s, 2, name);
		r = db_step(db, s);
	}
	sqlite3_finalize(s);
	if (r == -1)
		return db_failed(f, db);
	return r == 1 ? 0 : snapshot_fail(f->e, EXIT_DATA,
	    "%s: there is no index %s", db->path, name);
}

static int
check_indexes(const struct snapshot_fill *f, struct db *db,
    const char *file, struct snapshot_checks *n)
{
	const struct decl_snapshot_table *t;
	size_t i, j;

	for (i = 0; i < f->s->n_tables; i++) {
		t = &f->s->tables[i];
		for (j = 0; j < t->n_indexes; j++) {
			if (strcmp(t->file, file) != 0)
				continue;
			if (has_index(f, db, t->name, t->indexes[j].name)
			    == -1)
				return -1;
			n->indexes++;
		}
	}
	return 0;
}

/* What integrity_check says is "ok", or what is wrong. */
static int
check_integrity(const struct snapshot_fill *f, struct db *db)
{
	sqlite3_stmt *s = db_prepare(db, "PRAGMA integrity_check(1)");
	int r = db_step(db, s);

	if (r != 1)
		r = db_failed(f, db);
	else if (strcmp(db_text(s, 0), "ok") != 0)
		r = snapshot_fail(f->e, EXIT_DATA, "%s: %.400s", db->path,
		    db_text(s, 0));
	else
		r = 0;
	sqlite3_finalize(s);
	return r;
}

static int
check_file(const struct snapshot_fill *f, const char *file,
    struct snapshot_checks *n)
{
	struct buf path;
	struct db db;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	if (snapshot_fill_path(f, file, &path) == -1) {
		buf_release(&path);
		return -1;
	}
	if (db_open(&db, path.data, DB_IMMUTABLE) == -1)
		r = db_failed(f, &db);
	else if ((r = check_integrity(f, &db)) == 0)
		r = check_indexes(f, &db, file, n);
	db_close(&db);
	buf_release(&path);
	n->files++;
	return r;
}

int
snapshot_check_files(const struct snapshot_fill *f,
    struct snapshot_checks *n)
{
	size_t i;

	for (i = 0; i < f->s->n_files; i++)
		if (check_file(f, f->s->files[i], n) == -1)
			return -1;
	return 0;
}

/* --- routes ------------------------------------------------------------- */

static int
check_route(const struct snapshot_fill *f, struct snapshot_db *s,
    struct query *q, const struct route *r)
{
	struct buf where;
	int done;

	buf_init(&where, 1024);
	if ((done = query_check(q, s, r, &where)) == -1)
		snapshot_fail(f->e, db_status(&s->db) == EXIT_BUG ?
		    EXIT_USAGE : db_status(&s->db), "%s: %s: %s",
		    f->c->d->file, where.len > 0 ? where.data : r->name,
		    db_message(&s->db));
	buf_release(&where);
	return done;
}

int
snapshot_check_routes(const struct snapshot_fill *f,
    const struct decl_routes *routes, struct snapshot_checks *n)
{
	struct snapshot_db s;
	struct query q;
	size_t i;
	int r;

	query_init(&q);
	if ((r = snapshot_db_open(&s, f->folder, f->s)) == -1)
		db_failed(f, &s.db);
	for (i = 0; r == 0 && i < routes->n; i++) {
		r = check_route(f, &s, &q, &routes->list[i]);
		n->routes++;
	}
	snapshot_db_close(&s);
	query_release(&q);
	return r;
}
