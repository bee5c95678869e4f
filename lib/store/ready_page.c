#include "store/ready_page.h"

#include <string.h>

#include "base/human.h"
#include "store/held_report.h"

/* Rows of a table that are seen at once; the others unfold. */
#define ROWS_SHOWN 12

/* Bytes of a word that stays on one line. */
#define WORD_MAX 24

/* Rows that are written at all. */
#define ROWS_MAX 500

/* Long tables are one, so that columns stay aligned: what unfolds follows a
 * box that is checked or not, and is there when printed. */
static const char style[] =
"<style>:root{color-scheme:light dark;--line:#8884;--soft:#8881;--track:#8883;"
"--ok:#1a7f37;--no:#c62828;--so:#9a6700;--bar:#2f6fdb}@media(prefers-color-"
"scheme:dark){:root{--no:#ff7b72;--so:#d8a528;--bar:#6ca4f8}}body{font:15px/"
"1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1.5rem 1rem "
"4rem;overflow-wrap:anywhere}h1{font-size:1.5rem;line-height:1.3;margin:0}h2{"
"font-size:1.1rem;margin:2rem 0 .5rem}.verdict{display:inline-block;color:"
"#fff;border-radius:1rem;padding:.1rem .9rem;font-weight:600;vertical-align:"
"middle;margin-left:.6rem;font-size:1rem}.yes{background:#1a7f37}.no{"
"background:#c62828}.facts{display:flex;flex-wrap:wrap;gap:.7rem;margin:1rem "
"0}.fact{background:var(--soft);border:1px solid var(--line);border-radius:"
".5rem;padding:.4rem .9rem}.fact b{display:block;font-size:1.3rem;font-"
"variant-numeric:tabular-nums}.wide{overflow-x:auto}table{border-collapse:"
"collapse;width:100%;font-size:.9rem;overflow-wrap:normal}th,td{text-align:"
"left;padding:.2rem .6rem;border-bottom:1px solid var(--line);vertical-align:"
"top}th{font-weight:600}th:first-child,td:first-child{padding-left:0}.n{text-"
"align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.bar{width:"
"11rem;min-width:4rem}.bar i{display:block;height:.7rem;margin-top:.35rem;"
"border-radius:.2rem;background:var(--track);overflow:hidden}.bar i i{margin:"
"0;background:var(--bar)}tr.failed td{color:var(--no);font-weight:600}"
"tr.warning td:first-child{color:var(--so);font-weight:600}.more{position:"
"absolute;opacity:0}.more+label{display:inline-block;margin-top:.4rem;cursor:"
"pointer;color:var(--bar)}.more:focus-visible+label{outline:2px solid}.more:"
"checked+label{display:none}.wide:has(+.more:not(:checked)) .rest{display:"
"none}pre{background:var(--soft);padding:.7rem;overflow:auto;border-radius:"
".5rem}.w{white-space:nowrap}@media(max-width:40rem){th,td{padding:.2rem "
".4rem}.bar{width:4rem;min-width:2.5rem}}@media print{:root{color-scheme:light}body{max-width:none;padding:0;"
"font-size:11px}.wide{overflow:visible}.wide .rest{display:table-row-group!"
"important}.more+label{display:none}h2{break-after:avoid}tr,.fact{break-"
"inside:avoid}.verdict,.bar i{print-color-adjust:exact}}</style>";

