#include "store/canon_rebuild.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/stop.h"
#include "store/canon_mix.h"
#include "store/canon_renew.h"
#include "store/canon_replay.h"
#include "store/canon_schema.h"
#include "store/canon_table.h"
#include "store/db_copy.h"
#include "store/feed.h"
#include "store/queue_schema.h"

/* One call; what is opened is owned. */
struct rebuild {
	const struct decl *d;
	const struct rebuild_options *o;
	struct buf *why;
	struct buf path, tmp;	/* the database, and what it will be */
	struct buf ledger;	/* where that is, if there is one */
	struct db old;		/* locked for writers, unless a dry run */
	int locked;
	struct canon canon;	/* of tmp */
	struct replay replay;
};

static const char nothing[] = "nothing is known to rebuild it from";

/* --- failures ----------------------------------------------------------- */

static enum exits
fail_db(struct rebuild *rb, const struct db *db)
{
	buf_clear(rb->why);
	buf_str(rb->why, db_message(db));
	return db_status(db);
}

static enum exits
fail_errno(struct rebuild *rb, const char *what)
{
	int err = errno;

	buf_clear(rb->why);
	buf_printf(rb->why, "%s: %s", what, strerror(err));
	return msg_status(err);
}

static enum exits
fail(struct rebuild *rb, enum exits status, const char *text)
{
	buf_clear(rb->why);
	buf_str(rb->why, text);
	return status;
}

/* --- the old one -------------------------------------------------------- */

static int
has_ledger(const struct rebuild *rb)
{
	return access(rb->ledger.data, F_OK) == 0;
}

/* With no database there, an empty one is what others wait for. */
static enum exits
create_empty(struct rebuild *rb)
{
	enum exits status = EXIT_OK;
	struct canon c;

	/* Nothing is created for nothing. */
	if (!has_ledger(rb))
		return fail(rb, EXIT_NOINPUT, nothing);
	if (canon_open(&c, rb->o->data, rb->d, CANON_WRITE, rb->o->wait_ms)
	    == -1)
		status = fail_db(rb, &c.db);
	canon_close(&c);
	return status;
}

/* Nobody may write to it from here on; for a dry run it is only read. */
static enum exits
open_old(struct rebuild *rb)
{
	enum exits status;
	int r;

	if (access(rb->path.data, F_OK) == -1) {
		if (rb->o->dry_run)
			return EXIT_OK;
		if ((status = create_empty(rb)) != EXIT_OK)
			return status;
	}
	r = db_open(&rb->old, rb->path.data, rb->o->dry_run ? DB_READ :
	    DB_WRITE);
	rb->old.wait_ms = rb->o->wait_ms;
	if (r == 0)
		r = rb->o->dry_run ? db_exec(&rb->old, "BEGIN") :
		    db_begin(&rb->old);
	rb->locked = r == 0 && !rb->o->dry_run;
	return r == 0 ? EXIT_OK : fail_db(rb, &rb->old);
}

/* Can its versions be read?  An older format is as good as none. */
static int
old_is_known(struct rebuild *rb)
{
	return rb->old.h != NULL && db_int(&rb->old,
	    "PRAGMA application_id", -1) == DB_APPLICATION_ID &&
	    db_int(&rb->old, "PRAGMA user_version", -1) ==
	    CANON_SCHEMA_VERSION;
}

/* --- the new one -------------------------------------------------------- */

/* Of some datasets only: the others are copied as they are. */
static enum exits
copy_old(struct rebuild *rb)
{
	struct db to;
	int r = db_open(&to, rb->tmp.data, DB_CREATE);
	enum exits status;

	if (r == 0)
		r = db_copy(&to, rb->path.data);
	status = r == 0 ? EXIT_OK : fail_db(rb, &to);
	db_close(&to);
	return status;
}

/* What a killed call left behind is nobody's. */
static enum exits
remove_left(struct rebuild *rb)
{
	if (unlink(rb->tmp.data) == -1 && errno != ENOENT)
		return fail_errno(rb, rb->tmp.data);
	return EXIT_OK;
}

static int
attach(struct rebuild *rb, const char *path, const char *name)
{
	return db_attach(&rb->canon.db, path, name, DB_READ);
}

