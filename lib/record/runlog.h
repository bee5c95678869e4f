/*
 * runlog.h -- the logs of a run, made from a stream of records.
 *
 * DATA/logs/RUN.log has a line for people about each record, with its
 * instant; RUN.jsonl the same as an event (eventlog.h), which the summary
 * is made of: what a job loop finished is an event "item" with its label as
 * task, any other record one called as its type.  Lines are appended, each
 * in one write(2).
 */
#ifndef RUNLOG_H
#define RUNLOG_H

#include "record/stream.h"

struct runlog {
	int text, events;	/* owned */
	struct buf line;
};

/*
 * Open both files of run below the folder data, created if missing.
 * Returns 0, or -1 with errno and nothing to close.
 */
int runlog_open(struct runlog *l, const char *data, const char *run);
void runlog_close(struct runlog *l);

/*
 * Log a record at the instant now (clock.h); line is what people are shown
 * of it, or "".  Returns 0, or -1 with errno.
 */
int runlog_add(struct runlog *l, const struct record *r, const char *now,
    const char *line);

/* Log a line for people alone. */
int runlog_say(struct runlog *l, const char *now, const char *line);

#endif
