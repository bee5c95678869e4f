/*
 * html_pages.h -- the pages of a declaration, made ready.
 *
 * Internal to lib/text.
 */
#ifndef HTML_PAGES_H
#define HTML_PAGES_H

#include "text/html_value.h"

struct html_rows {
	const struct page_rows *rows;	/* borrowed, as all that is declared */
	xmlXPathCompExpr *at;		/* owned, as all that is ready */
	struct html_value *columns;
};

struct html_identity {
	struct html_value found;
	regex_t *url;			/* or NULL */
};

struct html_page {
	const struct page *page;
	struct html_let *let;		/* without values, and its end */
	xmlXPathCompExpr **let_at;
	regex_t *regex;			/* or NULL */
	struct html_identity *identity;
	struct html_rows *rows;
	struct html_value total;	/* v NULL: none */
	xmlXPathCompExpr **end;
};

struct html {
	const struct pages *pages;
	xmlXPathCompExpr **blocked;
	struct html_page *page;
};

/*
 * Find the nodes that have names; let (its length from the page) is used
 * from then on.  Returns 0, or -1: it failed.  html_let_release() is owed.
 */
int html_let_find(struct html_doc *d, const struct html_page *p,
    struct html_let let[PAGE_LET_MAX + 1]);
void html_let_release(struct html_let *let);

/* What is ready of this page. */
const struct html_page *html_pages_of(const struct html *h,
    const struct page *p);

#endif
