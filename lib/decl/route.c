#include "decl/route.h"

#include <regex.h>
#include <string.h>

#include "decl/reader.h"

#define PAGE_DEFAULT 25
#define PAGE_MAX 100
#define PAGE_LIMIT 1000

static const char *const type_names[] = { "text", "integer", "real",
	"boolean", "instant", "words" };

/* What pages take for themselves. */
static const char *const reserved[] = { "page", "pageSize", "sort" };

const char *
route_type_name(enum route_type type)
{
	return type_names[type];
}

/* A name of a parameter, which is one in SQL, too. */
static int
check_name(const struct reader *r, const char *where, const char *name)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = strspn(name, letters), i;

	if (n > 0)
		n += strspn(name + n, "_0123456789"
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (n == 0 || name[n] != '\0' || n > 63)
		return reader_fail(r, where, "\"%s\" is no name: letters, "
		    "digits and _, at most 63", name);
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(name, reserved[i]) == 0)
			return reader_fail(r, where, "\"%s\" is what pages "
			    "use", name);
	return 0;
}

/* The members of obj NAME, as an array in the arena; 0 of them if absent. */
static int
read_members(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, size_t size, yyjson_val **all, void *list, size_t *n)
{
	void *items;

	*all = yyjson_obj_get(obj, name);
	*n = 0;
	if (*all == NULL)
		return 0;
	if ((where = reader_path(r, where, name)) == NULL ||
	    reader_object(r, where, *all, NULL) == -1 || (items =
	    reader_array(r, yyjson_obj_size(*all), size)) == NULL)
		return -1;
	memcpy(list, &items, sizeof(items));
	*n = yyjson_obj_size(*all);
	return 0;
}

/* --- parameters --------------------------------------------------------- */

static int
read_type(const struct reader *r, const char *where, yyjson_val *v,
    struct route_param *p)
{
	const char *type = "text";
	size_t i;

	if (reader_string(r, where, v, "type", 0, &type) == -1)
		return -1;
	for (i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (strcmp(type, type_names[i]) == 0) {
			p->type = (enum route_type)i;
			return 0;
		}
	return reader_fail(r, where, "unknown type \"%s\" (text, integer, "
	    "real, boolean, instant, words)", type);
}

static int
read_bound(const struct reader *r, const char *where, yyjson_val *v,
    const char *name, double *out)
{
	yyjson_val *n = yyjson_obj_get(v, name);

	if (!yyjson_is_num(n))
		return reader_fail(r, where, "\"%s\" is not a number", name);
	*out = yyjson_get_num(n);
	return 0;
}

static int
read_bounds(const struct reader *r, const char *where, yyjson_val *v,
    struct route_param *p)
{
	if (yyjson_obj_get(v, "min") == NULL &&
	    yyjson_obj_get(v, "max") == NULL)
		return 0;
	if (p->type != ROUTE_INTEGER && p->type != ROUTE_REAL)
		return reader_fail(r, where, "\"min\" and \"max\" are for "
		    "numbers");
	if (read_bound(r, where, v, "min", &p->min) == -1 ||
	    read_bound(r, where, v, "max", &p->max) == -1)
		return -1;
	p->bounded = 1;
	return p->min <= p->max ? 0 : reader_fail(r, where,
	    "\"min\" is over \"max\"");
}

/* What a text may be: one of these, or all of it like that. */
static int
read_texts(const struct reader *r, const char *where, yyjson_val *v,
    struct route_param *p)
{
	regex_t re;

