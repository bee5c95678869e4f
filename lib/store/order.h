/*
 * order.h -- what the commands have in common that add actions: why, who,
 * how many, and whether that was meant.
 *
 * For state-retry and state-backfill.  As in stream.h, what goes wrong has
 * been said when a status is returned.
 */
#ifndef ORDER_H
#define ORDER_H

#include "store/control.h"

struct order {
	const char *why, *who;	/* borrowed; who NULL: the user */
	int dry, yes;
	struct stream_out out;	/* the action records */
	struct buf command;	/* backs the actions */
	char at[25];		/* CLOCK_TEXT; backs the actions */
};

/* Their options, within a tool's table. */
#define ORDER_OPTS(o)							\
	{ "why", 0, OPT_STRING, "text", &(o)->why,			\
	    "the reason, kept with each action", 1, 0, 0 },		\
	{ "who", 0, OPT_STRING, "name", &(o)->who,			\
	    "on whose behalf (the user)", 0, 0, 0 },			\
	{ "yes", 0, OPT_FLAG, NULL, &(o)->yes,				\
	    "do not ask, however many they are", 0, 0, 0 },		\
	{ "dry-run", 'n', OPT_FLAG, NULL, &(o)->dry,			\
	    "tell what would be added, add nothing", 0, 0, 0 }

/*
 * Fill c for control_open().  argv, borrowed, is the whole command line.
 * Returns 0, or -1 with errno.
 */
int order_begin(struct order *o, struct control *c, enum action_kind kind,
    char *const argv[]);

/* Say what failed; the status that it asks for. */
enum exits order_failed(const struct control *c);

/*
 * Count what is chosen, ask if it is much, add it, and say how many.
 * EXIT_NO if nothing is chosen or the answer was no, or when one is blocked.
 */
enum exits order_carry_out(struct order *o, struct control *c);

/* End the stream with status, and release both.  The status to exit with. */
enum exits order_end(struct order *o, struct control *c, enum exits status);

#endif
