/*
 * work.h -- an item that is worked on, and what comes of it.
 */
#ifndef WORK_H
#define WORK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/msg.h"
#include "record/part.h"
#include "record/stream.h"

/* Bytes of all rows and items that come of one item: as many as one element
 * of a payload may have. */
#define WORK_BYTES LIMIT_ELEMENT_BYTES

#define WORK_CODE 64
#define WORK_TEXT 512

enum work_end {
	WORK_OPEN,		/* it is worked on */
	WORK_DONE,
	WORK_ERROR,		/* the worker says that it failed */
	WORK_BROKEN		/* the worker failed it: what it said is not to
				 * be believed, or it said nothing */
};

struct work {
	struct work *next;	/* in the list of whoever has it */
	void *arg;		/* the caller's */
	char *key;		/* owned; its part, JSON */
	char *record;		/* owned; what the worker is given, a line */
	struct buf lines;	/* row and item records, each a line */
	int64_t n;		/* how many */
	char *closing;		/* owned; the record that closed it, or NULL */
	int64_t given_ms;	/* monotonic; to the worker that has it */
	int alone;		/* no other is to be with that worker */
	enum work_end end;
	/* Unless it is done: */
	char code[WORK_CODE];
	char text[WORK_TEXT];
	int64_t http;		/* the HTTP status that it failed with, or 0 */
	int worker_status;	/* the worker exited with it, or -1 */
};

/*
 * An item with this record, a line with its newline.  Its key is the
 * record's member "part", or the other one that is given.  Returns NULL
 * with errno EINVAL (no such record), ENOMEM.
 */
struct work *work_new(const char *record, size_t len,
    const struct part *key, void *arg);
void work_free(struct work *w);

/* Free a list of them. */
void work_free_all(struct work *list);

/* Take a row or item record that came of it.  Returns 0, or -1 with errno
 * E2BIG, ENOMEM. */
int work_add(struct work *w, const struct record *r);

/* Forget what came: it is to be worked on again. */
void work_reset(struct work *w);

/* It failed.  code and text are copied, and cut if they are too long. */
void work_fail(struct work *w, enum work_end end, const char *code,
    const char *fmt, ...) MSG_FMT(4, 5);

/*
 * Is the failure one that passes by itself, so that it is worth another
 * try soon?  A server or a network in trouble, or a worker that died: by
 * the code, which is url-fetch(1)'s or crew.h's.
 */
int work_is_passing(const struct work *w);

/*
 * Hand each record that came of it to fn, in order.  Returns 0, or what fn
 * returned instead; -1 with errno ENOMEM.
 */
int work_each(const struct work *w,
    int (*fn)(const struct record *r, void *arg), void *arg);

#endif
