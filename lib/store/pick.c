#include "store/pick.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "record/jsonw.h"

/* What can be the name of a member: then its JSON is itself. */
static int
is_name(const char *s, size_t n)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return n > 0 && strspn(s, chars) >= n;
}

static int
take_member(struct pick *p, const char *word, const char *eq)
{
	char name[sizeof(p->members.m[0].name)];
	size_t n = (size_t)(eq - word);

	if (n >= sizeof(name) || !is_name(word, n)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(name, word, n);
	name[n] = '\0';
	return part_add(&p->members, name, eq + 1);
}

int
pick_members(struct pick *p, char *const argv[])
{
	const char *eq;
	int n;

	for (n = 0; argv[n] != NULL; n++) {
		if (strcmp(argv[n], "--") == 0)
			return n + 1;
		if ((eq = strchr(argv[n], '=')) == NULL)
			break;
		if (take_member(p, argv[n], eq) == -1)
			return -1;
	}
	return n;
}

int
pick_is_all(const struct pick *p)
{
	return p->source == NULL && p->dataset == NULL && p->members.n == 0;
}

int
pick_quote(struct buf *sql, const char *text)
{
	const char *p;

	if (buf_chr(sql, '\'') == -1)
		return -1;
	for (p = text; *p != '\0'; p++)
		if ((*p == '\'' && buf_chr(sql, '\'') == -1) ||
		    buf_chr(sql, *p) == -1)
			return -1;
	return buf_chr(sql, '\'');
}

static int
equals(struct buf *sql, const char *column, const char *text)
{
	if (text == NULL)
		return 0;
	if (buf_printf(sql, " AND %s = ", column) == -1)
		return -1;
	return pick_quote(sql, text);
}

/*
 * The key is stored as part_json() writes it, so the text of a member is in
 * it if and only if the member is: a quote within a value is escaped, and
 * no name has one.
 */
static int
has_member(struct buf *sql, const struct part_member *m)
{
	const struct part one = { 1, { *m } };
	struct buf json;
	int r;

	buf_init(&json, PATH_BYTES_MAX);
	if ((r = part_json(&one, &json)) == 0) {
		buf_cut(&json, json.len - 1);
		buf_drop(&json, 1);
		r = buf_str(sql, " AND part_has(part, ") == -1 ||
		    pick_quote(sql, json.data) == -1 ||
		    buf_chr(sql, ')') == -1 ? -1 : 0;
	}
	buf_release(&json);
	return r;
}

int
pick_sql(const struct pick *p, struct buf *sql)
{
	size_t i;

	if (buf_str(sql, "(1") == -1 ||
	    equals(sql, "source", p->source) == -1 ||
	    equals(sql, "dataset", p->dataset) == -1)
		return -1;
	for (i = 0; i < p->members.n; i++)
		if (has_member(sql, &p->members.m[i]) == -1)
			return -1;
	return buf_chr(sql, ')');
}

/* --- dates --------------------------------------------------------------- */

#define DATE_BYTES 10		/* "2026-11-20" */
#define DAY_MS 86400000

int64_t
pick_day(const char *text)
{
	char instant[DATE_BYTES + sizeof("T00:00:00Z")];
	int64_t ms;

	if (strlen(text) != DATE_BYTES)
		return -1;
	snprintf(instant, sizeof(instant), "%sT00:00:00Z", text);
	return clock_parse(instant, &ms) == 0 && ms >= 0 ? ms / DAY_MS : -1;
}

int
pick_time_parse(struct pick_time *t, const char *text)
{
	int64_t ms;

	if (pick_day(text) != -1) {
		snprintf(t->text, sizeof(t->text), "%s", text);
		return 0;
	}
	if (clock_parse(text, &ms) == -1)
		return -1;
	clock_format(ms, t->text);
	return 0;
}

int
pick_time_sql(const struct pick_time *t, const char *op,
    const char *changed, struct buf *sql)
{
	if (t->text[0] == '\0')
		return 0;
	if (strlen(t->text) > DATE_BYTES)
		return buf_printf(sql, " AND %s %s '%s'", changed, op,
		    t->text);
	return buf_printf(sql, " AND ifnull(part_date(part), "
	    "substr(%s, 1, %d)) %s '%s'", changed, DATE_BYTES, op, t->text);
}

/* Where the first date in the key's JSON begins, after its quote; or NULL. */
static const char *
find_date(const char *json)
{
	static const char shape[] = "\"dddd-dd-dd\"";
	const char *p;
	size_t i;

	for (p = json; (p = strstr(p, ":\"")) != NULL; p++) {
		for (i = 0; shape[i] != '\0'; i++)
			if (shape[i] == 'd' ?
			    !isdigit((unsigned char)p[1 + i]) :
			    p[1 + i] != shape[i])
				break;
		if (shape[i] == '\0')
			return p + 2;
	}
	return NULL;
}

int
pick_undated(const char *json, struct buf *undated, char date[11])
{
	const char *found = find_date(json), *from, *to;

	if (found == NULL)
		return buf_str(undated, json) == -1 ? -1 : 0;
	memcpy(date, found, DATE_BYTES);
	date[DATE_BYTES] = '\0';
	to = found + DATE_BYTES + 1;
	for (from = found - 3; *from != '{' && *from != ','; from--)
		continue;
	if (*from == '{') {
		from++;
		to += *to == ',';
	}
	if (buf_add(undated, json, (size_t)(from - json)) == -1)
		return -1;
	return buf_str(undated, to) == -1 ? -1 : 1;
}

/* --- the functions ------------------------------------------------------- */

static void
part_has(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *part = (const char *)sqlite3_value_text(argv[0]);
	const char *member = (const char *)sqlite3_value_text(argv[1]);

	(void)argc;
	sqlite3_result_int(ctx, part != NULL && member != NULL &&
	    strstr(part, member) != NULL);
}

static void
part_date(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *part = (const char *)sqlite3_value_text(argv[0]), *date;

	(void)argc;
	if (part != NULL && (date = find_date(part)) != NULL)
		sqlite3_result_text(ctx, date, DATE_BYTES, SQLITE_TRANSIENT);
}

int
pick_functions(struct db *db)
{
	static const struct {
		const char *name;
		int n;
		void (*fn)(sqlite3_context *, int, sqlite3_value **);
	} all[] = { { "part_has", 2, part_has },
	    { "part_date", 1, part_date } };
	size_t i;
	int r;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		r = sqlite3_create_function(db->h, all[i].name, all[i].n,
		    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, all[i].fn,
		    NULL, NULL);
		if (r != SQLITE_OK)
			return db_fail(db, r);
	}
	return 0;
}
