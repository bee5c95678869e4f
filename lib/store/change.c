#include "store/change.h"

#include "decl/ddl.h"
#include "store/canon_table.h"
#include "store/diff.h"

static void
hex(struct jsonw *w, const char *name, sqlite3_stmt *s, int i)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = sqlite3_column_blob(s, i);
	int n = sqlite3_column_bytes(s, i), j;
	char text[129];

	for (j = 0; j < n && j < 64; j++) {
		text[2 * j] = digits[p[j] >> 4];
		text[2 * j + 1] = digits[p[j] & 15];
	}
	jsonw_strn(w, name, text, 2 * (size_t)j);
}

static void
text(struct jsonw *w, const char *name, enum decl_type type, sqlite3_stmt *s,
    int i)
{
	const char *p = (const char *)sqlite3_column_text(s, i);
	size_t n = (size_t)sqlite3_column_bytes(s, i);

	if (type == DECL_JSON)
		jsonw_raw(w, name, p, n);
	else
		jsonw_strn(w, name, p, n);
}

/* One value by the type it is stored as; by declaration what it means. */
static void
value(struct jsonw *w, const struct canon_column *c, sqlite3_stmt *s, int i)
{
	switch (sqlite3_column_type(s, i)) {
	case SQLITE_NULL:
		jsonw_null(w, c->name);
		break;
	case SQLITE_INTEGER:
		if (c->type == DECL_BOOLEAN)
			jsonw_bool(w, c->name, sqlite3_column_int(s, i) != 0);
		else
			jsonw_int(w, c->name, sqlite3_column_int64(s, i));
		break;
	case SQLITE_FLOAT:
		jsonw_real(w, c->name, sqlite3_column_double(s, i));
		break;
	case SQLITE_BLOB:
		hex(w, c->name, s, i);
		break;
	default:
		text(w, c->name, c->type, s, i);
	}
}

static int
is_null(sqlite3_stmt *s, size_t i)
{
	return sqlite3_column_type(s, (int)i) == SQLITE_NULL;
}

void
row_write(struct jsonw *w, const struct decl_table *t, sqlite3_stmt *s,
    unsigned int flags)
{
	size_t i, n = ddl_count(t);

	for (i = 0; i < n; i++) {
		struct canon_column c = canon_column(t, i);

		if (is_null(s, i) || (c.kind == CANON_ROW_HASH &&
		    !(flags & ROW_PROVENANCE)))
			continue;
		value(w, &c, s, (int)i);
	}
}

/* The key in the table's order of columns; s is either row. */
static void
write_key(struct jsonw *w, const struct change *c, sqlite3_stmt *s)
{
	size_t i, n = ddl_count(c->t);

	jsonw_obj_open(w, "key");
	for (i = 0; i < n; i++) {
		struct canon_column col = canon_column(c->t, i);

		if (col.key && !is_null(s, i))
			value(w, &col, s, (int)i);
	}
	jsonw_obj_close(w);
}

/* Of an update only the columns that differ are told. */
static int
is_told(const struct change *c, sqlite3_stmt *s, int i)
{
	if (c->older == NULL || c->newer == NULL)
		return !is_null(s, (size_t)i);
	return diff_compare(sqlite3_column_value(c->older, i),
	    sqlite3_column_value(c->newer, i)) != 0;
}

/* One of the rows, as old or new. */
static void
write_row(struct jsonw *w, const struct change *c, const char *name,
    sqlite3_stmt *s)
{
	size_t i, n = ddl_count(c->t);

	if (s == NULL)
		return;
	jsonw_obj_open(w, name);
	for (i = c->t->kind->n_key; i < n; i++) {
		struct canon_column col = canon_column(c->t, i);

		if (col.kind != CANON_ROW_HASH && is_told(c, s, (int)i))
			value(w, &col, s, (int)i);
	}
	jsonw_obj_close(w);
}

static const char *
op(const struct change *c)
{
	if (c->older == NULL)
		return "insert";
	return c->newer == NULL ? "delete" : "update";
}

void
change_write(struct jsonw *w, const struct change *c, int brief)
{
	jsonw_str(w, "run", c->head->run);
	jsonw_str(w, "source", c->d->source);
	jsonw_str(w, "dataset", c->head->label);
	jsonw_str(w, "version", c->head->version);
	jsonw_str(w, "op", op(c));
	jsonw_str(w, "table", c->t->name);
	write_key(w, c, c->newer != NULL ? c->newer : c->older);
	if (brief) {
		jsonw_bool(w, "brief", 1);
		return;
	}
	write_row(w, c, "old", c->older);
	write_row(w, c, "new", c->newer);
}
