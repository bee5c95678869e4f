#include "decl/decl.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "decl/kinds.h"
#include "decl/reader.h"
#include "decl/tables.h"

/* --- sections ----------------------------------------------------------- */

static int
read_source(const struct reader *r, struct decl *d)
{
	static const char *const members[] = { "name", "title",
	    "dataset_key", "part_member", NULL };
	yyjson_val *v = yyjson_obj_get(d->root, "source");

	if (reader_object(r, "source", v, members) == -1 ||
	    reader_string(r, "source", v, "name", 1, &d->source) == -1 ||
	    reader_name(r, "source.name", d->source) == -1 ||
	    reader_string(r, "source", v, "title", 0, &d->title) == -1 ||
	    reader_string(r, "source", v, "part_member", 1, &d->part_member)
	    == -1 ||
	    reader_name(r, "source.part_member", d->part_member) == -1)
		return -1;
	return kinds_read(r, d);
}

/* A path in the declaration is relative to the declaration. */
static int
set_reshape(const struct reader *r, struct decl_part *p, const char *name)
{
	const char *slash = strrchr(r->file, '/');
	size_t dir = slash == NULL ? 0 : (size_t)(slash - r->file) + 1;
	char *path;

	if (name == NULL)
		return 0;
	if ((path = reader_array(r, dir + strlen(name) + 1, 1)) == NULL)
		return -1;
	memcpy(path, r->file, dir);
	memcpy(path + dir, name, strlen(name) + 1);
	p->reshape = path;
	return 0;
}

/* JSON pointers, and which of them there are. */
static int
read_paging(const struct reader *r, const char *part, struct decl_part *p)
{
	static const char *const members[] = { "next", "token", "error",
	    NULL };
	const char *where = reader_path(r, part, "paging"), *pointer[3];
	size_t i;

	if (where == NULL || reader_object(r, where, p->paging, members) == -1)
		return -1;
	for (i = 0; i < 3; i++) {
		pointer[i] = NULL;
		if (reader_string(r, where, p->paging, members[i], 0,
		    &pointer[i]) == -1)
			return -1;
		if (pointer[i] != NULL && pointer[i][0] != '/')
			return reader_fail(r, where, "%s: \"%s\" is no JSON "
			    "pointer (\"/name\")", members[i], pointer[i]);
	}
	if ((pointer[0] == NULL) != (pointer[1] == NULL))
		return reader_fail(r, where, "\"next\" and \"token\" go "
		    "together");
	return p->form.format == PAYLOAD_LINES ? 0 : reader_fail(r, where,
	    "pages become json-lines, not %s", p->format);
}

/* Where it is, and how it is asked for; what asks checks the rest. */
static int
read_address(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_part *p)
{
	if (reader_string(r, where, v, "url", 0, &p->url) == -1)
		return -1;
	p->request = yyjson_obj_get(v, "request");
	p->paging = yyjson_obj_get(v, "paging");
	if (p->request == NULL && p->paging == NULL)
		return 0;
	if (p->url == NULL)
		return reader_fail(r, where, "\"%s\" without \"url\"",
		    p->request != NULL ? "request" : "paging");
	if (p->request != NULL &&
	    reader_object(r, where, p->request, NULL) == -1)
		return -1;
	return p->paging == NULL ? 0 : read_paging(r, where, p);
}

/* What its bytes are, and where the elements are in them. */
static int
read_form(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_part *p)
{
	size_t i;

	if (reader_string(r, where, v, "format", 1, &p->format) == -1 ||
	    reader_string(r, where, v, "rows", 0, &p->form.rows) == -1 ||
	    reader_strings(r, where, v, "require", 0, &p->require,
	    &p->n_require) == -1)
		return -1;
	if (payload_format_parse(p->format, &p->form.format) == -1)
		return reader_fail(r, where, "unknown format \"%s\" "
		    "(json-array, json-lines, json, bytes)", p->format);
	if (p->form.rows != NULL && p->form.format != PAYLOAD_LINES)
		return reader_fail(r, where, "\"rows\" is for json-lines");
	if (p->form.rows != NULL && p->form.rows[0] != '/')
		return reader_fail(r, where, "rows: \"%s\" is no JSON pointer "
		    "(\"/name\")", p->form.rows);
	if (p->n_require > 0 && !payload_has_elements(p->form.format))
		return reader_fail(r, where, "\"require\" is for elements, "
		    "which %s has not", p->format);
	for (i = 0; i < p->n_require; i++)
		if (p->require[i][0] != '/')
			return reader_fail(r, where, "require: \"%s\" is no "
			    "JSON pointer (\"/name\")", p->require[i]);
	return 0;
}

