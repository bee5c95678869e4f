/* page_value.c -- one value of a page, as it is declared. */
#include "decl/page.h"

#include <regex.h>
#include <string.h>

#include "decl/reader.h"

static const char *const facts[] = { "fetched_at", "name", "parser_version",
	"url", NULL };

int
page_regex_check(const struct reader *r, const char *where, const char *s)
{
	char why[256];
	regex_t re;
	int e = regcomp(&re, s, REG_EXTENDED);

	if (e == 0) {
		regfree(&re);
		return 0;
	}
	regerror(e, &re, why, sizeof(why));
	return reader_fail(r, where, "\"%s\" is no extended regular "
	    "expression: %s", s, why);
}

/* Is it in the key of any kind of dataset? */
static int
is_member(const struct decl *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n_members; i++)
		if (strcmp(d->members[i], name) == 0)
			return 1;
	return 0;
}

static int
is_fact(const char *name)
{
	size_t i;

	for (i = 0; facts[i] != NULL; i++)
		if (strcmp(facts[i], name) == 0)
			return 1;
	return 0;
}

static int
read_origin(const struct reader *r, const struct decl *d, yyjson_val *v,
    struct page_value *out)
{
	static const char *const names[] = { [PAGE_AT] = "at",
	    [PAGE_PART] = "part", [PAGE_URL] = "url", [PAGE_FACT] = "page",
	    [PAGE_CONSTANT] = "value" };
	size_t i, n = 0;

	out->origin = PAGE_JSON;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i] == NULL || yyjson_obj_get(v, names[i]) == NULL)
			continue;
		if (reader_string(r, out->where, v, names[i], 1, &out->at)
		    == -1)
			return -1;
		out->origin = (enum page_origin)i;
		n++;
	}
	if (n > 1 || (n == 0 && out->json == NULL))
		return reader_fail(r, out->where, "needs one of \"at\", "
		    "\"part\", \"url\", \"page\", \"value\", or \"json\" of "
		    "an element");
	if (out->json != NULL && n > 0 && out->origin != PAGE_AT)
		return reader_fail(r, out->where,
		    "\"json\" is for text that \"at\" finds");
	if (out->origin == PAGE_PART && !is_member(d, out->at))
		return reader_fail(r, out->where, "\"%s\" is in no "
		    "dataset's key", out->at);
	if (out->origin == PAGE_FACT && !is_fact(out->at))
		return reader_fail(r, out->where, "page: \"%s\" (fetched_at, "
		    "name, parser_version, url)", out->at);
	return out->origin != PAGE_URL ? 0 :
	    page_regex_check(r, out->where, out->at);
}

/* --- JSON there ---------------------------------------------------------- */

static int
read_find(const struct reader *r, yyjson_val *all, struct page_value *out)
{
	yyjson_val *key, *value;
	struct page_find *find;
	size_t i, max;

	if (all == NULL)
		return out->take == NULL ? 0 : reader_fail(r, out->where,
		    "\"take\" is from what \"find\" finds");
	if (out->json == NULL)
		return reader_fail(r, out->where,
		    "\"find\" is for the array at \"json\"");
	if (reader_object(r, out->where, all, NULL) == -1 || (find =
	    reader_array(r, yyjson_obj_size(all), sizeof(*find))) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		find[i].name = yyjson_get_str(key);
		if (reader_string(r, out->where, all, find[i].name, 1,
		    &find[i].value) == -1)
			return -1;
	}
	out->find = find;
	out->n_find = yyjson_obj_size(all);
	if (out->n_find == 0)
		return reader_fail(r, out->where, "\"find\" is empty");
	if (out->take == NULL)
		out->take = "";
	return 0;
}

/* --- what becomes of it -------------------------------------------------- */

