#include "decl/tables.h"

#include <string.h>

#include "decl/kinds.h"

static const char *const type_names[] = {
	[DECL_TEXT] = "text", [DECL_INTEGER] = "integer",
	[DECL_REAL] = "real", [DECL_BOOLEAN] = "boolean",
	[DECL_JSON] = "json", [DECL_MINUTES] = "minutes",
	[DECL_DIGITS] = "digits",
};

/* Columns that every table has, and names that SQLite gives the row id. */
static const char *const own_names[] = {
	"parent_occurrence", "occurrence", "extra", "row_hash", "valid_from",
	"valid_to", "as_of", "rowid", "oid", NULL
};

static int
is_in(const char *const *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n && list[i] != NULL; i++)
		if (strcmp(list[i], name) == 0)
			return 1;
	return 0;
}

/* --- columns ------------------------------------------------------------ */

static int
read_type(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_column *c)
{
	const size_t n = sizeof(type_names) / sizeof(type_names[0]);
	const char *name = "text";
	size_t i;

	if (reader_string(r, where, v, "type", 0, &name) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (strcmp(type_names[i], name) == 0) {
			c->type = (enum decl_type)i;
			return 0;
		}
	return reader_fail(r, where, "unknown type \"%s\" (text, integer, "
	    "real, boolean, json, minutes)", name);
}

static int
read_values(const struct reader *r, const char *where, yyjson_val *map,
    struct decl_column *c)
{
	yyjson_val *key, *value;
	struct decl_value *values;
	size_t i, max;

	if (map == NULL)
		return 0;
	if (c->type != DECL_TEXT || c->origin != DECL_POINTER)
		return reader_fail(r, where,
		    "\"values\" is for text columns with \"at\"");
	if (reader_object(r, where, map, NULL) == -1 || (values =
	    reader_array(r, yyjson_obj_size(map), sizeof(*values))) == NULL)
		return -1;
	yyjson_obj_foreach(map, i, max, key, value) {
		values[i].from = yyjson_get_str(key);
		if (reader_string(r, where, map, values[i].from, 1,
		    &values[i].to) == -1)
			return -1;
		if (values[i].from[0] == '\0' || values[i].to[0] == '\0')
			return reader_fail(r, where,
			    "\"values\" cannot map from or to a blank");
	}
	c->values = values;
	c->n_values = yyjson_obj_size(map);
	return 0;
}

/* Is p a JSON pointer (RFC 6901)? */
static int
is_pointer(const char *p)
{
	if (*p != '\0' && *p != '/')
		return 0;
	for (; *p != '\0'; p++)
		if (*p == '~' && p[1] != '0' && p[1] != '1')
			return 0;
	return 1;
}

static int
set_pointer(const struct reader *r, const char *where,
    struct decl_column *c, const char *pointer)
{
	if (!is_pointer(pointer))
		return reader_fail(r, where,
		    "\"%s\" is no JSON pointer (\"/name\")", pointer);
	c->origin = DECL_POINTER;
	c->pointer = pointer;
	return 0;
}

static int
set_parent(const struct reader *r, const char *where, const struct decl *d,
    const struct decl_table *t, struct decl_column *c)
{
	const struct decl_table *up;
	size_t i;

	if (t->parent == -1)
		return reader_fail(r, where, "the table has no parent");
	up = &d->tables[t->parent];
	for (i = 0; i < up->n_columns; i++)
		if (strcmp(up->columns[i].name, c->name) == 0) {
			c->origin = DECL_PARENT;
			c->parent_column = i;
			c->type = up->columns[i].type;
			return 0;
		}
	return reader_fail(r, where, "%s has no such column", up->name);
}

static int
set_part(const struct reader *r, const char *where, const struct decl *d,
    const struct decl_table *t, struct decl_column *c, const char *member)
{
	if (!is_in(t->kind->key, t->kind->n_key, member) &&
	    strcmp(d->part_member, member) != 0)
		return reader_fail(r, where,
		    "\"%s\" is no member of the partition key", member);
	c->origin = DECL_PART;
	c->member = member;
	return 0;
}

/* Do its rows come whole, so that a column only has a type? */
static int
is_filled(const struct decl_table *t)
{
	return t->sql != NULL || t->paged;
}

static int
read_origin(const struct reader *r, const char *where, const struct decl *d,
    const struct decl_table *t, yyjson_val *v, struct decl_column *c)
{
	const char *at = NULL, *part = NULL;
	int parent = 0;

	if (reader_string(r, where, v, "at", 0, &at) == -1 ||
	    reader_string(r, where, v, "part", 0, &part) == -1 ||
	    reader_flag(r, where, v, "parent", &parent) == -1)
		return -1;
	if ((at != NULL) + (part != NULL) + parent != !is_filled(t))
		return reader_fail(r, where, !is_filled(t) ?
		    "needs one of \"at\", \"parent\", \"part\"" :
		    t->paged ? "the part's pages fill it: only \"type\"" :
		    "the table's sql fills it: only \"type\"");
	if (at != NULL)
		return set_pointer(r, where, c, at);
	if (part != NULL)
		return set_part(r, where, d, t, c, part);
	if (parent)
		return set_parent(r, where, d, t, c);
	c->origin = t->paged ? DECL_PAGE : DECL_SQL;
	return 0;
}

static int
read_column(const struct reader *r, const char *prefix, const struct decl *d,
    const struct decl_table *t, yyjson_val *v, struct decl_column *c)
{
	static const char *const members[] = { "at", "parent", "part",
	    "type", "trim", "values", "required", "provenance", NULL };
	const char *where = reader_path(r, prefix, c->name);

	c->trim = 1;
	c->key_index = -1;
	if (where == NULL || reader_name(r, where, c->name) == -1)
		return -1;
	if (is_in(own_names, SIZE_MAX, c->name) ||
	    is_in(t->kind->key, t->kind->n_key, c->name))
		return reader_fail(r, where, "every table has a column of "
		    "this name already");
	if (yyjson_is_str(v) && !is_filled(t)) {
		c->lossless = !t->distinct;
		return set_pointer(r, where, c, yyjson_get_str(v));
	}
	if (reader_object(r, where, v, members) == -1 ||
	    read_type(r, where, v, c) == -1 ||
	    read_origin(r, where, d, t, v, c) == -1 ||
	    read_values(r, where, yyjson_obj_get(v, "values"), c) == -1 ||
	    reader_flag(r, where, v, "trim", &c->trim) == -1 ||
	    reader_flag(r, where, v, "required", &c->required) == -1 ||
	    reader_flag(r, where, v, "provenance", &c->provenance) == -1)
		return -1;
	if (c->origin != DECL_POINTER && !is_filled(t) &&
	    yyjson_obj_get(v, "type") != NULL)
		return reader_fail(r, where,
		    "\"type\" is for columns with \"at\"");
	c->lossless = c->origin == DECL_POINTER && !t->distinct;
	return 0;
}

static int
read_columns(const struct reader *r, const char *prefix,
    const struct decl *d, struct decl_table *t, yyjson_val *v)
{
	const char *where = reader_path(r, prefix, "columns");
	yyjson_val *key, *value;
	size_t i, max;

	if (where == NULL || reader_object(r, where, v, NULL) == -1)
		return -1;
	t->n_columns = yyjson_obj_size(v);
	if (t->n_columns == 0 || t->n_columns > DECL_COLUMNS_MAX)
		return reader_fail(r, where, "1 to %d columns",
		    DECL_COLUMNS_MAX);
	t->columns = reader_array(r, t->n_columns, sizeof(*t->columns));
	if (t->columns == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		t->columns[i].name = yyjson_get_str(key);
		if (read_column(r, where, d, t, value, &t->columns[i]) == -1)
			return -1;
		t->has_provenance |= t->columns[i].provenance;
	}
	return 0;
}

/* --- keys --------------------------------------------------------------- */

static struct decl_column *
find_column(const struct decl_table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	return NULL;
}

static int
set_key(const struct reader *r, const char *where, struct decl_table *t,
    const char **names)
{
	struct decl_column *c;
	size_t i, *key = reader_array(r, t->n_key, sizeof(*key));

	if (key == NULL)
		return -1;
	if (t->n_key == 0 || t->n_key > DECL_KEY_MAX)
		return reader_fail(r, where, "key: 1 to %d columns",
		    DECL_KEY_MAX);
	for (i = 0; i < t->n_key; i++) {
		if ((c = find_column(t, names[i])) == NULL)
			return reader_fail(r, where,
			    "key: no column \"%s\"", names[i]);
		if (c->key_index != -1)
			return reader_fail(r, where,
			    "key: \"%s\" occurs twice", names[i]);
		if (c->provenance)
			return reader_fail(r, where, "key: \"%s\" is "
			    "provenance, which names no row", names[i]);
		if (c->type == DECL_REAL || c->type == DECL_JSON)
			return reader_fail(r, where,
			    "key: \"%s\" is a %s", names[i],
			    type_names[c->type]);
		c->key_index = (int)i;
		key[i] = (size_t)(c - t->columns);
	}
	t->key = key;
	return 0;
}

/* May this key column be NULL, whatever null_key says? */
static int
is_nullable(const struct decl *d, const struct decl_table *t,
    const struct decl_column *c)
{
	const struct decl_table *up;
	int i;

	if (c->type != DECL_TEXT)
		return 1;
	if (c->origin != DECL_PARENT)
		return 0;
	up = &d->tables[t->parent];
	i = up->columns[c->parent_column].key_index;
	return i != -1 && up->null_key[i];
}

static int
set_null_key(const struct reader *r, const char *where,
    const struct decl *d, struct decl_table *t, const char **names, size_t n)
{
	int *flags = reader_array(r, t->n_key, sizeof(*flags));
	const struct decl_column *c;
	size_t i;

	if (flags == NULL)
		return -1;
	for (i = 0; i < t->n_key; i++)
		flags[i] = is_nullable(d, t, &t->columns[t->key[i]]);
	for (i = 0; i < n; i++) {
		c = find_column(t, names[i]);
		if (c == NULL || c->key_index == -1)
			return reader_fail(r, where,
			    "null_key: \"%s\" is no key column", names[i]);
		flags[c->key_index] = 1;
	}
	t->null_key = flags;
	for (i = 0; i < t->n_columns; i++) {
		c = &t->columns[i];
		if (c->required && c->key_index == -1)
			return reader_fail(r, where,
			    "%s: only key columns can be required", c->name);
	}
	return 0;
}

static int
read_key(const struct reader *r, const char *where, const struct decl *d,
    struct decl_table *t, yyjson_val *v)
{
	const char **key = NULL, **nulls = NULL;
	size_t n_nulls = 0;

	if (reader_strings(r, where, v, "key", 1, &key, &t->n_key) == -1 ||
	    reader_strings(r, where, v, "null_key", 0, &nulls, &n_nulls)
	    == -1 || set_key(r, where, t, key) == -1)
		return -1;
	return set_null_key(r, where, d, t, nulls, n_nulls);
}

/* A child names its parent by the parent's key: it has to have it whole. */
static int
check_parent_key(const struct reader *r, const char *where,
    const struct decl *d, const struct decl_table *t)
{
	const struct decl_table *up;
	const struct decl_column *c;
	size_t i;

	if (t->parent == -1)
		return 0;
	up = &d->tables[t->parent];
	for (i = 0; i < up->n_key && !t->distinct; i++) {
		const char *name = up->columns[up->key[i]].name;

		c = find_column(t, name);
		if (c == NULL || c->origin != DECL_PARENT)
			return reader_fail(r, where,
			    "needs %s = { parent = true }: it is in the "
			    "key of %s", name, up->name);
	}
	return 0;
}

/* --- tables ------------------------------------------------------------- */

static int
read_indexes(const struct reader *r, const char *prefix,
    struct decl_table *t, yyjson_val *v)
{
	const char *where = reader_path(r, prefix, "indexes");
	struct decl_index *indexes;
	yyjson_val *key, *value;
	size_t i, max;

	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, NULL) == -1)
		return -1;
	t->n_indexes = yyjson_obj_size(v);
	indexes = reader_array(r, t->n_indexes, sizeof(*indexes));
	if (indexes == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		indexes[i].name = yyjson_get_str(key);
		if (reader_name(r, where, indexes[i].name) == -1 ||
		    reader_string(r, where, v, indexes[i].name, 1,
		    &indexes[i].columns) == -1)
			return -1;
	}
	t->indexes = indexes;
	return 0;
}

