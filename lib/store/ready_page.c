#include "store/ready_page.h"

#include <string.h>

#include "store/held_report.h"

/* Rows of a table that are seen at once; the others unfold. */
#define ROWS_SHOWN 12

/* Rows that are written at all. */
#define ROWS_MAX 500

static const char style[] =
"<style>:root{color-scheme:light dark;--line:#8884;--soft:#8881;--ok:#1a7f37;"
"--no:#c62828;--bar:#2f6fdb}body{font:15px/1.5 system-ui,sans-serif;"
"max-width:62rem;margin:0 auto;padding:1.5rem 1rem 4rem}h1{font-size:1.5rem;"
"margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}.verdict{display:"
"inline-block;color:#fff;border-radius:1rem;padding:.1rem .9rem;font-weight:"
"600;vertical-align:middle;margin-left:.6rem;font-size:1rem}.yes{background:"
"var(--ok)}.no{background:var(--no)}.facts{display:flex;flex-wrap:wrap;gap:"
".7rem;margin:1rem 0}.fact{background:var(--soft);border:1px solid "
"var(--line);border-radius:.5rem;padding:.4rem .9rem}.fact b{display:block;"
"font-size:1.3rem}table{border-collapse:collapse;width:100%;font-size:.9rem}"
"th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid "
"var(--line);vertical-align:top}th{font-weight:600}.n{text-align:right;"
"font-variant-numeric:tabular-nums;white-space:nowrap}.bar{width:11rem}.bar "
"i{display:block;height:.7rem;margin-top:.35rem;border-radius:.2rem;"
"background:var(--soft);overflow:hidden}.bar i i{margin:0;background:"
"var(--bar)}tr.failed td{color:var(--no);font-weight:600}details{margin-top:"
".3rem}summary{cursor:pointer}pre{background:var(--soft);padding:.7rem;"
"overflow:auto;border-radius:.5rem}.wide{overflow-x:auto}</style>";

struct page {
	struct ready *r;
	struct buf *b;
};

/* --- text --------------------------------------------------------------- */

static int
add_text(struct buf *b, const char *s)
{
	int r = 0;

	for (; s != NULL && *s != '\0' && r == 0; s++)
		switch (*s) {
		case '<':
			r = buf_str(b, "&lt;");
			break;
		case '&':
			r = buf_str(b, "&amp;");
			break;
		case '"':
			r = buf_str(b, "&quot;");
			break;
		default:
			r = buf_chr(b, (unsigned char)*s < ' ' ? ' ' : *s);
		}
	return r;
}

/* The words without the signs of Markdown. */
static int
add_plain(struct buf *b, const char *s)
{
	struct buf text;
	int r = 0;

	buf_init(&text, 65536);
	for (; s != NULL && *s != '\0' && r == 0; s++)
		if (*s != '*')
			r = buf_chr(&text, *s);
	if (r == 0 && text.len > 0)
		r = add_text(b, text.data);
	buf_release(&text);
	return r;
}

/* --- tables ------------------------------------------------------------- */

static int
column_named(sqlite3_stmt *s, const char *name)
{
	int i, n = sqlite3_column_count(s);

	for (i = 0; name != NULL && i < n; i++)
		if (strcmp(sqlite3_column_name(s, i), name) == 0)
			return i;
	return -1;
}

