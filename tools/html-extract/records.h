/*
 * records.h -- what html-extract writes of a page that it has read.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include "record/stream.h"
#include "text/html_child.h"

/* Records as the child made them, line by line; the page's last record takes
 * them along. */
void records_put(struct stream_out *out, const char *text, size_t n);

/* The last one, of the page that record r names.  Returns 0, or -1 as
 * stream_put(). */
int records_done(struct stream_out *out, const struct record *r,
    const struct html_file *f, const struct html_outcome *o);

#endif
