/*
 * group.h -- a command in a process group of its own, which dies with us.
 *
 * sh(1) runs the command: a pipeline of filters, say.  The group is led by
 * a process that waits for it, and that kills all of them when we die:
 * whatever a filter hangs on, none stays behind.  They share our standard
 * error, and no other descriptor of ours.
 */
#ifndef GROUP_H
#define GROUP_H

#include <sys/types.h>

struct group {
	pid_t pid;		/* of its leader; 0: there is none */
	int in;			/* its standard input; owned, -1 closed */
	int out;		/* its standard output; owned, -1 closed */
};

/*
 * Start command.  Our ends, g->in and g->out, do not block.  Returns 0, or
 * -1 with errno and nothing to end.
 */
int group_start(struct group *g, const char *command);

/* Close its input: it may come to its end. */
void group_close_in(struct group *g);

/*
 * Has the command ended?  Returns 1 with *status as child_wait(), else 0.
 * What it started in the background may be there still.
 */
int group_ended(const struct group *g, int *status);

/* Kill all of it that is there still, and let go.  May be repeated. */
void group_end(struct group *g);

#endif
