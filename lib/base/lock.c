#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/owner.h"
#include "base/path.h"
#include "base/stop.h"

#define POLL_MS 20		/* how often a waiter asks again */
#define SETTLE_MS 100		/* a new holder has written its name by then */

static int
wait_for(int fd, int64_t wait_ms)
{
	const struct timespec nap = { 0, POLL_MS * 1000000L };
	int64_t start = clock_mono_ms();

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (stop_requested()) {
			errno = EINTR;
			return -1;
		}
		if (clock_mono_ms() - start >= wait_ms) {
			errno = EWOULDBLOCK;
			return -1;
		}
		nanosleep(&nap, NULL);
	}
	return 0;
}

static void
describe(const struct owner *o, enum owner_state state,
    char holder[LOCK_HOLDER])
{
	long long pid = o->pid;

	switch (state) {
	case OWNER_ALIVE:
		snprintf(holder, LOCK_HOLDER, "%s (pid %lld, alive)",
		    o->name, pid);
		break;
	case OWNER_GONE:
		snprintf(holder, LOCK_HOLDER, "%s (pid %lld is gone, but a "
		    "process it started still holds it)", o->name, pid);
		break;
	case OWNER_EARLIER:
		snprintf(holder, LOCK_HOLDER, "a process that left no name "
		    "(before it %s, pid %lld of an earlier boot)", o->name,
		    pid);
		break;
	default:
		snprintf(holder, LOCK_HOLDER, "%s (pid %lld on %s)", o->name,
		    pid, o->host);
	}
}

/*
 * Who has it, as its text says and the kernel knows.  Returns 0 if that
 * may be about an earlier holder, whose text stands until the present one
 * has written its own.
 */
static int
tell_holder(int fd, char holder[LOCK_HOLDER])
{
	char text[OWNER_TEXT];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	enum owner_state state;
	struct owner o;

	text[n > 0 ? n : 0] = '\0';
	snprintf(holder, LOCK_HOLDER, "a process that left no name");
	if (owner_parse(&o, text) == -1)
		return 0;
	state = owner_state(&o);
	describe(&o, state, holder);
	return state == OWNER_ALIVE || state == OWNER_UNKNOWN;
}

/* Wait; if that is in vain, tell for whom. */
static int
wait_or_tell(int fd, int64_t wait_ms, char holder[LOCK_HOLDER])
{
	int r = wait_for(fd, wait_ms), saved = errno;

	if (r == -1 && !tell_holder(fd, holder)) {
		r = wait_for(fd, SETTLE_MS);
		saved = errno;
		if (r == -1)
			tell_holder(fd, holder);
	}
	errno = saved;
	return r;
}

/* Never empty in between: whoever waits may read it at any time. */
static int
write_owner(int fd, const char *name)
{
	char line[OWNER_TEXT];
	struct owner o;
	size_t n;

	owner_self(&o, name);
	n = owner_format(&o, line);
	errno = ENOSPC;		/* of a short write */
	return pwrite(fd, line, n, 0) == (ssize_t)n ?
	    ftruncate(fd, (off_t)n) : -1;
}

int
lock_take(struct lock *l, const char *path, const char *name,
    int64_t wait_ms, char holder[LOCK_HOLDER])
{
	int saved;

	if (path_mkparents(path) == -1)
		return -1;
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (l->fd == -1)
		return -1;
	if (wait_or_tell(l->fd, wait_ms, holder) == -1 ||
	    write_owner(l->fd, name) == -1) {
		saved = errno;
		lock_release(l);
		errno = saved;
		return -1;
	}
	return 0;
}

void
lock_release(struct lock *l)
{
	if (l->fd != -1)
		close(l->fd);
	l->fd = -1;
}
