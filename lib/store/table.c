#include "store/table.h"

#include <string.h>

#define COLUMNS_MAX 16
#define CELL_CHARS 400		/* characters; longer text is cut */

struct layout {
	enum table_form form;
	int n;			/* columns */
	int width[COLUMNS_MAX];	/* characters; 0: nothing to show */
	int right[COLUMNS_MAX];	/* every value is a number */
};

/* Bytes of the UTF-8 character at p: its first and what continues it. */
static size_t
character(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static int
characters(const char *s)
{
	int n = 0;

	for (; *s != '\0' && n < CELL_CHARS; s += character(s))
		n++;
	return n;
}

/* One value, with what would break the table masked or escaped. */
static int
cell(struct buf *b, const char *s, enum table_form form)
{
	size_t len;
	int n;

	for (n = 0; *s != '\0' && n < CELL_CHARS; n++, s += len) {
		len = character(s);
		if ((unsigned char)*s < ' ' || *s == 0x7f) {
			if (buf_chr(b, ' ') == -1)
				return -1;
			continue;
		}
		if (form == TABLE_MARKDOWN && strchr("|\\<", *s) != NULL &&
		    buf_chr(b, '\\') == -1)
			return -1;
		if (buf_add(b, s, len) == -1)
			return -1;
	}
	return *s != '\0' ? buf_str(b, "...") : 0;
}

static const char *
value(sqlite3_stmt *s, int i)
{
	const char *text = db_text(s, i);

	return text != NULL ? text : "";
}

static void
measure_cell(struct layout *l, sqlite3_stmt *s, int i)
{
	int w = characters(value(s, i)), type = sqlite3_column_type(s, i);

	if (w > l->width[i])
		l->width[i] = w;
	if (type != SQLITE_INTEGER && type != SQLITE_FLOAT && w > 0)
		l->right[i] = 0;
}

static int64_t
measure(struct layout *l, struct db *db, sqlite3_stmt *s)
{
	int64_t rows;
	int i, r;

	l->n = sqlite3_column_count(s);
	if (l->n > COLUMNS_MAX)
		l->n = COLUMNS_MAX;
	for (i = 0; i < l->n; i++)
		l->right[i] = 1;
	for (rows = 0; (r = db_step(db, s)) == 1; rows++)
		for (i = 0; i < l->n; i++)
			measure_cell(l, s, i);
	return r == -1 ? -1 : rows;
}

static int
pad(struct buf *b, int n)
{
	return n > 0 ? buf_printf(b, "%*s", n, "") : 0;
}

static int
text_row(struct buf *b, const struct layout *l, sqlite3_stmt *s)
{
	int i, r = 0;

	for (i = 0; i < l->n && r == 0; i++) {
		int left = l->width[i] - characters(value(s, i));

		if (l->width[i] == 0)
			continue;
		r = buf_str(b, "  ");
		if (r == 0 && l->right[i])
			r = pad(b, left);
		if (r == 0)
			r = cell(b, value(s, i), TABLE_TEXT);
		if (r == 0 && !l->right[i])
			r = pad(b, left);
	}
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		buf_cut(b, b->len - 1);
	return r == -1 ? -1 : buf_chr(b, '\n');
}

static int
markdown_row(struct buf *b, const struct layout *l, sqlite3_stmt *s)
{
	int i, r = buf_chr(b, '|');

	for (i = 0; i < l->n && r == 0; i++)
		if (l->width[i] > 0 && (r = buf_chr(b, ' ')) == 0 &&
		    (r = cell(b, value(s, i), TABLE_MARKDOWN)) == 0)
			r = buf_str(b, " |");
	return r == -1 ? -1 : buf_chr(b, '\n');
}

static int
markdown_head(struct buf *b, const struct layout *l, sqlite3_stmt *s)
{
	int i, r = buf_chr(b, '|');

	for (i = 0; i < l->n && r == 0; i++)
		if (l->width[i] > 0)
			r = buf_printf(b, " %s |", sqlite3_column_name(s, i));
	if (r == 0)
		r = buf_str(b, "\n|");
	for (i = 0; i < l->n && r == 0; i++)
		if (l->width[i] > 0)
			r = buf_str(b, l->right[i] ? "---:|" : "---|");
	return r == -1 ? -1 : buf_chr(b, '\n');
}

int64_t
table_print(struct buf *b, struct db *db, sqlite3_stmt *s,
    enum table_form form)
{
	struct layout l = { .form = form };
	int64_t rows = measure(&l, db, s);
	int r;

	if (rows <= 0)
		return rows;
	if (form == TABLE_MARKDOWN && markdown_head(b, &l, s) == -1)
		return -1;
	while ((r = db_step(db, s)) == 1)
		if ((form == TABLE_TEXT ? text_row(b, &l, s) :
		    markdown_row(b, &l, s)) == -1) {
			sqlite3_reset(s);
			return -1;
		}
	return r == -1 ? -1 : rows;
}