static enum exits
attach_all(struct rebuild *rb)
{
	int r = 0;

	if (old_is_known(rb)) {
		r = attach(rb, rb->path.data, "old");
		rb->replay.old = &rb->old;
	}
	if (r == 0 && has_ledger(rb))
		r = attach(rb, rb->ledger.data, "ledger");
	return r == 0 ? EXIT_OK : fail_db(rb, &rb->canon.db);
}

/* What is made of it is synced; it itself is nobody's. */
static enum exits
open_new(struct rebuild *rb)
{
	int some = rb->o->datasets != NULL && rb->o->datasets[0] != NULL;
	enum exits status = EXIT_OK;

	if (some && rb->old.h != NULL && !old_is_known(rb))
		return fail(rb, EXIT_REFUSED, "the database is of another "
		    "format: rebuild all of it");
	if (!rb->o->dry_run && (status = remove_left(rb)) == EXIT_OK &&
	    some && old_is_known(rb))
		status = copy_old(rb);
	if (status != EXIT_OK)
		return status;
	if (canon_open_file(&rb->canon, rb->o->dry_run ? ":memory:" :
	    rb->tmp.data, rb->d, rb->o->dry_run ? CANON_MEMORY : CANON_WRITE,
	    rb->o->wait_ms) == -1 || (!rb->o->dry_run &&
	    db_exec(&rb->canon.db, "PRAGMA synchronous = OFF;"
	    "PRAGMA journal_mode = MEMORY") == -1))
		return fail_db(rb, &rb->canon.db);
	return attach_all(rb);
}

/* --- the plan ----------------------------------------------------------- */

static enum exits
check_chosen(struct rebuild *rb)
{
	sqlite3_stmt *s = db_prepare(&rb->canon.db, "SELECT dataset"
	    " FROM temp.replay_chosen WHERE dataset NOT IN"
	    " (SELECT dataset FROM temp.replay_plan)");
	enum exits status = EXIT_OK;
	int r = db_step(&rb->canon.db, s);

	if (r == 1) {
		fail(rb, EXIT_NOINPUT, db_text(s, 0));
		buf_str(rb->why, ": nothing is known to rebuild it from");
		status = EXIT_NOINPUT;
	}
	sqlite3_finalize(s);
	return r == -1 ? fail_db(rb, &rb->canon.db) : status;
}

static enum exits
plan(struct rebuild *rb)
{
	struct rebuild_result *r = rb->replay.r;
	int ledger = db_int(&rb->canon.db, "SELECT count(*) FROM"
	    " pragma_database_list WHERE name = 'ledger'", 0) == 1;

	if (rb->replay.old != NULL && replay_plan_versions(&rb->replay) == -1)
		return fail_db(rb, &rb->canon.db);
	if (r->versions == 0 && ledger &&
	    replay_plan_ledger(&rb->replay) == -1)
		return fail_db(rb, &rb->canon.db);
	return r->versions == 0 ? fail(rb, EXIT_NOINPUT, nothing) :
	    check_chosen(rb);
}

/* --- its versions ------------------------------------------------------- */

/* Rows of one dataset, and what is known of it, leave the copy. */
static int
forget_dataset(struct rebuild *rb, const char *label)
{
	struct db *db = &rb->canon.db;
	struct part key;
	sqlite3_stmt *s;
	struct buf sql;
	size_t t;
	int r = decl_dataset(rb->d, label, &key);

	buf_init(&sql, (size_t)1 << 16);
	for (t = 0; r == 0 && t < 2 * rb->d->n_tables; t++) {
		if (!decl_has(rb->d->tables[t / 2].kind, &key))
			continue;
		buf_clear(&sql);
		r = canon_sql(&sql, rb->d, &rb->d->tables[t / 2], NULL,
		    t % 2 ? "DELETE FROM main.{name_history} AS t WHERE "
		    "{dataset}" : "DELETE FROM main.{name} AS t WHERE "
		    "{dataset}");
		s = r == 0 ? db_prepare(db, sql.data) : NULL;
		if (s != NULL)
			canon_bind(s, &key);
		r = db_run(db, s);
		sqlite3_finalize(s);
	}
	buf_release(&sql);
	return r;
}

/* The tables that the stores have themselves all name the dataset. */
static int
forget_records(struct rebuild *rb)
{
	struct db *db = &rb->canon.db;
	sqlite3_stmt *s = db_prepare(db, "SELECT name FROM main.sqlite_schema"
	    " WHERE type = 'table' AND (name GLOB 'dataset_*'"
	    " OR name GLOB 'version_*' OR name GLOB 'gate_*')");
	int r, done = 0;

	while (done == 0 && (r = db_step(db, s)) == 1)
		done = db_execf(db, "DELETE FROM main.\"%s\" WHERE dataset IN"
		    " (SELECT dataset FROM temp.replay_chosen)",
		    db_text(s, 0));
	sqlite3_finalize(s);
	return done == -1 || r == -1 ? -1 : 0;
}

