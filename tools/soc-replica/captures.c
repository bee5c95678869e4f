#include "captures.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "base/path.h"

/* Bytes of "20251115T200000Z" with its '\0'; text order is time order. */
#define STAMP_TEXT 17

struct capture {
	struct query query;
	char stamp[STAMP_TEXT];
	char *path;		/* owned */
};

struct captures {
	struct capture *list;	/* owned; by stamp */
	size_t n, cap;
	char (*steps)[STAMP_TEXT];	/* owned; rising */
	size_t nsteps;
};

void
captures_free(struct captures *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++)
		free(c->list[i].path);
	free(c->list);
	free(c->steps);
	free(c);
}

static int
add(struct captures *c, const struct capture *new, const char *path)
{
	struct capture *list = c->list;

	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 64 : 2 * c->cap;
		list = realloc(c->list, c->cap * sizeof(*list));
		if (list == NULL)
			return -1;
		c->list = list;
	}
	list[c->n] = *new;
	if ((list[c->n].path = strdup(path)) == NULL)
		return -1;
	c->n++;
	return 0;
}

/* Fill *new from "2026-1/NB/courses.20251115T200000Z.json.gz"; 0, or -1. */
static int
parse_name(const char *name, struct capture *new)
{
	int e, end = 0, term, year;
	char endpoint[16];

	if (sscanf(name, "%4d-%1d/%15[^/]/%15[a-zA-Z].%16[0-9TZ].json.gz%n",
	    &year, &term, new->query.campus, endpoint, new->stamp,
	    &end) != 5 || end == 0 || name[end] != '\0' ||
	    strlen(new->stamp) != STAMP_TEXT - 1 ||
	    (e = endpoint_find(endpoint)) == -1)
		return -1;
	new->query.endpoint = (enum endpoint)e;
	new->query.year = year;
	new->query.term = term;
	return 0;
}

/* The pattern of all captures below dir, whose name is no pattern. */
static int
add_pattern(struct buf *b, const char *dir)
{
	for (; *dir != '\0'; dir++)
		if ((strchr("*?[]\\", *dir) != NULL &&
		    buf_chr(b, '\\') == -1) || buf_chr(b, *dir) == -1)
			return -1;
	return buf_str(b, "/*-*/*/*.json.gz");
}

static int
list_dir(struct captures *c, const char *dir)
{
	struct capture new;
	struct buf pattern;
	int r = -1;
	glob_t g = { 0 };
	size_t i;

	buf_init(&pattern, PATH_BYTES_MAX);
	if (add_pattern(&pattern, dir) == -1)
		goto out;
	errno = ENOENT;
	if (glob(pattern.data, 0, NULL, &g) != 0)
		goto out;
	for (r = 0, i = 0; i < g.gl_pathc && r == 0; i++)
		if (parse_name(g.gl_pathv[i] + strlen(dir) + 1, &new) == 0)
			r = add(c, &new, g.gl_pathv[i]);
	globfree(&g);
out:
	buf_release(&pattern);
	return r;
}

static int
by_stamp(const void *a, const void *b)
{
	const struct capture *x = a, *y = b;

	return strcmp(x->stamp, y->stamp);
}

static int
find_steps(struct captures *c)
{
	size_t i;

	qsort(c->list, c->n, sizeof(*c->list), by_stamp);
	if ((c->steps = calloc(c->n, sizeof(*c->steps))) == NULL)
		return -1;
	for (i = 0; i < c->n; i++)
		if (i == 0 ||
		    strcmp(c->list[i].stamp, c->list[i - 1].stamp) != 0)
			memcpy(c->steps[c->nsteps++], c->list[i].stamp,
			    STAMP_TEXT);
	return 0;
}

static int
same_partition(const struct query *a, const struct query *b)
{
	return a->endpoint == b->endpoint && a->year == b->year &&
	    a->term == b->term && strcmp(a->campus, b->campus) == 0;
}

/* What stands for q at a step, or NULL. */
static const struct capture *
choose(const struct captures *c, const struct query *q, int64_t step)
{
	const struct capture *found = NULL;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (!same_partition(&c->list[i].query, q))
			continue;
		if (found != NULL &&
		    strcmp(c->list[i].stamp, c->steps[step]) > 0)
			break;
		found = &c->list[i];
	}
	return found;
}

static struct packed *
captures_make(void *arg, const struct query *q, int64_t tick, int *nothing)
{
	const struct capture *capture = choose(arg, q, tick);
	struct packed *p = NULL;
	struct buf gz;

	if (capture == NULL) {
		*nothing = 1;
		return NULL;
	}
	buf_init(&gz, PACKED_GZIP_MAX);
	if (buf_file(&gz, capture->path) == 0)
		p = packed_from_gzip(&gz, q->campus);
	if (p == NULL)
		msg_error_errno("%s", capture->path);
	buf_release(&gz);
	return p;
}

struct captures *
captures_open(const char *dir, struct source *s)
{
	struct captures *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	if (list_dir(c, dir) == -1)
		goto fail;
	if (c->n == 0) {
		errno = ENOENT;
		goto fail;
	}
	if (find_steps(c) == -1)
		goto fail;
	*s = (struct source){ (int64_t)c->nsteps, captures_make, c };
	return c;
fail:
	captures_free(c);
	return NULL;
}
