/*
 * html_rows.h -- from row to row of a page.
 *
 * Internal to lib/text.
 */
#ifndef HTML_ROWS_H
#define HTML_ROWS_H

#include "text/html_pages.h"

/* Called for each row, from 1, with the scope at it.  0 goes on. */
typedef int (*html_row_fn)(int64_t number, void *arg);

/*
 * Call fn for the rows of an entry, in the page's order; *n is how many.
 * Returns 0, or -1: fn said so; or s->doc.memory is set.
 */
int html_rows_each(struct html_scope *s, const struct html_rows *rows,
    html_row_fn fn, void *arg, int64_t *n);

#endif
