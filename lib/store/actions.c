#include "store/actions.h"

const char *
action_text(enum action_kind kind)
{
	static const char *const texts[] = { "retry", "backfill", "terminal",
	    "clear-terminal" };

	return texts[kind];
}

int
action_look(struct db *db, const struct action *a,
    const struct action_part *p)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT "
	    ACTION_IS_TERMINAL("x") ", " ACTION_REQUEST("x") " IS NOT NULL "
	    "FROM (SELECT ? AS source, ? AS part_path) AS x");
	int r, terminal, requested;

	if (s == NULL)
		return -1;
	db_bind(s, 1, p->source);
	db_bind(s, 2, p->part_path);
	r = db_step(db, s);
	terminal = r == 1 && sqlite3_column_int(s, 0);
	requested = r == 1 && sqlite3_column_int(s, 1);
	sqlite3_finalize(s);
	if (r == -1)
		return -1;
	if (a->kind == ACTION_TERMINAL || a->kind == ACTION_CLEAR_TERMINAL)
		return terminal == (a->kind == ACTION_TERMINAL) ?
		    ACTION_ALREADY : ACTION_ADDED;
	return terminal ? ACTION_BLOCKED : requested ? ACTION_ALREADY :
	    ACTION_ADDED;
}

int
action_add(struct db *db, const struct action *a,
    const struct action_part *p)
{
	const char *texts[] = { p->source, p->part_path, p->dataset, p->part,
	    action_text(a->kind), a->at, a->who, a->why, a->command };
	int i, r = action_look(db, a, p);
	sqlite3_stmt *s;

	if (r != ACTION_ADDED)
		return r;
	s = db_prepare(db, "INSERT INTO state_actions (source, part_path, "
	    "dataset, part, action, at, who, why, command, after) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "(SELECT ifnull(max(seq), 0) FROM attempts))");
	if (s == NULL)
		return -1;
	for (i = 0; i < 9; i++)
		db_bind(s, i + 1, texts[i]);
	r = db_run(db, s);
	sqlite3_finalize(s);
	return r == -1 ? -1 : ACTION_ADDED;
}
