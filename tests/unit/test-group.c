/* A command in a process group of its own, and that nothing of it stays. */
#include "base/group.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "base/buf.h"
#include "tap.h"
#include "tmpdir.h"

static void
nap(void)
{
	const struct timespec ms = { 0, 5000000 };

	nanosleep(&ms, NULL);
}

/* All that comes from fd until its end. */
static void
read_all(int fd, struct buf *b)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char chunk[4096];
	ssize_t n;

	for (;;) {
		poll(&p, 1, 60000);
		n = read(fd, chunk, sizeof(chunk));
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return;
		buf_add(b, chunk, (size_t)n);
	}
}

static int
status_of(const struct group *g)
{
	int status = -1;

	while (!group_ended(g, &status))
		nap();
	return status;
}

static const struct {
	const char *descr, *command, *out;
	int status;
} runs[] = {
	{ "nothing", ":", "", 0 },
	{ "a filter", "tr a-z A-Z", "SOME WORDS\n", 0 },
	{ "several filters", "cat | tr a-z A-Z | tr S s", "sOME WORDs\n", 0 },
	{ "a status", "cat; exit 7", "some words\n", 7 },
	{ "killed", "kill -KILL $$", "", 137 },
	{ "no such command", "/none/such 2>/dev/null", "", 127 },
	{ "SIGPIPE is not ignored", "kill -PIPE $$", "", 141 },
	{ "no descriptors but three", "cd /proc/self/fd && ls -d 3 4 5 6 7 "
	    "8 9 10 11 12 13 2>/dev/null | wc -l | tr -d ' '", "0\n", 0 },
};

static void
test_runs(void)
{
	static const char words[] = "some words\n";
	struct group g;
	struct buf out;
	int other = open("/dev/null", O_RDONLY), status;
	size_t i;

	for (i = 0; i < TAP_COUNT(runs); i++) {
		buf_init(&out, 1000);
		buf_str(&out, "");
		tap_int(group_start(&g, runs[i].command), 0, runs[i].descr);
		(void)!write(g.in, words, sizeof(words) - 1);
		group_close_in(&g);
		read_all(g.out, &out);
		tap_str(out.data, runs[i].out, "its output");
		tap_int(status_of(&g), runs[i].status, "its status");
		group_end(&g);
		tap_ok(g.pid == 0 && g.in == -1 && g.out == -1 &&
		    !group_ended(&g, &status), "let go");
		group_end(&g);
		buf_release(&out);
	}
	close(other);
}

/* What the file of pids names that is alive still. */
static int
alive(const char *path)
{
	FILE *fp = fopen(path, "r");
	char state, name[96], line[256];
	FILE *stat;
	int pid, n = 0;

	while (fp != NULL && fscanf(fp, "%d", &pid) == 1) {
		snprintf(name, sizeof(name), "/proc/%d/stat", pid);
		if ((stat = fopen(name, "r")) == NULL)
			continue;
		n += fgets(line, sizeof(line), stat) != NULL &&
		    sscanf(line, "%*d (%*[^)]) %c", &state) == 1 &&
		    state != 'Z';
		fclose(stat);
	}
	if (fp != NULL)
		fclose(fp);
	return n;
}

/* A pipeline that stays, also one process in the background. */
static const char stubborn[] = "trap '' TERM INT HUP; sleep 600 & "
    "echo $! >>pids; sh -c 'echo $$ >>pids; exec sleep 600' | "
    "sh -c 'echo $$ >>pids; echo ready; exec sleep 600'";

static void
wait_ready(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char text[16];

	poll(&p, 1, 60000);
	(void)!read(fd, text, sizeof(text));
	while (alive("pids") < 3)
		nap();
}

static void
test_end(void)
{
	struct group g;
	int i;

	tmpdir_text("pids", "");
	tap_int(group_start(&g, stubborn), 0, "a pipeline that stays");
	wait_ready(g.out);
	tap_int(alive("pids"), 3, "all of it is alive");
	group_end(&g);
	for (i = 0; i < 1000 && alive("pids") > 0; i++)
		nap();
	tap_int(alive("pids"), 0, "all of it is gone");
}

/* The process that started it is killed. */
static void
test_orphan(int sig)
{
	struct group g;
	int i, ready[2];
	pid_t pid;
	char c;

	tmpdir_text("pids", "");
	if (pipe(ready) == -1 || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		group_start(&g, stubborn);
		wait_ready(g.out);
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	(void)!read(ready[0], &c, 1);
	tap_int(alive("pids"), 3, "all of it is alive");
	kill(pid, sig);
	waitpid(pid, NULL, 0);
	for (i = 0; i < 1000 && alive("pids") > 0; i++)
		nap();
	tap_int(alive("pids"), 0, "it dies with who started it");
	close(ready[0]);
	close(ready[1]);
}

/* The leader is killed, and nobody else. */
static void
test_leader(void)
{
	struct group g;
	int i;

	tmpdir_text("pids", "");
	group_start(&g, stubborn);
	wait_ready(g.out);
	kill(g.pid, SIGKILL);
	tap_int(status_of(&g), 137, "its leader's death is seen");
	group_end(&g);
	for (i = 0; i < 1000 && alive("pids") > 0; i++)
		nap();
	tap_int(alive("pids"), 0, "the others go with it");
}

/* A command that does not read does not keep us waiting. */
static void
test_full(void)
{
	char bytes[4096] = { 0 };
	struct group g;
	ssize_t n = 0;
	int i;

	group_start(&g, "sleep 600");
	for (i = 0; i < 1000 && n != -1; i++)
		n = write(g.in, bytes, sizeof(bytes));
	tap_ok(n == -1 && errno == EAGAIN, "a full pipe does not block");
	group_end(&g);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);	/* as msg_init() does */
	tmpdir_enter();
	test_runs();
	test_end();
	test_orphan(SIGKILL);
	test_orphan(SIGTERM);
	test_leader();
	test_full();
	tmpdir_leave();
	return tap_done();
}
