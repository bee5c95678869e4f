#include "base/group.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/exits.h"

extern char **environ;

/* --- the leader ---------------------------------------------------------- */

/* Us included: we lead it. */
static void
kill_all(int sig)
{
	(void)sig;
	kill(0, SIGKILL);
}

static void
set_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = kill_all;
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_DFL;
	sigaction(SIGINT, &sa, NULL);
}

/* Returns 0, or an errno. */
static int
spawn(pid_t *pid, const char *command)
{
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, (char *)(uintptr_t)command, NULL };
	posix_spawnattr_t attr;
	sigset_t defaults;
	int r;

	posix_spawnattr_init(&attr);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);	/* ours is ignored, see msg_init() */
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	r = posix_spawnp(pid, sh, NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return r;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return EXIT_OS;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

/* Between the pipes in and out. */
static _Noreturn void
lead(pid_t parent, int in, int out, const char *command)
{
	pid_t pid;

	setpgid(0, 0);
	set_signals();
	if (child_tie(parent, SIGTERM) == -1 ||
	    dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		_exit(EXIT_OS);
	closefrom(STDERR_FILENO + 1);
	if (spawn(&pid, command) != 0)
		_exit(EXIT_OS);
	/* They are the command's alone, so that each end is seen. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	_exit(wait_for(pid));
}

/* --- the others ---------------------------------------------------------- */

static void
close_pair(int p[2])
{
	int i, saved = errno;

	for (i = 0; i < 2; i++)
		if (p[i] != -1)
			close(p[i]);
	errno = saved;
}

/* A pipe of which we keep the end `ours`. */
static int
make_pipe(int p[2], int ours)
{
	if (pipe(p) == -1)
		return -1;
	if (fcntl(p[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(p[1], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(p[ours], F_SETFL, O_NONBLOCK) == -1)
		return -1;
	return 0;
}

int
group_start(struct group *g, const char *command)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	pid_t self = getpid(), pid;

	*g = (struct group){ 0, -1, -1 };
	if (make_pipe(in, 1) == -1 || make_pipe(out, 0) == -1 ||
	    (pid = fork()) == -1) {
		close_pair(in);
		close_pair(out);
		return -1;
	}
	if (pid == 0)
		lead(self, in[0], out[1], command);
	/* Whoever comes first: it has to be done before it is killed. */
	setpgid(pid, pid);
	close(in[0]);
	close(out[1]);
	*g = (struct group){ pid, in[1], out[0] };
	return 0;
}

void
group_close_in(struct group *g)
{
	if (g->in != -1)
		close(g->in);
	g->in = -1;
}

int
group_ended(const struct group *g, int *status)
{
	siginfo_t si;

	si.si_pid = 0;
	/* It stays to be waited for: its id must not be another's yet. */
	if (g->pid == 0 || waitid(P_PID, (id_t)g->pid, &si,
	    WEXITED | WNOHANG | WNOWAIT) == -1 || si.si_pid == 0)
		return 0;
	*status = si.si_code == CLD_EXITED ? si.si_status :
	    128 + si.si_status;
	return 1;
}

void
group_end(struct group *g)
{
	if (g->pid != 0) {
		kill(-g->pid, SIGKILL);
		wait_for(g->pid);
	}
	group_close_in(g);
	if (g->out != -1)
		close(g->out);
	*g = (struct group){ 0, -1, -1 };
}
