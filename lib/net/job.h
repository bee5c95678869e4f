/*
 * job.h -- the requests of the fetch engine that wait, and their hosts.
 *
 * Jobs are kept in the order in which they are to start; each has a hold on
 * the host it belongs to and on the one it stands at, which differ after a
 * redirect.
 */
#ifndef JOB_H
#define JOB_H

#include "net/fetch.h"
#include "net/pace.h"
#include "net/trail.h"

struct host {
	struct host *next;
	char *name;		/* owned */
	int64_t users;		/* jobs that hold it */
	struct pace pace;
};

/* A request, from fetch_add() to its last answer. */
struct job {
	struct job *next;
	struct fetch_request request;
	struct host *home, *host;	/* of the URL; of where it stands */
	struct trail trail;
	int64_t attempt;	/* the one running or due, from 1 */
	int64_t due_ms;		/* monotonic; not before */
	int64_t start_ms;	/* of the running exchange */
	struct fetch_answer *failed;	/* owned; its last failure, or NULL */
};

struct queue {
	struct job *first, **last;	/* in starting order */
	int64_t n;
	struct host *hosts;		/* owned */
	int64_t interval_ms, slots;	/* of a new host */
};

void queue_init(struct queue *q, int64_t interval_ms, int64_t slots);

/* Free it all; no job may be out. */
void queue_release(struct queue *q);

/* A new job for r, which the caller owes to the queue or to job_free().
 * NULL with errno EINVAL (no such URL) or ENOMEM. */
struct job *job_new(struct queue *q, const struct fetch_request *r);
void job_free(struct job *j);

/*
 * Stand where the trail leads now.  Returns 0, or -1 with errno ENOMEM.
 */
int job_move(struct queue *q, struct job *j);

/* Keep the failure a as the job's last.  Returns 0, or -1 with errno. */
int job_remember(struct job *j, const struct fetch_answer *a);

/* Put a job at the end; or at the front: begun before new. */
void queue_last(struct queue *q, struct job *j);
void queue_first(struct queue *q, struct job *j);

/* Has it been asked for, and waits for another attempt or a redirect? */
int job_is_begun(const struct job *j);

/* Is there such a job? */
int queue_has_begun(const struct queue *q);

/*
 * Take the first job that may start at now_ms, or NULL; begun: of those that
 * are begun only.
 */
struct job *queue_take(struct queue *q, int64_t now_ms, int begun);

/* Take the first job whose host may not be asked before after_ms. */
struct job *queue_take_held(struct queue *q, int64_t after_ms);

/* Milliseconds from now_ms until queue_take() may have one, at most limit. */
int64_t queue_wait(const struct queue *q, int64_t now_ms, int begun,
    int64_t limit);

#endif
