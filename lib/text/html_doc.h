/*
 * html_doc.h -- a page as a tree, and XPath over it, by libxml2.
 *
 * Internal to lib/text.  The HTML parser reads anything; what it gives up
 * on it drops without a word, so that it was given up is asked for here.
 */
#ifndef HTML_DOC_H
#define HTML_DOC_H

#include <libxml/tree.h>
#include <libxml/xpath.h>

#include "base/buf.h"

/* A variable: $NAME.  The zero value ends a list. */
struct html_let {
	const char *name;	/* borrowed */
	xmlXPathObject *value;	/* owned; NULL: not found yet */
};

struct html_doc {
	xmlDoc *tree;		/* owned; NULL: nothing could be made of it */
	xmlXPathContext *xpath;	/* owned */
	int cut;		/* the end of the page was given up, */
	int deep;		/* since elements are nested too deep, */
	int charset;		/* or bytes are not of its charset */
	int memory;		/* it ran out of memory */
	xmlNode *row;		/* $row */
	double position;	/* $position */
	struct html_let *let;	/* borrowed; the page's own, or NULL */
};

/*
 * Read n bytes.  The charset is content_type's, else the page's own, else
 * UTF-8 if that fits.  html_doc_release() is owed.
 */
void html_doc_init(struct html_doc *d, const char *bytes, size_t n,
    const char *url, const char *content_type);
void html_doc_release(struct html_doc *d);

/*
 * Compile an expression and try it on an empty page, where let may be used
 * (NULL: nothing).  nodes: it has to yield some.  Returns NULL and in why
 * what is wrong, cut.
 */
xmlXPathCompExpr *html_doc_compile(const char *expression, int nodes,
    const struct html_let *let, char why[128]);

/*
 * Evaluate from node, or from the document if that is NULL.  The caller
 * owes xmlXPathFreeObject(); NULL: it failed, mostly for memory.
 */
xmlXPathObject *html_doc_eval(struct html_doc *d, xmlXPathCompExpr *x,
    xmlNode *node);

/*
 * The text of what x finds: of the first node, in the page's order.  1 and
 * it is in out (cleared first), and *line, unless 0, is its line; 0 if
 * there is no node; -1 out of memory.
 */
int html_doc_text(struct html_doc *d, xmlXPathCompExpr *x, xmlNode *node,
    struct buf *out, long *line);

/* Is the expression true of the document? */
int html_doc_true(struct html_doc *d, xmlXPathCompExpr *x);

#endif