static int
read_check(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_sql *c)
{
	static const char *const members[] = { "severity", "text", "sql",
	    NULL };

	if (where == NULL || reader_name(r, where, c->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "severity", 1, &c->severity) == -1 ||
	    reader_string(r, where, v, "text", 1, &c->text) == -1 ||
	    reader_string(r, where, v, "sql", 1, &c->sql) == -1)
		return -1;
	return strcmp(c->severity, "error") == 0 ||
	    strcmp(c->severity, "warning") == 0 ? 0 : reader_fail(r, where,
	    "severity \"%s\" (error, warning)", c->severity);
}

static int
read_checks(const struct reader *r, const char *prefix,
    struct decl_table *t, yyjson_val *v)
{
	const char *where = reader_path(r, prefix, "checks");
	yyjson_val *key, *value;
	size_t i, max;

	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, NULL) == -1)
		return -1;
	if (!t->paged)
		return reader_fail(r, where, "are for rows of pages; see "
		    "[finding] and [check]");
	t->n_checks = yyjson_obj_size(v);
	t->checks = reader_array(r, t->n_checks, sizeof(*t->checks));
	if (t->checks == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		t->checks[i].name = yyjson_get_str(key);
		if (read_check(r, reader_path(r, where, t->checks[i].name),
		    value, &t->checks[i]) == -1)
			return -1;
	}
	return 0;
}

