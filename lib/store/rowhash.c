#include "store/rowhash.h"

#include <string.h>
#include <xxhash.h>

struct cell
cell_text(const char *text, size_t len)
{
	return (struct cell){ CELL_TEXT, { .len = len }, text };
}

void
cell_bind(sqlite3_stmt *s, int i, const struct cell *c)
{
	switch (c->type) {
	case CELL_NULL:
		sqlite3_bind_null(s, i);
		break;
	case CELL_INTEGER:
		sqlite3_bind_int64(s, i, c->u.integer);
		break;
	case CELL_REAL:
		sqlite3_bind_double(s, i, c->u.real);
		break;
	case CELL_TEXT:
		sqlite3_bind_text64(s, i, c->text, c->u.len, SQLITE_STATIC,
		    SQLITE_UTF8);
		break;
	case CELL_BLOB:
		sqlite3_bind_blob64(s, i, c->text, c->u.len, SQLITE_STATIC);
		break;
	}
}

struct cell
cell_column(sqlite3_stmt *s, int i)
{
	struct cell c = { CELL_NULL, { 0 }, NULL };

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		c.type = CELL_INTEGER;
		c.u.integer = sqlite3_column_int64(s, i);
		break;
	case SQLITE_FLOAT:
		c.type = CELL_REAL;
		c.u.real = sqlite3_column_double(s, i);
		break;
	case SQLITE_TEXT:
		c.type = CELL_TEXT;
		c.text = (const char *)sqlite3_column_text(s, i);
		c.u.len = (size_t)sqlite3_column_bytes(s, i);
		break;
	case SQLITE_BLOB:
		c.type = CELL_BLOB;
		c.text = sqlite3_column_blob(s, i);
		c.u.len = (size_t)sqlite3_column_bytes(s, i);
		break;
	}
	return c;
}

/* Eight bytes, the lowest first, on every machine. */
static char *
put_u64(char *p, uint64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		*p++ = (char)(unsigned char)(v >> 8 * i);
	return p;
}

static char *
put_cell(char *p, const struct cell *c)
{
	double real;
	uint64_t bits;

	*p++ = (char)c->type;
	switch (c->type) {
	case CELL_NULL:
		break;
	case CELL_INTEGER:
		p = put_u64(p, (uint64_t)c->u.integer);
		break;
	case CELL_REAL:
		/* SQLite stores -0.0 as 0. */
		real = c->u.real == 0 ? 0 : c->u.real;
		memcpy(&bits, &real, sizeof(bits));
		p = put_u64(p, bits);
		break;
	case CELL_TEXT:
	case CELL_BLOB:
		p = put_u64(p, c->u.len);
		memcpy(p, c->text, c->u.len);
		p += c->u.len;
		break;
	}
	return p;
}

/* No cell takes more bytes than this in put_cell(). */
static size_t
bound(const struct cell *c)
{
	return 9 + (c->type >= CELL_TEXT ? c->u.len : 0);
}

int
rowhash(struct buf *scratch, const struct cell *cells, size_t n,
    const struct cell *more, unsigned char out[ROWHASH_BYTES])
{
	XXH128_canonical_t canonical;
	size_t i, need = more != NULL ? bound(more) : 0;
	char *p;

	for (i = 0; i < n; i++)
		need += bound(&cells[i]);
	buf_clear(scratch);
	if (buf_reserve(scratch, need) == -1)
		return -1;
	p = scratch->data;
	for (i = 0; i < n; i++)
		p = put_cell(p, &cells[i]);
	if (more != NULL)
		p = put_cell(p, more);
	XXH128_canonicalFromHash(&canonical, XXH3_128bits(scratch->data,
	    (size_t)(p - scratch->data)));
	memcpy(out, canonical.digest, ROWHASH_BYTES);
	return 0;
}
