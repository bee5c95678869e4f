/*
 * lock.h -- one holder at a time, named.
 *
 * flock(2) on a file of its own: the kernel lets go when the holder dies,
 * so no lock outlives its owner.  The file's text names the holder for the
 * message that the next one prints; it is not what locks.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdint.h>

struct lock {
	int fd;			/* owned; -1 when not held */
};

/*
 * Take the lock file path, creating it and its folders, and write owner
 * (one line, borrowed) and our pid into it.  Waits up to wait_ms.
 * Returns 0, or -1 with errno EWOULDBLOCK when another holds it, or EINTR
 * when a stop was requested (stop.h) meanwhile; then holder (size bytes)
 * has its line.
 */
int lock_take(struct lock *l, const char *path, const char *owner,
    int64_t wait_ms, char *holder, int size);

/* Let go.  The file stays. */
void lock_release(struct lock *l);

#endif
