#include "serve/openapi.h"

#include "base/version.h"
#include "record/jsonw.h"

/* Of a pattern, or the name of a sort. */
#define TEXT_BYTES ((size_t)64 << 10)

static const struct {
	const char *type, *format, *text;
} types[] = {
	[ROUTE_TEXT] = { "string", NULL, NULL },
	[ROUTE_INTEGER] = { "integer", NULL, NULL },
	[ROUTE_REAL] = { "number", NULL, NULL },
	[ROUTE_BOOLEAN] = { "boolean", NULL, NULL },
	[ROUTE_INSTANT] = { "string", "date-time", NULL },
	[ROUTE_WORDS] = { "string", NULL, "Each word is there, or the "
	    "beginning of one; what is in double quotes stands together" }
};

static void
put_pattern(struct jsonw *w, const char *pattern)
{
	struct buf b;

	buf_init(&b, TEXT_BYTES);
	if (buf_printf(&b, "^(%s)$", pattern) == 0)
		jsonw_str(w, "pattern", b.data);
	buf_release(&b);
}

/* What one value can be. */
static void
put_value(struct jsonw *w, const char *name, const struct route_param *p)
{
	size_t i;

	jsonw_obj_open(w, name);
	jsonw_str(w, "type", types[p->type].type);
	jsonw_opt(w, "format", types[p->type].format);
	if (p->bounded) {
		jsonw_real(w, "minimum", p->min);
		jsonw_real(w, "maximum", p->max);
	}
	if (p->n_values > 0)
		jsonw_arr_open(w, "enum");
	for (i = 0; i < p->n_values; i++)
		jsonw_str(w, NULL, p->values[i]);
	if (p->n_values > 0)
		jsonw_arr_close(w);
	if (p->pattern != NULL)
		put_pattern(w, p->pattern);
	jsonw_obj_close(w);
}

static void
put_param(struct jsonw *w, const struct route_param *p)
{
	jsonw_obj_open(w, NULL);
	jsonw_str(w, "name", p->name);
	jsonw_str(w, "in", p->in_path ? "path" : "query");
	jsonw_bool(w, "required", p->required || p->in_path);
	jsonw_opt(w, "description", p->text != NULL ? p->text :
	    types[p->type].text);
	if (p->many) {
		jsonw_str(w, "style", "form");
		jsonw_bool(w, "explode", 0);
		jsonw_obj_open(w, "schema");
		jsonw_str(w, "type", "array");
		put_value(w, "items", p);
		jsonw_obj_close(w);
	} else {
		put_value(w, "schema", p);
	}
	jsonw_obj_close(w);
}

static void
put_number(struct jsonw *w, const char *name, int64_t max, int64_t without)
{
	jsonw_obj_open(w, NULL);
	jsonw_str(w, "name", name);
	jsonw_str(w, "in", "query");
	jsonw_obj_open(w, "schema");
	jsonw_str(w, "type", "integer");
	jsonw_int(w, "minimum", 1);
	if (max > 0)
		jsonw_int(w, "maximum", max);
	jsonw_int(w, "default", without);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
}

static void
put_sort(struct jsonw *w, const struct route *r)
{
	struct buf down;
	size_t i;

	jsonw_obj_open(w, NULL);
	jsonw_str(w, "name", "sort");
	jsonw_str(w, "in", "query");
	jsonw_str(w, "description", "By these, one after the other; with - "
	    "in front downwards");
	jsonw_str(w, "style", "form");
	jsonw_bool(w, "explode", 0);
	jsonw_obj_open(w, "schema");
	jsonw_str(w, "type", "array");
	jsonw_obj_open(w, "items");
	jsonw_arr_open(w, "enum");
	buf_init(&down, TEXT_BYTES);
	for (i = 0; i < r->n_sorts; i++) {
		buf_clear(&down);
		jsonw_str(w, NULL, r->sorts[i].name);
		if (buf_printf(&down, "-%s", r->sorts[i].name) == 0)
			jsonw_str(w, NULL, down.data);
	}
	buf_release(&down);
	jsonw_arr_close(w);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
}

static void
put_params(struct jsonw *w, const struct route *r)
{
	size_t i;

	jsonw_arr_open(w, "parameters");
	for (i = 0; i < r->n_params; i++)
		put_param(w, &r->params[i]);
	if (!r->one && r->n_facets == 0) {
		put_number(w, "page", 0, 1);
		put_number(w, "pageSize", r->page_max, r->page_size);
	}
	if (r->n_sorts > 0)
		put_sort(w, r);
	jsonw_arr_close(w);
}

