/*
 * report.h -- what a fetcher says about its tasks, to people and to the log.
 */
#ifndef REPORT_H
#define REPORT_H

#include "net/task.h"
#include "record/eventlog.h"

struct report {
	struct eventlog log;
	int64_t taken, done;			/* tasks */
	int64_t good, failed, not_asked;	/* of them */
};

/*
 * One task is done: print "[4/6] 2026/A items ok 20.8 MB (1.2 s)" in one
 * write(2), but not with -q.
 */
void report_item(struct report *r, const char *label, const char *what,
    int64_t ms);

/* The same, of its last answer. */
void report_answer(struct report *r, const struct task *t,
    const struct fetch_answer *a);

/* Print "3 tasks: 1 ok, 1 failed, 1 not asked", unless all is well. */
void report_total(const struct report *r);

/* Log one attempt. */
void report_attempt(struct report *r, const struct task *t,
    const struct fetch_answer *a);

/*
 * Say and log that nothing is asked any more after t's answer: after max
 * failures in a row, or because the probe failed.
 */
void report_breaker(struct report *r, const struct task *t,
    const struct fetch_answer *a, int64_t max, int probe);

#endif
