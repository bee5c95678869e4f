#include "decl/page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "decl/reader.h"

#define MIN_BYTES_MAX ((int64_t)1 << 30)
#define OFFSET_MAX ((int64_t)1 << 53)

/* --- rows ---------------------------------------------------------------- */

static const struct decl_column *
find_column(const struct decl_table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	return NULL;
}

/* The table's columns say the types, and which of them are the key. */
static int
read_column(const struct reader *r, const struct decl *d,
    const struct page_rows *rows, const char *prefix, yyjson_val *v,
    struct page_value *out)
{
	const char *name = out->name;
	const char *where = reader_path(r, prefix, name);
	const struct decl_column *c = NULL;

	if (where == NULL || reader_name(r, where, name) == -1)
		return -1;
	if (rows->table != NULL && (c = find_column(rows->table, name)) ==
	    NULL)
		return reader_fail(r, where, "%s has no such column",
		    rows->table->name);
	if (page_value_read(r, d, where, name, v, c == NULL, out) == -1)
		return -1;
	if (c != NULL)
		out->type = c->type;
	if (out->origin == PAGE_JSON && rows->json == NULL)
		return reader_fail(r, where,
		    "the rows are no elements of JSON: needs \"at\"");
	if (out->type == DECL_MINUTES || out->type == DECL_DIGITS)
		return reader_fail(r, where, "no type of pages: %s",
		    out->type == DECL_MINUTES ? "minutes" : "digits");
	return 0;
}

static int
read_columns(const struct reader *r, const struct decl *d,
    struct page_rows *rows, yyjson_val *v)
{
	const char *where = reader_path(r, rows->where, "columns");
	yyjson_val *key, *value;
	size_t i, max;

	if (where == NULL || reader_object(r, where, v, NULL) == -1)
		return -1;
	rows->n_columns = yyjson_obj_size(v);
	if (rows->n_columns == 0 || rows->n_columns > DECL_COLUMNS_MAX)
		return reader_fail(r, where, "1 to %d columns",
		    DECL_COLUMNS_MAX);
	rows->columns = reader_array(r, rows->n_columns,
	    sizeof(*rows->columns));
	if (rows->columns == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		rows->columns[i].name = yyjson_get_str(key);
		if (read_column(r, d, rows, where, value,
		    &rows->columns[i]) == -1)
			return -1;
	}
	return 0;
}

/* What an item cannot be without: its key. */
static int
check_item_key(const struct reader *r, struct page_rows *rows)
{
	size_t i, j;

	for (i = 0; i < rows->n_key; i++) {
		for (j = 0; j < rows->n_columns; j++)
			if (strcmp(rows->columns[j].name, rows->key[i]) == 0)
				break;
		if (j == rows->n_columns)
			return reader_fail(r, rows->where, "no column \"%s\", "
			    "which is in the key of queue.%s", rows->key[i],
			    rows->item);
		rows->columns[j].required = 1;
		rows->columns[j].type = DECL_TEXT;
	}
	return 0;
}

static int
set_target(const struct reader *r, const struct decl *d,
    struct page_rows *rows, const char *table)
{
	yyjson_val *queues = yyjson_obj_get(d->root, "queue"), *queue;

	if ((table != NULL) + (rows->item != NULL) != 1)
		return reader_fail(r, rows->where,
		    "needs one of \"table\" and \"item\"");
	if (table != NULL) {
		if ((rows->table = decl_table(d, table)) == NULL)
			return reader_fail(r, rows->where, "no table \"%s\"",
			    table);
		return 0;
	}
	if ((queue = yyjson_obj_get(queues, rows->item)) == NULL)
		return reader_fail(r, rows->where, "no queue \"%s\"",
		    rows->item);
	return reader_strings(r, rows->where, queue, "key", 1, &rows->key,
	    &rows->n_key);
}