/* Names that the stores keep for themselves; sluice-store(5). */
static int
check_name(const struct reader *r, const char *where, const char *name)
{
	static const char *const names[] = { "bulk", "findings",
	    "quarantine", "gate", NULL };
	static const char *const prefixes[] = { "sqlite_", "staging_",
	    "canon_", "dataset_", "version_", "gate_", "ready",
	    "queue_" };
	size_t i;

	if (reader_name(r, where, name) == -1)
		return -1;
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			break;
	if (i < sizeof(prefixes) / sizeof(prefixes[0]) ||
	    is_in(names, SIZE_MAX, name))
		return reader_fail(r, where, "a name that the stores use");
	return 0;
}

/*
 * What rows are of is said by their part or parent; a derived table says
 * it itself.  Who says it twice must say the same.
 */
static int
set_kind(const struct reader *r, const char *where, const struct decl *d,
    struct decl_table *t, yyjson_val *v, const struct decl_kind *kind)
{
	t->kind = kind;
	if (kinds_take(r, where, d, v, &t->kind) == -1)
		return -1;
	return t->sql != NULL || t->kind == kind ? 0 : reader_fail(r, where,
	    "dataset: its rows are of another kind of dataset");
}

static int
set_source(const struct reader *r, const char *where, struct decl *d,
    struct decl_table *t, yyjson_val *v, const char *parent)
{
	const struct decl_table *up;
	const struct decl_part *part;

