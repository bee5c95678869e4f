#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"

/* What we wait for; a hang-up that nohup(1) had ignored stays so. */
static void
fill(sigset_t *set)
{
	struct sigaction hup;

	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGCHLD);
	if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN)
		sigaddset(set, SIGHUP);
}

int
command_prepare(int tied)
{
	pid_t parent = getppid();
	sigset_t set;

	signal(SIGCHLD, SIG_DFL);	/* ignored, it would hide the status */
	fill(&set);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	return tied ? child_tie(parent, SIGTERM) : 0;
}

/* The child: become argv, or send errno through fd. */
static _Noreturn void
become(char *const argv[], pid_t parent, int fd)
{
	sigset_t set;
	int err;

	fill(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGPIPE, SIG_DFL);	/* ours is ignored, see msg_init() */
	child_tie(parent, SIGTERM);
	execvp(argv[0], argv);
	err = errno;
	if (write(fd, &err, sizeof(err)) == -1)
		_exit(126);
	_exit(127);
}

pid_t
command_start(char *const argv[])
{
	pid_t pid, self = getpid();
	int err = 0, p[2];
	ssize_t n;

	if (pipe(p) == -1)
		return -1;
	/* exec closes the pipe: an end without bytes is success. */
	(void)fcntl(p[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(p[1], F_SETFD, FD_CLOEXEC);
	if ((pid = fork()) == 0)
		become(argv, self, p[1]);
	close(p[1]);
	n = pid == -1 ? 0 : read(p[0], &err, sizeof(err));
	close(p[0]);
	if (n > 0) {
		waitpid(pid, NULL, 0);
		errno = err;
		return -1;
	}
	return pid;
}

int
command_wait(pid_t pid)
{
	siginfo_t info;
	sigset_t set;
	int status;

	fill(&set);
	for (;;) {
		while (sigwaitinfo(&set, &info) == -1)
			;
		if (info.si_signo != SIGCHLD) {
			if (info.si_code != SI_KERNEL)
				kill(pid, info.si_signo);
		} else if (waitpid(pid, &status, WNOHANG) == pid) {
			break;
		}
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

int
command_wait_signal(void)
{
	siginfo_t info;
	sigset_t set;

	fill(&set);
	sigdelset(&set, SIGCHLD);
	while (sigwaitinfo(&set, &info) == -1)
		;
	return info.si_signo;
}
