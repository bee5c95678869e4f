#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/stop.h"

#define POLL_MS 20		/* how often a waiter asks again */

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
read_holder(int fd, char *holder, int size)
{
	ssize_t n = pread(fd, holder, (size_t)size - 1, 0);

	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	if (holder[0] == '\0')
		snprintf(holder, (size_t)size, "unknown");
}

int
lock_take(struct lock *l, const char *path, const char *owner,
    int64_t wait_ms, char *holder, int size)
{
	int saved;

	if (path_mkparents(path) == -1)
		return -1;
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (l->fd == -1)
		return -1;
	if (wait_for(l->fd, wait_ms) == -1) {
		saved = errno;
		read_holder(l->fd, holder, size);
		lock_release(l);
		errno = saved;
		return -1;
	}
	if (ftruncate(l->fd, 0) == -1 ||
	    dprintf(l->fd, "%s pid %ld\n", owner, (long)getpid()) < 0) {
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