static int
read_part(const struct reader *r, const struct decl *d, struct decl_part *p,
    yyjson_val *v)
{
	static const char *const members[] = { "dataset", "format", "rows",
	    "require", "schema_version", "required", "reshape", "url",
	    "request", "paging", NULL };
	const char *where = reader_path(r, "part", p->name);
	const char *reshape = NULL;

	p->kind = &d->kinds[0];
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    kinds_take(r, where, d, v, &p->kind) == -1 ||
	    read_form(r, where, v, p) == -1 ||
	    reader_string(r, where, v, "schema_version", 1,
	    &p->schema_version) == -1 ||
	    reader_flag(r, where, v, "required", &p->required) == -1 ||
	    reader_string(r, where, v, "reshape", 0, &reshape) == -1 ||
	    read_address(r, where, v, p) == -1)
		return -1;
	if (reshape != NULL && p->form.format != PAYLOAD_ARRAY &&
	    p->form.format != PAYLOAD_JSON)
		return reader_fail(r, where,
		    "\"reshape\" is for one JSON value, not for %s",
		    p->format);
	return set_reshape(r, p, reshape);
}

static int
read_parts(const struct reader *r, struct decl *d)
{
	yyjson_val *all = yyjson_obj_get(d->root, "part"), *key, *value;
	size_t i, max;

	if (reader_object(r, "part", all, NULL) == -1)
		return -1;
	d->n_parts = yyjson_obj_size(all);
	d->parts = reader_array(r, d->n_parts, sizeof(*d->parts));
	if (d->parts == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		d->parts[i].name = yyjson_get_str(key);
		if (read_part(r, d, &d->parts[i], value) == -1)
			return -1;
	}
	return 0;
}

static int
read_sql_one(const struct reader *r, const char *where, yyjson_val *v,
    int check, struct decl_sql *s)
{
	const char *const members[] = { "severity", "text", "sql",
	    check ? "each_table" : NULL, NULL };

	if (reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "severity", 1, &s->severity) == -1 ||
	    reader_string(r, where, v, "text", 1, &s->text) == -1 ||
	    reader_string(r, where, v, "sql", 1, &s->sql) == -1 ||
	    reader_flag(r, where, v, "each_table", &s->each_table) == -1)
		return -1;
	if (strcmp(s->severity, "error") != 0 &&
	    strcmp(s->severity, "warning") != 0 &&
	    strcmp(s->severity, "info") != 0)
		return reader_fail(r, where, "severity \"%s\" (error, "
		    "warning, info)", s->severity);
	return 0;
}

/* [SECTION.NAME] with severity, text and sql; or NAME = "sql" if bare. */
static int
read_sql(const struct reader *r, const struct decl *d, const char *section,
    int bare, struct decl_sql **out, size_t *n)
{
	yyjson_val *all = yyjson_obj_get(d->root, section), *key, *value;
	const char *where;
	struct decl_sql *s;
	size_t i, max;

	if (all == NULL)
		return 0;
	if (reader_object(r, section, all, NULL) == -1 || (*out =
	    reader_array(r, yyjson_obj_size(all), sizeof(**out))) == NULL)
		return -1;
	*n = yyjson_obj_size(all);
	yyjson_obj_foreach(all, i, max, key, value) {
		s = &(*out)[i];
		s->name = yyjson_get_str(key);
		where = reader_path(r, section, s->name);
		if (where == NULL || reader_name(r, where, s->name) == -1)
			return -1;
		if ((bare ? reader_string(r, section, all, s->name, 1,
		    &s->sql) : read_sql_one(r, where, value,
		    strcmp(section, "check") == 0, s)) == -1)
			return -1;
	}
	return 0;
}

