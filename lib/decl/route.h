/*
 * route.h -- [route.NAME] of a declaration: a read API over a snapshot.
 *
 *	[route.things]
 *	path = "/api/things"          {name} stands for one segment
 *	text = "What there is"        for people
 *	example = "day=2026-11-20"    a query that can be tried
 *	from = "things t"             joins and all
 *	key = "t.id"                  names a row, for pages; may be left out
 *	select = "t.id, t.name AS title"   names are members of the answer
 *	order = "t.day, t.id"         a total order: pages never overlap
 *	json = ["pieces"]             columns that are JSON text,
 *	boolean = ["isGood"]          and 0 or 1
 *	page = { size = 25, max = 100 }
 *	one = true                    one object, or 404; no pages, no order
 *
 *	[route.things.param.day]      a filter, or what a {name} takes
 *	type = "text"
 *	sql = "t.day = :day"
 *
 *	[route.things.within]         conditions that hold of one and the same
 *	piece = "t.id IN (SELECT thing FROM pieces p WHERE {filters})"
 *
 *	[route.things.sort]           what sort=title,-id may name
 *	title = "t.title"
 *
 *	[route.things.check.order]    rows are problems; column 1 is the text
 *	param = "day", sql = "…"
 *
 *	[route.counts.facet.day]      instead of select: an object of lists
 *	sql = "SELECT … WHERE {filters} GROUP BY 1"
 *
 * See sluice-snapshot(5).  What becomes of a request is store/query.h.
 */
#ifndef DECL_ROUTE_H
#define DECL_ROUTE_H

#include "decl/decl.h"

/* Parameters, {names} included, and sorts of one route. */
#define ROUTE_PARAMS_MAX 64
#define ROUTE_SORTS_MAX 32

/* {names} in a path. */
#define ROUTE_CAPTURES_MAX 8

enum route_type {
	ROUTE_TEXT,
	ROUTE_INTEGER,
	ROUTE_REAL,
	ROUTE_BOOLEAN,		/* true, false, 1, 0; bound as 1, 0 */
	ROUTE_INSTANT,		/* RFC 3339 with Z; bound as clock.h writes it */
	ROUTE_WORDS		/* what people type; bound as an FTS5 query */
};

struct route_param {
	const char *name, *text;	/* text: for people, or NULL */
	enum route_type type;
	int required, in_path;
	int many;		/* a,b and repeated; bound as a JSON array */
	int bounded;		/* numbers: within min and max */
	double min, max;
	size_t n_values;	/* 0: any */
	const char **values;
	const char *pattern;	/* extended regular expression, whole; or NULL */
	const char *sql;	/* a condition, added when given; or NULL */
	const char *within;	/* where it is one, or NULL: of the row */
};

struct route_within {
	const char *name, *sql;		/* {filters} is replaced */
};

struct route_sort {
	const char *name, *sql;
};

struct route_facet {
	const char *name, *sql;		/* {filters} is replaced */
	size_t n_except;
	const char **except;	/* parameters whose filters are left out */
};

struct route_check {
	const char *name, *param, *sql;
};

struct route {
	const char *name, *path, *text, *example;	/* last two or NULL */
	const char *from, *key, *select, *order;	/* key, order or NULL */
	int one;
	size_t n_json, n_boolean;
	const char **json, **boolean;
	int64_t page_size, page_max;
	size_t n_params, n_withins, n_sorts, n_facets, n_checks;
	struct route_param *params;
	struct route_within *withins;
	struct route_sort *sorts;
	struct route_facet *facets;	/* if any, select is NULL */
	struct route_check *checks;
};

struct decl_routes {
	size_t n;
	struct route *list;	/* in d's arena, in the order of the file */
};

/*
 * Read the sections of d, which keeps the memory.  Returns 0; or -1 with
 * errno EINVAL and in why one line as decl_load()'s.
 */
int decl_routes_read(struct decl *d, struct decl_routes *out,
    struct buf *why);

/* One segment that a {name} stands for; borrowed of path and declaration. */
struct route_capture {
	const struct route_param *param;
	const char *text;	/* as it is in the path, %-encoded */
	size_t n;
};

/*
 * The route of a path ("/api/things/7", without a query), or NULL.  A
 * segment said in words goes before a {name}.  *n captures are set in the
 * order of the path.
 */
const struct route *route_match(const struct decl_routes *all,
    const char *path, struct route_capture captures[ROUTE_CAPTURES_MAX],
    size_t *n);

/* The parameter of that name, or NULL. */
const struct route_param *route_param(const struct route *r,
    const char *name);

/* "text", "integer", …, static. */
const char *route_type_name(enum route_type type);

#endif
