/*
 * verify.h -- look at what an answer says is there, and let it count.
 *
 * Reads everything again from the disk: a record says where to look, not
 * what is true.  For raw-verify alone.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include "base/digest.h"
#include "record/unit.h"
#include "store/authority.h"

struct verify {
	struct authority_answer answer;
	struct authority_verdict verdict;
	struct finding finding;	/* why the answer is bad, if it is */
	int changed;		/* the pointer file was written */
	struct raw_meta meta;	/* backs the answer; doc NULL: not read */
	struct buf snapshot, task;	/* back the answer */
	char id[DIGEST_TEXT];	/* backs the answer */
};

/*
 * Start on a raw, unchanged or error record; record, unit and now are
 * borrowed until verify_release().  Returns NULL or a static text, what is
 * wrong with the record; verify_release() is owed in both cases.
 */
const char *verify_read(struct verify *v, const struct record *r,
    const struct unit *u, const char *now);
void verify_release(struct verify *v);

/*
 * Check what the answer names: a partition of its own whole, one that it
 * confirms for its presence.  answer.code tells what was found.
 * Returns 0, or -1 with errno when the machine failed.
 */
int verify_check(struct verify *v, const char *data, const struct record *r,
    const struct raw_want *want);

/*
 * Record the answer in the ledger, and let the pointer file follow.
 * Returns 0, or -1 with the ledger's db_message().
 */
int verify_commit(struct verify *v, const char *data, struct db *ledger,
    const struct unit *u, struct arena *a);

/* Bring all pointer files of the source up to date.  As verify_commit(). */
int verify_recover(const char *data, struct db *ledger, const char *source);

#endif
