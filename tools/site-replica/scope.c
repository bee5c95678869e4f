#include "scope.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

/* What a name means: a column of a row, or a text. */
struct found {
	sqlite3_stmt *row;
	int column;
	const char *text;
};

static int
is_name(const char *have, const char *name, size_t n)
{
	return strncmp(have, name, n) == 0 && have[n] == '\0';
}

static int
find_column(sqlite3_stmt *row, const char *name, size_t n, struct found *f)
{
	int i, columns = sqlite3_column_count(row);

	for (i = 0; i < columns; i++)
		if (is_name(sqlite3_column_name(row, i), name, n)) {
			*f = (struct found){ row, i, NULL };
			return 0;
		}
	return -1;
}

static int
find(const struct scope *s, const char *name, size_t n, struct found *f)
{
	size_t i;

	for (; s != NULL; s = s->outer) {
		if (s->row != NULL &&
		    find_column(s->row, name, n, f) == 0)
			return 0;
		for (i = 0; i < s->n; i++)
			if (is_name(s->vars[i].name, name, n)) {
				*f = (struct found){ NULL, 0,
				    s->vars[i].value };
				return 0;
			}
	}
	return -1;
}

int
scope_text(const struct scope *s, const char *name, size_t n,
    const char **text)
{
	struct found f;

	if (find(s, name, n, &f) == -1)
		return -1;
	*text = f.row == NULL ? f.text :
	    (const char *)sqlite3_column_text(f.row, f.column);
	return 0;
}

/* The text of an integer, as one would write it, is one. */
static void
bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	char again[24];
	int64_t n;

	if (num_parse(text, INT64_MIN, INT64_MAX, &n) == 0) {
		snprintf(again, sizeof(again), "%" PRId64, n);
		if (strcmp(again, text) == 0) {
			sqlite3_bind_int64(stmt, i, n);
			return;
		}
	}
	sqlite3_bind_text(stmt, i, text, -1, SQLITE_TRANSIENT);
}

const char *
scope_bind(const struct scope *s, sqlite3_stmt *stmt)
{
	int i, n = sqlite3_bind_parameter_count(stmt);
	const char *name;
	struct found f;

	for (i = 1; i <= n; i++) {
		if ((name = sqlite3_bind_parameter_name(stmt, i)) == NULL)
			return "?";
		if (find(s, name + 1, strlen(name + 1), &f) == -1)
			return name;
		if (f.row == NULL)
			bind_text(stmt, i, f.text);
		else
			sqlite3_bind_value(stmt, i,
			    sqlite3_column_value(f.row, f.column));
	}
	return NULL;
}
