/*
 * crew.h -- workers that items go through: processes, one command.
 *
 * A worker is a command (group.h) that lives for many items and speaks the
 * protocol of worker.h.  It is started when there is an item for it.  One
 * that breaks the protocol, ends while it has items, or keeps an item for
 * too long is killed with all its processes, and replaced.  The item whose
 * fault that was is finished as broken:
 *
 *	garbage		a line that is no record, or out of place
 *	too_long	a line of more than 1 MiB
 *	too_big		more rows than WORK_BYTES
 *	wrong_count	`done` with another number than came
 *	wrong_key	a record about an item that the worker does not have
 *	no_done		the worker ended, and rows had come
 *	worker_exit	the worker ended, and none had
 *	item_timeout	nothing has closed it in time
 *
 * The others that it had are given again.  When it cannot be told which of
 * several was at fault, each of them is given again alone.
 *
 * One thread, poll(2); the caller turns.
 */
#ifndef CREW_H
#define CREW_H

#include <poll.h>
#include <stdint.h>

#include "base/group.h"
#include "record/worker.h"

struct crew_options {
	const char *command;	/* for sh(1); borrowed */
	int64_t workers;	/* processes, 1 or more */
	int64_t in_flight;	/* items that each may have, 1 or more */
	int64_t timeout_ms;	/* for an item, from when it is given */
	worker_other_fn other;	/* records of other types go there, or NULL */
	void *arg;
};

struct crew_member;

struct crew {
	struct crew_options options;
	struct crew_member *list;	/* owned; [options.workers] */
	struct pollfd *fds;		/* owned; two each */
	struct work *waiting;		/* owned; for a worker with room */
	struct work *finished;		/* owned; in order of completion */
	struct work **tail;
	int64_t has;			/* items not taken yet */
	int64_t replaced;		/* workers, until now */
	int64_t looked_ms;		/* when they were looked at */
	int closing;
};

/* Start no process yet.  Returns 0, or -1 with errno ENOMEM. */
int crew_init(struct crew *c, const struct crew_options *options);

/* Kill what runs, and free all. */
void crew_release(struct crew *c);

/* How many items may be given now. */
int64_t crew_room(const struct crew *c);

/* Give an item, from now on c's.  There must be room. */
void crew_give(struct crew *c, struct work *item);

/*
 * Wait until something comes, a signal does or wait_ms have passed, and see
 * to it.  Returns 0, or -1 with errno when a worker cannot be started, or
 * there is no memory.
 */
int crew_turn(struct crew *c, int64_t wait_ms);

/* Take an item that is finished; NULL if none is. */
struct work *crew_take(struct crew *c);

/*
 * No item is left: let the workers come to their end, for wait_ms at most,
 * and kill those that do not.  Returns how many had to be.
 */
int64_t crew_close(struct crew *c, int64_t wait_ms);

#endif
