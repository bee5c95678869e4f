/*
 * summary.h -- what a run did, told from its event log.
 *
 * The events of a run are loaded (events.h), and SQL says what became of
 * each dataset, as that of each item: the last event about it counts, so
 * that a run that was continued is told as one.
 *
 * What is read, besides source, dataset, task, code, bytes, ms and at:
 *
 *	plan      tasks, left_out (answered before, in the same run)
 *	attempt   attempt; code: "ok", "unchanged" or why it failed
 *	breaker   code, failures: with what asking was stopped
 *	snapshot  code: "sealed", "again", "same_as" or why it was not
 *	verdict   code: "valid" or why it is not; changed
 *	stage     code when it failed
 *	version   outcome ("promoted", "repeated", "unchanged", "pending",
 *	          "held", "failed"), reason, inserted, updated, deleted
 *	report    ready, accepted, failed (names of checks), report (path
 *	          below DATA)
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "store/events.h"

/* Bytes of one summary: 10,000 failed items make 1 MB. */
#define SUMMARY_BYTES ((size_t)64 << 20)

struct summary {
	struct events events;
	struct events_filter only;
};

/*
 * Read the events of run from the log file; data and again ("make run")
 * are named in what to type next.  Returns 0, or -1 with the message in s->events.db; s needs
 * summary_release() in either case.
 */
int summary_read(struct summary *s, const char *log, const char *data,
    const char *run, const char *again);
void summary_release(struct summary *s);

/* The number of items that the run planned or asked for, or -1. */
int64_t summary_planned(struct summary *s);

/* Is nothing pending, failed, invalid, held or not ready?  1, 0 or -1. */
int summary_fine(struct summary *s);

/* Append it as text for people / as one JSON object.  0 or -1. */
int summary_text(struct summary *s, struct buf *b);
int summary_json(struct summary *s, struct buf *b);

#endif
