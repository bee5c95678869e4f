/*
 * events.h -- the record of what happened, in tables.
 *
 * Events come from the logs of runs (eventlog.h), from the table
 * dataset_version_events of a canonical database, or one by one from a
 * stream.  They are loaded into a database without a name: SQLite keeps
 * what does not fit its cache in a temporary file, so memory does not grow
 * with them.  Lines that are no events, such as one torn by a kill, are
 * left out and counted.
 *
 *	event    n (in the order of loading), at, event, source, run,
 *	         dataset, task, version, code, ms, bytes, body (the whole
 *	         event, JSON); what is absent, or of another type, is NULL
 *	item     what became of each task in each run, by the last event
 *	         about it: run, source, dataset, task, at, outcome (changed,
 *	         unchanged, invalid, failed, pending), answer (ok, unchanged,
 *	         failed), same (the bytes we had), bytes, code (why not)
 */
#ifndef EVENTS_H
#define EVENTS_H

#include <yyjson.h>

#include "store/db.h"

/* What is loaded; NULL: any.  All borrowed. */
struct events_filter {
	const char *source;	/* or none said */
	const char *run;
	const char *dataset;
	const char *since;	/* this instant or later; clock.h */
};

struct events {
	struct db db;
	sqlite3_stmt *insert;			/* owned */
	const struct events_filter *only;	/* borrowed */
	int64_t skipped;	/* lines that are no events */
};

/*
 * Begin without events.  Returns 0, or -1 with db_message(&e->db); e needs
 * events_close() in either case.  So too all that follow.
 */
int events_open(struct events *e, const struct events_filter *only);
void events_close(struct events *e);

/* Take the event root, whose text is text, a line without its newline. */
int events_add(struct events *e, yyjson_val *root, const char *text);

/* Take all of the log file path; what names no run is of run. */
int events_log(struct events *e, const char *path, const char *run);

/*
 * Take DATA/logs/RUN.jsonl of every run.  Returns how many logs there are,
 * or -1.
 */
int events_logs(struct events *e, const char *data);

/*
 * Take the events of the canonical database path.  They have no tool and
 * pid but event_id, their place in the table, and what that has as
 * payload.  Returns 1, 0 if there is no such database yet, or -1.
 */
int events_versions(struct events *e, const char *path, const char *source);

/* All are in: make the table item. */
int events_items(struct events *e);

#endif
