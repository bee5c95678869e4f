#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int
spawn(struct child *c, char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int r;

	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);	/* ours is ignored, see msg_init() */
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	if (in == -1)
		r = posix_spawn_file_actions_addopen(&fa, STDIN_FILENO,
		    "/dev/null", O_RDONLY, 0);
	else
		r = posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO);
	if (r == 0 && out != -1)
		r = posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawnp(&c->pid, argv[0], &fa, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return r;
}

int
child_start(struct child *c, char *const argv[], int in, int inherit_out)
{
	int p[2] = { -1, -1 }, r;

	c->out = -1;
	if (!inherit_out) {
		if (pipe(p) == -1)
			return -1;
		(void)fcntl(p[0], F_SETFD, FD_CLOEXEC);
		(void)fcntl(p[1], F_SETFD, FD_CLOEXEC);
	}
	r = spawn(c, argv, in, p[1]);
	if (p[1] != -1)
		close(p[1]);
	if (r != 0) {
		if (p[0] != -1)
			close(p[0]);
		errno = r;
		return -1;
	}
	c->out = p[0];
	return 0;
}

int
child_wait(struct child *c)
{
	int status;

	if (c->out != -1)
		close(c->out);
	c->out = -1;
	while (waitpid(c->pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

/* Append all that comes from fd. */
static int
read_all(int fd, struct buf *out)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || buf_add(out, chunk, (size_t)n) == -1)
			return -1;
	}
	return 0;
}

int
child_read(char *const argv[], struct buf *out)
{
	struct child c;
	int saved = 0, status;

	if (child_start(&c, argv, -1, 0) == -1)
		return -1;
	if (read_all(c.out, out) == -1)
		saved = errno;
	status = child_wait(&c);
	if (saved != 0) {
		errno = saved;
		return -1;
	}
	return status;
}

int
child_tie(pid_t parent, int sig)
{
	if (prctl(PR_SET_PDEATHSIG, sig) == -1)
		return -1;
	if (getppid() != parent)
		raise(sig);
	return 0;
}
