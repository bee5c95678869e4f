/*
 * ready_page.h -- a ready report as a page that a person looks at.
 *
 * One file of HTML that loads nothing: what the report says, its declared
 * tables with bars, long ones folded.
 */
#ifndef READY_PAGE_H
#define READY_PAGE_H

#include "store/ready_report.h"

/* Append it.  0 or -1 with errno, as ready_markdown(). */
int ready_page(struct ready *r, const struct ready_verdict *v,
    struct buf *b);

#endif
