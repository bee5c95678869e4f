/*
 * actions.h -- what people said about partitions: the ledger's table
 * state_actions.
 *
 * Rows are only ever added, by state-retry and state-backfill: who, when,
 * why, and by which command.  They change nothing else; state-due obeys
 * them.  A request (retry, backfill) is in force until an answer comes that
 * was not there when it was made; terminal is until clear-terminal.
 */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "store/db.h"

enum action_kind {
	ACTION_RETRY,		/* ask again, whatever the schedule says */
	ACTION_BACKFILL,	/* ask, also if nobody ever did */
	ACTION_TERMINAL,	/* ask no more */
	ACTION_CLEAR_TERMINAL
};

/* "retry", "backfill", "terminal", "clear-terminal". */
const char *action_text(enum action_kind kind);

/*
 * SQL over a row with source and part_path called x: is the partition
 * terminal, and which request is in force (its word, or NULL)?
 */
#define ACTION_IS_TERMINAL(x)						\
	"ifnull((SELECT action = 'terminal' FROM state_actions AS t"	\
	" WHERE t.source = " x ".source AND t.part_path = " x ".part_path"	\
	" AND t.action IN ('terminal', 'clear-terminal')"		\
	" ORDER BY t.seq DESC LIMIT 1), 0)"
#define ACTION_REQUEST(x)						\
	"(SELECT action FROM state_actions AS t"			\
	" WHERE t.source = " x ".source AND t.part_path = " x ".part_path"	\
	" AND t.action IN ('retry', 'backfill') AND NOT EXISTS"		\
	" (SELECT 1 FROM attempts AS n WHERE n.source = t.source"	\
	" AND n.part_path = t.part_path AND n.seq > t.after)"		\
	" ORDER BY t.seq DESC LIMIT 1)"

/* What is said; all borrowed. */
struct action {
	enum action_kind kind;
	const char *who, *why, *command, *at;
};

/* About which partition; part is JSON. */
struct action_part {
	const char *source, *part_path, *dataset, *part;
};

enum action_result {
	ACTION_ADDED,
	ACTION_ALREADY,		/* it is in force, or there is nothing to clear */
	ACTION_BLOCKED		/* a request about one that is terminal */
};

/* Add it, within a transaction of the caller's.  action_result, or -1. */
int action_add(struct db *db, const struct action *a,
    const struct action_part *p);

/* What action_add() would return. */
int action_look(struct db *db, const struct action *a,
    const struct action_part *p);

#endif
