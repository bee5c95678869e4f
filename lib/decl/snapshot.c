#include "decl/snapshot.h"

#include <string.h>

#include "decl/reader.h"

#define KEEP_DEFAULT 3
#define KEEP_MAX 100000
#define DAYS_MAX (366 * 100)
#define STALE_MAX_MINUTES (366 * 24 * 60)
#define VERSIONS_DEFAULT 20
#define ROWS_DEFAULT 100000
#define COUNT_MAX 1000000000
#define LOOKUPS_DEFAULT 50
#define LOOKUPS_MAX 10000

/* What one section is read with. */
struct reading {
	const struct reader *r;
	const struct decl_snapshot *out;
};

/* Is file one of the snapshot's?  0 or -1. */
static int
check_file(const struct reading *g, const char *where, const char *file)
{
	size_t i;

	for (i = 0; i < g->out->n_files; i++)
		if (strcmp(g->out->files[i], file) == 0)
			return 0;
	return reader_fail(g->r, where, "no file \"%s\" in snapshot.files",
	    file);
}

static int
read_files(const struct reader *r, const char *where, yyjson_val *all,
    struct decl_snapshot *out)
{
	size_t i, j;

	if (reader_strings(r, where, all, "files", 1, &out->files,
	    &out->n_files) == -1)
		return -1;
	if (out->n_files == 0 || out->n_files > SNAPSHOT_FILES_MAX)
		return reader_fail(r, where, "\"files\": 1 to %d",
		    SNAPSHOT_FILES_MAX);
	for (i = 0; i < out->n_files; i++) {
		if (reader_name(r, where, out->files[i]) == -1)
			return -1;
		for (j = 0; j < i; j++)
			if (strcmp(out->files[i], out->files[j]) == 0)
				return reader_fail(r, where,
				    "file \"%s\" occurs twice",
				    out->files[i]);
		/* SQLite's own names of databases. */
		if (strcmp(out->files[i], "main") == 0 ||
		    strcmp(out->files[i], "temp") == 0)
			return reader_fail(r, where, "a file named \"%s\"",
			    out->files[i]);
	}
	return 0;
}

static int
read_changes(const struct reading *g, yyjson_val *all,
    struct decl_snapshot *out)
{
	static const char *const members[] = { "file", "versions", "rows",
	    NULL };
	static const char where[] = "snapshot.changes";
	yyjson_val *v = yyjson_obj_get(all, "changes");

	out->change_versions = VERSIONS_DEFAULT;
	out->change_rows = ROWS_DEFAULT;
	if (v == NULL)
		return 0;
	if (reader_object(g->r, where, v, members) == -1 ||
	    reader_string(g->r, where, v, "file", 1, &out->changes) == -1 ||
	    check_file(g, where, out->changes) == -1 ||
	    reader_integer(g->r, where, v, "versions", 1, COUNT_MAX,
	    &out->change_versions) == -1)
		return -1;
	return reader_integer(g->r, where, v, "rows", 1, COUNT_MAX,
	    &out->change_rows);
}

/* --- tables ------------------------------------------------------------- */

static int
read_indexes(const struct reader *r, const char *where, yyjson_val *obj,
    struct decl_snapshot_table *t)
{
	yyjson_val *all = yyjson_obj_get(obj, "indexes"), *key, *value;
	struct decl_index *list;
	size_t i, max;

	if (all == NULL)
		return 0;
	if ((where = reader_path(r, where, "indexes")) == NULL ||
	    reader_object(r, where, all, NULL) == -1 || (list =
	    reader_array(r, yyjson_obj_size(all), sizeof(*list))) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		list[i].name = yyjson_get_str(key);
		if (reader_name(r, where, list[i].name) == -1 ||
		    reader_string(r, where, all, list[i].name, 1,
		    &list[i].columns) == -1)
			return -1;
	}
	t->indexes = list;
	t->n_indexes = yyjson_obj_size(all);
	return 0;
}

static int
read_table(const struct reading *g, const char *where, yyjson_val *v,
    struct decl_snapshot_table *t)
{
	static const char *const members[] = { "file", "columns", "fts5",
	    "sql", "count", "indexes", NULL };
	const struct reader *r = g->r;

