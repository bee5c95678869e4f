/*
 * spool.h -- a stream of records collected in a file before it is sent.
 *
 * Whoever reads a database writes to a spool, ends its transaction, and
 * only then sends the spool on: how long a reader of our output takes must
 * not be how long we hold a lock.  Memory is one record.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdio.h>

#include "record/stream.h"

struct spool {
	FILE *fp;		/* borrowed */
	struct buf line;
	int64_t n;		/* records written */
	int failed;		/* errno of the first failed write, or 0 */
};

/* Collect in fp, open for writing (and reading, to be sent from it). */
void spool_init(struct spool *s, FILE *fp);
void spool_release(struct spool *s);

/* Start a record; the caller adds members, then spool_put()s it. */
void spool_record(struct spool *s, struct jsonw *w, const char *type);

/*
 * Close and keep the record.  Returns 0, or -1 with errno: E2BIG (over the
 * limit of a record) or EILSEQ, and it is left out; or what writing the
 * file gave, which sticks in failed.
 */
int spool_put(struct spool *s, struct jsonw *w);

/* Write "end" and flush.  0, or -1 with errno of the first failure. */
int spool_end(struct spool *s);

/*
 * Copy all of the file in, a finished spool, to descriptor out.
 * Returns 0, or -1 with errno; EINTR after a request to stop.
 */
int spool_send(FILE *in, int out);

/*
 * Send in to standard output if status is that of a finished stream (0 or
 * 1), else just the last line that status asks for; so too if in is NULL.
 * Returns the status to exit with, as stream_finish().
 */
enum exits spool_finish(FILE *in, enum exits status);

#endif
