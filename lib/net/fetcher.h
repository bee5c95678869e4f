/*
 * fetcher.h -- the filter that turns tasks into bodies; sluice-records(5).
 *
 * What every fetching tool does with a stream of tasks: each becomes one
 * body, unchanged or error record as it is finished, one "attempt" event
 * per HTTP attempt, and one progress line on standard error
 *
 *	[4/6] 2026/A items ok 20.8 MB (1.2 s)
 *
 * (with -q only failures are told).  What is no task passes through.  A
 * task that was not asked for, because the run was stopped before, has no
 * record: it is pending, not failed.
 */
#ifndef FETCHER_H
#define FETCHER_H

#include "base/exits.h"
#include "net/fetch.h"
#include "net/rules.h"
#include "net/secret.h"

/* Bytes of a contact: a header line is no letter. */
#define FETCHER_CONTACT_MAX 256

struct fetcher_options {
	const char *data;	/* data root; bodies go to DATA/incoming/RUN */
	/* Where servers find who is asking: a line of plain text; may be NULL
	 * for loopback only. */
	const char *contact;
	struct fetch_policy policy;	/* without agent */
	const struct rules *rules;	/* or NULL: anything may be asked */
	struct secrets *secrets;	/* that tasks may name, or NULL */
	int partial;		/* input may be cut (--partial) */
	int64_t seed;		/* of the random waits; -1: any */
};


/*
 * Read tasks from the descriptor in, write records to out, and end that
 * stream.  A task that fails does not stop the others, but too many in a
 * row do (breaker.h), and a signal does (stop.h): nothing is started then,
 * and what is in flight has policy.grace_ms to end.  No half body is left
 * under a final name.  Returns the status to exit with; everything has been
 * said.
 */
enum exits fetcher_run(const struct fetcher_options *options, int in,
    int out);

#endif
