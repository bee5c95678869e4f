/*
 * outcome.h -- what became of a promotion, in words.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "store/canon.h"

/* The status to exit with: 0 done or nothing to do, 1 held or waiting,
 * 73 overtaken. */
enum exits outcome_status(const struct canon_result *r);

/*
 * Append one line for people, without a newline.  run is the one that
 * promotes; preview: nothing was done.  0, or -1 with errno.
 */
int outcome_text(struct buf *b, const struct canon_result *r,
    const char *run, int preview);

/*
 * Write the members of a "version" event that tell the outcome: version,
 * outcome, code or reason, counts, bytes.  status is that of the tool.
 */
void outcome_event(struct jsonw *w, const struct canon_result *r,
    enum exits status);

#endif
