#include "text/html_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decl/reader.h"

/* A mistake in the declaration, or no memory. */
static int
wrong(const struct reader *r, const char *where, const char *expression,
    const char *why)
{
	if (why[0] == '\0') {
		errno = ENOMEM;
		return -1;
	}
	return reader_fail(r, where, "\"%s\": %s", expression, why);
}

static int
make_value(const struct reader *r, const struct page_value *v,
    const struct html_let *let, struct html_value *out)
{
	char why[128];

	return html_value_init(out, v, let, why) == 0 ? 0 :
	    wrong(r, v->where, v->at, why);
}

/* n expressions that are asked whether they are true. */
static int
make_marks(const struct reader *r, const char *where,
    const char *const *marks, size_t n, const struct html_let *let,
    xmlXPathCompExpr ***out)
{
	char why[128];
	size_t i;

	if ((*out = calloc(n + 1, sizeof(**out))) == NULL)
		return -1;
	for (i = 0; i < n; i++)
		if (((*out)[i] = html_doc_compile(marks[i], 0, let,
		    why)) == NULL)
			return wrong(r, where, marks[i], why);
	return 0;
}

static int
make_rows(const struct reader *r, const struct page_rows *rows,
    const struct html_let *let, struct html_rows *out)
{
	char why[128];
	size_t i;

	out->rows = rows;
	out->columns = calloc(rows->n_columns, sizeof(*out->columns));
	if (out->columns == NULL)
		return -1;
	if ((out->at = html_doc_compile(rows->at, 1, let, why)) == NULL)
		return wrong(r, rows->where, rows->at, why);
	for (i = 0; i < rows->n_columns; i++)
		if (make_value(r, &rows->columns[i], let,
		    &out->columns[i]) == -1)
			return -1;
	return 0;
}

static int
make_identity(const struct reader *r, const struct page_identity *id,
    const struct html_let *let, struct html_identity *out)
{
	if (id->url != NULL && (out->url = html_regex(id->url)) == NULL)
		return -1;
	return make_value(r, &id->found, let, &out->found);
}

static int
make_walk(const struct reader *r, const struct page_walk *w,
    struct html_page *out)
{
	if (w->total.at != NULL && make_value(r, &w->total, out->let,
	    &out->total) == -1)
		return -1;
	return make_marks(r, "page", (const char *const *)w->end, w->n_end,
	    out->let, &out->end);
}

/* One name after the other: each knows those before it. */
static int
make_let(const struct reader *r, const struct page *p, struct html_page *out)
{
	char why[128];
	size_t i;

	out->let = calloc(p->n_let + 1, sizeof(*out->let));
	out->let_at = calloc(p->n_let + 1, sizeof(*out->let_at));
	if (out->let == NULL || out->let_at == NULL)
		return -1;
	for (i = 0; i < p->n_let; i++) {
		if ((out->let_at[i] = html_doc_compile(p->let[i].at, 1,
		    out->let, why)) == NULL)
			return wrong(r, p->let[i].where, p->let[i].at, why);
		out->let[i].name = p->let[i].name;
	}
	return 0;
}

static int
make_page(const struct reader *r, const struct page *p,
    struct html_page *out)
{
	size_t i;

	out->page = p;
	out->identity = calloc(p->n_identity + 1, sizeof(*out->identity));
	out->rows = calloc(p->n_rows + 1, sizeof(*out->rows));
	if (out->identity == NULL || out->rows == NULL || (p->regex != NULL &&
	    (out->regex = html_regex(p->regex)) == NULL))
		return -1;
	if (make_let(r, p, out) == -1)
		return -1;
	for (i = 0; i < p->n_identity; i++)
		if (make_identity(r, &p->identity[i], out->let,
		    &out->identity[i]) == -1)
			return -1;
	for (i = 0; i < p->n_rows; i++)
		if (make_rows(r, &p->rows[i], out->let, &out->rows[i])
		    == -1)
			return -1;
	return p->walk == NULL ? 0 : make_walk(r, p->walk, out);
}

static int
make_all(const struct reader *r, struct html *h)
{
	const struct pages *p = h->pages;
	size_t i;

	if ((h->page = calloc(p->n + 1, sizeof(*h->page))) == NULL ||
	    make_marks(r, "pages", (const char *const *)p->blocked,
	    p->n_blocked, NULL, &h->blocked) == -1)
		return -1;
	for (i = 0; i < p->n; i++)
		if (make_page(r, &p->page[i], &h->page[i]) == -1)
			return -1;
	return 0;
}

struct html *
html_new(struct decl *d, const struct pages *p, struct buf *why)
{
	struct reader r = reader_of(d, why);
	struct html *h = calloc(1, sizeof(*h));
	int saved;

	if (h == NULL)
		return NULL;
	h->pages = p;
	errno = ENOMEM;
	if (make_all(&r, h) == 0)
		return h;
	saved = errno;
	if (why->len == 0)
		buf_printf(why, "%s: %s", d->file, strerror(saved));
	html_free(h);
	errno = saved;
	return NULL;
}

/* --- the end -------------------------------------------------------------- */

static void
free_marks(xmlXPathCompExpr **marks)
{
	size_t i;

	for (i = 0; marks != NULL && marks[i] != NULL; i++)
		xmlXPathFreeCompExpr(marks[i]);
	free(marks);
}

static void
free_rows(struct html_rows *rows)
{
	size_t i;

	xmlXPathFreeCompExpr(rows->at);
	for (i = 0; rows->columns != NULL && i < rows->rows->n_columns; i++)
		html_value_release(&rows->columns[i]);
	free(rows->columns);
}

static void
free_page(struct html_page *p)
{
	size_t i;

	for (i = 0; p->identity != NULL && i < p->page->n_identity; i++) {
		html_value_release(&p->identity[i].found);
		html_regex_free(p->identity[i].url);
	}
	for (i = 0; p->rows != NULL && p->rows[i].rows != NULL; i++)
		free_rows(&p->rows[i]);
	free(p->identity);
	free(p->rows);
	free(p->let);
	free_marks(p->let_at);
	html_value_release(&p->total);
	html_regex_free(p->regex);
	free_marks(p->end);
}

void
html_free(struct html *h)
{
	size_t i;

	if (h == NULL)
		return;
	for (i = 0; h->page != NULL && i < h->pages->n; i++)
		free_page(&h->page[i]);
	free(h->page);
	free_marks(h->blocked);
	free(h);
}

/* --- one page ----------------------------------------------------------------- */

int
html_let_find(struct html_doc *d, const struct html_page *p,
    struct html_let let[PAGE_LET_MAX + 1])
{
	size_t i;

	memset(let, 0, (PAGE_LET_MAX + 1) * sizeof(*let));
	d->let = let;
	for (i = 0; i < p->page->n_let; i++) {
		if ((let[i].value = html_doc_eval(d, p->let_at[i], NULL)) ==
		    NULL)
			return -1;
		let[i].name = p->let[i].name;
	}
	return 0;
}

void
html_let_release(struct html_let *let)
{
	for (; let->name != NULL; let++)
		xmlXPathFreeObject(let->value);
}

/* --- looking up ------------------------------------------------------------ */

const struct html_page *
html_pages_of(const struct html *h, const struct page *p)
{
	return &h->page[p - h->pages->page];
}

const struct page *
html_kind(const struct html *h, const char *part, const char *url)
{
	const struct html_page *p = h->page, *end = p + h->pages->n;

	for (; p < end; p++)
		if (strcmp(p->page->part, part) == 0 && (p->regex == NULL ||
		    regexec(p->regex, url, 0, NULL, 0) == 0))
			return p->page;
	return NULL;
}
