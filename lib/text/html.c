#include "text/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "record/jsonw.h"
#include "text/html_rows.h"

/* One page while it is looked at. */
struct reading {
	struct html *h;
	const struct html_page *page;
	const struct html_rows *rows;	/* the entry that it is at */
	struct html_scope scope;
	struct html_outcome *o;		/* borrowed */
	struct buf *out;		/* borrowed */
	struct buf text;		/* a value */
	struct html_let let[PAGE_LET_MAX + 1];
};

/* Where something is: "table things, row 3, name (line 88)". */
struct spot {
	const struct html_rows *rows;
	int64_t row;
	const char *name;
	long line;
};

/* --- findings ------------------------------------------------------------- */

static void tell(struct finding *, enum finding_code, const char *, ...)
    MSG_FMT(3, 4);

static void
tell(struct finding *f, enum finding_code code, const char *fmt, ...)
{
	va_list ap;

	*f = (struct finding){ .code = code, .severity = FINDING_ERROR,
	    .offset = -1 };
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static void
place(struct finding *f, const struct spot *s)
{
	const struct page_rows *r = s->rows->rows;
	int n = snprintf(f->where, sizeof(f->where), "%s %s",
	    r->table != NULL ? "table" : "items",
	    r->table != NULL ? r->table->name : r->item);

	if (s->row > 0)
		n += snprintf(f->where + n, sizeof(f->where) - (size_t)n,
		    ", row %lld", (long long)s->row);
	if (s->name != NULL)
		n += snprintf(f->where + n, sizeof(f->where) - (size_t)n,
		    ", %s", s->name);
	if (s->line > 0)
		snprintf(f->where + n, sizeof(f->where) - (size_t)n,
		    " (line %ld)", s->line);
}

static int
no_memory(struct reading *r)
{
	r->o->memory = 1;
	tell(&r->o->finding, FINDING_PAGE_LIMIT, "out of memory");
	return -1;
}

/* What is wrong with a value fails the page if that is required. */
static int
value_wrong(struct reading *r, const struct html_value *h,
    const struct spot *s)
{
	struct html_outcome *o = r->o;
	struct finding f;

	tell(&f, FINDING_WRONG_TYPE, "\"%.80s\" does not fit its type",
	    r->text.data);
	place(&f, s);
	if (h->v->required) {
		o->finding = f;
		return -1;
	}
	f.severity = FINDING_WARNING;
	if (o->n_warnings < HTML_WARNINGS_MAX)
		o->warnings[o->n_warnings] = f;
	o->n_warnings++;
	return 0;
}

static int
value_missing(struct reading *r, const struct spot *s)
{
	tell(&r->o->finding, FINDING_LAYOUT, "%s", r->scope.found.len == 0 ?
	    "nothing is there" : "no value in what is there");
	place(&r->o->finding, s);
	return -1;
}

/* --- rows ----------------------------------------------------------------- */

static int
is_key(const struct page_rows *rows, const char *name)
{
	size_t i;

	for (i = 0; i < rows->n_key; i++)
		if (strcmp(rows->key[i], name) == 0)
			return 1;
	return 0;
}

/* One value of the row, if it is one of those wanted. */
static int
put_value(struct reading *r, const struct html_value *h, struct spot *s,
    struct jsonw *w)
{
	int found = html_value_find(h, &r->scope, &r->text, &s->line);

	s->name = h->v->name;
	if (found == -1)
		return no_memory(r);
	if (found == 0)
		return h->v->required ? value_missing(r, s) : 0;
	return html_value_write(h, r->text.data, w) == 0 ? 0 :
	    value_wrong(r, h, s);
}

/* The values of a row, or of an item: those of its key, or its facts. */
static int
put_values(struct reading *r, const struct html_rows *rows, struct spot *s,
    int keys, struct jsonw *w)
{
	const struct page_rows *decl = rows->rows;
	size_t i;

	for (i = 0; i < decl->n_columns; i++)
		if (is_key(decl, decl->columns[i].name) == keys &&
		    put_value(r, &rows->columns[i], s, w) == -1)
			return -1;
	return 0;
}

static void
begin(const struct reading *r, const char *type, struct jsonw *w)
{
	const struct html_input *in = r->scope.in;

	jsonw_record(w, r->out, type);
	jsonw_str(w, "run", in->run);
	jsonw_str(w, "source", in->source);
}

static int
put_members(struct reading *r, const struct html_rows *rows, struct spot *s,
    struct jsonw *w)
{
	const struct html_input *in = r->scope.in;
	int done;

	begin(r, rows->rows->table != NULL ? "row" : "item", w);
	if (rows->rows->table != NULL) {
		part_write(in->part, w, "part");
		jsonw_str(w, "page", in->page->name);
		jsonw_str(w, "table", rows->rows->table->name);
		jsonw_obj_open(w, "values");
		done = put_values(r, rows, s, 0, w);
		jsonw_obj_close(w);
		return done;
	}
	jsonw_str(w, "queue", rows->rows->item);
	jsonw_obj_open(w, "part");
	done = put_values(r, rows, s, 1, w);
	jsonw_obj_close(w);
	if (done == 0)
		done = put_values(r, rows, s, 0, w);
	part_write(in->part, w, "of");
	return done;
}

/* One row, as a record. */
static int
put_row(int64_t number, void *arg)
{
	struct reading *r = arg;
	const struct html_rows *rows = r->rows;
	struct spot s = { rows, number, NULL, 0 };
	size_t start = r->out->len;
	struct jsonw w;

	if (put_members(r, rows, &s, &w) == -1)
		return -1;
	if (jsonw_end(&w) == -1 || r->out->len - start > LIMIT_RECORD_BYTES) {
		tell(&r->o->finding, FINDING_TOO_BIG,
		    "too much for one record, or for one page");
		place(&r->o->finding, &s);
		return -1;
	}
	r->o->rows++;
	r->o->entries += rows->rows->table == NULL;
	return 0;
}

static int
check_count(struct reading *r, const struct html_rows *rows, int64_t n)
{
	const struct page_rows *decl = rows->rows;
	struct spot s = { rows, 0, NULL, 0 };

	if (n >= decl->least && (decl->most == -1 || n <= decl->most))
		return 0;
	if (decl->least == decl->most)
		tell(&r->o->finding, FINDING_ROW_COUNT, "%lld rows, not "
		    "%lld", (long long)n, (long long)decl->least);
	else if (n < decl->least)
		tell(&r->o->finding, FINDING_ROW_COUNT, "%lld rows, at "
		    "least %lld expected", (long long)n,
		    (long long)decl->least);
	else
		tell(&r->o->finding, FINDING_ROW_COUNT, "%lld rows, at "
		    "most %lld expected", (long long)n,
		    (long long)decl->most);
	place(&r->o->finding, &s);
	return -1;
}

static int
put_rows(struct reading *r, const struct html_rows *rows)
{
	int64_t n;

	r->rows = rows;
	if (html_rows_each(&r->scope, rows, put_row, r, &n) == 0)
		return check_count(r, rows, n);
	return r->o->finding.code != FINDING_NONE ? -1 : no_memory(r);
}

/* --- the page as a whole --------------------------------------------------- */

static int
check_blocked(struct reading *r)
{
	const struct pages *p = r->h->pages;
	size_t i;

	for (i = 0; i < p->n_blocked; i++)
		if (html_doc_true(&r->scope.doc, r->h->blocked[i])) {
			tell(&r->o->finding, FINDING_BLOCKED,
			    "a block or challenge page: %.160s",
			    p->blocked[i]);
			return -1;
		}
	return 0;
}

static int
check_whole(struct reading *r)
{
	const struct html_input *in = r->scope.in;
	const struct html_doc *d = &r->scope.doc;

	if ((int64_t)in->n < in->page->min_bytes) {
		tell(&r->o->finding, FINDING_SHORT_PAGE, "%zu bytes, at "
		    "least %lld expected", in->n,
		    (long long)in->page->min_bytes);
		return -1;
	}
	if (d->deep) {
		tell(&r->o->finding, FINDING_TOO_DEEP, "elements nested more "
		    "than 256 deep: what follows is not read");
		return -1;
	}
	if (d->cut) {
		tell(&r->o->finding, FINDING_LAYOUT, d->charset ?
		    "bytes that are not of its charset: what follows is not "
		    "read" : "the parser gave the page up");
		return -1;
	}
	return 0;
}

/* What the page must say of itself, or NULL; text is room for it. */
static const char *
wanted(const struct reading *r, const struct html_identity *id,
    struct buf *text)
{
	const struct html_input *in = r->scope.in;

	if (id->url == NULL)
		return part_get(in->key, id->found.v->name);
	buf_clear(text);
	if (buf_str(text, in->url) == -1 || !html_regex_take(id->url, text))
		return NULL;
	return text->data;
}

static int
check_identity(struct reading *r, const struct html_identity *id)
{
	const char *name = id->found.v->name, *want;
	struct finding *f = &r->o->finding;
	struct buf text;
	long line;
	int found = html_value_find(&id->found, &r->scope, &r->text, &line);

	if (found == -1)
		return no_memory(r);
	buf_init(&text, LIMIT_RECORD_BYTES);
	want = wanted(r, id, &text);
	if (found == 0)
		tell(f, FINDING_LAYOUT, "the page does not say its %s", name);
	else if (want == NULL || strcmp(want, r->text.data) != 0)
		tell(f, FINDING_WRONG_PAGE, "the page is of %s %.80s, not "
		    "%.80s", name, r->text.data, want == NULL ? "any" : want);
	buf_release(&text);
	if (f->code == FINDING_NONE)
		return 0;
	snprintf(f->where, sizeof(f->where), "identity %s", name);
	return -1;
}

static int
look_at_walk(struct reading *r)
{
	const struct html_page *p = r->page;
	struct html_outcome *o = r->o;
	size_t i;
	long line;
	int found = 0;

	if (p->page->walk == NULL)
		return 0;
	for (i = 0; i < p->page->walk->n_end; i++)
		o->last |= html_doc_true(&r->scope.doc, p->end[i]);
	if (p->total.v != NULL)
		found = html_value_find(&p->total, &r->scope, &r->text,
		    &line);
	if (found == -1)
		return no_memory(r);
	if (found == 1 && num_parse(r->text.data, 0, INT64_MAX, &o->total)
	    == -1)
		o->total = -1;
	return 0;
}

static int
read_page(struct reading *r)
{
	size_t i;

	if (r->scope.in->n == 0) {
		tell(&r->o->finding, FINDING_EMPTY_BODY,
		    "the page has no bytes");
		return -1;
	}
	if (r->scope.doc.xpath == NULL) {
		if (r->scope.doc.memory)
			return no_memory(r);
		tell(&r->o->finding, FINDING_LAYOUT, "there is no HTML");
		return -1;
	}
	if (check_blocked(r) == -1 || check_whole(r) == -1)
		return -1;
	if (html_let_find(&r->scope.doc, r->page, r->let) == -1)
		return no_memory(r);
	for (i = 0; i < r->page->page->n_identity; i++)
		if (check_identity(r, &r->page->identity[i]) == -1)
			return -1;
	for (i = 0; i < r->page->page->n_rows; i++)
		if (put_rows(r, &r->page->rows[i]) == -1)
			return -1;
	return look_at_walk(r);
}

int
html_extract(struct html *h, const struct html_input *in, struct buf *out,
    struct html_outcome *o)
{
	struct reading r = { .h = h, .page = html_pages_of(h, in->page),
	    .o = o, .out = out };
	size_t before = out->len;
	int done;

	memset(o, 0, sizeof(*o));
	o->total = -1;
	html_scope_init(&r.scope, in);
	buf_init(&r.text, in->n * 4 + LIMIT_RECORD_BYTES);
	done = read_page(&r);
	if (r.scope.doc.memory && done == 0)
		done = no_memory(&r);
	buf_release(&r.text);
	html_let_release(r.let);
	html_scope_release(&r.scope);
	if (done == -1)
		out->len = before;
	return done;
}
