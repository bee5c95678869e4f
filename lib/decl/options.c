#include "decl/options.h"

#include <ctype.h>
#include <string.h>

#include "decl/reader.h"

/* Is name made of parts of first and rest, each beginning with first? */
static int
is_made_of(const char *name, int (*is)(int c), char between)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++) {
		unsigned char c = (unsigned char)name[i];

		if (!is(c) && !(i > 0 && (isdigit(c) ||
		    (name[i] == between && name[i + 1] != '\0'))))
			return 0;
	}
	return i > 0;
}

static int
read_kind(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_option *o)
{
	static const char *const kinds[] = { "flag", "text", "integer" };
	const char *type = NULL;
	size_t i;

	if (reader_string(r, where, v, "type", 1, &type) == -1)
		return -1;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(type, kinds[i]) == 0) {
			o->kind = (enum opt_kind)i;
			return 0;
		}
	return reader_fail_at(r, where, "type", "unknown type \"%s\"", type);
}

/* What only some kinds have. */
static int
check_kind(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_option *o)
{
	static const struct {
		const char *name;
		enum opt_kind kind;
	} members[] = {
		{ "value", OPT_FLAG }, { "values", OPT_STRING },
		{ "min", OPT_INTEGER }, { "max", OPT_INTEGER },
	};
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (o->kind != members[i].kind &&
		    yyjson_obj_get(v, members[i].name) != NULL)
			return reader_fail_at(r, where, members[i].name,
			    "%s: not of this type", members[i].name);
	if (o->kind == OPT_FLAG)
		o->arg = NULL;
	else if (o->arg == NULL)
		o->arg = o->kind == OPT_INTEGER ? "n" : "text";
	return 0;
}

static int
read_option(const struct reader *r, const char *name, yyjson_val *v,
    struct decl_option *o)
{
	static const char *const members[] = { "variable", "type", "arg",
	    "help", "value", "values", "default", "min", "max", NULL };
	const char *where = reader_path(r, "options", name);

	*o = (struct decl_option){ .name = name, .value = "1",
	    .min = 0, .max = INT64_MAX };
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "variable", 1, &o->variable) == -1 ||
	    reader_string(r, where, v, "help", 1, &o->help) == -1 ||
	    reader_string(r, where, v, "arg", 0, &o->arg) == -1 ||
	    reader_string(r, where, v, "value", 0, &o->value) == -1 ||
	    reader_string(r, where, v, "default", 0, &o->fallback) == -1 ||
	    reader_strings(r, where, v, "values", 0, &o->values,
	    &o->n_values) == -1 || reader_integer(r, where, v, "min",
	    INT64_MIN, INT64_MAX, &o->min) == -1 || reader_integer(r, where,
	    v, "max", o->min, INT64_MAX, &o->max) == -1 ||
	    read_kind(r, where, v, o) == -1)
		return -1;
	if (!is_made_of(name, islower, '-'))
		return reader_fail(r, where, "a name is made of a-z, 0-9 "
		    "and -");
	if (!is_made_of(o->variable, isupper, '_'))
		return reader_fail_at(r, where, "variable",
		    "a variable is made of A-Z, 0-9 and _");
	return check_kind(r, where, v, o);
}

int
decl_options_read(struct decl *d, struct decl_option **out, size_t *n,
    struct buf *why)
{
	struct reader r = reader_of(d, why);
	yyjson_val *all = yyjson_obj_get(d->root, "options"), *key, *v;
	size_t i, max;

	*n = 0;
	if (all == NULL)
		return 0;
	if (reader_object(&r, "options", all, NULL) == -1)
		return -1;
	if (yyjson_obj_size(all) > DECL_OPTIONS_MAX)
		return reader_fail(&r, "options", "more than %d",
		    DECL_OPTIONS_MAX);
	if ((*out = reader_array(&r, yyjson_obj_size(all),
	    sizeof(**out))) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, v)
		if (read_option(&r, yyjson_get_str(key), v,
		    &(*out)[(*n)++]) == -1)
			return -1;
	return 0;
}
