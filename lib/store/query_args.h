/*
 * query_args.h -- what a request asks of a route: its values, and whatever
 * is wrong with them.
 *
 * The query string is taken as it came ("day=2026-11-20&q=a+b").  Nothing
 * wrong is guessed at: every problem is kept, by the name of its parameter.
 */
#ifndef QUERY_ARGS_H
#define QUERY_ARGS_H

#include <regex.h>
#include <sqlite3.h>

#include "base/arena.h"
#include "base/buf.h"
#include "decl/route.h"

/* Bytes of one decoded value, and of a list of them. */
#define QUERY_VALUE_BYTES 512
#define QUERY_MANY_BYTES 8192

/* Problems that are told; more are not looked for. */
#define QUERY_PROBLEMS_MAX 64

/* Sorts that one request may name. */
#define QUERY_SORTS_MAX 8

struct query_value {
	int given;
	int64_t integer;	/* ROUTE_INTEGER, ROUTE_BOOLEAN */
	double real;
	const char *text;	/* as SQL gets it: all others, and many */
};

struct query_sort {
	const struct route_sort *sort;
	int down;
};

struct query_problem {
	const char *param, *message;
};

struct query_args {
	const struct route *route;	/* borrowed */
	struct query_value values[ROUTE_PARAMS_MAX];
	int64_t page, page_size;	/* page from 1 */
	size_t n_sorts, n_problems;
	struct query_sort sorts[QUERY_SORTS_MAX];
	struct query_problem problems[QUERY_PROBLEMS_MAX];
	struct arena arena;		/* owns the texts */
	struct query_pattern *patterns;	/* owned; compiled once */
	size_t n_patterns;
	int failed;		/* errno of memory that was not there, or 0 */
};

/* Begin; to be used for any number of requests, one after the other. */
void query_args_init(struct query_args *a);
void query_args_release(struct query_args *a);

/*
 * Take a request: the captures of its path, and its query string (NULL:
 * none).  All is borrowed for the call only, but for r.  Returns 0, also
 * with problems; or -1 with errno ENOMEM.
 */
int query_args_take(struct query_args *a, const struct route *r,
    const struct route_capture *captures, size_t n, const char *query);

/* Add a problem that was found elsewhere.  The text is copied. */
void query_args_problem(struct query_args *a, const char *param,
    const char *fmt, ...) MSG_FMT(3, 4);

/* Bind every value that s names as :NAME.  0, or -1: it names another. */
int query_args_bind(const struct query_args *a, sqlite3_stmt *s);

#endif
