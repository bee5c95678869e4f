/*
 * stage_rows.h -- a staging database as row records.
 */
#ifndef STAGE_ROWS_H
#define STAGE_ROWS_H

#include "record/stream.h"
#include "store/staging.h"

/*
 * Write every row of s, which is complete, as a record: source, dataset,
 * table, row.  Tables come in declared order, rows by key.  A row over
 * the limit of a record is left out and counted in *left_out.  Returns 0,
 * or -1 as staging.h says; a failing stdout ends it early, with 0.
 */
int stage_rows(struct staging *s, struct stream_out *out,
    int64_t *left_out);

#endif
