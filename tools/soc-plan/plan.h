/*
 * plan.h -- the tasks of one run.
 */
#ifndef PLAN_H
#define PLAN_H

#include "decl/decl.h"
#include "past.h"
#include "record/eventlog.h"
#include "record/stream.h"
#include "scope.h"

struct plan {
	const char *run, *base;	/* borrowed */
	int incremental;	/* else nothing is asked about the past */
	int resume;		/* leave out what run has answers for */
	struct decl decl;
	struct scope scope;
	struct past past;
	struct stream_out out;
	struct eventlog log;
	int64_t left_out;	/* parts that were */
};

/*
 * Write the task of every part of every combination, the parts of one in
 * declared order.  Incrementally, combinations without an accepted version
 * come first: what readers have nothing of.  A part that the run to resume
 * has an answer for is an event instead of a task: the run was killed
 * between that answer and the event of its verdict, perhaps.  Returns
 * EXIT_OK, or the status of what went wrong, which has been said.
 */
enum exits plan_write(struct plan *p);

#endif