static enum exits
forget_chosen(struct rebuild *rb)
{
	char *const *label = rb->o->datasets;

	if (label == NULL || *label == NULL)
		return EXIT_OK;
	if (db_begin(&rb->canon.db) == -1 || forget_records(rb) == -1)
		return fail_db(rb, &rb->canon.db);
	for (; *label != NULL; label++)
		if (forget_dataset(rb, *label) == -1)
			return fail_db(rb, &rb->canon.db);
	return db_commit(&rb->canon.db) == 0 ? EXIT_OK :
	    fail_db(rb, &rb->canon.db);
}

/* What is staged becomes the version that it was, or passes the gate. */
static int
put(struct rebuild *rb, const struct part *dataset,
    const struct replay_item *item)
{
	const struct canon_options o = { .run = item->run, .now = item->at };
	struct canon *c = &rb->canon;
	struct canon_result r;

	if (rb->replay.r->from_ledger)
		return canon_mix_promote(c, rb->o->data, dataset, &o, &r);
	if (db_begin(&c->db) == -1)
		return -1;
	if (canon_restore(c, dataset, &o, item->version, &r) == 0 &&
	    replay_carry(&rb->replay, item) == 0 && db_commit(&c->db) == 0)
		return 0;
	db_rollback(&c->db);
	return -1;
}

static enum exits
put_staged(struct rebuild *rb, struct stage *st, const char *path,
    const struct replay_item *item)
{
	enum exits status;

	/* One that a killed call left would call this run overtaken. */
	unlink(path);
	status = stage_write(st, path, item->staged, item->at);
	if (status != EXIT_OK) {
		buf_clear(rb->why);
		buf_printf(rb->why, "%s: version %s: %s", item->dataset,
		    item->version, st->message.data);
		return status;
	}
	if (canon_attach(&rb->canon, path) == -1 ||
	    put(rb, &st->dataset, item) == -1 || canon_detach(&rb->canon)
	    == -1)
		status = fail_db(rb, &rb->canon.db);
	unlink(path);
	return status;
}

static enum exits
make(struct rebuild *rb, const struct replay_item *item)
{
	enum exits status;
	struct part dataset;
	struct stage st;
	struct buf path;

	if (decl_dataset(rb->d, item->dataset, &dataset) == -1) {
		fail(rb, EXIT_DATA, item->dataset);
		buf_str(rb->why, ": not a dataset of the declaration any "
		    "more; move the database away");
		return EXIT_DATA;
	}
	stage_init(&st, rb->d, rb->o->data, &dataset);
	buf_init(&path, PATH_BYTES_MAX);
	if (stage_path(&path, &st, "rebuild") == -1)
		status = fail_errno(rb, item->dataset);
	else if (replay_inputs(&rb->replay, item, &st) == -1)
		status = fail_db(rb, &rb->canon.db);
	else
		status = put_staged(rb, &st, path.data, item);
	buf_release(&path);
	stage_release(&st);
	return status;
}

static enum exits
make_all(struct rebuild *rb)
{
	struct replay_item item = { .n = -1 };
	enum exits status = EXIT_OK;
	int64_t n = 0;
	int r;

	while (status == EXIT_OK &&
	    (r = replay_next(&rb->replay, item.n, &item)) != 0) {
		if (r == -1)
			return fail_db(rb, &rb->canon.db);
		if (stop_requested())
			return fail(rb, EXIT_TEMP, "interrupted; the old "
			    "database stays");
		if (rb->o->tell != NULL)
			rb->o->tell(&(struct rebuild_step){ item.dataset,
			    item.version, ++n, rb->replay.r->versions },
			    rb->o->arg);
		if (!rb->o->dry_run)
			status = make(rb, &item);
	}
	return status;
}

/* --- at the end --------------------------------------------------------- */

