/*
 * past.h -- what earlier runs left: good answers and accepted versions.
 *
 * Read-only, and nothing of it need be there: on fresh DATA there is no
 * past.  Calls return -1 after a failure that msg_error() has told; its
 * exit status is in p->status.
 */
#ifndef PAST_H
#define PAST_H

#include "base/arena.h"
#include "store/ledger.h"

struct past {
	const char *data, *source;	/* borrowed */
	struct db ledger, canon;
	int has_ledger, has_canon;
	struct arena arena;
	enum exits status;
};

/* Open what there is below data.  0 or -1; p needs past_close() then too. */
int past_open(struct past *p, const char *data, const char *source);
void past_close(struct past *p);

/* Was run allocated for this source? */
int past_has_run(struct past *p, const char *run);

/* Is a version of the dataset ("20261/NB") active? */
int past_active(struct past *p, const char *dataset);

/* Has run a good answer for the partition ("20261/NB/courses") already? */
int past_answered(struct past *p, const char *run, const char *path);

/*
 * What a conditional request for the partition can refer to.  Returns 1
 * and fills c, valid until the next call, or 0.
 */
int past_known(struct past *p, const char *path, const char *schema_version,
    struct ledger_current *c);

#endif
