/*
 * query.h -- a request to a route, answered from a snapshot.
 *
 * The answer is a whole JSON body and the status of HTTP that goes with it;
 * HTTP itself is left to who asks.  What is in a body follows from the
 * snapshot and the request alone, so the snapshot's id and the request are
 * as good as a hash of it.
 */
#ifndef QUERY_H
#define QUERY_H

#include "decl/route.h"
#include "store/query_args.h"
#include "store/snapshot_db.h"

/* Bytes of one answer. */
#define QUERY_ANSWER_BYTES ((size_t)32 << 20)

/* Columns of one route's rows. */
#define QUERY_COLUMNS_MAX 128

struct query_options {
	const char *trace;	/* names the request in errors; borrowed */
	int64_t limit_ms;	/* of work for one answer; 0: none */
};

/* What one thread answers with, again and again. */
struct query {
	struct query_args args;
	struct buf sql, rows;
	int64_t until_ms;
};

void query_init(struct query *q);
void query_release(struct query *q);

/*
 * Answer a request to route r: the captures of its path and the query
 * string (NULL: none).  Appends the body to out, which should be empty, and
 * returns the status: 200; 400 with every problem; 404, no such object;
 * 503, the work took longer than limit_ms; 500, anything else, and then
 * db_message(&s->db) says more.
 */
int query_answer(struct query *q, struct snapshot_db *s,
    const struct route *r, const struct route_capture *captures, size_t n,
    const char *query, const struct query_options *o, struct buf *out);

/*
 * Append the body of an error: {"error":{"code","message","traceId",
 * "details":[]}}.  trace may be NULL.
 */
void query_error(struct buf *out, const char *code, const char *message,
    const char *trace);

/*
 * Can every statement of the route be prepared on this snapshot?  Returns
 * 0, or -1 with db_message(), and in where the member ("route.x.select",
 * "route.x.param.day") that SQLite does not take.
 */
int query_check(struct query *q, struct snapshot_db *s,
    const struct route *r, struct buf *where);

#endif
