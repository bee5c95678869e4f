/*
 * explain.h -- what is found in one file, and where: html-extract --explain.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "base/exits.h"
#include "text/html.h"

struct explain {
	const struct decl *decl;	/* borrowed, as all of it */
	const struct pages *pages;
	struct html *html;
	const char *file, *page;	/* what it is; page may be NULL */
	const char *url, *dataset;	/* where and whose; or NULL */
};

/* To standard output.  Returns the status, or exits. */
enum exits explain_file(const struct explain *e);

#endif
