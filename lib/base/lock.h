/*
 * lock.h -- one holder at a time, named.
 *
 * flock(2) on a file of its own: the kernel lets go when the holder dies,
 * so no lock outlives its owner.  The file's text (owner.h) names the
 * holder for the message that the next one prints; it is not what locks.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdint.h>

/* Bytes of what is said about a holder. */
#define LOCK_HOLDER 320

struct lock {
	int fd;			/* owned; -1 when not held */
};

/*
 * Take the lock file path, creating it and its folders, and write into it
 * who we are, called name (borrowed).  Waits up to wait_ms.
 * Returns 0, or -1 with errno EWOULDBLOCK when another holds it, or EINTR
 * when a stop was requested (stop.h) meanwhile; then holder tells by whom
 * it is held: "NAME (pid N, alive)", or that N is gone and has left it to
 * a process that it started.
 */
int lock_take(struct lock *l, const char *path, const char *name,
    int64_t wait_ms, char holder[LOCK_HOLDER]);

/* Let go.  The file stays. */
void lock_release(struct lock *l);

#endif
