/*
 * page_task.h -- the task that asks for a page.
 */
#ifndef PAGE_TASK_H
#define PAGE_TASK_H

#include "decl/page.h"

/* For whom a page is asked for. */
struct page_task {
	const struct decl *d;		/* borrowed, as all of it */
	const struct page *page;
	const char *base;		/* in front of an address with / */
	const char *run;
	const struct part *dataset;	/* the item's key */
	yyjson_val *facts;		/* for the address; or NULL */
};

/*
 * Write the members of a task record, sluice-records(5); the caller opens
 * it, adds the item, and ends it.  Returns 0, or -1 with errno EINVAL and
 * in why what is wrong, or as buf_add().
 */
int page_task_write(const struct page_task *t, struct jsonw *w,
    struct buf *why);


#endif
