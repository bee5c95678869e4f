/*
 * slots.h -- the workers of the fetch engine: one transfer at a time each.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include "net/job.h"
#include "net/transfer.h"

struct slot {
	struct transfer transfer;
	struct job *job;	/* owned while running, else NULL */
};

struct slots {
	struct slot *list;	/* owned; [n] */
	int64_t n, running;
};

/* n for policy, which is borrowed.  Returns 0, or -1 with errno ENOMEM and
 * s to be released. */
int slots_init(struct slots *s, int64_t n, const struct fetch_policy *policy);

/* None may be running. */
void slots_release(struct slots *s);

/* One that is free, or NULL. */
struct slot *slots_free(struct slots *s);

#endif