static int
read_values(const struct reader *r, yyjson_val *map, struct page_value *out)
{
	yyjson_val *key, *value;
	struct decl_value *values;
	size_t i, max;

	if (map == NULL)
		return 0;
	if (reader_object(r, out->where, map, NULL) == -1 || (values =
	    reader_array(r, yyjson_obj_size(map), sizeof(*values))) == NULL)
		return -1;
	yyjson_obj_foreach(map, i, max, key, value) {
		values[i].from = yyjson_get_str(key);
		if (reader_string(r, out->where, map, values[i].from, 1,
		    &values[i].to) == -1)
			return -1;
	}
	out->values = values;
	out->n_values = yyjson_obj_size(map);
	return 0;
}

static int
read_bands(const struct reader *r, yyjson_val *map, struct page_value *out)
{
	yyjson_val *key, *value;
	struct page_band *bands;
	size_t i, max;

	if (map == NULL)
		return 0;
	if (reader_object(r, out->where, map, NULL) == -1 || (bands =
	    reader_array(r, yyjson_obj_size(map), sizeof(*bands))) == NULL)
		return -1;
	yyjson_obj_foreach(map, i, max, key, value) {
		if (!yyjson_is_num(value))
			return reader_fail(r, out->where, "at_least: \"%s\" "
			    "is no number", yyjson_get_str(key));
		bands[i].text = yyjson_get_str(key);
		bands[i].least = yyjson_get_num(value);
		if (i > 0 && bands[i].least <= bands[i - 1].least)
			return reader_fail(r, out->where,
			    "at_least: the numbers do not rise");
	}
	out->bands = bands;
	out->n_bands = yyjson_obj_size(map);
	return 0;
}

static int
read_type(const struct reader *r, yyjson_val *v, int typed,
    struct page_value *out)
{
	static const char *const names[] = { [DECL_TEXT] = "text",
	    [DECL_INTEGER] = "integer", [DECL_REAL] = "real",
	    [DECL_BOOLEAN] = "boolean", [DECL_JSON] = "json" };
	const char *name = NULL;
	size_t i;

	if (reader_string(r, out->where, v, "type", 0, &name) == -1)
		return -1;
	if (name == NULL)
		return 0;
	if (!typed)
		return reader_fail(r, out->where,
		    "\"type\" is said by the table");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0) {
			out->type = (enum decl_type)i;
			return 0;
		}
	return reader_fail(r, out->where, "unknown type \"%s\" (text, "
	    "integer, real, boolean, json)", name);
}

static int
read_changes(const struct reader *r, yyjson_val *v, int typed,
    struct page_value *out)
{
	if (reader_string(r, out->where, v, "regex", 0, &out->regex) == -1 ||
	    (out->regex != NULL &&
	    page_regex_check(r, out->where, out->regex) == -1) ||
	    reader_flag(r, out->where, v, "date", &out->date) == -1 ||
	    reader_flag(r, out->where, v, "trim", &out->trim) == -1 ||
	    reader_flag(r, out->where, v, "required", &out->required) == -1 ||
	    read_values(r, yyjson_obj_get(v, "values"), out) == -1 ||
	    read_bands(r, yyjson_obj_get(v, "at_least"), out) == -1)
		return -1;
	if (out->date + (out->n_values > 0) + (out->n_bands > 0) > 1)
		return reader_fail(r, out->where, "one of \"date\", "
		    "\"values\", \"at_least\"");
	return read_type(r, v, typed, out);
}

int
page_value_read(const struct reader *r, const struct decl *d,
    const char *where, const char *name, yyjson_val *v, int typed,
    struct page_value *out)
{
	static const char *const members[] = { "at", "part", "url", "page",
	    "value", "json", "find", "take", "regex", "date", "trim",
	    "values", "at_least", "required", "type", NULL };

	*out = (struct page_value){ .where = where, .name = name,
	    .trim = 1 };
	if (yyjson_is_str(v)) {
		out->at = yyjson_get_str(v);
		return 0;
	}
	if (reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "json", 0, &out->json) == -1 ||
	    reader_string(r, where, v, "take", 0, &out->take) == -1 ||
	    read_origin(r, d, v, out) == -1 ||
	    read_find(r, yyjson_obj_get(v, "find"), out) == -1)
		return -1;
	return read_changes(r, v, typed, out);
}
