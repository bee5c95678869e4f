#include "model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "decl/reader.h"

/* Bytes of an integer as text. */
#define INTEGER_TEXT 24

/* Bytes of "route.N". */
#define WHERE_TEXT 32

/* What reading needs besides the result. */
struct load {
	struct reader r;
	struct model *p;
	const char *dir, *pages;	/* of the file, and of captures */
};

static const char html[] = "text/html; charset=utf-8";

/* The type of a file by its name, without the .gz of stored bytes. */
static const char *
type_of(const char *name)
{
	static const char *const types[][2] = {
		{ ".html", html }, { ".htm", html },
		{ ".json", "application/json" },
		{ ".xml", "application/xml" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".csv", "text/csv; charset=utf-8" },
	};
	size_t i, n = strlen(name), ext;

	if (n > 3 && strcmp(name + n - 3, ".gz") == 0)
		n -= 3;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		ext = strlen(types[i][0]);
		if (n > ext && strncmp(name + n - ext, types[i][0], ext) == 0)
			return types[i][1];
	}
	return "application/octet-stream";
}

/* "DIR/NAME" in the arena, or NULL after saying so. */
static const char *
file_in(const struct load *l, const char *dir, const char *name)
{
	const char *path = NULL;
	struct buf b;

	if (*name == '/')
		return name;
	buf_init(&b, PATH_BYTES_MAX);
	if (buf_printf(&b, "%s/%s", dir, name) == 0)
		path = arena_memdup(l->r.arena, b.data, b.len);
	buf_release(&b);
	if (path == NULL)
		reader_fail(&l->r, name, "the path is too long");
	return path;
}

/* --- parameters ----------------------------------------------------------- */

/* A text, an integer or a flag as text in the arena, or NULL. */
static const char *
text_of(const struct load *l, const char *where, yyjson_val *v)
{
	char *text;

	if (yyjson_is_str(v))
		return yyjson_get_str(v);
	if (yyjson_is_bool(v))
		return yyjson_get_bool(v) ? "1" : "0";
	if (!yyjson_is_int(v)) {
		reader_fail(&l->r, where, "not a text, an integer or a flag");
		return NULL;
	}
	if ((text = arena_alloc(l->r.arena, INTEGER_TEXT)) != NULL)
		snprintf(text, INTEGER_TEXT, "%" PRId64, yyjson_get_sint(v));
	return text;
}

/* The members of v, an object or absent, as names and texts. */
static int
read_vars(const struct load *l, const char *where, yyjson_val *v,
    struct var **vars, size_t *n)
{
	yyjson_val *key, *value;
	size_t i, max;

	*n = 0;
	if (v == NULL)
		return 0;
	if (reader_object(&l->r, where, v, NULL) == -1 || (*vars =
	    reader_array(&l->r, yyjson_obj_size(v), sizeof(**vars))) == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		const char *name = yyjson_get_str(key), *text;

		if (reader_name(&l->r, where, name) == -1 ||
		    (text = text_of(l, where, value)) == NULL)
			return -1;
		(*vars)[(*n)++] = (struct var){ name, text };
	}
	return *n <= MODEL_VARS_MAX ? 0 :
	    reader_fail(&l->r, where, "more than %d names", MODEL_VARS_MAX);
}

/* One "name=value" of --set. */
static int
set_var(const struct load *l, char *item)
{
	char *value = strchr(item, '=');
	size_t i;

	if (value != NULL)
		*value++ = '\0';
	for (i = 0; value != NULL && i < l->p->n_vars; i++)
		if (strcmp(l->p->vars[i].name, item) == 0) {
			l->p->vars[i].value = value;
			return 0;
		}
	return reader_fail(&l->r, "set", "no parameter \"%s\"", item);
}

static int
read_set(const struct load *l, const char *set)
{
	char *copy, *item, *comma;

	if (set == NULL)
		return 0;
	if ((copy = arena_strdup(l->r.arena, set)) == NULL)
		return -1;
	for (item = copy; item != NULL; item = comma) {
		if ((comma = strchr(item, ',')) != NULL)
			*comma++ = '\0';
		if (set_var(l, item) == -1)
			return -1;
	}
	return 0;
}

