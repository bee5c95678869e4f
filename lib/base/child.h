/*
 * child.h -- run another program as a filter or a reader.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "base/buf.h"

struct child {
	pid_t pid;
	int out;		/* its standard output, owned; -1 if none */
};

/*
 * Start argv[0] (looked up in PATH unless it has a slash) with standard
 * input in (borrowed; -1: /dev/null) and its standard output as c->out,
 * or ours if inherit_out.  Returns 0, or -1 with errno.
 */
int child_start(struct child *c, char *const argv[], int in,
    int inherit_out);

/*
 * Close c->out and wait.  Returns the exit status, 128 + signal if it was
 * killed, or -1 with errno.
 */
int child_wait(struct child *c);

/*
 * Run argv to its end with no input and append its output to out.
 * Returns as child_wait(), or -1 with errno, E2BIG if out's maximum was
 * reached.
 */
int child_read(char *const argv[], struct buf *out);

/*
 * Have the kernel send us sig when parent dies, which started us; if it is
 * dead already, sig comes now.  Returns 0, or -1 with errno.
 */
int child_tie(pid_t parent, int sig);

#endif
