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

/* What is ready of this page. */
const struct html_page *html_pages_of(const struct html *h,
    const struct page *p);

#endif
