/*
 * unit.h -- what every unit record says about its item.
 *
 * Units (task, body, unchanged, raw, verdict, error) carry run, source,
 * dataset and part; the texts that paths and messages need follow from
 * them.
 */
#ifndef UNIT_H
#define UNIT_H

#include "base/buf.h"
#include "record/part.h"
#include "record/stream.h"

struct unit {
	const char *run, *source, *dataset;	/* borrowed of the record */
	struct part part;
	struct buf part_path;	/* "2026/A/items" */
	struct buf label;	/* "2026/A items" */
};

/*
 * Read them.  Returns NULL, and the caller owes unit_release(); or a
 * static text, what the record lacks, and nothing to release.  The dataset
 * is checked to be the beginning of part_path.
 */
const char *unit_read(struct unit *u, const struct record *r);
void unit_release(struct unit *u);

#endif