/* Sections of one tool each are left to it; so is [SOURCE]. */
static int
check_sections(const struct reader *r, const struct decl *d)
{
	const char *const sections[] = { "source", "dataset", "part",
	    "table", "finding", "view", "check", "alert", "fetch", "gate",
	    "ready", "report", "retention", "options", "snapshot", "route",
	    "page", "pages", "queue", d->source, NULL };

	return reader_object(r, "", d->root, sections);
}

static int
read_all(const struct reader *r, struct decl *d)
{
	if (reader_object(r, "", d->root, NULL) == -1 ||
	    read_source(r, d) == -1 || check_sections(r, d) == -1 ||
	    read_parts(r, d) == -1 || tables_read(r, d) == -1 ||
	    read_sql(r, d, "finding", 0, &d->findings, &d->n_findings)
	    == -1 ||
	    read_sql(r, d, "view", 1, &d->views, &d->n_views) == -1 ||
	    read_sql(r, d, "check", 0, &d->checks, &d->n_checks) == -1 ||
	    read_sql(r, d, "alert", 0, &d->alerts, &d->n_alerts) == -1)
		return -1;
	return gate_read(r, d);
}

int
decl_load(struct decl *d, const char *file, struct buf *why)
{
	struct reader r = reader_of(d, why);
	int saved;

	memset(d, 0, sizeof(*d));
	d->file = r.file = file;
	arena_init(&d->arena);
	buf_clear(why);
	if (reader_load(&r, &d->doc, &d->root, &d->places) == 0 &&
	    read_all(&r, d) == 0)
		return 0;
	saved = errno;
	decl_release(d);
	errno = saved;
	return -1;
}

void
decl_release(struct decl *d)
{
	yyjson_doc_free(d->doc);
	arena_release(&d->arena);
	memset(d, 0, sizeof(*d));
	arena_init(&d->arena);
}

/* --- looking up --------------------------------------------------------- */

int
decl_nested(const struct decl_table *t)
{
	return t->parent != -1 && !t->distinct;
}

const struct decl_table *
decl_table(const struct decl *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n_tables; i++)
		if (strcmp(d->tables[i].name, name) == 0)
			return &d->tables[i];
	return NULL;
}

const struct decl_part *
decl_part(const struct decl *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n_parts; i++)
		if (strcmp(d->parts[i].name, name) == 0)
			return &d->parts[i];
	return NULL;
}

/* Add one '/'-separated value of a label.  Returns 0 or -1. */
static int
add_value(struct part *out, const char *name, const char *text, size_t n)
{
	struct buf value;
	int r = -1;

	buf_init(&value, LIMIT_PART_VALUE_BYTES);
	if (n == 0 || path_decode(&value, text, n) == -1 ||
	    strlen(value.data) != value.len)
		errno = EINVAL;
	else
		r = part_add(out, name, value.data);
	buf_release(&value);
	return r;
}

/* The kind with tables whose keys have n members, or NULL. */
static const struct decl_kind *
kind_of_length(const struct decl *d, size_t n)
{
	size_t i;

	for (i = 0; i < d->n_kinds; i++)
		if (d->kinds[i].n_key == n && d->kinds[i].tables)
			return &d->kinds[i];
	return NULL;
}

int
decl_has(const struct decl_kind *k, const struct part *dataset)
{
	size_t i;

	for (i = 0; i < k->n_key && i < dataset->n; i++)
		if (strcmp(k->key[i], dataset->m[i].name) != 0)
			return 0;
	return k->n_key == dataset->n;
}

static size_t
count_values(const char *label)
{
	size_t n = 1;

	for (; *label != '\0'; label++)
		n += *label == '/';
	return n;
}

int
decl_dataset(const struct decl *d, const char *label, struct part *out)
{
	const struct decl_kind *k = kind_of_length(d, count_values(label));
	size_t i, n;

	out->n = 0;
	if (k == NULL) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < k->n_key; i++) {
		n = strcspn(label, "/");
		if (add_value(out, k->key[i], label, n) == -1)
			return -1;
		label += n + 1;
	}
	return 0;
}

int
decl_part_key(const struct decl *d, const struct part *dataset,
    const char *part, struct part *out)
{
	*out = *dataset;
	return part_add(out, d->part_member, part);
}
