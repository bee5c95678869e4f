#include "store/control.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "store/ledger.h"

#define BATCH 500		/* rows of one transaction */

static const char chosen_ddl[] =
"CREATE TEMP TABLE chosen (n INTEGER PRIMARY KEY, source TEXT, "
"part_path TEXT, dataset TEXT, part TEXT, result INTEGER, "
"UNIQUE (source, part_path)) STRICT";

int
control_open(struct control *c, const char *data)
{
	return ledger_open(&c->db, data, DB_WRITE) == -1 ? -1 :
	    db_exec(&c->db, chosen_ddl);
}

void
control_close(struct control *c)
{
	db_close(&c->db);
}

int
control_choose(struct control *c, const struct action_part *p)
{
	const char *texts[] = { p->source, p->part_path, p->dataset, p->part };
	sqlite3_stmt *s = db_prepare(&c->db, "INSERT OR IGNORE INTO chosen "
	    "(source, part_path, dataset, part) VALUES (?, ?, ?, ?)");
	int i, r;

	if (s == NULL)
		return -1;
	for (i = 0; i < 4; i++)
		db_bind(s, i + 1, texts[i]);
	r = db_run(&c->db, s);
	sqlite3_finalize(s);
	return r;
}

int
control_select(struct control *c, const char *sql)
{
	return db_execf(&c->db, "INSERT OR IGNORE INTO chosen "
	    "(source, part_path, dataset, part) %s", sql);
}

/* --- one after another ---------------------------------------------------- */

/* Partition n, of which result is known by then; 0, or -1. */
typedef int (*control_fn)(struct control *c, int64_t n,
    const struct action_part *p, int result);

/* Those after *n, which moves on; at most BATCH.  How many, or -1. */
static int
batch(struct control *c, int64_t *n, control_fn fn)
{
	sqlite3_stmt *s = db_prepare(&c->db, "SELECT source, part_path, "
	    "dataset, part, n, result FROM chosen WHERE n > ? "
	    "ORDER BY n LIMIT ?");
	struct action_part p;
	int done = 0, r;

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, *n);
	sqlite3_bind_int(s, 2, BATCH);
	while ((r = db_step(&c->db, s)) == 1) {
		p = (struct action_part){ db_text(s, 0), db_text(s, 1),
		    db_text(s, 2), db_text(s, 3) };
		*n = sqlite3_column_int64(s, 4);
		if ((r = fn(c, *n, &p, sqlite3_column_int(s, 5))) == -1)
			break;
		done++;
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : done;
}

static int
set_result(struct control *c, int64_t n, int result)
{
	return db_execf(&c->db, "UPDATE chosen SET result = %d WHERE n = %lld",
	    result, (long long)n);
}

static int
count_one(struct control *c, int64_t n, const struct action_part *p,
    int result)
{
	result = action_look(&c->db, &c->action, p);
	if (result == -1)
		return -1;
	c->chosen++;
	c->would += result == ACTION_ADDED;
	return set_result(c, n, result);
}

int
control_count(struct control *c)
{
	int64_t n = 0;
	int r;

	c->chosen = c->would = 0;
	while ((r = batch(c, &n, count_one)) > 0)
		continue;
	return r;
}

static int
tell_one(struct control *c, int64_t n, const struct action_part *p,
    int result)
{
	static const char *const words[] = { "added", "already", "blocked" };
	struct jsonw w;

	(void)n;
	c->added += result == ACTION_ADDED;
	c->already += result == ACTION_ALREADY;
	c->blocked += result == ACTION_BLOCKED;
	stream_record(c->out, &w, "action");
	jsonw_str(&w, "source", p->source);
	jsonw_str(&w, "dataset", p->dataset);
	jsonw_raw(&w, "part", p->part, strlen(p->part));
	jsonw_str(&w, "action", action_text(c->action.kind));
	jsonw_str(&w, "outcome", c->dry && result == ACTION_ADDED ?
	    "would_add" : words[result]);
	jsonw_str(&w, "at", c->action.at);
	jsonw_str(&w, "who", c->action.who);
	jsonw_str(&w, "why", c->action.why);
	return stream_put(c->out, &w) == -1 ?
	    db_fail_errno(&c->db, p->part_path) : 0;
}

static int
add_one(struct control *c, int64_t n, const struct action_part *p,
    int result)
{
	result = action_add(&c->db, &c->action, p);
	return result == -1 ? -1 : set_result(c, n, result);
}

/* One batch, all or nothing; 1 if there was one, 0, or -1. */
static int
add_batch(struct control *c, int64_t n)
{
	int r;

	if (stop_requested()) {
		errno = EINTR;
		return db_fail_errno(&c->db, "interrupted");
	}
	if (db_begin(&c->db) == -1)
		return -1;
	if ((r = batch(c, &n, add_one)) == -1 || db_commit(&c->db) == -1) {
		db_rollback(&c->db);
		return -1;
	}
	return r > 0;
}

int
control_apply(struct control *c)
{
	int64_t n = 0;
	int r = 1;

	/* What is told was added is on disk by then. */
	while (r > 0 && !stream_failed(c->out) &&
	    (c->dry || (r = add_batch(c, n)) == 1))
		r = batch(c, &n, tell_one);
	return r == -1 ? -1 : 0;
}

const char *
control_user(void)
{
	static char name[64];
	const struct passwd *user = getpwuid(getuid());

	if (user != NULL)
		snprintf(name, sizeof(name), "%s", user->pw_name);
	else
		snprintf(name, sizeof(name), "uid %lu",
		    (unsigned long)getuid());
	return name;
}
