/*
 * confine.h -- a function in a child of its own, with limits on what it
 * may take.
 *
 * For what reads bytes that others have made with a library that others
 * have written.  The child lives for many calls; if one of them kills it,
 * that call has failed, and the next one has a new child.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Runs in the child: append the answer to n bytes of request.  Returns 0;
 * or -1 if the child is not to be trusted with another one (it ran out of
 * memory), which is no failure of this one.
 */
typedef int (*confine_fn)(const char *request, size_t n, struct buf *answer,
    void *arg);

struct confine {
	confine_fn fn;
	void *arg;		/* borrowed; the child's copy, as at its start */
	int64_t cpu_s;		/* CPU time of one call, in whole seconds */
	int64_t memory_bytes;	/* address space of the child */
	size_t answer_max;	/* bytes of one answer */
	pid_t pid;		/* of the child; 0: there is none */
	int to, from;		/* pipes, owned */
};

enum confine_result {
	CONFINE_OK = 0,
	CONFINE_CPU,		/* used up its time */
	CONFINE_DIED,		/* of something else, such as its memory */
	CONFINE_FAILED		/* there is no child to be had; errno is set */
};

void confine_init(struct confine *c, confine_fn fn, void *arg,
    int64_t cpu_s, int64_t memory_bytes, size_t answer_max);

/* End the child. */
void confine_release(struct confine *c);

/*
 * Have the child answer n bytes of request; the answer is appended.  Every
 * result but CONFINE_OK leaves the buffer as it was.
 */
enum confine_result confine_call(struct confine *c, const void *request,
    size_t n, struct buf *answer);

#endif
