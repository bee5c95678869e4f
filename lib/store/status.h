/*
 * status.h -- how a source stands: one JSON document.
 *
 *	source, data, at
 *	stores       store, state ("there", "missing", or what is wrong),
 *	             bytes, path
 *	runs         the last ones: run, mode, begun_at
 *	partitions   status, last_attempt, partitions
 *	queues       queue, state, items, due, leased, next_due_at
 *	versions     status, versions
 *	held         dataset, part, since, table, samples
 *	snapshots    link, state, snapshot; and of the current one
 *	             generated_at, verified_at, datasets, withheld
 *	servers      url, state ("alive", "gone", "unknown"), snapshot,
 *	             current, since, started_at, host, pid
 *	snapshot_mismatch    whether a server that is not gone serves another
 *	             snapshot than the current one
 *	next_refresh at, why
 *
 * It changes nothing: databases are opened with DB_LOOK.  What cannot be
 * read is said in words, in the place of what it would tell.
 */
#ifndef STATUS_H
#define STATUS_H

#include "base/buf.h"
#include "decl/queue.h"
#include "decl/snapshot.h"

/* Bytes of a document. */
#define STATUS_BYTES ((size_t)4 << 20)

struct status_query {
	const char *data;		/* all borrowed */
	const char *root;		/* of the snapshots */
	const struct decl *d;
	const struct decl_snapshot *s;
	const struct decl_queues *queues;
	int64_t now_ms;
};

/* Append the document.  0, or -1 with errno. */
int status_document(const struct status_query *q, struct buf *b);

#endif