struct page {
	struct ready *r;
	struct buf *b;
	int folds;		/* tables that unfold, so far */
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

/* What a column has: '-' nothing, 'n' numbers, 't' text. */
static void
note_kinds(sqlite3_stmt *s, struct buf *kinds)
{
	int i, type;

	for (i = 0; i < sqlite3_column_count(s); i++) {
		type = sqlite3_column_type(s, i);
		if (type == SQLITE_TEXT)
			kinds->data[i] = 't';
		else if (type != SQLITE_NULL && kinds->data[i] == '-')
			kinds->data[i] = 'n';
	}
}

/* Of every column, and how many rows there are; or -1. */
static int64_t
find_kinds(const struct page *p, sqlite3_stmt *s, struct buf *kinds)
{
	int64_t n = 0;
	int i, step;

	for (i = 0; i < sqlite3_column_count(s); i++)
		if (buf_chr(kinds, '-') == -1)
			return -1;
	for (; (step = db_step(&p->r->canon.db, s)) == 1; n++)
		note_kinds(s, kinds);
	return step == -1 ? -1 : n;
}

static int
add_head(struct buf *b, sqlite3_stmt *s, const char *kinds, int bar)
{
	int i, n = sqlite3_column_count(s);

	if (buf_str(b, "<thead><tr>") == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (kinds[i] != '-' &&
		    (buf_str(b, kinds[i] == 'n' ? "<th class=n>" : "<th>")
		    == -1 || add_text(b, sqlite3_column_name(s, i)) == -1 ||
		    buf_str(b, "</th>") == -1))
			return -1;
	return buf_printf(b, "%s</tr></thead><tbody>\n", bar ?
	    "<th class=bar></th>" : "");
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

/* A name, a date: not to be broken at its hyphens. */
static int
is_one_word(const char *s)
{
	return s != NULL && strchr(s, ' ') == NULL && strlen(s) <= WORD_MAX;
}

static int
add_row(struct buf *b, sqlite3_stmt *s, const char *kinds, int part,
    int whole)
{
	int i, n = sqlite3_column_count(s);
	const char *first = db_text(s, 0);

	if (first != NULL && strstr(first, "failed") != NULL)
		first = "<tr class=failed>";
	else
		first = first != NULL && strcmp(first, "warning") == 0 ?
		    "<tr class=warning>" : "<tr>";
	if (buf_str(b, first) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (kinds[i] != '-' && (buf_str(b, kinds[i] == 'n' ?
		    "<td class=n>" : is_one_word(db_text(s, i)) ?
		    "<td class=w>" : "<td>") == -1 || add_plain(b, db_text(s, i)) == -1 ||
		    buf_str(b, "</td>") == -1))
			return -1;
	if (part != -1 && whole != -1 && add_bar(b, s, part, whole) == -1)
		return -1;
	return buf_str(b, "</tr>\n");
}

/* What unfolds the rest of n rows. */
static int
add_fold(struct page *p, int64_t n)
{
	int64_t rest = (n < ROWS_MAX ? n : ROWS_MAX) - ROWS_SHOWN;

	if (rest <= 0)
		return 0;
	p->folds++;
	return buf_printf(p->b, "<input type=checkbox class=more id=more%d>"
	    "<label for=more%d>%lld more</label>\n", p->folds, p->folds,
	    (long long)rest);
}

/* The rows of a query with their kinds, the first ones at once. */
static int
add_rows(struct page *p, sqlite3_stmt *s, const struct decl_report *t,
    const char *kinds, int64_t rows)
{
	int part = column_named(s, t->bar), whole = column_named(s, t->of);
	int64_t n;

	if (buf_str(p->b, "<div class=wide><table>\n") == -1 ||
	    add_head(p->b, s, kinds, part != -1 && whole != -1) == -1)
		return -1;
	for (n = 0; n < ROWS_MAX && db_step(&p->r->canon.db, s) == 1; n++)
		if ((n == ROWS_SHOWN && buf_str(p->b,
		    "</tbody><tbody class=rest>\n") == -1) ||
		    add_row(p->b, s, kinds, part, whole) == -1)
			return -1;
	if (buf_str(p->b, "</tbody></table></div>\n") == -1 ||
	    add_fold(p, rows) == -1)
		return -1;
	return rows <= ROWS_MAX ? 0 : buf_printf(p->b, "<p>%lld rows in "
	    "all.</p>\n", (long long)rows);
}

/* Counts as people read them. */
static int
add_fact(struct buf *b, sqlite3_stmt *s, int i)
{
	const char *text = db_text(s, i);
	char count[HUMAN_TEXT];

	if (sqlite3_column_type(s, i) == SQLITE_INTEGER) {
		human_count(sqlite3_column_int64(s, i), count);
		text = count;
	}
	return buf_str(b, "<div class=fact><b>") == -1 ||
	    add_text(b, text != NULL ? text : "-") == -1 ||
	    buf_str(b, "</b>") == -1 ||
	    add_text(b, sqlite3_column_name(s, i)) == -1 ||
	    buf_str(b, "</div>") == -1 ? -1 : 0;
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
			r = add_fact(p->b, s, i);
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

/* Nothing, if there are no rows. */
static int
add_table(struct page *p, const struct decl_report *t)
{
	sqlite3_stmt *s = ready_query(p->r, t->sql);
	struct buf kinds;
	int64_t n = -1;

	buf_init(&kinds, 1 << 16);
	if (s != NULL)
		n = find_kinds(p, s, &kinds);
	if (n > 0 && (buf_str(p->b, "<h2>") == -1 ||
	    add_text(p->b, t->title) == -1 ||
	    buf_str(p->b, "</h2>\n") == -1 ||
	    add_rows(p, s, t, kinds.data, n) == -1))
		n = -1;
	sqlite3_finalize(s);
	buf_release(&kinds);
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
	    "charset=utf-8><meta name=viewport content=\"width=device-width,"
	    "initial-scale=1\">"
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
add_declared(struct page *p)
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
	struct page p = { .r = r, .b = b };

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
