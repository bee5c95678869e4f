/*
 * command.h -- run one command, hand signals to it, never outlive it.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <sys/types.h>

/*
 * Block the signals that command_wait() takes, in this thread and those it
 * starts from now on; if tied, ask the kernel for SIGTERM when our parent
 * dies.  Returns 0, or -1 with errno.
 */
int command_prepare(int tied);

/*
 * Start argv[0] (looked up in PATH); it gets SIGTERM when we die, however
 * we do.  Returns its pid, or -1 with the errno of fork or exec.
 */
pid_t command_start(char *const argv[]);

/*
 * Wait for pid, passing SIGINT, SIGTERM and SIGHUP on.  What the terminal
 * sends goes to the whole foreground group, so that is not passed on: the
 * command has it already.  Returns its exit status, or 128 + signal.
 */
int command_wait(pid_t pid);

/* Wait for one of those signals instead.  Returns its number. */
int command_wait_signal(void);

#endif
