/*
 * exits.h -- exit statuses shared by every tool and every pipeline.
 *
 * Numbers are those of BSD sysexits(3), which POSIX does not provide.
 * EXIT_NO is the answer "no" (differs, not ready, held), never an error:
 * pipelines may branch on it.  Only EXIT_TEMP is worth a retry.
 */
#ifndef EXITS_H
#define EXITS_H

enum exits {
	EXIT_OK = 0,		/* all done, which includes nothing to do */
	EXIT_NO = 1,		/* the question was answered: no */
	EXIT_USAGE = 64,	/* bad command line or declaration */
	EXIT_DATA = 65,		/* input breaks its contract, or was cut */
	EXIT_NOINPUT = 66,	/* a named input is missing or unreadable */
	EXIT_BUG = 70,		/* a violated assertion of ours */
	EXIT_OS = 71,		/* fork, memory, descriptor exhaustion */
	EXIT_REFUSED = 73,	/* would overwrite, or the run is fenced */
	EXIT_IO = 74,		/* read, write, fsync or close failed */
	EXIT_TEMP = 75,		/* network, lock, interrupted: run again */
	EXIT_PROTO = 76		/* the remote answered nonsense, or a final no */
};

/* The name of status as sluice-records(5) gives it ("refused"), static. */
const char *exits_name(int status);

#endif