	if (reader_strings(r, where, v, "values", 0, &p->values,
	    &p->n_values) == -1 ||
	    reader_string(r, where, v, "pattern", 0, &p->pattern) == -1)
		return -1;
	if ((p->values != NULL || p->pattern != NULL) &&
	    p->type != ROUTE_TEXT)
		return reader_fail(r, where, "\"values\" and \"pattern\" "
		    "are for text");
	if (p->pattern == NULL)
		return 0;
	if (regcomp(&re, p->pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return reader_fail(r, where, "pattern: no extended regular "
		    "expression: %s", p->pattern);
	regfree(&re);
	return 0;
}

static int
read_param(const struct reader *r, const char *where, yyjson_val *v,
    struct route_param *p)
{
	static const char *const members[] = { "type", "text", "required",
	    "many", "min", "max", "values", "pattern", "sql", "within",
	    NULL };

	if (where == NULL || check_name(r, where, p->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    read_type(r, where, v, p) == -1 ||
	    reader_string(r, where, v, "text", 0, &p->text) == -1 ||
	    reader_flag(r, where, v, "required", &p->required) == -1 ||
	    reader_flag(r, where, v, "many", &p->many) == -1 ||
	    read_bounds(r, where, v, p) == -1 ||
	    read_texts(r, where, v, p) == -1)
		return -1;
	if (p->many && p->type == ROUTE_WORDS)
		return reader_fail(r, where, "words are not many");
	if (reader_string(r, where, v, "sql", 0, &p->sql) == -1 ||
	    reader_string(r, where, v, "within", 0, &p->within) == -1)
		return -1;
	return p->within == NULL || p->sql != NULL ? 0 :
	    reader_fail(r, where, "within nothing: \"sql\" is missing");
}

static int
read_params(const struct reader *r, const char *where, yyjson_val *obj,
    struct route *t)
{
	yyjson_val *all, *key, *value;
	size_t i, max;

	if (read_members(r, where, obj, "param", sizeof(*t->params), &all,
	    &t->params, &t->n_params) == -1)
		return -1;
	if (t->n_params > ROUTE_PARAMS_MAX)
		return reader_fail(r, where, "over %d parameters",
		    ROUTE_PARAMS_MAX);
	if (all == NULL)
		return 0;
	if ((where = reader_path(r, where, "param")) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		t->params[i].name = yyjson_get_str(key);
		if (read_param(r, reader_path(r, where, t->params[i].name),
		    value, &t->params[i]) == -1)
			return -1;
	}
	return 0;
}

const struct route_param *
route_param(const struct route *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_params; i++)
		if (strcmp(r->params[i].name, name) == 0)
			return &r->params[i];
	return NULL;
}

static int
need_param(const struct reader *r, const char *where, const struct route *t,
    const char *name)
{
	return route_param(t, name) != NULL ? 0 : reader_fail(r, where,
	    "no parameter \"%s\"", name);
}

/* --- what holds of one and the same thing --------------------------------- */

static int
check_within(const struct reader *r, const char *where,
    const struct route *t, const struct route_param *p)
{
	size_t i;

	for (i = 0; p->within != NULL && i < t->n_withins; i++)
		if (strcmp(t->withins[i].name, p->within) == 0)
			return 0;
	return p->within == NULL ? 0 : reader_fail(r, where,
	    "parameter \"%s\" is within no \"%s\"", p->name, p->within);
}

static int
read_withins(const struct reader *r, const char *where, yyjson_val *obj,
    struct route *t)
{
	yyjson_val *all, *key, *value;
	size_t i, max;

	if (read_members(r, where, obj, "within", sizeof(*t->withins), &all,
	    &t->withins, &t->n_withins) == -1)
		return -1;
	if (all != NULL && (where = reader_path(r, where, "within")) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		t->withins[i].name = yyjson_get_str(key);
		if (reader_name(r, where, t->withins[i].name) == -1 ||
		    reader_string(r, where, all, t->withins[i].name, 1,
		    &t->withins[i].sql) == -1)
			return -1;
		if (strstr(t->withins[i].sql, "{filters}") == NULL)
			return reader_fail(r, where, "\"%s\" has no "
			    "{filters}", t->withins[i].name);
	}
	for (i = 0; i < t->n_params; i++)
		if (check_within(r, where, t, &t->params[i]) == -1)
			return -1;
	return 0;
}

/* --- what rows come in which order -------------------------------------- */

static int
read_sorts(const struct reader *r, const char *where, yyjson_val *obj,
    struct route *t)
{
	yyjson_val *all, *key, *value;
	size_t i, max;

	if (read_members(r, where, obj, "sort", sizeof(*t->sorts), &all,
	    &t->sorts, &t->n_sorts) == -1)
		return -1;
	if (t->n_sorts > ROUTE_SORTS_MAX)
		return reader_fail(r, where, "over %d sorts",
		    ROUTE_SORTS_MAX);
	if (all == NULL)
		return 0;
	if ((where = reader_path(r, where, "sort")) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		t->sorts[i].name = yyjson_get_str(key);
		if (check_name(r, where, t->sorts[i].name) == -1 ||
		    reader_string(r, where, all, t->sorts[i].name, 1,
		    &t->sorts[i].sql) == -1)
			return -1;
	}
	return 0;
}

static int
read_page(const struct reader *r, const char *where, yyjson_val *obj,
    struct route *t)
{
	static const char *const members[] = { "size", "max", NULL };
	yyjson_val *v = yyjson_obj_get(obj, "page");

	t->page_size = PAGE_DEFAULT;
	t->page_max = PAGE_MAX;
	if (v == NULL)
		return 0;
	if ((where = reader_path(r, where, "page")) == NULL ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_integer(r, where, v, "size", 1, PAGE_LIMIT,
	    &t->page_size) == -1 ||
	    reader_integer(r, where, v, "max", 1, PAGE_LIMIT, &t->page_max)
	    == -1)
		return -1;
	return t->page_size <= t->page_max ? 0 : reader_fail(r, where,
	    "\"size\" is over \"max\"");
}

static int
read_rows(const struct reader *r, const char *where, yyjson_val *v,
    struct route *t)
{
	if (reader_string(r, where, v, "select", 1, &t->select) == -1 ||
	    reader_string(r, where, v, "from", 1, &t->from) == -1 ||
	    reader_string(r, where, v, "key", 0, &t->key) == -1 ||
	    reader_string(r, where, v, "order", 0, &t->order) == -1 ||
	    reader_flag(r, where, v, "one", &t->one) == -1 ||
	    read_page(r, where, v, t) == -1 ||
	    read_sorts(r, where, v, t) == -1)
		return -1;
	if (t->one && (t->order != NULL || t->n_sorts > 0 ||
	    yyjson_obj_get(v, "page") != NULL))
		return reader_fail(r, where, "one row has neither order nor "
		    "pages");
	if (!t->one && t->order == NULL)
		return reader_fail(r, where, "\"order\" is missing");
	return 0;
}

/* --- facets and checks -------------------------------------------------- */

static int
read_facet(const struct reader *r, const char *where, yyjson_val *v,
    const struct route *t, struct route_facet *f)
{
	static const char *const members[] = { "sql", "except", NULL };
	size_t i;

	if (where == NULL || check_name(r, where, f->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "sql", 1, &f->sql) == -1 ||
	    reader_strings(r, where, v, "except", 0, &f->except,
	    &f->n_except) == -1)
		return -1;
	for (i = 0; i < f->n_except; i++)
		if (need_param(r, where, t, f->except[i]) == -1)
			return -1;
	return 0;
}

static int
read_facets(const struct reader *r, const char *where, yyjson_val *obj,
    struct route *t)
{
	yyjson_val *all, *key, *value;
	size_t i, max;

	if (read_members(r, where, obj, "facet", sizeof(*t->facets), &all,
	    &t->facets, &t->n_facets) == -1)
		return -1;
	if (all == NULL)
		return 0;
	if ((where = reader_path(r, where, "facet")) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		t->facets[i].name = yyjson_get_str(key);
		if (read_facet(r, reader_path(r, where, t->facets[i].name),
		    value, t, &t->facets[i]) == -1)
			return -1;
	}
	return 0;
}

static int
read_check(const struct reader *r, const char *where, yyjson_val *v,
    const struct route *t, struct route_check *c)
{
	static const char *const members[] = { "param", "sql", NULL };

	if (where == NULL || reader_name(r, where, c->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "param", 1, &c->param) == -1 ||
	    need_param(r, where, t, c->param) == -1)
		return -1;
	return reader_string(r, where, v, "sql", 1, &c->sql);
}

static int
read_checks(const struct reader *r, const char *where, yyjson_val *obj,
    struct route *t)
{
	yyjson_val *all, *key, *value;
	size_t i, max;

	if (read_members(r, where, obj, "check", sizeof(*t->checks), &all,
	    &t->checks, &t->n_checks) == -1)
		return -1;
	if (all == NULL)
		return 0;
	if ((where = reader_path(r, where, "check")) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		t->checks[i].name = yyjson_get_str(key);
		if (read_check(r, reader_path(r, where, t->checks[i].name),
		    value, t, &t->checks[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- paths -------------------------------------------------------------- */

/* The {name} that a segment of n bytes is, or NULL. */
static const char *
capture_of(const char *segment, size_t n, size_t *name_n)
{
	if (n < 3 || segment[0] != '{' || segment[n - 1] != '}')
		return NULL;
	*name_n = n - 2;
	return segment + 1;
}

static struct route_param *
find_param(const struct route *t, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < t->n_params; i++)
		if (strlen(t->params[i].name) == n &&
		    memcmp(t->params[i].name, name, n) == 0)
			return &t->params[i];
	return NULL;
}

/* One segment of a declared path: a word, or a {name} that is declared. */
static int
check_segment(const struct reader *r, const char *where, struct route *t,
    const char *segment, size_t n, size_t *captures)
{
	struct route_param *p;
	const char *name;
	size_t name_n;

	if ((name = capture_of(segment, n, &name_n)) == NULL)
		return n > 0 && memchr(segment, '{', n) == NULL ? 0 :
		    reader_fail(r, where, "path: \"%.*s\" is no segment",
		    (int)n, segment);
	if ((p = find_param(t, name, name_n)) == NULL)
		return reader_fail(r, where, "path: no parameter \"%.*s\"",
		    (int)name_n, name);
	if (p->in_path || p->many || ++*captures > ROUTE_CAPTURES_MAX)
		return reader_fail(r, where, "path: \"%s\" occurs twice, "
		    "is many, or is one too many", p->name);
	p->in_path = p->required = 1;
	return 0;
}

static int
check_path(const struct reader *r, const char *where, struct route *t)
{
	const char *s = t->path;
	size_t n, captures = 0;

	if (*s != '/')
		return reader_fail(r, where, "path: \"%s\" does not begin "
		    "with /", s);
	while (*s == '/') {
		n = strcspn(++s, "/");
		if (check_segment(r, where, t, s, n, &captures) == -1)
			return -1;
		s += n;
	}
	return 0;
}

/* Bytes of the segment at s, if both have one there. */
static int
segment_at(const char **s, size_t *n)
{
	if (**s != '/')
		return 0;
	*n = strcspn(++*s, "/");
	return 1;
}

/*
 * Does the path match?  The first place of a {name} is *score: the later,
 * the more is said in words.
 */
static int
matches(const struct route *t, const char *path,
    struct route_capture c[ROUTE_CAPTURES_MAX], size_t *n, size_t *score)
{
	const char *want = t->path, *name;
	size_t want_n, path_n, name_n;

	*n = 0;
	*score = SIZE_MAX;
	while (*want == '/' && *path == '/') {
		segment_at(&want, &want_n);
		segment_at(&path, &path_n);
		if ((name = capture_of(want, want_n, &name_n)) != NULL) {
			if (path_n == 0)
				return 0;
			if (*n == 0)
				*score = (size_t)(want - t->path);
			c[*n].param = find_param(t, name, name_n);
			c[*n].text = path;
			c[(*n)++].n = path_n;
		} else if (want_n != path_n ||
		    memcmp(want, path, path_n) != 0) {
			return 0;
		}
		want += want_n;
		path += path_n;
	}
	return *want == '\0' && *path == '\0';
}

const struct route *
route_match(const struct decl_routes *all, const char *path,
    struct route_capture captures[ROUTE_CAPTURES_MAX], size_t *n)
{
	struct route_capture c[ROUTE_CAPTURES_MAX];
	const struct route *best = NULL;
	size_t i, n_c, score, best_score = 0;

	*n = 0;
	for (i = 0; i < all->n; i++) {
		if (!matches(&all->list[i], path, c, &n_c, &score) ||
		    (best != NULL && score <= best_score))
			continue;
		best = &all->list[i];
		best_score = score;
		*n = n_c;
		memcpy(captures, c, n_c * sizeof(c[0]));
	}
	return best;
}

/* --- all of it ---------------------------------------------------------- */

static int
read_route(const struct reader *r, const char *where, yyjson_val *v,
    struct route *t)
{
	static const char *const members[] = { "path", "text", "example",
	    "from", "key", "select", "order", "one", "json", "boolean",
	    "page", "param", "within", "sort", "facet", "check", NULL };

	if (where == NULL || reader_name(r, where, t->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "path", 1, &t->path) == -1 ||
	    reader_string(r, where, v, "text", 0, &t->text) == -1 ||
	    reader_string(r, where, v, "example", 0, &t->example) == -1 ||
	    reader_strings(r, where, v, "json", 0, &t->json, &t->n_json)
	    == -1 || reader_strings(r, where, v, "boolean", 0, &t->boolean,
	    &t->n_boolean) == -1 || read_params(r, where, v, t) == -1 ||
	    read_withins(r, where, v, t) == -1 ||
	    check_path(r, where, t) == -1 ||
	    read_facets(r, where, v, t) == -1 ||
	    read_checks(r, where, v, t) == -1)
		return -1;
	if (t->n_facets == 0)
		return read_rows(r, where, v, t);
	return yyjson_obj_get(v, "select") == NULL &&
	    yyjson_obj_get(v, "sort") == NULL ? 0 : reader_fail(r, where,
	    "facets stand instead of \"select\"");
}

/* Two routes of one path would never both be found. */
static int
check_paths(const struct reader *r, const struct decl_routes *all)
{
	size_t i, j;

	for (i = 0; i < all->n; i++)
		for (j = 0; j < i; j++)
			if (strcmp(all->list[i].path, all->list[j].path)
			    == 0)
				return reader_fail(r, "route",
				    "%s and %s have the same path",
				    all->list[j].name, all->list[i].name);
	return 0;
}

int
decl_routes_read(struct decl *d, struct decl_routes *out, struct buf *why)
{
	struct reader r = reader_of(d, why);
	yyjson_val *all = yyjson_obj_get(d->root, "route"), *key, *value;
	size_t i, max;

	*out = (struct decl_routes){ 0 };
	if (all == NULL)
		return 0;
	if (reader_object(&r, "route", all, NULL) == -1)
		return -1;
	out->n = yyjson_obj_size(all);
	if ((out->list = reader_array(&r, out->n, sizeof(*out->list)))
	    == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		out->list[i].name = yyjson_get_str(key);
		if (read_route(&r, reader_path(&r, "route",
		    out->list[i].name), value, &out->list[i]) == -1)
			return -1;
	}
	return check_paths(&r, out);
}
