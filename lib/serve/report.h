/*
 * report.h -- which ready report is the latest.
 */
#ifndef SERVE_REPORT_H
#define SERVE_REPORT_H

#include "serve/current.h"

/*
 * Append the page of the latest one, as ready-report(1) left it below data:
 * of the dataset that query names ("dataset=2026/A"), or of any in the
 * snapshot, or of the whole source.  Versions are compared by name, which
 * is by time.  Returns 1; 0 if there is none; or -1 with errno, EINVAL: that
 * is no query.
 */
int report_latest(const char *data, const struct decl *d,
    const struct snapshot_meta *m, const char *query, struct buf *out);

#endif
