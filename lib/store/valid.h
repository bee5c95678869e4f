/*
 * valid.h -- the partitions that count, as a consumer is told of them.
 *
 * Only what the ledger calls valid, and only the run it names.  They come
 * in the order of seq, the ledger's sequence of changes of what counts: who
 * has seen all up to a seq sees the rest by asking for what is after it,
 * and what was ingested again comes again.
 */
#ifndef VALID_H
#define VALID_H

#include "base/buf.h"
#include "record/jsonw.h"
#include "store/db.h"
#include "store/pick.h"

/* One of them; all borrowed for the call.  Texts not known are NULL. */
struct valid {
	const char *run, *source, *dataset, *part;	/* part is JSON */
	const char *part_path;		/* "2026/A/items" */
	const char *url, *request;	/* what was asked; request is JSON */
	const char *format, *schema_version, *sha256;
	const char *path;		/* the partition's folder, below DATA */
	const char *etag, *last_modified, *content_type;
	const char *fetched_at;
	const char *confirmed_at;	/* the latest answer of that content */
	const char *snapshot;
	int64_t size_bytes, stored_bytes, record_count, status, attempt;
	int64_t seq;
};

/* Returns 0 to go on; another value is returned at once. */
typedef int (*valid_fn)(const struct valid *v, void *arg);

/*
 * Hand those that p means and that changed after since to fn.  Returns 0,
 * what fn returned, or -1 with db_message().
 */
int valid_each(struct db *db, const struct pick *p, int64_t since,
    valid_fn fn, void *arg);

/* The one partition.  As valid_each(), or 1 when nothing of it is valid. */
int valid_one(struct db *db, const char *source, const char *part_path,
    valid_fn fn, void *arg);

/* The greatest seq of the ledger, 0 when it is empty; or -1. */
int64_t valid_last(struct db *db);

/*
 * Write the members of its raw record, type left out; sluice-records(5).
 * for_run is the run that wants to know, or NULL: what another one has
 * sealed is the same_as of it.
 */
void valid_write(const struct valid *v, const char *for_run,
    struct jsonw *w);

#endif