/* A number, or the least and the most. */
static int
read_count(const struct reader *r, yyjson_val *v, struct page_rows *rows)
{
	static const char *const members[] = { "least", "most", NULL };
	yyjson_val *count = yyjson_obj_get(v, "count");

	rows->least = 0;
	rows->most = -1;
	if (yyjson_is_int(count)) {
		if (reader_integer(r, rows->where, v, "count", 0, INT32_MAX,
		    &rows->least) == -1)
			return -1;
		rows->most = rows->least;
		return 0;
	}
	if (count == NULL)
		return 0;
	if (reader_object(r, rows->where, count, members) == -1 ||
	    reader_integer(r, rows->where, count, "least", 0, INT32_MAX,
	    &rows->least) == -1)
		return -1;
	return reader_integer(r, rows->where, count, "most", rows->least,
	    INT32_MAX, &rows->most);
}

static int
read_rows_one(const struct reader *r, const struct decl *d,
    struct page_rows *rows, yyjson_val *v)
{
	static const char *const members[] = { "table", "item", "at", "json",
	    "count", "columns", NULL };
	const char *table = NULL;

	if (rows->where == NULL ||
	    reader_object(r, rows->where, v, members) == -1 ||
	    reader_string(r, rows->where, v, "table", 0, &table) == -1 ||
	    reader_string(r, rows->where, v, "item", 0, &rows->item) == -1 ||
	    reader_string(r, rows->where, v, "at", 1, &rows->at) == -1 ||
	    reader_string(r, rows->where, v, "json", 0, &rows->json) == -1 ||
	    set_target(r, d, rows, table) == -1 ||
	    read_count(r, v, rows) == -1 ||
	    read_columns(r, d, rows, yyjson_obj_get(v, "columns")) == -1)
		return -1;
	return check_item_key(r, rows);
}

static int
read_rows(const struct reader *r, const struct decl *d, const char *where,
    struct page *p, yyjson_val *all)
{
	char name[32];
	yyjson_val *v;
	size_t i, max;

	if (!yyjson_is_arr(all) || yyjson_arr_size(all) == 0 ||
	    yyjson_arr_size(all) > PAGE_ROWS_MAX)
		return reader_fail(r, where, "rows: 1 to %d entries, each as "
		    "[[%s.rows]]", PAGE_ROWS_MAX, where);
	p->n_rows = yyjson_arr_size(all);
	if ((p->rows = reader_array(r, p->n_rows, sizeof(*p->rows))) == NULL)
		return -1;
	yyjson_arr_foreach(all, i, max, v) {
		snprintf(name, sizeof(name), "rows.%zu", i + 1);
		p->rows[i].where = reader_path(r, where, name);
		if (read_rows_one(r, d, &p->rows[i], v) == -1)
			return -1;
	}
	return 0;
}

/* --- whose page it is ---------------------------------------------------- */

static int
read_identity_one(const struct reader *r, const struct decl *d,
    const char *where, yyjson_val *v, struct page_identity *out)
{
	static const char *const members[] = { "at", "regex", "is_url",
	    NULL };
	const char *name = out->found.name;

	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "is_url", 0, &out->url) == -1)
		return -1;
	out->found = (struct page_value){ .where = where, .name = name,
	    .trim = 1 };
	if (reader_string(r, where, v, "at", 1, &out->found.at) == -1 ||
	    reader_string(r, where, v, "regex", 0, &out->found.regex) == -1 ||
	    (out->found.regex != NULL &&
	    page_regex_check(r, where, out->found.regex) == -1))
		return -1;
	(void)d;
	return out->url == NULL ? 0 : page_regex_check(r, where, out->url);
}

