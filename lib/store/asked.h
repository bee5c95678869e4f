/*
 * asked.h -- what was asked about each partition last, and how often in
 * vain: the ledger's table partition_asked.
 *
 * A row for each partition that was ever answered, good or not, so that it
 * can be asked about again although nobody has its task any more.  Written
 * by authority.h alone, in the transaction that counts the answer; nothing
 * is written while all goes well and the question stays the same.
 */
#ifndef ASKED_H
#define ASKED_H

#include "store/db.h"

/* An answer that was judged; texts are borrowed. */
struct asked_answer {
	const char *source, *part_path, *dataset, *part;	/* part: JSON */
	const char *task;	/* url, request, ... as JSON; NULL: not said */
	const char *run, *at;
	const char *code;	/* why it failed; NULL: it is good */
	int counted;		/* it is a new one */
	int last;		/* no newer run has answered, as far as
				 * partition_state knows; -1: it has no row */
	int pending;		/* it has no row there even now */
};

/*
 * Keep the question, and count failures in a row.  An answer of an older
 * run than the last one moves neither.  Within the caller's transaction.
 */
int asked_note(struct db *db, const struct asked_answer *a);

#endif