	if ((t->part != NULL) + (parent != NULL) + (t->sql != NULL) != 1)
		return reader_fail(r, where,
		    "needs one of \"part\", \"parent\", \"sql\"");
	part = t->part == NULL ? NULL : decl_part(d, t->part);
	if (part != NULL && strcmp(part->format, "bytes") == 0) {
		t->paged = 1;
		return t->rows == NULL && !t->distinct ? set_kind(r, where,
		    d, t, v, part->kind) : reader_fail(r, where, "pages "
		    "bring the rows: no \"rows\", no \"distinct\"");
	}
	if (t->sql == NULL && t->rows == NULL)
		return reader_fail(r, where, "\"rows\" is missing");
	if (t->sql != NULL)
		return t->rows == NULL && !t->distinct ? set_kind(r, where,
		    d, t, v, &d->kinds[0]) : reader_fail(r, where, "a "
		    "derived table has no \"rows\", no \"distinct\"");
	if (parent == NULL) {
		if (part == NULL)
			return reader_fail(r, where, "no part \"%s\"",
			    t->part);
		if (part->reshape == NULL &&
		    !payload_has_elements(part->form.format))
			return reader_fail(r, where, "part \"%s\" is no "
			    "array: it needs \"reshape\"", t->part);
		return t->rows[0] == '\0' ? set_kind(r, where, d, t, v,
		    part->kind) : reader_fail(r, where,
		    "rows: of a part, rows are the elements: \"\"");
	}
	up = decl_table(d, parent);
	if (up == NULL || up >= t || is_filled(up) || up->distinct)
		return reader_fail(r, where,
		    "parent: no table \"%s\" with rows above", parent);
	if (t->rows[0] == '\0' || !is_pointer(t->rows))
		return reader_fail(r, where, "rows: \"%s\" is no JSON "
		    "pointer (\"/name\")", t->rows);
	t->parent = (int)(up - d->tables);
	t->part = up->part;
	return set_kind(r, where, d, t, v, up->kind);
}

/*
 * Rows of one place belong to exactly one table that is not distinct: what
 * no column names has to go to one row's extra.
 */
static int
check_owner(const struct reader *r, const struct decl *d,
    const struct decl_table *t)
{
	const char *where = reader_path(r, "table", t->name);
	const struct decl_table *o;
	int owners = 0;

	if (where == NULL)
		return -1;
	for (o = d->tables; o < d->tables + d->n_tables; o++)
		if (!is_filled(o) && !o->distinct &&
		    o->parent == t->parent && strcmp(o->part, t->part) == 0 &&
		    strcmp(o->rows, t->rows) == 0)
			owners++;
	if (owners == 1)
		return 0;
	return reader_fail(r, where, owners == 0 ?
	    "needs a table of the same rows that is not distinct" :
	    "another table takes the same rows; one must be distinct");
}