static int
read_identity(const struct reader *r, const struct decl *d,
    const char *prefix, struct page *p, yyjson_val *all)
{
	const char *where = reader_path(r, prefix, "identity");
	yyjson_val *key, *value;
	size_t i, max;

	if (all == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, all, NULL) == -1)
		return -1;
	p->n_identity = yyjson_obj_size(all);
	p->identity = reader_array(r, p->n_identity, sizeof(*p->identity));
	if (p->identity == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		p->identity[i].found.name = yyjson_get_str(key);
		if (read_identity_one(r, d, reader_path(r, where,
		    yyjson_get_str(key)), value, &p->identity[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- names of nodes ------------------------------------------------------ */

static int
read_let(const struct reader *r, const char *prefix, struct page *p,
    yyjson_val *all)
{
	const char *where = reader_path(r, prefix, "let");
	yyjson_val *key, *value;
	struct page_let *let;
	size_t i, max;

	if (all == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, all, NULL) == -1)
		return -1;
	p->n_let = yyjson_obj_size(all);
	if (p->n_let > PAGE_LET_MAX)
		return reader_fail(r, where, "at most %d", PAGE_LET_MAX);
	p->let = let = reader_array(r, p->n_let, sizeof(*let));
	if (let == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		let[i].name = yyjson_get_str(key);
		let[i].where = reader_path(r, where, let[i].name);
		if (let[i].where == NULL ||
		    reader_name(r, let[i].where, let[i].name) == -1 ||
		    reader_string(r, where, all, let[i].name, 1, &let[i].at)
		    == -1)
			return -1;
		if (strcmp(let[i].name, "row") == 0 ||
		    strcmp(let[i].name, "position") == 0)
			return reader_fail(r, let[i].where,
			    "$%s is there already", let[i].name);
	}
	return 0;
}

/* --- a listing ----------------------------------------------------------- */

static int
read_total(const struct reader *r, const struct decl *d, const char *prefix,
    yyjson_val *v, struct page_walk *w)
{
	const char *where = reader_path(r, prefix, "total");

	if (v == NULL)
		return 0;
	if (where == NULL || page_value_read(r, d, where, "total", v, 0,
	    &w->total) == -1)
		return -1;
	w->total.type = DECL_INTEGER;
	return w->total.origin == PAGE_AT ? 0 : reader_fail(r, where,
	    "needs \"at\"");
}

static int
read_walk(const struct reader *r, const struct decl *d, const char *prefix,
    struct page *p, yyjson_val *v)
{
	static const char *const members[] = { "member", "first", "last",
	    "step", "entries", "total", "end", "worker", NULL };
	const char *where = reader_path(r, prefix, "walk");
	struct page_walk *w;

	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    (w = reader_array(r, 1, sizeof(*w))) == NULL)
		return -1;
	w->step = 1;
	if (reader_string(r, where, v, "member", 1, &w->member) == -1 ||
	    reader_name(r, where, w->member) == -1 ||
	    reader_integer(r, where, v, "first", 0, OFFSET_MAX, &w->first)
	    == -1)
		return -1;
	w->last = w->first;
	if (reader_integer(r, where, v, "last", w->first, OFFSET_MAX,
	    &w->last) == -1 || reader_integer(r, where, v, "step", 1,
	    OFFSET_MAX, &w->step) == -1 || reader_integer(r, where, v,
	    "entries", 1, INT32_MAX, &w->entries) == -1 ||
	    reader_strings(r, where, v, "end", 0, &w->end, &w->n_end) == -1 ||
	    reader_string(r, where, v, "worker", 0, &w->worker) == -1)
		return -1;
	p->walk = w;
	return read_total(r, d, where, yyjson_obj_get(v, "total"), w);
}

/* --- pages --------------------------------------------------------------- */

/* The queue's steps are its own to name; that they exist is checked. */
static int
check_steps(const struct reader *r, const struct decl *d, const char *where,
    const struct page *p)
{
	yyjson_val *queue = yyjson_obj_get(yyjson_obj_get(d->root, "queue"),
	    p->queue);
	size_t i;

	if (p->queue == NULL)
		return p->n_steps == 0 ? 0 : reader_fail(r, where,
		    "\"steps\" are of a queue, and none is named");
	if (queue == NULL)
		return reader_fail(r, where, "no queue \"%s\"", p->queue);
	if (p->n_steps == 0)
		return reader_fail(r, where, "\"steps\" is missing: which "
		    "steps of queue.%s need the page", p->queue);
	for (i = 0; i < p->n_steps; i++)
		if (yyjson_obj_get(yyjson_obj_get(queue, "step"),
		    p->steps[i]) == NULL)
			return reader_fail(r, where, "queue.%s has no step "
			    "\"%s\"", p->queue, p->steps[i]);
	return 0;
}

static int
read_page(const struct reader *r, const struct decl *d, struct page *p,
    yyjson_val *v)
{
	static const char *const members[] = { "part", "queue", "steps",
	    "url", "regex", "parser_version", "min_bytes", "identity",
	    "let", "rows", "walk", NULL };
	const char *where = reader_path(r, "page", p->name);

	p->part = p->name;
	if (where == NULL || reader_name(r, where, p->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "part", 0, &p->part) == -1 ||
	    reader_string(r, where, v, "queue", 0, &p->queue) == -1 ||
	    reader_strings(r, where, v, "steps", 0, &p->steps, &p->n_steps)
	    == -1 || reader_string(r, where, v, "url", 1, &p->url) == -1 ||
	    reader_string(r, where, v, "regex", 0, &p->regex) == -1 ||
	    reader_string(r, where, v, "parser_version", 1,
	    &p->parser_version) == -1 || reader_integer(r, where, v,
	    "min_bytes", 0, MIN_BYTES_MAX, &p->min_bytes) == -1)
		return -1;
	if (decl_part(d, p->part) == NULL)
		return reader_fail(r, where, "no part \"%s\"", p->part);
	if ((p->regex != NULL && page_regex_check(r, where, p->regex)
	    == -1) || check_steps(r, d, where, p) == -1 ||
	    read_identity(r, d, where, p, yyjson_obj_get(v, "identity"))
	    == -1 ||
	    read_let(r, where, p, yyjson_obj_get(v, "let")) == -1 ||
	    read_walk(r, d, where, p, yyjson_obj_get(v, "walk")) == -1)
		return -1;
	return read_rows(r, d, where, p, yyjson_obj_get(v, "rows"));
}

static int
read_common(const struct reader *r, const struct decl *d, struct pages *out)
{
	static const char *const members[] = { "blocked", NULL };
	yyjson_val *v = yyjson_obj_get(d->root, "pages");

	if (v == NULL)
		return 0;
	if (reader_object(r, "pages", v, members) == -1)
		return -1;
	return reader_strings(r, "pages", v, "blocked", 0, &out->blocked,
	    &out->n_blocked);
}

int
decl_pages_read(struct decl *d, struct pages *out, struct buf *why)
{
	struct reader r = reader_of(d, why);
	yyjson_val *all = yyjson_obj_get(d->root, "page"), *key, *value;
	size_t i, max;

	memset(out, 0, sizeof(*out));
	if (read_common(&r, d, out) == -1)
		return -1;
	if (all == NULL)
		return 0;
	if (reader_object(&r, "page", all, NULL) == -1 || (out->page =
	    reader_array(&r, yyjson_obj_size(all), sizeof(*out->page)))
	    == NULL)
		return -1;
	out->n = yyjson_obj_size(all);
	yyjson_obj_foreach(all, i, max, key, value) {
		out->page[i].name = yyjson_get_str(key);
		if (read_page(&r, d, &out->page[i], value) == -1)
			return -1;
	}
	return 0;
}

/* --- looking up ---------------------------------------------------------- */

const struct page *
page_find(const struct pages *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->page[i].name, name) == 0)
			return &p->page[i];
	return NULL;
}

int
page_in_step(const struct page *p, const char *queue, const char *step)
{
	size_t i;

	if (p->queue == NULL || strcmp(p->queue, queue) != 0)
		return 0;
	for (i = 0; i < p->n_steps; i++)
		if (strcmp(p->steps[i], step) == 0)
			return 1;
	return 0;
}
