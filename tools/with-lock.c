/*
 * with-lock -- run a command while holding a lock file.
 *
 * in:   FILE COMMAND [ARG...]
 * out:  whatever COMMAND writes; its exit status is ours
 * owns: nothing; FILE names the holder, flock(2) on it is the lock
 *
 * The lock is taken, then COMMAND replaces this program with the locked
 * descriptor still open: signals reach COMMAND itself, and the kernel lets
 * go when the last process that inherited the descriptor has ended.  So a
 * refresh whose make was killed stays locked until its tools are gone too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/msg.h"
#include "base/opt.h"

static int64_t wait_ms;
static const char *owner;

static const struct opt opts[] = {
	OPT_WAIT(&wait_ms, "0"),
	{ "name", 0, OPT_STRING, "text", &owner,
	    "what the next one is told about us (the command)", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"run a command while holding a lock file",
	"file command [argument ...]", 2, -1, opts, NULL
};

static void
take(struct lock *l, const char *file)
{
	char holder[LOCK_HOLDER];

	if (lock_take(l, file, owner, wait_ms, holder) == 0)
		return;
	if (errno == EWOULDBLOCK)
		msg_die(EXIT_TEMP, "%s: held by %s", file, holder);
	msg_die_errno(EXIT_IO, "%s", file);
}

int
main(int argc, char *argv[])
{
	struct lock l;
	int i = opt_parse(&tool, argc, argv);

	if (owner == NULL)
		owner = argv[i + 1];
	take(&l, argv[i]);
	if (fcntl(l.fd, F_SETFD, 0) == -1)
		msg_die_errno(EXIT_OS, "%s", argv[i]);
	signal(SIGPIPE, SIG_DFL);	/* ours is ignored, see msg_init() */
	execvp(argv[i + 1], argv + i + 1);
	msg_die_errno(errno == ENOENT ? EXIT_NOINPUT : EXIT_OS, "%s",
	    argv[i + 1]);
}
