#include "store/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/path.h"

/* Append a template with the members of key in it. */
static int
expand(const char *template, const char *base, const struct part *key,
    struct buf *b, char why[ASK_WHY])
{
	const struct page page = { .url = template };
	char missing[PAGE_NAME_BYTES];

	if (page_url(&page, base, key, NULL, b, missing) == 0)
		return 0;
	if (errno == EINVAL)
		snprintf(why, ASK_WHY, "\"%s\" is not in its key", missing);
	return -1;
}

static int
put_text(const char *name, const char *template, const char *base,
    const struct part *key, struct jsonw *w, char why[ASK_WHY])
{
	struct buf b;
	int r;

	buf_init(&b, LIMIT_RECORD_BYTES);
	if ((r = expand(template, base, key, &b, why)) == 0)
		jsonw_strn(w, name, b.data != NULL ? b.data : "", b.len);
	buf_release(&b);
	return r;
}

/* A value of the declared request; its texts are templates. */
static int
put_value(const char *name, yyjson_val *v, const struct part *key,
    struct jsonw *w, char why[ASK_WHY])
{
	yyjson_val *k, *value;
	size_t i, max;

	if (yyjson_is_str(v))
		return put_text(name, yyjson_get_str(v), "", key, w, why);
	if (!yyjson_is_obj(v)) {
		jsonw_val(w, name, v);
		return 0;
	}
	jsonw_obj_open(w, name);
	yyjson_obj_foreach(v, i, max, k, value)
		if (put_value(yyjson_get_str(k), value, key, w, why) == -1)
			return -1;
	jsonw_obj_close(w);
	return 0;
}

/* The declared page of that part that needs no item, or NULL. */
static const struct page *
find_page(const struct pages *p, const char *part)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->page[i].queue == NULL && p->page[i].walk == NULL &&
		    strcmp(p->page[i].part, part) == 0)
			return &p->page[i];
	return NULL;
}

/* As the last time. */
static int
put_last(const char *last, struct jsonw *w, char why[ASK_WHY])
{
	yyjson_doc *doc = last == NULL ? NULL :
	    yyjson_read(last, strlen(last), 0);
	yyjson_val *root = yyjson_doc_get_root(doc), *v;
	const char *url = yyjson_get_str(yyjson_obj_get(root, "url"));

	if (url == NULL) {
		snprintf(why, ASK_WHY, "it was never asked for, and its part "
		    "declares no url");
		yyjson_doc_free(doc);
		errno = EINVAL;
		return -1;
	}
	jsonw_str(w, "url", url);
	if ((v = yyjson_obj_get(root, "request")) != NULL)
		jsonw_val(w, "request", v);
	if ((v = yyjson_obj_get(root, "paging")) != NULL)
		jsonw_val(w, "paging", v);
	yyjson_doc_free(doc);
	return 0;
}

/* Can the template be one, with the base that we have? */
static int
is_usable(const struct ask *a, const char *template)
{
	return template != NULL &&
	    (template[0] != '/' || a->base[0] != '\0');
}

static int
put_address(const struct ask *a, const struct decl_part *p,
    const struct part *key, const char *last, struct jsonw *w,
    char why[ASK_WHY])
{
	const struct page *page = find_page(a->pages, p->name);

	if (is_usable(a, p->url)) {
		if (put_text("url", p->url, a->base, key, w, why) == -1 ||
		    (p->request != NULL &&
		    put_value("request", p->request, key, w, why) == -1))
			return -1;
		if (p->paging != NULL)
			jsonw_val(w, "paging", p->paging);
		return 0;
	}
	if (page != NULL && is_usable(a, page->url))
		return put_text("url", page->url, a->base, key, w, why);
	return put_last(last, w, why);
}

/* What is valid, for a conditional request.  0, or -1. */
static int
put_known(const struct ask *a, const struct decl_part *p, const char *path,
    struct jsonw *w)
{
	struct ledger_current c;
	struct arena arena;
	int r;

	if (a->ledger == NULL || strcmp(a->mode, "full") == 0)
		return 0;
	arena_init(&arena);
	r = ledger_known(a->ledger, a->data, a->d->source, path,
	    p->schema_version, &arena, &c);
	if (r == 1) {
		jsonw_obj_open(w, "known");
		jsonw_str(w, "run", c.run);
		jsonw_str(w, "snapshot", c.snapshot);
		jsonw_str(w, "sha256", c.sha256);
		jsonw_opt(w, "etag", c.etag);
		jsonw_obj_close(w);
	}
	arena_release(&arena);
	errno = EIO;
	return r == -1 ? -1 : 0;
}

int
ask_task(const struct ask *a, const struct decl_part *p,
    const struct part *key, const char *last, struct jsonw *w,
    char why[ASK_WHY])
{
	struct buf dataset, path;
	int r = -1;

	buf_init(&dataset, PATH_BYTES_MAX);
	buf_init(&path, PATH_BYTES_MAX);
	if (part_values(key, 0, key->n - 1, &dataset) == -1 ||
	    part_values(key, 0, key->n, &path) == -1)
		goto out;
	jsonw_str(w, "run", a->run);
	jsonw_str(w, "source", a->d->source);
	jsonw_str(w, "dataset", dataset.data);
	part_write(key, w, "part");
	if (put_address(a, p, key, last, w, why) == -1)
		goto out;
	jsonw_str(w, "mode", a->mode);
	jsonw_str(w, "format", p->format);
	jsonw_opt(w, "rows", p->form.rows);
	jsonw_str(w, "schema_version", p->schema_version);
	r = put_known(a, p, path.data, w);
out:
	buf_release(&dataset);
	buf_release(&path);
	return r;
}
