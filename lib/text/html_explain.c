/* html_explain.c -- for whoever writes the expressions. */
#include "text/html.h"

#include <string.h>

#include "base/limits.h"
#include "text/html_rows.h"

/* Examples of one column, and bytes of each that are shown. */
#define SHOWN_VALUES 3
#define SHOWN_BYTES 60

struct explaining {
	struct html_scope scope;
	struct buf *out;		/* borrowed */
	struct buf text;
	const struct html_value *column;	/* looked for in each row */
	int64_t found, nothing, wrong;
	struct buf examples;
	int shown;
	struct html_let let[PAGE_LET_MAX + 1];
};

/* A text in quotes, on one line, cut between characters. */
static int
quote(struct buf *out, const char *text)
{
	size_t i, n = strlen(text);

	if (buf_chr(out, '"') == -1)
		return -1;
	for (i = 0; i < n && (i < SHOWN_BYTES ||
	    ((unsigned char)text[i] & 0xc0) == 0x80); i++)
		if (buf_chr(out, (unsigned char)text[i] < ' ' ? ' ' :
		    text[i]) == -1)
			return -1;
	return buf_str(out, i < n ? "...\"" : "\"");
}

/* What was found, what it was made of if that differs, and where. */
static int
show(struct explaining *e, struct buf *out, int found, long line)
{
	const char *raw = e->scope.found.len > 0 ? e->scope.found.data : "";

	if ((found == 1 ? quote(out, e->text.data) :
	    buf_str(out, "nothing")) == -1)
		return -1;
	if (raw[0] != '\0' &&
	    (found != 1 || strcmp(raw, e->text.data) != 0) &&
	    (buf_str(out, " of ") == -1 || quote(out, raw) == -1))
		return -1;
	return line > 0 ? buf_printf(out, " (line %ld)", line) : 0;
}

/* A value of the whole page. */
static int
explain_one(struct explaining *e, const char *label,
    const struct html_value *h)
{
	long line;
	int found = html_value_find(h, &e->scope, &e->text, &line);

	if (found == -1 || buf_printf(e->out, "%s %s: ", label, h->v->name)
	    == -1 || show(e, e->out, found, line) == -1)
		return -1;
	return buf_chr(e->out, '\n');
}

static int
fits(const struct html_value *h, const char *text)
{
	struct jsonw w;
	struct buf b;
	int r;

	buf_init(&b, LIMIT_RECORD_BYTES);
	jsonw_init(&w, &b);
	jsonw_obj_open(&w, NULL);
	r = html_value_write(h, text, &w) == 0;
	buf_release(&b);
	return r;
}

/* The first values, and the first row where there is none. */
static int
example(struct explaining *e, int64_t number, int found, long line)
{
	if (found == 1 ? e->shown >= SHOWN_VALUES : e->nothing > 1)
		return 0;
	e->shown += found == 1;
	if (buf_printf(&e->examples, "      row %lld: ", (long long)number)
	    == -1 || show(e, &e->examples, found, line) == -1)
		return -1;
	return buf_chr(&e->examples, '\n');
}

static int
look_at_row(int64_t number, void *arg)
{
	struct explaining *e = arg;
	long line;
	int found = html_value_find(e->column, &e->scope, &e->text, &line);

	if (found == -1)
		return -1;
	e->found += found;
	e->nothing += !found;
	e->wrong += found && !fits(e->column, e->text.data);
	return example(e, number, found, line);
}

static int
explain_column(struct explaining *e, const struct html_rows *rows,
    const struct html_value *h)
{
	const struct page_value *v = h->v;
	int64_t n;

	e->column = h;
	e->found = e->nothing = e->wrong = 0;
	e->shown = 0;
	buf_clear(&e->examples);
	if (html_rows_each(&e->scope, rows, look_at_row, e, &n) == -1 ||
	    buf_printf(e->out, "  %s: %lld found", v->name,
	    (long long)e->found) == -1 ||
	    (e->nothing > 0 && buf_printf(e->out, ", %lld nothing%s",
	    (long long)e->nothing, v->required ? " (required)" : "") == -1) ||
	    (e->wrong > 0 && buf_printf(e->out, ", %lld of a wrong type",
	    (long long)e->wrong) == -1) ||
	    buf_chr(e->out, '\n') == -1)
		return -1;
	return buf_add(e->out, e->examples.data, e->examples.len);
}

static int
no_row(int64_t number, void *arg)
{
	(void)number;
	(void)arg;
	return 0;
}

static int
explain_rows(struct explaining *e, const struct html_rows *rows)
{
	const struct page_rows *decl = rows->rows;
	int64_t n;
	size_t i;

	if (html_rows_each(&e->scope, rows, no_row, NULL, &n) == -1 ||
	    buf_printf(e->out, "%s %s: %lld rows at %s\n",
	    decl->table != NULL ? "table" : "items", decl->table != NULL ?
	    decl->table->name : decl->item, (long long)n, decl->at) == -1)
		return -1;
	for (i = 0; n > 0 && i < decl->n_columns; i++)
		if (explain_column(e, rows, &rows->columns[i]) == -1)
			return -1;
	return 0;
}

static int
explain_marks(struct explaining *e, const char *label,
    const char *const *marks, xmlXPathCompExpr *const *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (buf_printf(e->out, "%s: %s: %s\n", label,
		    html_doc_true(&e->scope.doc, x[i]) ? "yes" : "no",
		    marks[i]) == -1)
			return -1;
	return 0;
}

static int
explain_page(struct explaining *e, const struct html *h,
    const struct html_page *p)
{
	const struct html_doc *d = &e->scope.doc;
	const struct page *decl = p->page;
	size_t i;

	if (buf_printf(e->out, "page %s: %zu bytes, at least %lld "
	    "expected%s\n", decl->name, e->scope.in->n,
	    (long long)decl->min_bytes, d->deep ? "; nested too deep, the "
	    "rest is not read" : d->cut ? "; the rest is not read" : "")
	    == -1 || d->xpath == NULL ||
	    explain_marks(e, "blocked", (const char *const *)
	    h->pages->blocked, h->blocked, h->pages->n_blocked) == -1)
		return -1;
	if (html_let_find(&e->scope.doc, p, e->let) == -1)
		return -1;
	for (i = 0; i < decl->n_let; i++)
		if (buf_printf(e->out, "let %s: %d nodes at %s\n",
		    decl->let[i].name, xmlXPathNodeSetGetLength(
		    e->let[i].value->nodesetval), decl->let[i].at) == -1)
			return -1;
	for (i = 0; i < decl->n_identity; i++)
		if (explain_one(e, "identity", &p->identity[i].found) == -1)
			return -1;
	for (i = 0; i < decl->n_rows; i++)
		if (explain_rows(e, &p->rows[i]) == -1)
			return -1;
	if (decl->walk == NULL)
		return 0;
	if (p->total.v != NULL && explain_one(e, "walk", &p->total) == -1)
		return -1;
	return explain_marks(e, "end", (const char *const *)
	    decl->walk->end, p->end, decl->walk->n_end);
}

int
html_explain(struct html *h, const struct html_input *in, struct buf *out)
{
	struct explaining e = { .out = out };
	int r;

	html_scope_init(&e.scope, in);
	buf_init(&e.text, in->n * 4 + LIMIT_RECORD_BYTES);
	buf_init(&e.examples, LIMIT_RECORD_BYTES);
	r = explain_page(&e, h, html_pages_of(h, in->page));
	buf_release(&e.text);
	buf_release(&e.examples);
	html_let_release(e.let);
	html_scope_release(&e.scope);
	return r;
}
