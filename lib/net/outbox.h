/*
 * outbox.h -- the last answers of jobs, on their way to who asked.
 *
 * An answer with a body is told when the body's file has its name, and all
 * are told in the order in which they were put in.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "net/commit.h"
#include "net/job.h"

struct last {
	struct commit commit;	/* the first member */
	struct job *job;	/* owned */
	struct fetch_answer answer;
};

struct outbox {
	struct committer *committer;	/* owned */
	int64_t n;			/* answers in it */
};

/* wake is committer_new()'s.  Returns 0, or -1 with errno. */
int outbox_init(struct outbox *o, void (*wake)(void *arg), void *arg);

/* Free it and all in it. */
void outbox_release(struct outbox *o);

/*
 * Put in the last answer a of j and the file of its body, or NULL.  Takes
 * all of them.  Returns 0, or -1 with errno ENOMEM.
 */
int outbox_put(struct outbox *o, struct job *j, const struct fetch_answer *a,
    struct outfile *file);

/*
 * Take the next one if its time has come, or NULL; the caller owes
 * job_free() of its job and free().  commit.failed says whether it has no
 * name.  wait: NULL only when none is left.
 */
struct last *outbox_take(struct outbox *o, int wait);

#endif
