/*
 * mark.h -- that a run was stopped by failures, told to the next one.
 *
 * DATA/incoming/breaker.SOURCE.json is one line about the failure that was
 * one too many; without ".SOURCE" when tasks name none.  While it is there
 * a run of that source begins with a probe (breaker.h); the first success
 * removes it.  Removed by hand, it only costs the probe.
 */
#ifndef MARK_H
#define MARK_H

#include "net/task.h"

/*
 * Read the mark of source, which may be NULL.  Returns 1 and sets *label to the item that
 * failed (owned by the caller, NULL if it cannot be read); 0 if there is
 * no mark; or -1 with errno.
 */
int mark_read(const char *data, const char *source, char **label);

/* Set it: a, the last answer of t, opened the breaker at the instant at.
 * Returns 0, or -1 with errno. */
int mark_set(const char *data, const char *source, const struct task *t,
    const struct fetch_answer *a, const char *at);

/* Remove it.  Returns 0, also when there is none, or -1 with errno. */
int mark_clear(const char *data, const char *source);

#endif