static int
read_table(const struct reader *r, struct decl *d, struct decl_table *t,
    yyjson_val *v)
{
	static const char *const members[] = { "dataset", "part", "parent",
	    "rows", "key", "null_key", "distinct", "may_repeat", "sql",
	    "columns", "indexes", "checks", NULL };
	const char *where = reader_path(r, "table", t->name);
	const char *parent = NULL;

	if (where == NULL || check_name(r, where, t->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "part", 0, &t->part) == -1 ||
	    reader_string(r, where, v, "parent", 0, &parent) == -1 ||
	    reader_string(r, where, v, "rows", 0, &t->rows) == -1 ||
	    reader_string(r, where, v, "sql", 0, &t->sql) == -1 ||
	    reader_flag(r, where, v, "distinct", &t->distinct) == -1 ||
	    reader_flag(r, where, v, "may_repeat", &t->may_repeat) == -1 ||
	    set_source(r, where, d, t, v, parent) == -1 ||
	    read_columns(r, where, d, t, yyjson_obj_get(v, "columns"))
	    == -1 || read_key(r, where, d, t, v) == -1 ||
	    check_parent_key(r, where, d, t) == -1 ||
	    read_indexes(r, where, t, yyjson_obj_get(v, "indexes")) == -1)
		return -1;
	return read_checks(r, where, t, yyjson_obj_get(v, "checks"));
}

/* Indexes share one namespace with tables and other indexes. */
static int
check_indexes(const struct reader *r, const struct decl *d,
    const struct decl_table *t)
{
	const char *where = reader_path(r, "table", t->name);
	const struct decl_table *o;
	size_t i, j;

	if (where == NULL)
		return -1;
	for (i = 0; i < t->n_indexes; i++) {
		const char *name = t->indexes[i].name;

		if (decl_table(d, name) != NULL)
			return reader_fail(r, where,
			    "indexes: \"%s\" is a table", name);
		for (o = d->tables; o < t; o++)
			for (j = 0; j < o->n_indexes; j++)
				if (strcmp(o->indexes[j].name, name) == 0)
					return reader_fail(r, where,
					    "indexes: %s has \"%s\" too",
					    o->name, name);
	}
	return 0;
}

/*
 * Rows that come item by item replace those of their own pages, and a
 * whole payload all rows of its dataset: not both in one dataset.
 */
static int
check_kind(const struct reader *r, struct decl *d, const struct decl_table *t)
{
	const char *where = reader_path(r, "table", t->name);
	const struct decl_table *o;
	size_t i = (size_t)(t->kind - d->kinds);

	if (where == NULL)
		return -1;
	d->kinds[i].paged = t->paged;
	for (o = d->tables; o < t; o++)
		if (o->kind == t->kind && o->paged != t->paged)
			return reader_fail(r, where, "%s has the same "
			    "datasets, and only one of the two is made of "
			    "pages", o->name);
	return 0;
}

/* Is name what the stores call the past of a declared table? */
static int
is_past(const struct decl *d, const char *name)
{
	static const char *const tails[] = { "_history", "_as_of" };
	const struct decl_table *o;
	size_t i, n;

	for (o = d->tables; o < d->tables + d->n_tables; o++)
		for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
			n = strlen(o->name);
			if (strncmp(name, o->name, n) == 0 &&
			    strcmp(name + n, tails[i]) == 0)
				return 1;
		}
	return 0;
}

static int
check_past(const struct reader *r, const struct decl *d,
    const struct decl_table *t)
{
	const char *where = reader_path(r, "table", t->name);

	if (where == NULL)
		return -1;
	return is_past(d, t->name) ? reader_fail(r, where,
	    "a name that the stores use for another table") : 0;
}

int
tables_read(const struct reader *r, struct decl *d)
{
	yyjson_val *all = yyjson_obj_get(d->root, "table"), *key, *value;
	size_t i, max;

	if (reader_object(r, "table", all, NULL) == -1)
		return -1;
	d->tables = reader_array(r, yyjson_obj_size(all),
	    sizeof(*d->tables));
	if (d->tables == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		d->tables[i].name = yyjson_get_str(key);
		d->tables[i].parent = -1;
		d->n_tables = i + 1;
		if (read_table(r, d, &d->tables[i], value) == -1)
			return -1;
	}
	for (i = 0; i < d->n_tables; i++)
		if ((!is_filled(&d->tables[i]) &&
		    check_owner(r, d, &d->tables[i]) == -1) ||
		    check_kind(r, d, &d->tables[i]) == -1 ||
		    check_past(r, d, &d->tables[i]) == -1 ||
		    check_indexes(r, d, &d->tables[i]) == -1)
			return -1;
	return 0;
}
