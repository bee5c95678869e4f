#include "store/pick.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

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
		r = buf_str(sql, " AND instr(part, ") == -1 ||
		    pick_quote(sql, json.data) == -1 ||
		    buf_str(sql, ") > 0") == -1 ? -1 : 0;
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