static int
is_number(sqlite3_stmt *s, int i)
{
	int type = sqlite3_column_type(s, i);

	return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static int
add_head(struct buf *b, sqlite3_stmt *s, int bar)
{
	int i, n = sqlite3_column_count(s);

	if (buf_str(b, "<tr>") == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (buf_printf(b, "<th%s>", is_number(s, i) ?
		    " class=n" : "") == -1 ||
		    add_text(b, sqlite3_column_name(s, i)) == -1 ||
		    buf_str(b, "</th>") == -1)
			return -1;
	return buf_printf(b, "%s</tr>\n", bar ? "<th class=bar></th>" : "");
}

/* How much of the one column the other is, as a bar. */
static int
add_bar(struct buf *b, sqlite3_stmt *s, int part, int whole)
{
	double of = sqlite3_column_double(s, whole), share;

	share = of > 0 ? sqlite3_column_double(s, part) / of * 100 : 0;
	if (share < 0 || share > 100)
		share = share < 0 ? 0 : 100;
	return buf_printf(b, "<td class=bar title=\"%.0f %%\"><i>"
	    "<i style=\"width:%.1f%%\"></i></i></td>", share, share);
}

static int
add_row(struct buf *b, sqlite3_stmt *s, int part, int whole)
{
	int i, n = sqlite3_column_count(s);
	const char *first = db_text(s, 0);

	if (buf_str(b, first != NULL && strstr(first, "failed") != NULL ?
	    "<tr class=failed>" : "<tr>") == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (buf_str(b, is_number(s, i) ? "<td class=n>" : "<td>")
		    == -1 || add_plain(b, db_text(s, i)) == -1 ||
		    buf_str(b, "</td>") == -1)
			return -1;
	if (part != -1 && whole != -1 && add_bar(b, s, part, whole) == -1)
		return -1;
	return buf_str(b, "</tr>\n");
}

/*
 * The rows of a query, the first ones at once.  Returns how many there
 * are, or -1.
 */
static int64_t
add_rows(const struct page *p, sqlite3_stmt *s, const struct decl_report *t)
{
	int part = column_named(s, t->bar), whole = column_named(s, t->of);
	int bar = part != -1 && whole != -1, step;
	int64_t n = 0;

	while ((step = db_step(&p->r->canon.db, s)) == 1) {
		if (n == 0 && (buf_str(p->b, "<div class=wide><table>\n")
		    == -1 || add_head(p->b, s, bar) == -1))
			return -1;
		if (n == ROWS_SHOWN && (buf_str(p->b, "</table></div>\n"
		    "<details><summary>more</summary><div class=wide><table>")
		    == -1 || add_head(p->b, s, bar) == -1))
			return -1;
		if (n++ < ROWS_MAX && add_row(p->b, s, part, whole) == -1)
			return -1;
	}
	if (n > 0 && buf_printf(p->b, "</table></div>%s\n", n > ROWS_SHOWN ?
	    "</details>" : "") == -1)
		return -1;
	if (n > ROWS_MAX && buf_printf(p->b, "<p>%lld rows in all.</p>\n",
	    (long long)n) == -1)
		return -1;
	return step == -1 ? -1 : n;
}

/* One row: each column a fact of its own. */
static int
add_facts(const struct page *p, const char *sql)
{
	sqlite3_stmt *s = ready_query(p->r, sql);
	int step, i, r = 0;

	buf_str(p->b, "<div class=facts>");
	while ((step = db_step(&p->r->canon.db, s)) == 1)
		for (i = 0; r == 0 && i < sqlite3_column_count(s); i++)
			if (buf_str(p->b, "<div class=fact><b>") == -1 ||
			    add_text(p->b, db_text(s, i) != NULL ?
			    db_text(s, i) : "-") == -1 ||
			    buf_str(p->b, "</b>") == -1 ||
			    add_text(p->b, sqlite3_column_name(s, i)) == -1 ||
			    buf_str(p->b, "</div>") == -1)
				r = -1;
	sqlite3_finalize(s);
	return step == -1 || r == -1 ? -1 : buf_str(p->b, "</div>\n");
}

/* Has the query one row only, and no bar?  1, 0 or -1. */
static int
is_one_row(const struct page *p, const struct decl_report *t)
{
	sqlite3_stmt *s = ready_query(p->r, t->sql);
	int first = db_step(&p->r->canon.db, s);
	int second = first == 1 ? db_step(&p->r->canon.db, s) : 0;

	sqlite3_finalize(s);
	if (first == -1 || second == -1)
		return -1;
	return first == 1 && second == 0 && t->bar == NULL;
}

static int
add_table(const struct page *p, const struct decl_report *t)
{
	size_t start = p->b->len;
	sqlite3_stmt *s;
	int64_t n = -1;

	if (buf_str(p->b, "<h2>") == -1 || add_text(p->b, t->title) == -1 ||
	    buf_str(p->b, "</h2>\n") == -1)
		return -1;
	if ((s = ready_query(p->r, t->sql)) != NULL)
		n = add_rows(p, s, t);
	sqlite3_finalize(s);
	if (n == 0)
		buf_cut(p->b, start);
	return n == -1 ? -1 : 0;
}

/* --- the page ----------------------------------------------------------- */

static int
add_title(const struct page *p, const struct ready_verdict *v)
{
	const struct ready *r = p->r;
	const char *title = r->d->title != NULL ? r->d->title : r->d->source;
	const char *gap = ready_is_whole(r) ? "" : " ";

	if (buf_str(p->b, "<!doctype html>\n<html lang=en><head><meta "
	    "charset=utf-8><meta name=viewport content=\"width=device-width\">"
	    "<title>") == -1 || add_text(p->b, title) == -1 ||
	    buf_printf(p->b, "%s%s</title>%s</head>\n<body><h1>", gap,
	    r->o->label, style) == -1 || add_text(p->b, title) == -1 ||
	    buf_printf(p->b, "%s%s<span class=\"verdict %s\">%s</span></h1>\n",
	    gap, r->o->label, v->ready || v->accepted != NULL ? "yes" : "no",
	    v->ready ? "ready" : v->accepted != NULL ? "accepted" :
	    "not ready") == -1)
		return -1;
	if (v->accepted != NULL && (buf_str(p->b, "<p>A person accepted it: ")
	    == -1 || add_text(p->b, v->accepted) == -1 ||
	    buf_str(p->b, "</p>\n") == -1))
		return -1;
	return buf_printf(p->b, "<p>Checks: %lld passed, %lld failed. "
	    "Warnings: %lld.</p>\n", (long long)v->passed,
	    (long long)v->failures, (long long)v->warnings);
}

static int
add_paragraphs(const struct page *p)
{
	sqlite3_stmt *s = db_prepare(&p->r->canon.db, ready_paragraphs());
	int step;

	while ((step = db_step(&p->r->canon.db, s)) == 1)
		if (buf_str(p->b, "<p>") == -1 ||
		    add_plain(p->b, db_text(s, 0)) == -1 ||
		    buf_str(p->b, "</p>\n") == -1)
			break;
	sqlite3_finalize(s);
	return step == 0 ? 0 : -1;
}

/* What is held, as the other form says it. */
static int
add_held(const struct page *p)
{
	struct held h = { .db = &p->r->canon.db, .d = p->r->d,
	    .dataset = p->r->o->dataset, .label = p->r->o->label,
	    .tell = { p->r->d->file, p->r->o->data } };
	struct buf text;
	int r;

	clock_parse(p->r->o->now, &h.now_ms);
	buf_init(&text, 1 << 20);
	r = held_section(&h, &text);
	if (r == 0 && text.len > 0) {
		r = buf_str(p->b, "<h2>Held</h2><pre>");
		for (char *s = text.data; r == 0 && *s != '\0'; s++)
			r = *s == '\n' ? buf_chr(p->b, '\n') :
			    *s == '<' ? buf_str(p->b, "&lt;") :
			    *s == '&' ? buf_str(p->b, "&amp;") :
			    buf_chr(p->b, *s);
		if (r == 0)
			r = buf_str(p->b, "</pre>\n");
	}
	buf_release(&text);
	return r;
}

static int
add_declared(const struct page *p)
{
	const struct decl_report *t;
	size_t i;
	int one, r;

	for (i = 0; i < p->r->rules->n_reports; i++) {
		t = &p->r->rules->reports[i];
		if ((one = is_one_row(p, t)) == -1)
			return ready_declared_failed(p->r, "report", t->name);
		r = one ? add_facts(p, t->sql) : add_table(p, t);
		if (r == -1)
			return ready_declared_failed(p->r, "report", t->name);
	}
	return 0;
}

int
ready_page(struct ready *r, const struct ready_verdict *v, struct buf *b)
{
	const struct ready_section *s;
	struct page p = { r, b };

	if (add_title(&p, v) == -1 || add_paragraphs(&p) == -1 ||
	    add_held(&p) == -1 || add_declared(&p) == -1)
		return -1;
	for (s = ready_sections(); s->title != NULL; s++) {
		struct decl_report t = { .title = s->title, .sql = s->sql };

		if (add_table(&p, &t) == -1)
			return -1;
	}
	return buf_str(b, "</body></html>\n");
}
