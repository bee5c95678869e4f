#include "store/column.h"

#include <stdio.h>

#include "base/clock.h"

void
column_copy(sqlite3_stmt *s, int i, char *out, size_t size)
{
	const char *text = db_text(s, i);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

int64_t
column_instant(sqlite3_stmt *s, int i, int64_t otherwise)
{
	const char *text = db_text(s, i);
	int64_t ms;

	return text != NULL && clock_parse(text, &ms) == 0 ? ms : otherwise;
}