/* --- routes --------------------------------------------------------------- */

static int
check_braces(const struct load *l, const char *where, const char *path)
{
	const char *s;

	if (*path != '/')
		return reader_fail(&l->r, where, "a path begins with /");
	for (s = path; (s = strchr(s, '{')) != NULL; s++)
		if ((s = strchr(s, '}')) == NULL)
			return reader_fail(&l->r, where, "{ without }");
	return 0;
}

static int
read_page(const struct load *l, const char *where, const char *name,
    struct route *route)
{
	const char *path = file_in(l, l->dir, name);
	struct buf why;

	if (path == NULL)
		return -1;
	buf_init(&why, 4096);
	if ((route->page = template_load(path, &why)) == NULL)
		reader_fail(&l->r, where, "%s", why.len > 0 ? why.data :
		    strerror(errno));
	buf_release(&why);
	return route->page != NULL ? 0 : -1;
}

static int
read_route(const struct load *l, const char *where, yyjson_val *v,
    struct route *route)
{
	static const char *const allowed[] = { "method", "host", "path",
	    "query", "form", "json", "headers", "row", "template", "type",
	    NULL };
	const char *name = NULL;

	if (reader_object(&l->r, where, v, allowed) == -1 ||
	    reader_string(&l->r, where, v, "path", 1, &route->path) == -1 ||
	    check_braces(l, where, route->path) == -1 ||
	    reader_string(&l->r, where, v, "method", 0, &route->method) == -1
	    || reader_string(&l->r, where, v, "host", 0, &route->host) == -1 ||
	    reader_string(&l->r, where, v, "row", 0, &route->row) == -1 ||
	    reader_string(&l->r, where, v, "type", 0, &route->type) == -1 ||
	    reader_string(&l->r, where, v, "template", 1, &name) == -1 ||
	    read_vars(l, where, yyjson_obj_get(v, "query"), &route->query,
	    &route->n_query) == -1 ||
	    read_vars(l, where, yyjson_obj_get(v, "form"), &route->form,
	    &route->n_form) == -1 ||
	    read_vars(l, where, yyjson_obj_get(v, "json"), &route->json,
	    &route->n_json) == -1 ||
	    read_vars(l, where, yyjson_obj_get(v, "headers"),
	    &route->headers, &route->n_headers) == -1)
		return -1;
	if (route->method != NULL && strcmp(route->method, "GET") == 0)
		route->method = NULL;
	if (route->method == NULL && route->n_form + route->n_json > 0)
		return reader_fail(&l->r, where, "a GET has no body");
	if (route->type == NULL)
		route->type = type_of(name);
	return read_page(l, where, name, route);
}