	if (where == NULL || reader_name(r, where, t->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "file", 1, &t->file) == -1 ||
	    check_file(g, where, t->file) == -1 ||
	    reader_string(r, where, v, "columns", 0, &t->columns) == -1 ||
	    reader_string(r, where, v, "fts5", 0, &t->fts5) == -1 ||
	    reader_string(r, where, v, "sql", 1, &t->sql) == -1 ||
	    reader_string(r, where, v, "count", 0, &t->count) == -1)
		return -1;
	if ((t->columns == NULL) == (t->fts5 == NULL))
		return reader_fail(r, where,
		    "one of \"columns\" and \"fts5\"");
	if (t->fts5 != NULL && yyjson_obj_get(v, "indexes") != NULL)
		return reader_fail(r, where, "fts5 has no other indexes");
	return read_indexes(r, where, v, t);
}

static int
read_tables(const struct reading *g, yyjson_val *all,
    struct decl_snapshot *out)
{
	yyjson_val *v = yyjson_obj_get(all, "table"), *key, *value;
	size_t i, max;

	if (v == NULL)
		return 0;
	if (reader_object(g->r, "snapshot.table", v, NULL) == -1)
		return -1;
	out->n_tables = yyjson_obj_size(v);
	out->tables = reader_array(g->r, out->n_tables,
	    sizeof(*out->tables));
	if (out->tables == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		out->tables[i].name = yyjson_get_str(key);
		if (read_table(g, reader_path(g->r, "snapshot.table",
		    out->tables[i].name), value, &out->tables[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- tables of constants ------------------------------------------------ */

static int
read_row(const struct reader *r, const char *where, yyjson_val *row,
    const char **cells, size_t n)
{
	yyjson_val *cell;
	size_t i, max;

	if (!yyjson_is_arr(row) || yyjson_arr_size(row) != n)
		return reader_fail(r, where, "a row is no array of %zu", n);
	yyjson_arr_foreach(row, i, max, cell) {
		cells[i] = yyjson_get_str(cell);
		if (cells[i] == NULL ||
		    strlen(cells[i]) != yyjson_get_len(cell))
			return reader_fail(r, where,
			    "a row has an item that is not a string");
	}
	return 0;
}

static int
read_rows(const struct reader *r, const char *where, yyjson_val *obj,
    struct decl_values *t)
{
	yyjson_val *all = yyjson_obj_get(obj, "rows"), *row;
	size_t i, max;

	if (!yyjson_is_arr(all))
		return reader_fail(r, where, "\"rows\" is not an array");
	t->n_rows = yyjson_arr_size(all);
	t->cells = reader_array(r, t->n_rows * t->n_columns,
	    sizeof(*t->cells));
	if (t->cells == NULL)
		return -1;
	yyjson_arr_foreach(all, i, max, row)
		if (read_row(r, where, row, &t->cells[i * t->n_columns],
		    t->n_columns) == -1)
			return -1;
	return 0;
}

static int
read_value(const struct reading *g, const char *where, yyjson_val *v,
    struct decl_values *t)
{
	static const char *const members[] = { "file", "columns", "rows",
	    NULL };
	const struct reader *r = g->r;
	size_t i;

	if (where == NULL || reader_name(r, where, t->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "file", 0, &t->file) == -1 ||
	    (t->file != NULL && check_file(g, where, t->file) == -1) ||
	    reader_strings(r, where, v, "columns", 1, &t->columns,
	    &t->n_columns) == -1)
		return -1;
	if (t->n_columns == 0)
		return reader_fail(r, where, "\"columns\" is empty");
	for (i = 0; i < t->n_columns; i++)
		if (reader_name(r, where, t->columns[i]) == -1)
			return -1;
	return read_rows(r, where, v, t);
}

static int
read_values(const struct reading *g, yyjson_val *all,
    struct decl_snapshot *out)
{
	yyjson_val *v = yyjson_obj_get(all, "values"), *key, *value;
	size_t i, max;

	if (v == NULL)
		return 0;
	if (reader_object(g->r, "snapshot.values", v, NULL) == -1)
		return -1;
	out->n_values = yyjson_obj_size(v);
	out->values = reader_array(g->r, out->n_values,
	    sizeof(*out->values));
	if (out->values == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		out->values[i].name = yyjson_get_str(key);
		if (read_value(g, reader_path(g->r, "snapshot.values",
		    out->values[i].name), value, &out->values[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- look-ups ----------------------------------------------------------- */

static int
read_lookup(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_lookup *s)
{
	static const char *const members[] = { "draw", "want", "got", "n",
	    NULL };

	s->n = LOOKUPS_DEFAULT;
	if (where == NULL || reader_name(r, where, s->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "draw", 1, &s->draw) == -1 ||
	    reader_string(r, where, v, "want", 1, &s->want) == -1 ||
	    reader_string(r, where, v, "got", 1, &s->got) == -1)
		return -1;
	return reader_integer(r, where, v, "n", 1, LOOKUPS_MAX, &s->n);
}

static int
read_lookups(const struct reader *r, yyjson_val *all,
    struct decl_snapshot *out)
{
	yyjson_val *v = yyjson_obj_get(all, "sample"), *key, *value;
	size_t i, max;

	if (v == NULL)
		return 0;
	if (reader_object(r, "snapshot.sample", v, NULL) == -1)
		return -1;
	out->n_lookups = yyjson_obj_size(v);
	out->lookups = reader_array(r, out->n_lookups,
	    sizeof(*out->lookups));
	if (out->lookups == NULL)
		return -1;
	yyjson_obj_foreach(v, i, max, key, value) {
		out->lookups[i].name = yyjson_get_str(key);
		if (read_lookup(r, reader_path(r, "snapshot.sample",
		    out->lookups[i].name), value, &out->lookups[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- all of it ---------------------------------------------------------- */

static int
read_limits(const struct reader *r, const char *where, yyjson_val *all,
    struct decl_snapshot *out)
{
	out->keep = KEEP_DEFAULT;
	if (reader_integer(r, where, all, "keep", 1, KEEP_MAX, &out->keep)
	    == -1 || reader_integer(r, where, all, "keep_days", 0, DAYS_MAX,
	    &out->keep_days) == -1)
		return -1;
	return reader_integer(r, where, all, "stale_after_minutes", 0,
	    STALE_MAX_MINUTES, &out->stale_after_minutes);
}

static int
read_take(const struct reader *r, const char *where, yyjson_val *all,
    struct decl_snapshot *out)
{
	const char *take = "ready";

	if (reader_string(r, where, all, "take", 0, &take) == -1)
		return -1;
	out->take_promoted = strcmp(take, "promoted") == 0;
	return out->take_promoted || strcmp(take, "ready") == 0 ? 0 :
	    reader_fail(r, where, "take \"%s\" (ready, promoted)", take);
}

static int
read_folder(const struct reader *r, const char *where, yyjson_val *all,
    struct decl_snapshot *out)
{
	out->folder = "snapshots";
	if (reader_string(r, where, all, "folder", 0, &out->folder) == -1)
		return -1;
	return reader_name(r, where, out->folder);
}

int
decl_snapshot_read(struct decl *d, struct decl_snapshot *out,
    struct buf *why)
{
	static const char *const members[] = { "files", "folder", "take",
	    "copy", "keep", "keep_days", "stale_after_minutes", "changes", "values",
	    "table", "sample", NULL };
	static const char where[] = "snapshot";
	struct reader r = reader_of(d, why);
	struct reading g = { &r, out };
	yyjson_val *all = yyjson_obj_get(d->root, where);

	*out = (struct decl_snapshot){ 0 };
	if (all == NULL)
		return 0;
	if (reader_object(&r, where, all, members) == -1 ||
	    read_files(&r, where, all, out) == -1 ||
	    read_folder(&r, where, all, out) == -1 ||
	    read_limits(&r, where, all, out) == -1 ||
	    read_take(&r, where, all, out) == -1 ||
	    reader_string(&r, where, all, "copy", 0, &out->copy) == -1 ||
	    (out->copy != NULL && check_file(&g, where, out->copy) == -1) ||
	    read_changes(&g, all, out) == -1 ||
	    read_values(&g, all, out) == -1 ||
	    read_tables(&g, all, out) == -1)
		return -1;
	return read_lookups(&r, all, out);
}
