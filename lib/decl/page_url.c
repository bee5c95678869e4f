/* page_url.c -- the address of a page. */
#include "decl/page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"

/* The text of member name, in number if it is one; or NULL. */
static const char *
look_up(const struct part *part, yyjson_val *facts, const char *name,
    char number[32])
{
	const char *text = part_get(part, name);
	yyjson_val *v;

	if (text != NULL)
		return text;
	v = yyjson_obj_get(facts, name);
	if (yyjson_is_sint(v) || yyjson_is_uint(v)) {
		snprintf(number, 32, "%lld", (long long)yyjson_get_sint(v));
		return number;
	}
	text = yyjson_get_str(v);
	return text != NULL && strlen(text) == yyjson_get_len(v) ? text :
	    NULL;
}

/* Add the member named between braces; base before it, if it is a path. */
static int
add_member(const char *name, const char *base, const struct part *part,
    yyjson_val *facts, struct buf *b)
{
	int plain = name[0] == '+';
	char number[32];
	const char *text = look_up(part, facts, name + plain, number);

	if (text == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (!plain)
		return path_encode(b, text);
	if (text[0] == '/' && buf_str(b, base) == -1)
		return -1;
	return buf_str(b, text);
}

int
page_url(const struct page *p, const char *base, const struct part *part,
    yyjson_val *facts, struct buf *b, char missing[PAGE_NAME_BYTES])
{
	const char *s = p->url, *end;
	size_t start = b->len;

	if (*s == '/' && buf_str(b, base) == -1)
		return -1;
	while (*s != '\0') {
		if (*s != '{' || (end = strchr(s, '}')) == NULL) {
			if (buf_chr(b, *s++) == -1)
				return -1;
			continue;
		}
		snprintf(missing, PAGE_NAME_BYTES, "%.*s",
		    (int)(end - s) - 1, s + 1);
		if (add_member(missing, b->len == start ? base : "", part,
		    facts, b) == -1)
			return -1;
		s = end + 1;
	}
	return 0;
}
