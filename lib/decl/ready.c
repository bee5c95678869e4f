#include "decl/ready.h"

#include "decl/reader.h"

#define SAMPLE_DEFAULT 20
#define STALE_MAX_MINUTES (366 * 24 * 60)

static int
read_sample(const struct reader *r, const struct decl *d, const char *where,
    yyjson_val *v, struct decl_sample *s)
{
	static const char *const members[] = { "part", "text", "sql", NULL };

	if (where == NULL || reader_name(r, where, s->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "part", 1, &s->part) == -1 ||
	    reader_string(r, where, v, "text", 1, &s->text) == -1 ||
	    reader_string(r, where, v, "sql", 1, &s->sql) == -1)
		return -1;
	if (decl_part(d, s->part) == NULL)
		return reader_fail(r, where, "no part \"%s\"", s->part);
	return 0;
}

static int
read_samples(const struct reader *r, const struct decl *d, yyjson_val *all,
    struct decl_ready *out)
{
	yyjson_val *key, *value;
	size_t i, max;

	if (all == NULL)
		return 0;
	if (reader_object(r, "ready.sample", all, NULL) == -1)
		return -1;
	out->n_samples = yyjson_obj_size(all);
	out->samples = reader_array(r, out->n_samples,
	    sizeof(*out->samples));
	if (out->samples == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		out->samples[i].name = yyjson_get_str(key);
		if (read_sample(r, d, reader_path(r, "ready.sample",
		    out->samples[i].name), value, &out->samples[i]) == -1)
			return -1;
	}
	return 0;
}

static int
read_ready(const struct reader *r, const struct decl *d,
    struct decl_ready *out)
{
	static const char *const members[] = { "sample_size",
	    "stale_after_minutes", "sample", NULL };
	yyjson_val *all = yyjson_obj_get(d->root, "ready");

	if (all == NULL)
		return 0;
	if (reader_object(r, "ready", all, members) == -1 ||
	    reader_integer(r, "ready", all, "sample_size", READY_SAMPLE_MIN,
	    READY_SAMPLE_MAX, &out->sample_size) == -1 ||
	    reader_integer(r, "ready", all, "stale_after_minutes", 0,
	    STALE_MAX_MINUTES, &out->stale_after_minutes) == -1)
		return -1;
	return read_samples(r, d, yyjson_obj_get(all, "sample"), out);
}

static int
read_report(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_report *t)
{
	static const char *const members[] = { "title", "sql", "bar",
	    "page_only", NULL };
	const char **bar = NULL;
	size_t n = 0;

	if (where == NULL || reader_name(r, where, t->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "title", 1, &t->title) == -1 ||
	    reader_flag(r, where, v, "page_only", &t->page_only) == -1 ||
	    reader_strings(r, where, v, "bar", 0, &bar, &n) == -1)
		return -1;
	if (bar != NULL && n != 2)
		return reader_fail_at(r, where, "bar", "\"bar\" is no pair "
		    "of columns");
	if (bar != NULL) {
		t->bar = bar[0];
		t->of = bar[1];
	}
	return reader_string(r, where, v, "sql", 1, &t->sql);
}

static int
read_reports(const struct reader *r, const struct decl *d,
    struct decl_ready *out)
{
	yyjson_val *all = yyjson_obj_get(d->root, "report"), *key, *value;
	size_t i, max;

	if (all == NULL)
		return 0;
	if (reader_object(r, "report", all, NULL) == -1)
		return -1;
	out->n_reports = yyjson_obj_size(all);
	out->reports = reader_array(r, out->n_reports,
	    sizeof(*out->reports));
	if (out->reports == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		out->reports[i].name = yyjson_get_str(key);
		if (read_report(r, reader_path(r, "report",
		    out->reports[i].name), value, &out->reports[i]) == -1)
			return -1;
	}
	return 0;
}

int
decl_ready_read(struct decl *d, struct decl_ready *out, struct buf *why)
{
	struct reader r = reader_of(d, why);

	*out = (struct decl_ready){ .sample_size = SAMPLE_DEFAULT };
	return read_ready(&r, d, out) == -1 ||
	    read_reports(&r, d, out) == -1 ? -1 : 0;
}
