/*
 * tick.h -- the replica's time: a count that moves when it is told to.
 *
 * With a file the present tick outlives the process: it is on disk before
 * any answer of that tick can be given.
 */
#ifndef REPLICA_TICK_H
#define REPLICA_TICK_H

#include <pthread.h>
#include <stdint.h>

/* No replica comes this far; it keeps sums of ticks within 64 bits. */
#define TICK_MAX ((int64_t)1 << 40)

struct tick {
	pthread_mutex_t lock;
	int64_t now;
	const char *file;	/* borrowed; NULL: not recorded */
};

/* The tick that file holds.  0, or -1 with errno, EINVAL for none. */
int tick_load(const char *file, int64_t *now);

/*
 * Start at tick start, or, if that is -1, at the one that file has, else
 * at 0; record it in file (NULL: nowhere).  Returns 0, or -1 with errno:
 * EINVAL when the file does not hold a tick.
 */
int tick_init(struct tick *t, int64_t start, const char *file);
void tick_release(struct tick *t);

int64_t tick_now(struct tick *t);

/* Move by one.  Returns the new tick, or -1 with errno, nothing moved. */
int64_t tick_advance(struct tick *t);

#endif
