#include "decl/kinds.h"

#include <string.h>

static int
is_in(const char *const *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return 1;
	return 0;
}

/* A key: names, each once, with room for the part's member. */
static int
check_key(const struct reader *r, const char *where, const struct decl *d,
    const struct decl_kind *k)
{
	size_t i;

	if (k->n_key == 0 || k->n_key >= LIMIT_PART_MEMBERS)
		return reader_fail(r, where, "1 to %d members",
		    LIMIT_PART_MEMBERS - 1);
	for (i = 0; i < k->n_key; i++) {
		if (reader_name(r, where, k->key[i]) == -1)
			return -1;
		if (is_in(k->key, i, k->key[i]) ||
		    strcmp(k->key[i], d->part_member) == 0)
			return reader_fail(r, where, "\"%s\" occurs twice",
			    k->key[i]);
	}
	return 0;
}

/* The kind of dataset that a table says, or its part. */
static yyjson_val *
kind_said(const struct decl *d, yyjson_val *table)
{
	yyjson_val *said = yyjson_obj_get(table, "dataset");
	const char *part = yyjson_get_str(yyjson_obj_get(table, "part"));

	return said != NULL || part == NULL ? said : yyjson_obj_get(
	    yyjson_obj_get(yyjson_obj_get(d->root, "part"), part),
	    "dataset");
}

/* Is there a table whose rows are of this kind? */
static int
has_table(const struct decl *d, const char *name)
{
	yyjson_val *key, *table;
	size_t i, max;

	yyjson_obj_foreach(yyjson_obj_get(d->root, "table"), i, max, key,
	    table)
		if (yyjson_equals_str(kind_said(d, table), name))
			return 1;
	return 0;
}

/* People tell kinds apart by how many values a label has. */
static int
check_length(const struct reader *r, const char *where, const struct decl *d,
    const struct decl_kind *k)
{
	const struct decl_kind *o;

	for (o = d->kinds; o < k; o++)
		if (o->n_key == k->n_key && o->tables && k->tables)
			return reader_fail(r, where, "%s%s has %zu members, "
			    "too: no label could tell one from the other",
			    o->name == NULL ? "source.dataset_key" :
			    "dataset.", o->name == NULL ? "" : o->name,
			    o->n_key);
	return 0;
}

/* The columns of dataset_versions: the members of all keys, each once. */
static int
add_members(const struct reader *r, const char *where, struct decl *d,
    const struct decl_kind *k)
{
	size_t i;

	for (i = 0; i < k->n_key; i++) {
		if (is_in(d->members, d->n_members, k->key[i]))
			continue;
		if (d->n_members == LIMIT_PART_MEMBERS)
			return reader_fail(r, where, "all keys together have "
			    "more than %d members", LIMIT_PART_MEMBERS);
		d->members[d->n_members++] = k->key[i];
	}
	return 0;
}

static int
read_kind(const struct reader *r, struct decl *d, yyjson_val *v,
    struct decl_kind *k)
{
	static const char *const members[] = { "key", NULL };
	const char *where = reader_path(r, "dataset", k->name);

	k->tables = has_table(d, k->name);
	if (where == NULL || reader_name(r, where, k->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_strings(r, where, v, "key", 1, &k->key, &k->n_key) == -1 ||
	    (where = reader_path(r, where, "key")) == NULL ||
	    check_key(r, where, d, k) == -1 ||
	    check_length(r, where, d, k) == -1)
		return -1;
	return add_members(r, where, d, k);
}

static int
read_default(const struct reader *r, struct decl *d)
{
	static const char where[] = "source.dataset_key";
	struct decl_kind *k = &d->kinds[0];

	k->tables = 1;		/* what people name, even without any */
	if (reader_strings(r, "source", yyjson_obj_get(d->root, "source"),
	    "dataset_key", 1, &k->key, &k->n_key) == -1 ||
	    check_key(r, where, d, k) == -1)
		return -1;
	return add_members(r, where, d, k);
}

int
kinds_read(const struct reader *r, struct decl *d)
{
	yyjson_val *all = yyjson_obj_get(d->root, "dataset"), *key, *value;
	size_t i, max;

	if (all != NULL && reader_object(r, "dataset", all, NULL) == -1)
		return -1;
	d->kinds = reader_array(r, yyjson_obj_size(all) + 1,
	    sizeof(*d->kinds));
	d->members = reader_array(r, LIMIT_PART_MEMBERS,
	    sizeof(*d->members));
	if (d->kinds == NULL || d->members == NULL ||
	    read_default(r, d) == -1)
		return -1;
	d->n_kinds = 1;
	yyjson_obj_foreach(all, i, max, key, value) {
		d->kinds[i + 1].name = yyjson_get_str(key);
		if (read_kind(r, d, value, &d->kinds[i + 1]) == -1)
			return -1;
		d->n_kinds++;
	}
	return 0;
}

int
kinds_take(const struct reader *r, const char *where, const struct decl *d,
    yyjson_val *obj, const struct decl_kind **kind)
{
	const char *name = NULL;
	size_t i;

	if (reader_string(r, where, obj, "dataset", 0, &name) == -1)
		return -1;
	if (name == NULL)
		return 0;
	for (i = 1; i < d->n_kinds; i++)
		if (strcmp(d->kinds[i].name, name) == 0) {
			*kind = &d->kinds[i];
			return 0;
		}
	return reader_fail(r, where, "no dataset \"%s\"", name);
}
