/*
 * task.h -- a task record while it is fetched, and the records it becomes.
 *
 * A task names its run, its partition key and a URL.  Its body goes to
 * DATA/incoming/RUN/KEY.body, where KEY is the values of the whole key;
 * KEY.json beside it is the body record, written after the body.  So a
 * body without a record was never told to anybody, and a body with one is
 * done: the same run continued tells it again and asks no server, also when
 * raw-write has taken it; a body that was refused is KEY.body.bad by then,
 * and is asked for anew.  A body of several pages is asked for from the
 * first one; the page at hand is KEY.page.
 */
#ifndef TASK_H
#define TASK_H

#include <yyjson.h>

#include "net/fetch.h"
#include "net/paging.h"
#include "net/request.h"
#include "record/stream.h"

struct task {
	int64_t *bytes;		/* counts those of tasks that live, or NULL */
	struct record record;	/* the task; its pointers are into t */
	char *label;		/* owned; "2026/A items" */
	char *path;		/* owned; of the body, below DATA */
	char *file;		/* owned; the same with DATA in front */
	char *note;		/* owned; file of the body record */
	char *line;		/* owned; backs record.line */
	yyjson_doc *doc;	/* owned; backs record.root */
	char *page;		/* owned; file of a page of the body, or NULL */
	struct request request;	/* what it asks beyond a GET */
	struct paging paging;	/* if there is a page */
	int renewed;		/* it was given another token */
	int64_t interval_ms;	/* its site's wish, or 0 */
	struct task *next;	/* of who holds it */
};

/* Bytes of what task_new() says. */
#define TASK_WHY REQUEST_WHY

/*
 * Keep r, a task to be fetched below the folder data; it may name the
 * secrets s.  Returns NULL with errno: ENOMEM, or EINVAL and in why what is
 * wrong with the record.
 */
struct task *task_new(const struct record *r, const char *data,
    struct secrets *s, char why[TASK_WHY]);

/* A task that is in no record: what people call it is all it has. */
struct task *task_own(const char *label);
void task_free(struct task *t);

/*
 * If an earlier start of this run has finished the body, send its record
 * to o again and return 1.  Otherwise remove what was left half done and
 * return 0, or -1 with errno.
 */
int task_again(const struct task *t, struct stream_out *o);

/* The URL that it names. */
const char *task_url(const struct task *t);

/* What to ask for, with t as its arg; its pointers are into t. */
struct fetch_request task_request(struct task *t);

/*
 * See to it that the answer a about t can be told: it shows no secret of s,
 * which may be NULL, and a body that answers another question than the one
 * it would stand for is removed, and is a failure.  Returns 0, or -1 with
 * errno.
 */
int task_vet(const struct task *t, struct secrets *s,
    struct fetch_answer *a);

/*
 * Send what the last answer a makes of t: a body record (kept as the note
 * first), an unchanged or an error record.  fetched_at is the instant of
 * the answer, CLOCK_TEXT.  Returns 0, or -1 with errno when the note
 * could not be written; failing writes of o are o's to tell.
 */
int task_answer(const struct task *t, const struct fetch_answer *a,
    const char *fetched_at, struct stream_out *o);

#endif
