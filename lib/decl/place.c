#include "decl/place.h"

#include <stdlib.h>
#include <string.h>

/* --- of JSON text ------------------------------------------------------- */

struct scan {
	const char *at, *end;
	int32_t line, column;
};

static void
step(struct scan *s)
{
	if (*s->at == '\n') {
		s->line++;
		s->column = 1;
	} else if (((unsigned char)*s->at & 0xc0) != 0x80)
		s->column++;
	s->at++;
}

/* Go beyond the value or name that begins here; arrays and objects begin
 * with what is in them.  The text is valid. */
static void
skip(struct scan *s)
{
	if (*s->at != '"') {
		step(s);
		while (s->at < s->end && strchr("{[]},: \t\r\n\"", *s->at)
		    == NULL && s->at[-1] != '{' && s->at[-1] != '[')
			step(s);
		return;
	}
	step(s);
	while (s->at < s->end && *s->at != '"') {
		if (*s->at == '\\')
			step(s);
		step(s);
	}
	step(s);
}

static int
reserve(struct places *p, yyjson_val *root, size_t n, struct arena *a)
{
	*p = (struct places){ .root = root };
	p->at = arena_calloc(a, n > 0 ? n : 1, sizeof(*p->at));
	return p->at != NULL ? 0 : -1;
}

int
places_scan(struct places *p, yyjson_doc *doc, const char *text, size_t n,
    struct arena *a)
{
	size_t max = yyjson_doc_get_val_count(doc);
	struct scan s = { text, text + n, 1, 1 };

	if (reserve(p, yyjson_doc_get_root(doc), max, a) == -1)
		return -1;
	while (s.at < s.end && p->n < max) {
		if (strchr("]},: \t\r\n", *s.at) != NULL) {
			step(&s);
			continue;
		}
		p->at[p->n++] = (struct place){ s.line, s.column };
		skip(&s);
	}
	return 0;
}

int
places_take(struct places *p, yyjson_val *root, yyjson_val *list,
    struct arena *a)
{
	size_t i, max, n = yyjson_arr_size(list);
	yyjson_val *v;

	if (reserve(p, root, n / 2, a) == -1)
		return -1;
	yyjson_arr_foreach(list, i, max, v) {
		struct place *at = &p->at[i / 2];

		*(i % 2 == 0 ? &at->line : &at->column) =
		    (int32_t)yyjson_get_int(v);
	}
	p->n = n / 2;
	return 0;
}

/* --- looking up --------------------------------------------------------- */

/* How many bytes of path name the member key, a dot after it included; 0
 * if they do not. */
static size_t
names(const char *path, const char *key)
{
	size_t n = strlen(key);

	if (n == 0 || strncmp(path, key, n) != 0)
		return 0;
	return path[n] == '.' ? n + 1 : path[n] == '\0' ? n : 0;
}

/* The member of v that path begins with; the longest, since a name may
 * have dots.  Its name is what has the place. */
static yyjson_val *
enter(yyjson_val *v, const char **path, yyjson_val **place)
{
	yyjson_val *key, *value, *found = NULL;
	size_t i, max, n, best = 0;

	yyjson_obj_foreach(v, i, max, key, value)
		if ((n = names(*path, yyjson_get_str(key))) > best) {
			best = n;
			found = value;
			*place = key;
		}
	if (yyjson_is_arr(v) && (n = strtoul(*path, NULL, 10)) > 0 &&
	    (found = yyjson_arr_get(v, n - 1)) != NULL) {
		best = strcspn(*path, ".");
		best += (*path)[best] == '.';
		*place = found;
	}
	*path += best;
	return found;
}

const struct place *
places_find(const struct places *p, const char *path, const char *member)
{
	yyjson_val *v = p->root, *next, *place = NULL;
	size_t i;

	while (*path != '\0' && (next = enter(v, &path, &place)) != NULL)
		v = next;
	if (member != NULL && *path == '\0')
		enter(v, &member, &place);
	if (place == NULL || p->n == 0)
		return NULL;
	i = (size_t)(place - p->root);
	return i < p->n && p->at[i].line > 0 ? &p->at[i] : NULL;
}
