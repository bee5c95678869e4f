/*
 * stage.h -- from authoritative partitions to a staging database.
 *
 * What counts is what the ledger calls valid at the moment it is asked;
 * the ledger is not held open while payloads are read.  A part that has no
 * valid partition is left out: its tables are empty, and staging_inputs
 * lacks it.
 */
#ifndef STAGE_H
#define STAGE_H

#include "store/ledger.h"
#include "store/load.h"

struct stage_input {
	const struct decl_part *part;
	int present;
	struct ledger_current current;	/* if present */
};

struct stage {
	const struct decl *decl;	/* borrowed */
	const char *data;		/* borrowed: DATA */
	struct part dataset;
	struct stage_input *inputs;	/* [n_parts], in the arena */
	struct arena arena;
	int64_t bytes;			/* decoded, of all payloads */
	struct buf message;		/* why stage_inputs() failed */
};

void stage_init(struct stage *st, const struct decl *d, const char *data,
    const struct part *dataset);
void stage_release(struct stage *st);

/*
 * Ask the ledger what is authoritative for each part.  Returns EXIT_OK;
 * EXIT_NOINPUT when it is for none, or there is no ledger; or what else
 * st->message says.
 */
enum exits stage_inputs(struct stage *st);

/*
 * Load every payload into s, an open staging database of the dataset, and
 * note it as an input.  A payload that is not there any more, that has
 * other bytes than the ledger says, or another schema version than the
 * declaration, fails with 66 or 65.  Returns 0, or -1 as staging.h says.
 */
int stage_load(struct stage *st, struct staging *s);

#endif
