/*
 * pages.h -- what a server says besides the declared routes.
 */
#ifndef SERVE_PAGES_H
#define SERVE_PAGES_H

#include "serve/service.h"

struct page {
	unsigned int status;
	const char *type;
};

/* The page of a path, PAGE_OTHER if it is none of them. */
enum service_page page_find(const char *path);

/* What it is called. */
const char *page_name(enum service_page which);

/*
 * Make it for a call: append it to body and set *out.  d is a session of what
 * is served.  Returns 0, or -1 with errno.
 */
int page_make(struct service *h, const struct call *call,
    enum service_page which, const struct session *d, struct page *out,
    struct buf *body);

#endif