static void
put_ref(struct jsonw *w, const char *name, const char *to)
{
	jsonw_obj_open(w, name);
	jsonw_str(w, "$ref", to);
	jsonw_obj_close(w);
}

/* {"data": …}: rows, one object, or a list for each facet. */
static void
put_data(struct jsonw *w, const struct route *r)
{
	size_t i;

	jsonw_obj_open(w, "data");
	if (r->n_facets > 0) {
		jsonw_str(w, "type", "object");
		jsonw_obj_open(w, "properties");
		for (i = 0; i < r->n_facets; i++)
			put_ref(w, r->facets[i].name,
			    "#/components/schemas/Rows");
		jsonw_obj_close(w);
	} else if (r->one) {
		jsonw_str(w, "type", "object");
	} else {
		jsonw_str(w, "$ref", "#/components/schemas/Rows");
	}
	jsonw_obj_close(w);
}

static void
put_responses(struct jsonw *w, const struct route *r)
{
	jsonw_obj_open(w, "responses");
	jsonw_obj_open(w, "200");
	jsonw_str(w, "description", r->text != NULL ? r->text : r->name);
	jsonw_obj_open(w, "content");
	jsonw_obj_open(w, "application/json");
	jsonw_obj_open(w, "schema");
	jsonw_str(w, "type", "object");
	jsonw_obj_open(w, "properties");
	put_ref(w, "meta", "#/components/schemas/Meta");
	put_data(w, r);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
	jsonw_obj_open(w, "304");
	jsonw_str(w, "description", "What If-None-Match names is still so");
	jsonw_obj_close(w);
	put_ref(w, "default", "#/components/responses/Error");
	jsonw_obj_close(w);
}

static void
put_route(struct jsonw *w, const struct route *r)
{
	jsonw_obj_open(w, r->path);
	jsonw_obj_open(w, "get");
	jsonw_str(w, "operationId", r->name);
	jsonw_opt(w, "summary", r->text);
	put_params(w, r);
	put_responses(w, r);
	jsonw_obj_close(w);
	jsonw_obj_close(w);
}

/* What all routes share, as it is in every document. */
static const char components[] =
"{\"schemas\":{"
"\"Meta\":{\"type\":\"object\",\"properties\":{"
"\"page\":{\"type\":\"integer\"},\"pageSize\":{\"type\":\"integer\"},"
"\"total\":{\"type\":\"integer\"},\"hasNext\":{\"type\":\"boolean\"},"
"\"generatedAt\":{\"type\":\"string\",\"format\":\"date-time\"},"
"\"version\":{\"type\":\"string\"},\"snapshot\":{\"type\":\"string\"}},"
"\"required\":[\"generatedAt\",\"version\",\"snapshot\"]},"
"\"Rows\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
"\"Error\":{\"type\":\"object\",\"properties\":{\"error\":{"
"\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\"},"
"\"message\":{\"type\":\"string\"},\"traceId\":{\"type\":\"string\"},"
"\"details\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
"\"properties\":{\"param\":{\"type\":\"string\"},"
"\"message\":{\"type\":\"string\"}}}}},"
"\"required\":[\"code\",\"message\",\"details\"]}}}},"
"\"responses\":{\"Error\":{\"description\":\"What is wrong\",\"content\":{"
"\"application/json\":{\"schema\":{"
"\"$ref\":\"#/components/schemas/Error\"}}}}}}";

int
openapi_write(const struct decl *d, const struct decl_routes *routes,
    struct buf *b)
{
	struct jsonw w;
	size_t i;

	jsonw_init(&w, b);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "openapi", "3.1.0");
	jsonw_obj_open(&w, "info");
	jsonw_str(&w, "title", d->title != NULL ? d->title : d->source);
	jsonw_str(&w, "version", SLUICE_VERSION);
	jsonw_obj_close(&w);
	jsonw_obj_open(&w, "paths");
	for (i = 0; i < routes->n; i++)
		put_route(&w, &routes->list[i]);
	jsonw_obj_close(&w);
	jsonw_raw(&w, "components", components, sizeof(components) - 1);
	return jsonw_end(&w);
}
