#include "decl/page_task.h"

#include <errno.h>

#include "base/limits.h"

/* Append the address of t's page. */
static int
address(const struct page_task *t, struct buf *url, struct buf *why)
{
	char missing[PAGE_NAME_BYTES];

	if (page_url(t->page, t->base, t->dataset, t->facts, url, missing)
	    == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	buf_clear(why);
	buf_printf(why, "page %s: its address needs \"%s\", which the item "
	    "does not have", t->page->name, missing);
	errno = EINVAL;
	return -1;
}

int
page_task_write(const struct page_task *t, struct jsonw *w, struct buf *why)
{
	const struct decl_part *p = decl_part(t->d, t->page->part);
	struct buf url, label;
	struct part part;
	int r = -1;

	buf_init(&url, LIMIT_RECORD_BYTES);
	buf_init(&label, LIMIT_RECORD_BYTES);
	if (part_values(t->dataset, 0, t->dataset->n, &label) == -1)
		goto out;
	if (!decl_has(p->kind, t->dataset) ||
	    decl_part_key(t->d, t->dataset, p->name, &part) == -1) {
		buf_clear(why);
		buf_printf(why, "page %s: the item's key is not that of a "
		    "dataset", t->page->name);
		errno = EINVAL;
		goto out;
	}
	if (address(t, &url, why) == -1)
		goto out;
	jsonw_str(w, "run", t->run);
	jsonw_str(w, "source", t->d->source);
	jsonw_str(w, "dataset", label.data);
	part_write(&part, w, "part");
	jsonw_str(w, "url", url.data);
	jsonw_str(w, "mode", "full");
	jsonw_str(w, "format", p->format);
	jsonw_str(w, "schema_version", p->schema_version);
	r = 0;
out:
	buf_release(&url);
	buf_release(&label);
	return r;
}