/* A feed of other rows must not be read as this version's. */
static int
remove_feed(const char *dataset, const char *version, void *arg)
{
	struct rebuild *rb = arg;
	struct part key;
	struct buf path;
	int r = 0;

	buf_init(&path, PATH_BYTES_MAX);
	if (decl_dataset(rb->d, dataset, &key) == 0 &&
	    feed_path(&path, rb->o->data, rb->d, &key, version) == 0 &&
	    unlink(path.data) == -1 && errno != ENOENT)
		r = db_fail_errno(&rb->canon.db, path.data);
	buf_release(&path);
	return r;
}

/* Of the ledger the gate has a say: not every run became a version. */
static void
count_made(struct rebuild *rb)
{
	struct rebuild_result *r = rb->replay.r;
	struct db *db = &rb->canon.db;

	r->versions = db_int(db, "SELECT count(*) FROM main.dataset_versions"
	    " WHERE seq IS NOT NULL", 0);
	r->held = db_int(db, "SELECT count(DISTINCT dataset)"
	    " FROM main.gate_parts WHERE state = 'held'", 0);
}

static enum exits
finish(struct rebuild *rb)
{
	struct db *db = &rb->canon.db;

	if (db_begin(db) == -1 || replay_finish(&rb->replay) == -1 ||
	    (rb->replay.old != NULL && queue_carry(db) == -1) ||
	    db_commit(db) == -1 ||
	    replay_stale(&rb->replay, remove_feed, rb) == -1) {
		db_rollback(db);
		return fail_db(rb, db);
	}
	if (rb->replay.r->from_ledger)
		count_made(rb);
	return EXIT_OK;
}

static enum exits
swap(struct rebuild *rb)
{
	canon_close(&rb->canon);
	return db_copy(&rb->old, rb->tmp.data) == 0 ? EXIT_OK :
	    fail_db(rb, &rb->old);
}

/* Do rows of all datasets that are asked for come item by item? */
static int
come_by_items(const struct rebuild *rb)
{
	size_t i, paged = 0;

	for (i = 0; i < rb->d->n_tables; i++)
		paged += (size_t)rb->d->tables[i].paged;
	return paged > 0 && (rb->o->datasets == NULL ||
	    rb->o->datasets[0] == NULL);
}

static enum exits
make_empty(struct rebuild *rb)
{
	size_t i;

	for (i = 0; i < rb->d->n_tables; i++)
		if (!rb->d->tables[i].paged)
			return fail(rb, EXIT_REFUSED, "rows of some datasets "
			    "come item by item: name the others");
	rb->replay.r->renewed = 1;
	return canon_renew(rb->d, rb->path.data, rb->o->dry_run,
	    rb->o->wait_ms, rb->why);
}

static enum exits
rebuild(struct rebuild *rb)
{
	enum exits status;

	if (come_by_items(rb))
		return make_empty(rb);
	status = open_old(rb);
	if (status == EXIT_OK)
		status = open_new(rb);
	if (status == EXIT_OK)
		status = plan(rb);
	if (status == EXIT_OK && !rb->o->dry_run)
		status = forget_chosen(rb);
	if (status == EXIT_OK)
		status = make_all(rb);
	if (status != EXIT_OK || rb->o->dry_run)
		return status;
	status = finish(rb);
	return status == EXIT_OK ? swap(rb) : status;
}

enum exits
canon_rebuild(const struct decl *d, const struct rebuild_options *o,
    struct rebuild_result *r, struct buf *why)
{
	struct rebuild rb = { .d = d, .o = o, .why = why };
	enum exits status;

	memset(r, 0, sizeof(*r));
	rb.replay = (struct replay){ .c = &rb.canon, .o = o, .r = r };
	buf_init(&rb.path, PATH_BYTES_MAX);
	buf_init(&rb.tmp, PATH_BYTES_MAX);
	buf_init(&rb.ledger, PATH_BYTES_MAX);
	if (buf_printf(&rb.path, "%s/%s.sqlite", o->data, d->source) == -1 ||
	    buf_printf(&rb.tmp, "%s/.%s.rebuild.sqlite", o->data, d->source)
	    == -1 || buf_printf(&rb.ledger, "%s/ledger.sqlite", o->data) == -1)
		status = fail_errno(&rb, o->data);
	else
		status = rebuild(&rb);
	canon_close(&rb.canon);
	if (rb.locked)
		unlink(rb.tmp.data);
	if (rb.old.h != NULL)
		db_rollback(&rb.old);
	db_close(&rb.old);
	buf_release(&rb.path);
	buf_release(&rb.tmp);
	buf_release(&rb.ledger);
	return status;
}
