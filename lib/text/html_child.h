/*
 * html_child.h -- html_extract() of a file, in a child with limits.
 *
 * A page that is too much for the child fails; those that come after it
 * have a new one.
 */
#ifndef HTML_CHILD_H
#define HTML_CHILD_H

#include "base/confine.h"
#include "text/html.h"

/* Decoded bytes of a page: the largest real ones have a few MiB. */
#define HTML_PAGE_BYTES ((int64_t)64 << 20)

/* Bytes of all records of a page. */
#define HTML_RECORDS_BYTES ((size_t)256 << 20)

struct html_child {
	struct confine child;
	struct html *html;	/* borrowed, as is */
	const struct page *pages;
	struct buf request, answer;
	struct buf bytes;	/* of a page, in the child */
};

/* One page in a file, which may be gzip.  All borrowed. */
struct html_file {
	const char *path;
	const struct page *page;
	const char *run, *source, *url, *fetched_at;
	const char *content_type;	/* or NULL */
	const struct part *key;	/* the partition's: the item's, and its part */
};

/* Start with html, for a child with such limits for each page. */
void html_child_init(struct html_child *c, struct html *html,
    const struct pages *pages, int64_t cpu_s, int64_t memory_bytes);
void html_child_release(struct html_child *c);

/*
 * Read the page; *records (n bytes, borrowed until the next call) are what
 * is on it.  Returns 0, with o->finding if there is none of it; or -1 with
 * errno when no child can be had.
 */
int html_child_page(struct html_child *c, const struct html_file *f,
    struct html_outcome *o, const char **records, size_t *n);

/*
 * The bytes of a page's file, decoded, appended to b.  Returns FINDING_NONE
 * or what is wrong with it; errno is set for FINDING_MISSING_FILE.
 */
enum finding_code html_file_read(const char *path, struct buf *b);

#endif
