/*
 * authority.h -- which run's partition counts, and how an answer moves it.
 *
 * The only writer of the ledger's partition_state and attempts, and of
 * partition_asked (asked.h), which raw-verify alone calls; old attempts are
 * removed by prune.h.  The rules:
 *
 *  - valid or invalid is said here alone; no row means pending;
 *  - the greatest run id whose partition passed its checks is current: an
 *    older run that ends late replaces nothing, also when the newer one
 *    only confirmed what is there;
 *  - the last attempt is kept apart: a failure of another run demotes
 *    nothing; only the current partition itself, found damaged, turns
 *    invalid;
 *  - an answer without a partition of its own (error, unchanged, same_as)
 *    makes no row;
 *  - an answer counts once, however often it is verified.
 */
#ifndef AUTHORITY_H
#define AUTHORITY_H

#include "store/ledger.h"

enum authority_kind {
	AUTHORITY_BODY,		/* sealed a partition of its own */
	AUTHORITY_UNCHANGED,	/* 304 */
	AUTHORITY_SAME_AS,	/* a body with the bytes we have */
	AUTHORITY_ERROR		/* no payload */
};

/* One answer as raw-verify judged it.  Texts may be NULL where not said. */
struct authority_answer {
	enum authority_kind kind;
	const char *id;		/* not NULL: what makes it this answer */
	const char *source, *dataset, *run;	/* not NULL */
	const struct part *part;		/* not NULL */
	const char *code;	/* why it failed; NULL: it is good */
	int misquoted;		/* the partition is sound, only not what the
				 * record says of it: that demotes nothing */
	const char *at;		/* when it came; not NULL */
	const char *now;	/* not NULL */
	const char *sha256, *schema_version, *etag, *fetched_at;
	const char *snapshot;
	const char *task;	/* what was asked, JSON; for asked.h */
	int64_t size_bytes, stored_bytes, record_count;	/* -1: not said */
};

/* What the ledger made of it. */
struct authority_verdict {
	int counted;		/* a new attempt */
	const char *code;	/* the answer's, or why it confirms nothing */
	const char *current;	/* authoritative run afterwards, or NULL */
};

/*
 * Record the answer and what follows from it, in one transaction of its
 * own.  A good answer that confirms content which is no longer
 * authoritative fails with "hash_mismatch".  Texts of v are static, of the
 * answer, or in the arena.
 */
int authority_judge(struct db *db, const struct authority_answer *answer,
    struct arena *arena, struct authority_verdict *v);

#endif
