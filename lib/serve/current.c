#include "serve/current.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/path.h"
#include "base/version.h"

/* Of each connection, in KiB: pages of the file that routes read. */
#define CACHE_PAGES "PRAGMA main.cache_size = -8192"

/* Bytes of buffers that a session keeps; a larger answer's go again. */
#define KEEP_BYTES ((size_t)1 << 20)

/* --- generations --------------------------------------------------------- */

static void
close_generation(struct generation *e)
{
	struct session *d;

	if (e == NULL)
		return;
	for (d = e->sessions; d < e->sessions + e->n; d++) {
		snapshot_db_close(&d->db);
		query_release(&d->query);
		buf_release(&d->body);
		buf_release(&d->packed);
	}
	free(e->sessions);
	free(e->free);
	free(e);
}

static int
open_session(struct generation *e, const struct current_conf *c,
    const char *folder, struct snapshot_error *error)
{
	struct session *d = &e->sessions[e->n++];

	d->generation = e;
	query_init(&d->query);
	buf_init(&d->body, QUERY_ANSWER_BYTES);
	buf_init(&d->packed, QUERY_ANSWER_BYTES);
	e->free[e->n_free++] = d;
	if (snapshot_db_open(&d->db, folder, c->rules) == 0 &&
	    db_exec(&d->db.db, CACHE_PAGES) == 0)
		return 0;
	return snapshot_fail(error, db_status(&d->db.db), "%s",
	    db_message(&d->db.db));
}

/* Is it what its name says, and can every route be answered from it? */
static int
check(struct generation *e, const struct current_conf *c, const char *folder,
    struct snapshot_error *error)
{
	struct session *d = &e->sessions[0];
	struct buf where;
	size_t i;
	int r = 0;

	if (strcmp(d->db.meta.id, e->id) != 0)
		return snapshot_fail(error, EXIT_DATA, "%s: its "
		    "metadata.json is that of %s", folder, d->db.meta.id);
	if (strcmp(d->db.meta.source, c->decl->source) != 0)
		return snapshot_fail(error, EXIT_REFUSED, "%s: a snapshot of "
		    "%s, not of %s", folder, d->db.meta.source,
		    c->decl->source);
	buf_init(&where, 1024);
	for (i = 0; i < c->routes->n && r == 0; i++)
		if (query_check(&d->query, &d->db, &c->routes->list[i],
		    &where) == -1)
			r = snapshot_fail(error, EXIT_USAGE, "%s: %s: %s",
			    folder, where.len > 0 ? where.data :
			    c->routes->list[i].name, db_message(&d->db.db));
	buf_release(&where);
	return r;
}

static int
open_sessions(struct generation *e, const struct current_conf *c,
    struct snapshot_error *error)
{
	struct buf folder;
	int r = 0;

	buf_init(&folder, PATH_BYTES_MAX);
	if ((e->sessions = calloc(c->sessions, sizeof(*e->sessions))) == NULL ||
	    (e->free = calloc(c->sessions, sizeof(*e->free))) == NULL ||
	    buf_printf(&folder, "%s/%s", c->root, e->id) == -1)
		r = snapshot_fail_errno(error, c->root);
	while (r == 0 && e->n < c->sessions)
		r = open_session(e, c, folder.data, error);
	if (r == 0)
		r = check(e, c, folder.data, error);
	buf_release(&folder);
	return r;
}

static struct generation *
open_generation(const struct current *s, const char *id,
    struct snapshot_error *error)
{
	struct generation *e = calloc(1, sizeof(*e));

	if (e == NULL) {
		snapshot_fail_errno(error, s->conf.root);
		return NULL;
	}
	snprintf(e->id, sizeof(e->id), "%s", id);
	snprintf(e->tag, sizeof(e->tag), "%s-%08x", id,
	    (unsigned int)s->declared);
	clock_now(e->since);
	if (open_sessions(e, &s->conf, error) == 0)
		return e;
	close_generation(e);
	return NULL;
}

/* --- which of them is served --------------------------------------------- */

/* Answers follow from the snapshot, the request, and this. */
static uint64_t
hash_declared(const struct decl *d)
{
	size_t n = 0;
	char *text = yyjson_val_write(yyjson_obj_get(d->root, "route"), 0,
	    &n);
	uint64_t h = XXH3_64bits_withSeed(text, n,
	    XXH3_64bits(SLUICE_VERSION, strlen(SLUICE_VERSION)));

	free(text);
	return h;
}

void
current_init(struct current *s, const struct current_conf *conf)
{
	*s = (struct current){ .conf = *conf,
	    .declared = hash_declared(conf->decl) };
	pthread_mutex_init(&s->lock, NULL);
}

void
current_release(struct current *s)
{
	close_generation(s->now);
	pthread_mutex_destroy(&s->lock);
}

/* Let e be served; what is before it and held by nobody is closed. */
static void
put(struct current *s, struct generation *e)
{
	struct generation *before;
	int held;

	pthread_mutex_lock(&s->lock);
	before = s->now;
	s->now = e;
	held = before != NULL && before->n_free < before->n;
	pthread_mutex_unlock(&s->lock);
	if (!held)
		close_generation(before);
}

/* Once about each: the next look is soon. */
static int
failed(struct current *s, const char *id, struct snapshot_error *error)
{
	if (strcmp(s->failed, id) == 0)
		buf_clear(&error->text);
	snprintf(s->failed, sizeof(s->failed), "%s", id);
	return -1;
}

int
current_follow(struct current *s, struct snapshot_error *error)
{
	char id[SNAPSHOT_ID_BYTES];
	int r = snapshot_link(s->conf.root, "current", id);
	struct generation *e;

	if (r == -1)
		snapshot_fail(error, EXIT_DATA, "%s/current: no link to a "
		    "snapshot beside it", s->conf.root);
	else if (r == 0)
		snapshot_fail(error, EXIT_NOINPUT, "%s: there is no current "
		    "snapshot", s->conf.root);
	if (r != 1)
		return failed(s, ".", error);
	if (s->now != NULL && strcmp(s->now->id, id) == 0) {
		s->failed[0] = '\0';
		return 0;
	}
	if ((e = open_generation(s, id, error)) == NULL)
		return failed(s, id, error);
	s->failed[0] = '\0';
	put(s, e);
	return 1;
}

struct session *
current_take(struct current *s)
{
	struct generation *e;
	struct session *d;

	pthread_mutex_lock(&s->lock);
	e = s->now;
	d = e->free[--e->n_free];
	pthread_mutex_unlock(&s->lock);
	return d;
}

static void
shrink(struct buf *b)
{
	if (b->cap > KEEP_BYTES)
		buf_release(b);
	else
		buf_clear(b);
}

void
current_give(struct current *s, struct session *d)
{
	struct generation *e = d->generation;
	int last;

	shrink(&d->body);
	shrink(&d->packed);
	shrink(&d->query.rows);
	pthread_mutex_lock(&s->lock);
	e->free[e->n_free++] = d;
	last = e != s->now && e->n_free == e->n;
	pthread_mutex_unlock(&s->lock);
	if (last)
		close_generation(e);
}