static int
read_routes(const struct load *l, yyjson_val *v)
{
	yyjson_val *one;
	size_t i, max;

	if (v == NULL)
		return 0;
	if (!yyjson_is_arr(v))
		return reader_fail(&l->r, "route", "not [[route]]");
	if ((l->p->routes = reader_array(&l->r, yyjson_arr_size(v),
	    sizeof(*l->p->routes))) == NULL)
		return -1;
	yyjson_arr_foreach(v, i, max, one) {
		char where[WHERE_TEXT];

		snprintf(where, sizeof(where), "route.%zu", i + 1);
		l->p->n_routes++;
		if (read_route(l, where, one, &l->p->routes[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- captures ------------------------------------------------------------- */

/* "/path?query" for any host, or "//host/path?query". */
static int
read_address(const struct load *l, const char *address, struct capture *c)
{
	const char *slash;

	if (*address != '/')
		return reader_fail(&l->r, address,
		    "an address begins with / or //HOST/");
	c->target = address;
	if (address[1] != '/')
		return 0;
	if ((slash = strchr(address + 2, '/')) == NULL)
		return reader_fail(&l->r, address, "no path");
	c->host = arena_memdup(l->r.arena, address + 2,
	    (size_t)(slash - address - 2));
	c->target = slash;
	return c->host != NULL ? 0 : -1;
}

static int
read_capture(const struct load *l, const char *address, yyjson_val *v,
    struct capture *c)
{
	int many = yyjson_is_arr(v);
	size_t i;

	c->n = many ? yyjson_arr_size(v) : 1;
	if (read_address(l, address, c) == -1 || (c->files =
	    reader_array(&l->r, c->n, sizeof(*c->files))) == NULL)
		return -1;
	for (i = 0; i < c->n; i++) {
		const char *name = yyjson_get_str(many ?
		    yyjson_arr_get(v, i) : v);

		if (name == NULL)
			return reader_fail(&l->r, address,
			    "not a file, nor a list of files");
		if ((c->files[i] = file_in(l, l->pages, name)) == NULL)
			return -1;
	}
	if (c->n == 0)
		return reader_fail(&l->r, address, "no file");
	c->type = type_of(c->files[0]);
	if (c->n > l->p->steps)
		l->p->steps = c->n;
	return 0;
}

static int
read_captures(const struct load *l, yyjson_val *v)
{
	yyjson_val *key, *value;
	size_t i, max;

	if (v == NULL)
		return 0;
	if (reader_object(&l->r, "pages", v, NULL) == -1 ||
	    (l->p->captures = reader_array(&l->r, yyjson_obj_size(v),
	    sizeof(*l->p->captures))) == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value)
		if (read_capture(l, yyjson_get_str(key), value,
		    &l->p->captures[l->p->n_captures++]) == -1)
			return -1;
	return 0;
}

/* --- all of it ------------------------------------------------------------ */

static int
read_data(const struct load *l, yyjson_val *root)
{
	size_t i;

	if (reader_strings(&l->r, "", root, "data", 0, &l->p->data,
	    &l->p->n_data) == -1)
		return -1;
	for (i = 0; i < l->p->n_data; i++)
		if ((l->p->data[i] = file_in(l, l->dir,
		    l->p->data[i])) == NULL)
			return -1;
	return 0;
}

static int
read_all(struct load *l, yyjson_val *root, const char *set)
{
	static const char *const allowed[] = { "data", "set", "route",
	    "pages", NULL };

	if (reader_object(&l->r, "", root, allowed) == -1 ||
	    read_data(l, root) == -1 ||
	    read_vars(l, "set", yyjson_obj_get(root, "set"), &l->p->vars,
	    &l->p->n_vars) == -1 || read_set(l, set) == -1 ||
	    read_routes(l, yyjson_obj_get(root, "route")) == -1 ||
	    read_captures(l, yyjson_obj_get(root, "pages")) == -1)
		return -1;
	if (l->p->n_data > 0)
		l->p->steps = 0;	/* what is made up moves for ever */
	return 0;
}

int
model_load(struct model *p, const char *file, const char *set,
    const char *dir, struct buf *why)
{
	const char *slash = strrchr(file, '/');
	struct places places = { 0 };
	struct load l = { { file, why, &p->arena, &places }, p, ".", dir };
	yyjson_val *root = NULL;
	int saved;

	memset(p, 0, sizeof(*p));
	arena_init(&p->arena);
	buf_clear(why);
	if (slash != NULL)
		l.dir = arena_memdup(&p->arena, file, (size_t)(slash - file));
	if (dir == NULL)
		l.pages = l.dir;
	if (l.dir != NULL && reader_load(&l.r, &p->doc, &root, &places)
	    == 0 && read_all(&l, root, set) == 0)
		return 0;
	saved = errno;
	model_release(p);
	errno = saved;
	return -1;
}

void
model_release(struct model *p)
{
	size_t i;

	for (i = 0; i < p->n_routes; i++)
		template_free(p->routes[i].page);
	yyjson_doc_free(p->doc);
	arena_release(&p->arena);
	memset(p, 0, sizeof(*p));
}
