/*
 * eventlog.h -- structured events appended to the file SLUICE_LOG names.
 *
 * One JSON line per thing that happened (attempt, snapshot, verdict,
 * stage, version, report), with run, ids, bytes and milliseconds, so that
 * a run can be told afterwards.  Each line leaves in one O_APPEND write,
 * so tools of one run share the file.  Without SLUICE_LOG nothing is
 * written, and the calls cost nothing.
 */
#ifndef EVENTLOG_H
#define EVENTLOG_H

#include "record/jsonw.h"

struct eventlog {
	int fd;			/* owned; -1: no log */
	struct buf line;
	struct jsonw w;		/* add members between begin and end */
};

/*
 * Open the log.  Returns 0, also without SLUICE_LOG, or -1 with errno when
 * the file cannot be opened.
 */
int eventlog_open(struct eventlog *e);

/*
 * Start {"type":"event","at":NOW,"event":EVENT,"tool":…,"pid":….
 * Returns the writer for further members (it discards without a log).
 */
struct jsonw *eventlog_begin(struct eventlog *e, const char *event);

/* Send it.  A log that cannot be written is warned about once. */
void eventlog_end(struct eventlog *e);

void eventlog_close(struct eventlog *e);

#endif
