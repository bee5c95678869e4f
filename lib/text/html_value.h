/*
 * html_value.h -- one declared value: found on a page, and as JSON.
 *
 * Internal to lib/text.
 */
#ifndef HTML_VALUE_H
#define HTML_VALUE_H

#include <regex.h>
#include <yyjson.h>

#include "decl/page.h"
#include "text/html.h"
#include "text/html_doc.h"

/* A value that is ready to be looked for. */
struct html_value {
	const struct page_value *v;	/* borrowed */
	xmlXPathCompExpr *at;		/* owned; NULL: not by XPath */
	regex_t *regex, *url;		/* owned, or NULL */
};

/* Where it is looked for; the page, and the JSON that was read last. */
struct html_scope {
	const struct html_input *in;	/* borrowed */
	struct html_doc doc;
	struct buf found;		/* the text before anything is done */
	struct buf json;		/* backs json_doc */
	yyjson_doc *json_doc;		/* owned */
	yyjson_val *element;		/* the row, where rows are JSON */
};

/* Get ready, with the page's names.  Returns 0; or -1 and in why what is
 * wrong with at. */
int html_value_init(struct html_value *h, const struct page_value *v,
    const struct html_let *let, char why[128]);
void html_value_release(struct html_value *h);

void html_scope_init(struct html_scope *s, const struct html_input *in);
void html_scope_release(struct html_scope *s);

/* The JSON in text (borrowed for the call), or NULL. */
yyjson_val *html_scope_json(struct html_scope *s, const char *text);

/*
 * Look for the value; in out (cleared first) is its text when everything
 * was done to it, in s->found what it was before.  Returns 1; 0: there is
 * none, or it is blank; -1 out of memory.  *line is 0 if it has none.
 */
int html_value_find(const struct html_value *h, struct html_scope *s,
    struct buf *out, long *line);

/*
 * Write the text as member h->v->name, of the declared type.  Returns 0,
 * or -1: it is of another type, and nothing was written.
 */
int html_value_write(const struct html_value *h, const char *text,
    struct jsonw *w);

/* A compiled expression of the caller's, or NULL: no memory. */
regex_t *html_regex(const char *s);
void html_regex_free(regex_t *re);

/* Cut text to the first group that re finds, or to all of it if it has
 * none.  1, or 0: nothing was found, and text is empty. */
int html_regex_take(const regex_t *re, struct buf *text);

#endif
