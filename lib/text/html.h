/*
 * html.h -- what a declaration says is on a page, as records.
 *
 * html_extract() is to be called where a hostile page does no harm: in a
 * child with limits (base/confine.h).  All of a page comes out, or
 * nothing: records are added to the buffer only when its last value was
 * found.
 */
#ifndef HTML_H
#define HTML_H

#include "base/buf.h"
#include "decl/page.h"
#include "record/finding.h"

/* Warnings of a page that are told one by one. */
#define HTML_WARNINGS_MAX 8

/* One page.  All borrowed. */
struct html_input {
	const struct page *page;
	const char *run, *source;
	const struct part *part;	/* the item's key */
	const struct part *key;		/* the partition's: with its part */
	const char *url, *fetched_at;
	const char *content_type;	/* or NULL */
	const char *bytes;
	size_t n;
};

struct html_outcome {
	struct finding finding;		/* FINDING_NONE: all is well */
	int memory;			/* it ran out of it */
	int64_t rows;			/* records that were added */
	int64_t entries;		/* of them items */
	int64_t total;			/* as a listing says, or -1 */
	int last;			/* of a listing, by an end mark */
	int64_t n_warnings;
	struct finding warnings[HTML_WARNINGS_MAX];
};

struct html;			/* all pages of a declaration, made ready */

/*
 * Make the pages ready; d and p are borrowed.  Returns NULL with errno
 * ENOMEM, or EINVAL and in why one line "FILE:LINE:COLUMN: where: what".
 */
struct html *html_new(struct decl *d, const struct pages *p,
    struct buf *why);
void html_free(struct html *h);

/* The kind of page that the part's page at url is, or NULL. */
const struct page *html_kind(const struct html *h, const char *part,
    const char *url);

/*
 * Add to out the records of what is on the page.  Returns 0; or -1 and out
 * is as it was, o->finding says why.
 */
int html_extract(struct html *h, const struct html_input *in,
    struct buf *out, struct html_outcome *o);

/*
 * Add to out, for people, what each declared value of the page finds, and
 * where it finds nothing.  Returns 0, or -1 with errno.
 */
int html_explain(struct html *h, const struct html_input *in,
    struct buf *out);

#endif
