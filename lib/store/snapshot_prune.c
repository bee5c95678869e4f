#include "store/snapshot_prune.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/path.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

/* What writers leave that are killed; REMOVING is this module's own. */
#define REMOVING ".removing"
static const char *const leftovers[] = { ".building", REMOVING,
	".current.tmp", ".previous.tmp" };

struct pruning {
	const struct snapshot_prune *p;
	struct snapshot_error *e;
	char current[SNAPSHOT_ID_BYTES], previous[SNAPSHOT_ID_BYTES];
	int64_t seen;			/* not linked, so far */
	struct buf path, other;
};

static int
name(struct pruning *g, struct buf *b, const char *what)
{
	buf_clear(b);
	return buf_printf(b, "%s/%s", g->p->root, what) == 0 ? 0 :
	    snapshot_fail_errno(g->e, g->p->root);
}

/* --- what killed writers left ------------------------------------------- */

static int
sweep(struct pruning *g)
{
	size_t i;

	for (i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++) {
		if (name(g, &g->path, leftovers[i]) == -1)
			return -1;
		if (!g->p->dry && path_remove_tree(g->path.data) == -1)
			return snapshot_fail_errno(g->e, g->path.data);
	}
	if (name(g, &g->path, "verified.json") == -1)
		return -1;
	return g->p->dry || outfile_sweep(g->path.data) == 0 ? 0 :
	    snapshot_fail_errno(g->e, g->path.data);
}

/* --- one snapshot ------------------------------------------------------- */

static int64_t
size_of(const struct snapshot_meta *m)
{
	yyjson_val *file;
	size_t i, max;
	int64_t bytes = 0;

	yyjson_arr_foreach(m->files, i, max, file)
		bytes += yyjson_get_sint(yyjson_obj_get(file,
		    "size_bytes"));
	return bytes;
}

/* Is it a snapshot of this source that may go?  Sets its bytes. */
static int
may_go(struct pruning *g, const char *id, int64_t *bytes)
{
	struct snapshot_meta m;
	struct stat st;
	struct buf why;
	int ours = 0;

	buf_init(&why, 8192);
	if (name(g, &g->path, id) == 0 &&
	    snapshot_meta_read(&m, g->path.data, &why) == 0) {
		ours = strcmp(m.source, g->p->source) == 0 &&
		    strcmp(m.id, id) == 0;
		*bytes = size_of(&m);
		snapshot_meta_release(&m);
	}
	buf_release(&why);
	if (!ours || strcmp(id, g->current) == 0 ||
	    strcmp(id, g->previous) == 0 || g->seen++ < g->p->keep)
		return 0;
	/* The metadata is written last, so its time is the snapshot's. */
	return buf_str(&g->path, "/metadata.json") == 0 &&
	    stat(g->path.data, &st) == 0 && g->p->now_ms -
	    (int64_t)st.st_mtime * 1000 >= g->p->keep_days * DAY_MS;
}

static int
remove_one(struct pruning *g, const char *id)
{
	if (g->p->dry)
		return 0;
	if (name(g, &g->path, id) == -1 ||
	    name(g, &g->other, REMOVING) == -1)
		return -1;
	if (rename(g->path.data, g->other.data) == -1 ||
	    path_sync_parent(g->path.data) == -1 ||
	    path_remove_tree(g->other.data) == -1)
		return snapshot_fail_errno(g->e, g->path.data);
	return 0;
}

/* --- all of them -------------------------------------------------------- */

static int
is_candidate(const struct dirent *d)
{
	return snapshot_is_id(d->d_name);
}

static int
newest_first(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

static int
prune(struct pruning *g)
{
	struct dirent **list;
	int n = scandir(g->p->root, &list, is_candidate, newest_first);
	int64_t bytes;
	int i, r = 0;

	if (n == -1)
		return snapshot_fail_errno(g->e, g->p->root);
	for (i = 0; i < n; i++) {
		if (r == 0 && may_go(g, list[i]->d_name, &bytes) &&
		    (r = remove_one(g, list[i]->d_name)) == 0)
			r = g->p->fn(list[i]->d_name, bytes, g->p->arg);
		free(list[i]);
	}
	free(list);
	return r;
}

int
snapshot_prune(const struct snapshot_prune *p, struct snapshot_error *e)
{
	struct pruning g = { .p = p, .e = e };
	int r = -1;

	buf_init(&g.path, PATH_BYTES_MAX);
	buf_init(&g.other, PATH_BYTES_MAX);
	if (snapshot_link(p->root, "current", g.current) == -1 ||
	    snapshot_link(p->root, "previous", g.previous) == -1)
		snapshot_fail(e, EXIT_DATA, "%s: a link that points at no "
		    "snapshot beside it", p->root);
	else if ((r = sweep(&g)) == 0)
		r = prune(&g);
	buf_release(&g.path);
	buf_release(&g.other);
	return r;
}
