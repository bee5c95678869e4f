/*
 * stream.h -- read and write streams of records; sluice-records(5).
 *
 * A stream is JSON objects, one per line, "type" first, ended by "end" or
 * "abort".  stream_each() is the loop of every filter: the tool supplies
 * one callback.  A cut stream, anything after "end", a line that is no
 * record: EXIT_DATA; an "abort": its status.  Units that came before are
 * with the callback already and stay done.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdint.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/exits.h"
#include "record/jsonw.h"

/* One record while its callback runs; all pointers are borrowed. */
struct record {
	const char *type;
	const char *line;	/* as it came, without the newline */
	size_t len;
	yyjson_val *root;	/* the object */
	int64_t number;		/* its line, from 1 */
	const char *source;	/* name of the stream, for messages */
};

/* Returns EXIT_OK to go on, or the status to stop the whole stream with. */
typedef enum exits (*stream_fn)(const struct record *r, void *arg);

enum stream_flags {
	STREAM_PARTIAL = 1	/* a missing "end" is fine (--partial) */
};

/*
 * Read records from fd up to and including "end" or "abort".  Returns
 * EXIT_OK after "end", else the status to exit with; what is wrong has
 * been said with msg_error(), naming the stream and the line.  A stop
 * request (stop.h) ends the loop between records with EXIT_TEMP.
 */
enum exits stream_each(int fd, const char *name, unsigned int flags,
    stream_fn fn, void *arg);

/* Returns EXIT_OK when fd can be read (or may be: one read is risked). */
typedef enum exits (*stream_wait_fn)(int fd, void *arg);

/*
 * As stream_each(), for a tool with other work in hand: wait is called
 * before each read of fd and does that work until there is input.
 */
enum exits stream_each_wait(int fd, const char *name, unsigned int flags,
    stream_fn fn, stream_wait_fn wait, void *arg);

/* Where a tool's records go. */
struct stream_out {
	int fd;			/* borrowed */
	int64_t n;		/* records written */
	struct buf pending;	/* bytes not written yet */
	size_t start;		/* where the open record begins in it */
	int buffered;		/* collect 64 KiB before each write */
	int failed;		/* errno of the first failed write, or 0 */
};

/*
 * Write to fd.  Set members (rows, changes) are worth buffering; units
 * are not: the next filter should see each as soon as it is finished.
 */
void stream_out_init(struct stream_out *o, int fd, int buffered);

/*
 * Start a record in o; the caller adds members, then stream_put()s it.
 *
 *	stream_record(&o, &w, "task");
 *	jsonw_str(&w, "run", run);
 *	stream_put(&o, &w);
 */
void stream_record(struct stream_out *o, struct jsonw *w, const char *type);

/*
 * Close and send the record.  Returns 0, or -1: the record itself was not
 * possible (errno E2BIG over 1 MiB, EILSEQ) and is left out; failing
 * writes are kept for stream_finish() and stream_failed().
 */
int stream_put(struct stream_out *o, struct jsonw *w);

/* Leave the open record out after all. */
void stream_drop(struct stream_out *o);

/* Pass a record on as it came. */
void stream_copy(struct stream_out *o, const struct record *r);

/* Has a write failed?  A producer stops then: nobody is reading. */
int stream_failed(const struct stream_out *o);

/*
 * Write the last line: "end" for statuses of a finished stream (0, 1),
 * and for any that means failed items only (items_failed), else "abort"
 * with status and reason (NULL: the status's name).  Flushes and
 * releases o.  Returns the status to exit with: EXIT_IO if stdout could
 * not be written, which has been said unless the reader just went away.
 */
enum exits stream_finish(struct stream_out *o, enum exits status,
    int items_failed, const char *reason);

/*
 * Write an error record for the item in record `of`:
 * {"type":"error","code":CODE,"tool":TOOL, run, source, dataset, part,
 * item copied from of, "message":…,"of":{…}}.  The message is cut at 1 KiB,
 * bytes in it that are not UTF-8 become '?'; "of" is left out when the
 * record would be too long with it.
 */
void stream_error(struct stream_out *o, const struct record *of,
    const char *code, const char *fmt, ...) MSG_FMT(4, 5);

/*
 * The same for a request that failed, when it had: with the HTTP status
 * that came (0: none) and the number of its last attempt.  The instant
 * tells one failure from the next, which may read the same.
 */
void stream_error_http(struct stream_out *o, const struct record *of,
    const char *code, int64_t status, int64_t attempt,
    const char *failed_at, const char *text);

/* Member name as a string; NULL if absent, no string, or with a NUL in it. */
const char *record_str(const struct record *r, const char *name);

/* Member name as an integer, or fallback (also for one over 2^63-1). */
int64_t record_int(const struct record *r, const char *name,
    int64_t fallback);

/*
 * Write the members of r that no unit has in sluice-records(5): those that
 * somebody added to be carried through.
 */
void record_rest(const struct record *r, struct jsonw *w);

/*
 * Append what people call the record's item: "2026/A items", that is
 * its dataset and the values of its part beyond it; "line 7" without them.
 */
int record_label(const struct record *r, struct buf *b);

/* Is the record of this type? */
int record_is(const struct record *r, const char *type);

#endif
