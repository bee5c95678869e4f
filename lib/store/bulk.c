#include "store/bulk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Flush when this much is collected: it should stay in the cache. */
#define BATCH_BYTES ((size_t)256 << 10)
#define BATCH_ROWS 2048

/* --- the virtual table -------------------------------------------------- */

struct source {
	sqlite3_vtab base;	/* first, as SQLite wants it */
	struct bulk *bulk;
};

struct cursor {
	sqlite3_vtab_cursor base;
	const struct cell *row, *end;
	size_t width;
};

static int
source_connect(sqlite3 *h, void *aux, int argc, const char *const *argv,
    sqlite3_vtab **out, char **error)
{
	struct bulk *b = aux;
	struct source *s;
	struct buf sql;
	int i, r;

	(void)argc;
	(void)argv;
	(void)error;
	buf_init(&sql, (size_t)1 << 20);
	buf_str(&sql, "CREATE TABLE bulk (");
	for (i = 0; i < b->width; i++)
		if (buf_printf(&sql, "%sc%d", i > 0 ? ", " : "", i) == -1)
			break;
	r = i < b->width || buf_chr(&sql, ')') == -1 ? SQLITE_NOMEM :
	    sqlite3_declare_vtab(h, sql.data);
	buf_release(&sql);
	if (r != SQLITE_OK)
		return r;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SQLITE_NOMEM;
	s->bulk = b;
	*out = &s->base;
	return SQLITE_OK;
}

static int
source_disconnect(sqlite3_vtab *v)
{
	free(v);
	return SQLITE_OK;
}

/* There is one way to read it: from the first row to the last. */
static int
source_best_index(sqlite3_vtab *v, sqlite3_index_info *info)
{
	(void)v;
	info->estimatedRows = BATCH_ROWS;
	return SQLITE_OK;
}

static int
cursor_open(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
	struct cursor *c = calloc(1, sizeof(*c));

	(void)v;
	if (c == NULL)
		return SQLITE_NOMEM;
	*out = &c->base;
	return SQLITE_OK;
}

static int
cursor_close(sqlite3_vtab_cursor *v)
{
	free(v);
	return SQLITE_OK;
}

static int
cursor_filter(sqlite3_vtab_cursor *v, int index, const char *name, int argc,
    sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)v;
	const struct bulk_table *t = ((struct source *)v->pVtab)->bulk->now;

	(void)index;
	(void)name;
	(void)argc;
	(void)argv;
	c->row = t->cells;
	c->end = t->cells + t->n * t->width;
	c->width = t->width;
	return SQLITE_OK;
}

static int
cursor_next(sqlite3_vtab_cursor *v)
{
	struct cursor *c = (struct cursor *)v;

	c->row += c->width;
	return SQLITE_OK;
}

static int
cursor_eof(sqlite3_vtab_cursor *v)
{
	const struct cursor *c = (const struct cursor *)v;

	return c->row == c->end;
}

static int
cursor_column(sqlite3_vtab_cursor *v, sqlite3_context *out, int i)
{
	const struct cell *c = &((const struct cursor *)v)->row[i];

	switch (c->type) {
	case CELL_NULL:
		break;
	case CELL_INTEGER:
		sqlite3_result_int64(out, c->u.integer);
		break;
	case CELL_REAL:
		sqlite3_result_double(out, c->u.real);
		break;
	case CELL_TEXT:
		sqlite3_result_text64(out, c->text, c->u.len, SQLITE_STATIC,
		    SQLITE_UTF8);
		break;
	case CELL_BLOB:
		sqlite3_result_blob64(out, c->text, c->u.len, SQLITE_STATIC);
		break;
	}
	return SQLITE_OK;
}

static int
cursor_rowid(sqlite3_vtab_cursor *v, sqlite3_int64 *out)
{
	(void)v;
	*out = 0;	/* nobody asks */
	return SQLITE_OK;
}

/* Without xCreate it needs no CREATE: it is there under its name. */
static const sqlite3_module source_module = {
	.xConnect = source_connect,
	.xBestIndex = source_best_index,
	.xDisconnect = source_disconnect,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_filter,
	.xNext = cursor_next,
	.xEof = cursor_eof,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid,
};

/* --- collecting --------------------------------------------------------- */

int
bulk_init(struct bulk *b, struct db *db, size_t n, size_t width)
{
	memset(b, 0, sizeof(*b));
	b->db = db;
	b->width = (int)width;
	arena_init(&b->text);
	if ((b->tables = calloc(n + 1, sizeof(*b->tables))) == NULL)
		return -1;
	b->n_tables = n;
	return sqlite3_create_module(db->h, "bulk", &source_module, b) ==
	    SQLITE_OK ? 0 : -1;
}

void
bulk_release(struct bulk *b)
{
	size_t i;

	for (i = 0; i < b->n_tables; i++)
		free(b->tables[i].cells);
	free(b->tables);
	arena_release(&b->text);
	b->tables = NULL;
	b->n_tables = 0;
}

int
bulk_prepare(struct bulk *b, size_t table, size_t width, const char *sql)
{
	b->tables[table].width = width;
	b->tables[table].insert = db_prepare(b->db, sql);
	return b->tables[table].insert == NULL ? -1 : 0;
}

static int
grow(struct bulk_table *t)
{
	size_t cap = t->cap == 0 ? 16 : 2 * t->cap;
	struct cell *cells = realloc(t->cells,
	    cap * t->width * sizeof(*cells));

	if (cells == NULL)
		return -1;
	t->cells = cells;
	t->cap = cap;
	return 0;
}

/* The text of a row is one piece of memory. */
static int
copy_text(struct bulk *b, struct cell *cells, size_t n)
{
	size_t i, len = 0;
	char *p;

	for (i = 0; i < n; i++)
		if (cells[i].type >= CELL_TEXT)
			len += cells[i].u.len;
	if ((p = arena_alloc(&b->text, len)) == NULL)
		return -1;
	b->bytes += len;
	for (i = 0; i < n; i++) {
		if (cells[i].type < CELL_TEXT)
			continue;
		memcpy(p, cells[i].text, cells[i].u.len);
		cells[i].text = p;
		p += cells[i].u.len;
	}
	return 0;
}

int
bulk_add(struct bulk *b, size_t table, const struct cell *cells)
{
	struct bulk_table *t = &b->tables[table];
	struct cell *row;

	if (t->n == t->cap && grow(t) == -1)
		return -1;
	row = t->cells + t->n * t->width;
	memcpy(row, cells, t->width * sizeof(*row));
	if (copy_text(b, row, t->width) == -1)
		return -1;
	t->n++;
	return ++b->rows == BATCH_ROWS || b->bytes >= BATCH_BYTES ?
	    bulk_flush(b) : 0;
}

void
bulk_clear(struct bulk *b)
{
	size_t i;

	for (i = 0; i < b->n_tables; i++)
		b->tables[i].n = 0;
	arena_clear(&b->text);
	b->bytes = b->rows = 0;
}

int
bulk_flush(struct bulk *b)
{
	struct bulk_table *t;

	for (t = b->tables; t < b->tables + b->n_tables; t++) {
		if (t->n == 0)
			continue;
		b->now = t;
		if (db_run(b->db, t->insert) == -1)
			return -1;
		t->n = 0;
	}
	arena_clear(&b->text);
	b->bytes = b->rows = 0;
	return 0;
}
