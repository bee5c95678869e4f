/*
 * hold.h -- tasks that wait until the rules of their site are known.
 */
#ifndef HOLD_H
#define HOLD_H

#include "net/task.h"

struct hold;

struct holds {
	struct hold *first;	/* owned; one per site */
	int64_t n;		/* tasks */
};

/*
 * Let t, owned by h from now on, wait for the site of url.  Returns 1 if
 * it is the first to do so, else 0, or -1 with errno and t still the
 * caller's.
 */
int holds_add(struct holds *h, const char *url, struct task *t);

/* Take back one that waits for the site of url, or any (NULL); NULL if
 * there is none. */
struct task *holds_take(struct holds *h, const char *url);

#endif
