/*
 * model.h -- the declaration of a site, site.toml; see site-replica(1).
 *
 * Read once, checked whole, then read-only, but for the templates, which
 * keep their queries.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stddef.h>
#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "scope.h"
#include "template.h"

/* Names in one path, and of one query string: more than any page has. */
#define MODEL_VARS_MAX 32

struct route {
	const char *method;	/* NULL: GET and HEAD */
	const char *host;	/* NULL: any */
	const char *path;	/* "/a/{name}/b" */
	const char *row;	/* a query; without a row there is no page */
	const char *type;	/* Content-Type */
	struct template *page;	/* owned */
	size_t n_query;
	struct var *query;	/* names with what they are if not given */
	size_t n_form;
	struct var *form;	/* the same in a body that is a form */
	size_t n_json;
	struct var *json;	/* names with pointers into a body of JSON */
	size_t n_headers;
	struct var *headers;	/* names with those of headers */
};

/* A page as it was saved, once or at several ticks. */
struct capture {
	const char *host;	/* NULL: any */
	const char *target;	/* path and query */
	const char *type;
	size_t n;
	const char **files;	/* at tick 0, 1, ...; the last one stays */
};

struct model {
	size_t n_data;
	const char **data;	/* files of SQL */
	size_t n_vars;
	struct var *vars;	/* the parameters */
	size_t n_routes;
	struct route *routes;
	size_t n_captures;
	struct capture *captures;
	size_t steps;		/* the longest of the captures; 0: it moves */
	yyjson_doc *doc;	/* owned */
	struct arena arena;	/* owns the rest */
};

/*
 * Load file; set (NULL: none) is "name=value,...", parameters that are not
 * as declared; dir is where captures are, NULL for the file's own folder.
 * Returns 0; or -1 with errno, EINVAL for a wrong declaration, and why.
 */
int model_load(struct model *p, const char *file, const char *set,
    const char *dir, struct buf *why);
void model_release(struct model *p);

#endif
