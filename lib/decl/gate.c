#include "decl/gate.h"

#include <string.h>

#include "decl/decl.h"
#include "decl/reader.h"

#define MINUTE_MS 60000
#define YEAR_MINUTES (366 * 24 * 60)
#define GROWTH_MAX 1e6
#define ROWS_MAX 1000000000

/* What holds for a normal day, and a sick one, of a list of thousands. */
static const struct decl_gate defaults = {
	.young_ms = 60 * (int64_t)MINUTE_MS,
	.missing = { 0.10, 0.50, 0.05 },
	.growth = { 0.50, 2.0, 0.25 },
	.least_rows = 25,
	.median_of = 16,
	.lasting_samples = 3,
	.lasting_ms = 300 * (int64_t)1000,
	.lasting_difference = 0.01,
};

static int
read_part(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, double max, double *out)
{
	yyjson_val *v = yyjson_obj_get(obj, name);

	if (v == NULL)
		return 0;
	if (!yyjson_is_num(v) || yyjson_get_num(v) < 0 ||
	    yyjson_get_num(v) > max)
		return reader_fail(r, where, "\"%s\" is no number from 0 to "
		    "%g", name, max);
	*out = yyjson_get_num(v);
	return 0;
}

/* An older baseline allows more, and what is held has to be better. */
static int
read_limits(const struct reader *r, const char *prefix, yyjson_val *obj,
    const char *name, double max, struct decl_gate_limits *l)
{
	static const char *const members[] = { "young", "old", "recovered",
	    NULL };
	yyjson_val *v = yyjson_obj_get(obj, name);
	const char *where = reader_path(r, prefix, name);

	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    read_part(r, where, v, "young", max, &l->young) == -1 ||
	    read_part(r, where, v, "old", max, &l->old) == -1 ||
	    read_part(r, where, v, "recovered", max, &l->recovered) == -1)
		return -1;
	if (l->recovered > l->young || l->young > l->old)
		return reader_fail(r, where, "\"recovered\" is at most "
		    "\"young\", and that at most \"old\": %g, %g, %g",
		    l->recovered, l->young, l->old);
	return 0;
}

static int
read_lasting(const struct reader *r, const char *prefix, yyjson_val *obj,
    struct decl_gate *g)
{
	static const char *const members[] = { "samples", "seconds",
	    "difference", NULL };
	yyjson_val *v = yyjson_obj_get(obj, "lasting");
	const char *where = reader_path(r, prefix, "lasting");
	int64_t seconds = g->lasting_ms / 1000;

	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    reader_integer(r, where, v, "samples", 1, 1000,
	    &g->lasting_samples) == -1 || reader_integer(r, where, v,
	    "seconds", 0, YEAR_MINUTES * 60, &seconds) == -1)
		return -1;
	g->lasting_ms = seconds * 1000;
	return read_part(r, where, v, "difference", 1,
	    &g->lasting_difference);
}

/* What [gate] and [gate.table.NAME] have in common. */
static int
read_rules(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_gate *g)
{
	int64_t minutes = g->young_ms / MINUTE_MS;

	if (reader_integer(r, where, v, "young_minutes", 0, YEAR_MINUTES,
	    &minutes) == -1 || reader_integer(r, where, v, "least_rows", 1,
	    ROWS_MAX, &g->least_rows) == -1 || reader_integer(r, where, v,
	    "median_of", 1, GATE_MEDIAN_MAX, &g->median_of) == -1 ||
	    read_limits(r, where, v, "missing", 1, &g->missing) == -1 ||
	    read_limits(r, where, v, "growth", GROWTH_MAX, &g->growth)
	    == -1)
		return -1;
	g->young_ms = minutes * MINUTE_MS;
	return read_lasting(r, where, v, g);
}

static int
read_table(const struct reader *r, struct decl *d, const char *name,
    yyjson_val *v, const struct decl_gate *common)
{
	static const char *const members[] = { "young_minutes", "missing",
	    "growth", "least_rows", "median_of", "lasting", "empty_first",
	    NULL };
	const char *where = reader_path(r, "gate.table", name);
	struct decl_table *t;
	size_t i;

	if (where == NULL || reader_object(r, where, v, members) == -1)
		return -1;
	for (i = 0; i < d->n_tables; i++)
		if (strcmp(d->tables[i].name, name) == 0)
			break;
	if (i == d->n_tables)
		return reader_fail(r, where, "no table \"%s\"", name);
	t = &d->tables[i];
	if (t->part == NULL)
		return reader_fail(r, where, "a derived table: gate those "
		    "that it is made of");
	if (t->paged)
		return reader_fail(r, where, "made of pages: its rows are "
		    "checked one by one, table.%s.checks", name);
	t->gated = 1;
	t->gate = *common;
	if (reader_flag(r, where, v, "empty_first", &t->gate.empty_first)
	    == -1)
		return -1;
	return read_rules(r, where, v, &t->gate);
}

int
gate_read(const struct reader *r, struct decl *d)
{
	static const char *const members[] = { "young_minutes", "missing",
	    "growth", "least_rows", "median_of", "lasting", "table", NULL };
	yyjson_val *all = yyjson_obj_get(d->root, "gate"), *key, *value;
	yyjson_val *tables = yyjson_obj_get(all, "table");
	struct decl_gate common = defaults;
	size_t i, max;

	if (all == NULL)
		return 0;
	if (reader_object(r, "gate", all, members) == -1 ||
	    read_rules(r, "gate", all, &common) == -1)
		return -1;
	if (tables == NULL)
		return 0;
	if (reader_object(r, "gate.table", tables, NULL) == -1)
		return -1;
	yyjson_obj_foreach(tables, i, max, key, value)
		if (read_table(r, d, yyjson_get_str(key), value, &common)
		    == -1)
			return -1;
	return 0;
}
