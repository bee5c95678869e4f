/*
 * gate_series.h -- which answers of a source are samples of what.
 *
 * The ledger has every answer about a part, by the digest of its content.
 * Those that came since they were counted last are walked in their order:
 *
 *  - content of the active version is a good sample: it ends a series, and
 *    with it a hold;
 *  - the content that is offered, or that of the series so far if the two
 *    agree, goes on with the series; else what is offered begins a new one;
 *  - any other content ends a series, but only once something known comes
 *    after it: the last answers may be of what is staged next.
 *
 * What a person rejected is other content, and stays so until a person
 * accepts it: also what was rejected before the last time.  Pure: no
 * database, no clock.
 */
#ifndef GATE_SERIES_H
#define GATE_SERIES_H

#include <stdint.h>

#include "base/digest.h"

/* Samples of content that agrees, without a break. */
struct gate_series {
	char sha256[DIGEST_TEXT];	/* of the last one; "" for none */
	int64_t samples;
	int64_t first_ms, last_ms;
};

/*
 * The digests of what a person rejected, the newest first, a blank between
 * them; "" for none.  Older ones than fit are forgotten.
 */
#define GATE_REJECTED_BYTES (16 * DIGEST_TEXT)

int gate_is_rejected(const char *list, const char *sha256);
void gate_reject(char list[GATE_REJECTED_BYTES], const char *sha256);
void gate_unreject(char list[GATE_REJECTED_BYTES], const char *sha256);

struct gate_walk {
	/* What is known; texts are borrowed and may be NULL. */
	const char *active;	/* content of the active version */
	const char *same;	/* other bytes of the same rows */
	const char *offered;
	const char *rejected;	/* a list, below */
	int agrees;		/* what is offered agrees with the series */
	/* Where it stands, before and after. */
	int held;
	struct gate_series series;
	int64_t seq;		/* the last answer that counted */
	/* What the walk found. */
	int64_t good, good_ms;	/* good samples, and when the last came */
	int64_t fresh;		/* samples that are new in the series */
	int restarted;		/* the series begins with what is offered */
	int interrupted;	/* other content came last */
};

/* Take the next answer: its number in the ledger, instant and content. */
void gate_walk(struct gate_walk *w, int64_t seq, int64_t at_ms,
    const char *sha256);

/* Is this content of the active version?  NULL is not. */
int gate_walk_good(const struct gate_walk *w, const char *sha256);

/*
 * After the last answer: what is offered is a sample itself, of this
 * instant, if no answer was one.  A good one, too.
 */
void gate_walk_end(struct gate_walk *w, int64_t at_ms);

#endif
