#include "decl/reader.h"

#include <errno.h>
#include <string.h>

#include "decl/decl.h"

struct reader
reader_of(struct decl *d, struct buf *why)
{
	return (struct reader){ d->file, why, &d->arena, &d->places };
}

static int MSG_FMT(4, 0)
fail(const struct reader *r, const char *where, const char *member,
    const char *fmt, va_list ap)
{
	const struct place *at;

	if (r->why->len == 0) {
		buf_str(r->why, r->file);
		if ((at = places_find(r->places, where, member)) != NULL)
			buf_printf(r->why, ":%d:%d", at->line, at->column);
		buf_printf(r->why, ": %s%s", where,
		    where[0] != '\0' ? ": " : "");
		buf_vprintf(r->why, fmt, ap);
	}
	errno = EINVAL;
	return -1;
}

int
reader_fail(const struct reader *r, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(r, where, NULL, fmt, ap);
	va_end(ap);
	return -1;
}

int
reader_fail_at(const struct reader *r, const char *where,
    const char *member, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(r, where, member, fmt, ap);
	va_end(ap);
	return -1;
}

static void
no_memory(const struct reader *r)
{
	reader_fail(r, "", "out of memory");
	errno = ENOMEM;
}

void *
reader_array(const struct reader *r, size_t n, size_t size)
{
	void *p = arena_calloc(r->arena, n > 0 ? n : 1, size);

	if (p == NULL)
		no_memory(r);
	return p;
}

const char *
reader_path(const struct reader *r, const char *prefix, const char *name)
{
	size_t a = strlen(prefix), b = strlen(name);
	char *path = arena_alloc(r->arena, a + b + 2);

	if (path == NULL) {
		no_memory(r);
		return NULL;
	}
	memcpy(path, prefix, a);
	path[a] = '.';
	memcpy(path + a + 1, name, b + 1);
	return path;
}

static int
is_allowed(const char *const *allowed, const char *name)
{
	for (; *allowed != NULL; allowed++)
		if (strcmp(*allowed, name) == 0)
			return 1;
	return 0;
}

int
reader_object(const struct reader *r, const char *where, yyjson_val *v,
    const char *const *allowed)
{
	yyjson_val *key, *value;
	size_t i, max;

	if (!yyjson_is_obj(v))
		return reader_fail(r, where, v == NULL ? "missing" :
		    "not a table");
	yyjson_obj_foreach(v, i, max, key, value) {
		const char *name = yyjson_get_str(key);

		if (strlen(name) != yyjson_get_len(key))
			return reader_fail(r, where, "a NUL in a name");
		if (allowed != NULL && !is_allowed(allowed, name))
			return reader_fail_at(r, where, name,
			    "unknown member \"%s\"", name);
		/* Only .json files can: yyjson keeps both. */
		if (yyjson_obj_get(v, name) != value)
			return reader_fail_at(r, where, name,
			    "\"%s\" occurs twice", name);
	}
	return 0;
}

/* The text of v if it is a string without NUL, else NULL. */
static const char *
text(yyjson_val *v)
{
	const char *s = yyjson_get_str(v);

	return s != NULL && strlen(s) == yyjson_get_len(v) ? s : NULL;
}

int
reader_string(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, int needed, const char **out)
{
	yyjson_val *v = yyjson_obj_get(obj, name);

	if (v == NULL)
		return needed ? reader_fail(r, where, "\"%s\" is missing",
		    name) : 0;
	if (text(v) == NULL)
		return reader_fail_at(r, where, name,
		    "\"%s\" is not a string", name);
	*out = text(v);
	return 0;
}

int
reader_flag(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, int *out)
{
	yyjson_val *v = yyjson_obj_get(obj, name);

	if (v == NULL)
		return 0;
	if (!yyjson_is_bool(v))
		return reader_fail_at(r, where, name,
		    "\"%s\" is not true or false", name);
	*out = yyjson_get_bool(v);
	return 0;
}

int
reader_integer(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, int64_t min, int64_t max, int64_t *out)
{
	yyjson_val *v = yyjson_obj_get(obj, name);

	if (v == NULL)
		return 0;
	if (!yyjson_is_int(v) || yyjson_get_sint(v) < min ||
	    yyjson_get_sint(v) > max)
		return reader_fail_at(r, where, name, "\"%s\" is no integer "
		    "from %lld to %lld", name, (long long)min,
		    (long long)max);
	*out = yyjson_get_sint(v);
	return 0;
}

int
reader_strings(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, int needed, const char ***out, size_t *n)
{
	yyjson_val *v = yyjson_obj_get(obj, name), *item;
	size_t i, max;

	if (v == NULL)
		return needed ? reader_fail(r, where, "\"%s\" is missing",
		    name) : 0;
	if (!yyjson_is_arr(v))
		return reader_fail_at(r, where, name,
		    "\"%s\" is not an array", name);
	*n = yyjson_arr_size(v);
	if ((*out = reader_array(r, *n, sizeof(**out))) == NULL)
		return -1;
	yyjson_arr_foreach(v, i, max, item)
		if (((*out)[i] = text(item)) == NULL)
			return reader_fail_at(r, where, name,
			    "\"%s\" has an item that is not a string", name);
	return 0;
}

int
reader_name(const struct reader *r, const char *where, const char *name)
{
	const char *rest = name;

	if (*rest >= 'a' && *rest <= 'z')
		rest += strspn(rest, "abcdefghijklmnopqrstuvwxyz_0123456789");
	if (*rest != '\0' || rest == name || rest - name > 63)
		return reader_fail(r, where,
		    "\"%s\" is no name: a-z, 0-9 and _, at most 63", name);
	return 0;
}
