/* One holder at a time; a dead holder holds nothing. */
#include "base/lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>

#include "base/clock.h"
#include "base/owner.h"
#include "base/stop.h"
#include "tap.h"
#include "tmpdir.h"

/* A process that holds path, says so, and lets go after ms (or never). */
static pid_t
holder(const char *path, int64_t ms)
{
	char who[LOCK_HOLDER];
	struct lock l;
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready) == -1 || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		if (lock_take(&l, path, "the other", 0, who) == -1 ||
		    write(ready[1], "x", 1) != 1)
			_exit(99);
		if (ms < 0)
			for (;;)
				pause();
		usleep((useconds_t)ms * 1000);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		exit(99);
	close(ready[0]);
	return pid;
}

static void
test_held(void)
{
	pid_t pid = holder("d/lock", -1);
	char who[LOCK_HOLDER], want[64];
	struct owner o;
	struct lock l;
	int r;

	errno = 0;
	r = lock_take(&l, "d/lock", "me", 0, who);
	tap_ok(r == -1 && errno == EWOULDBLOCK && l.fd == -1,
	    "held by another process");
	snprintf(want, sizeof(want), "the other (pid %ld, alive)", (long)pid);
	tap_str(who, want, "which is named");
	r = lock_take(&l, "d/lock", "me", 50, who);
	tap_ok(r == -1 && errno == EWOULDBLOCK, "still, a moment later");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tap_int(lock_take(&l, "d/lock", "me", 0, who), 0,
	    "free when the holder was killed");
	tap_ok(owner_parse(&o, tmpdir_read("d/lock")) == 0 &&
	    o.pid == getpid() && strcmp(o.name, "me") == 0,
	    "now we are named, and nobody else");
	lock_release(&l);
	lock_release(&l);
	tap_ok(access("d/lock", F_OK) == 0, "the file stays");
}

static void
test_waiting(void)
{
	pid_t pid = holder("d/lock", 100);
	char who[LOCK_HOLDER];
	struct lock l;

	tap_int(lock_take(&l, "d/lock", "me", INT64_MAX, who), 0,
	    "waiting without end until it is free");
	lock_release(&l);
	waitpid(pid, NULL, 0);
}

/* Holds the lock from before it says so, and names itself a bit later. */
static pid_t
slow_writer(const char *path)
{
	char line[OWNER_TEXT];
	struct owner o;
	int ready[2], fd;
	pid_t pid;
	char c;

	if (pipe(ready) == -1 || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		fd = open(path, O_RDWR);
		if (flock(fd, LOCK_EX) == -1 || write(ready[1], "x", 1) != 1)
			_exit(99);
		usleep(30000);
		owner_self(&o, "slow");
		if (write(fd, line, owner_format(&o, line)) == -1)
			_exit(99);
		pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		exit(99);
	close(ready[0]);
	return pid;
}

/* What an earlier holder wrote is not said of the one that has it now. */
static void
test_settling(void)
{
	char who[LOCK_HOLDER], want[64];
	pid_t pid = holder("d/lock", 0);
	struct lock l;

	waitpid(pid, NULL, 0);
	pid = slow_writer("d/lock");
	tap_int(lock_take(&l, "d/lock", "me", 0, who), -1, "just taken");
	snprintf(want, sizeof(want), "slow (pid %ld, alive)", (long)pid);
	tap_str(who, want, "by one that writes its name a moment later");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
test_stop(void)
{
	pid_t pid = holder("d/lock", -1);
	int64_t start = clock_mono_ms();
	struct lock l;
	char who[LOCK_HOLDER];
	int r;

	stop_init();
	raise(SIGTERM);
	errno = 0;
	r = lock_take(&l, "d/lock", "me", 60000, who);
	tap_ok(r == -1 && errno == EINTR && clock_mono_ms() - start < 30000,
	    "a stop request ends waiting");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
test_bad(void)
{
	struct lock l;
	char who[LOCK_HOLDER];

	tmpdir_text("file", "");
	tmpdir_text("garbage", "\n\nold\n");
	errno = 0;
	tap_ok(lock_take(&l, "file/lock", "me", 0, who) == -1 &&
	    errno == ENOTDIR, "below a file");
	errno = 0;
	tap_ok(lock_take(&l, "d", "me", 0, who) == -1 &&
	    errno == EISDIR, "a folder");
	tap_ok(lock_take(&l, "garbage", "me", 0, who) == 0,
	    "old text means nothing");
	lock_release(&l);
}

int
main(void)
{
	tmpdir_enter();
	test_held();
	test_waiting();
	test_settling();
	test_bad();
	test_stop();
	tmpdir_leave();
	return tap_done();
}
