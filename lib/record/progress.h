/*
 * progress.h -- a stream of records as progress for people.
 *
 * Units (body, unchanged, raw, verdict, error) are items that finish one
 * by one: each makes a line, or on a terminal rewrites one.  Other records
 * are counted by their type.  A task is an item to come.
 *
 *	[4/6] 2026/A items changed 20.8 MB (1.2 s)
 *
 * So do the items of a job loop (done and error records with their number
 * and label), which knows how many there are.
 *
 *	[142/500] thing 2389951 ok scraped (4.2s)
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>

#include "base/buf.h"
#include "record/stream.h"

enum progress_outcome {
	PROGRESS_OK,		/* body, raw */
	PROGRESS_CHANGED,	/* verdict: content moved */
	PROGRESS_UNCHANGED,	/* the content is what we had */
	PROGRESS_INVALID,
	PROGRESS_FAILED,
	PROGRESS_OUTCOMES
};

struct progress {
	int64_t planned;	/* items; 0: not known */
	int64_t done;
	int64_t outcomes[PROGRESS_OUTCOMES];
	int64_t others;		/* records that are no units */
	char other[32];		/* the type of the last of them */
	int64_t start_ms;	/* by the clock that the calls are given */
	const char *good;	/* "ok"; to be changed once begun */
	struct buf line;	/* what to show, valid until the next call */
};

/* planned: how many items will come, 0 if that is not known. */
void progress_init(struct progress *p, int64_t planned, int64_t now_ms);
void progress_release(struct progress *p);

/*
 * Take a record.  Returns the outcome when an item was finished, and its
 * text is in p->line; else -1.
 */
int progress_take(struct progress *p, const struct record *r);

/* Put the time left, as far as it can be told, into p->line's end. */
void progress_left(struct progress *p, int64_t now_ms);

/* Put one line about the whole into p->line; empty if nothing came. */
void progress_total(struct progress *p, int64_t now_ms);

#endif
