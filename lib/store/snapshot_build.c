#include "store/snapshot_build.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "store/snapshot_meta.h"
#include "store/snapshot_rows.h"

struct building {
	const struct snapshot_build *b;
	struct snapshot_built *r;
	struct snapshot_error *e;
	struct canon canon;
	struct snapshot_plan plan;
	struct snapshot_fill fill;
	struct snapshot_checks checks;
	struct buf folder, final;	/* ROOT/.building, ROOT/ID */
};

static int
canon_failed(struct building *g)
{
	return snapshot_fail(g->e, canon_status(&g->canon), "%s",
	    canon_message(&g->canon));
}

/* --- is it there? ------------------------------------------------------- */

static int
name_final(struct building *g)
{
	buf_clear(&g->final);
	return buf_printf(&g->final, "%s/%s", g->b->root, g->plan.id) == 0 ?
	    0 : snapshot_fail_errno(g->e, g->b->root);
}

static void
tell(struct building *g)
{
	const struct plan_dataset *d;
	size_t i;

	memcpy(g->r->id, g->plan.id, sizeof(g->r->id));
	g->r->partial = g->plan.partial;
	g->r->datasets = g->r->withheld = 0;
	for (i = 0; i < g->plan.n; i++) {
		d = &g->plan.list[i];
		g->r->datasets += d->version != NULL;
		g->r->withheld += !d->active;
	}
}

/* Plan in the transaction at hand.  1: it is there, 0, or -1. */
static int
plan(struct building *g)
{
	snapshot_plan_release(&g->plan);
	if (snapshot_plan(&g->canon, g->b->s, g->b->only, &g->plan, g->e)
	    == -1 || name_final(g) == -1)
		return -1;
	tell(g);
	return access(g->final.data, F_OK) == 0;
}

static int
plan_only(struct building *g)
{
	int r;

	if (db_exec(&g->canon.db, "BEGIN") == -1)
		return canon_failed(g);
	r = plan(g);
	db_rollback(&g->canon.db);
	return r;
}

/* --- filling ------------------------------------------------------------ */

/* While the canonical tables stand still. */
static int
fill(struct building *g)
{
	struct db *db = &g->canon.db;
	int r;

	if (db_exec(db, "BEGIN") == -1)
		return canon_failed(g);
	if ((r = plan(g)) != 0)
		return r;
	if (snapshot_rows(&g->canon, g->b->s, &g->plan) == -1)
		return canon_failed(g);
	if (snapshot_fill_tables(&g->fill) == -1 ||
	    (!g->b->unchecked &&
	    snapshot_check_rows(&g->fill, &g->checks) == -1))
		return -1;
	return db_exec(db, "COMMIT") == -1 ? canon_failed(g) : 0;
}

/* The folder gets its name when everything in it is on disk. */
static int
publish(struct building *g)
{
	if (path_sync_parent(g->fill.folder) == -1 ||
	    rename(g->folder.data, g->final.data) == -1 ||
	    path_sync_parent(g->final.data) == -1)
		return snapshot_fail_errno(g->e, g->final.data);
	return 0;
}

/* It was made before; the routes may be others than then. */
static int
check_there(struct building *g)
{
	g->r->there = 1;
	g->fill = (struct snapshot_fill){ &g->canon, g->b->data,
	    g->final.data, g->b->s, &g->plan, g->e };
	return g->b->unchecked ? 0 : snapshot_check_routes(&g->fill,
	    g->b->routes, &g->checks);
}

static int
make(struct building *g)
{
	struct snapshot_size size;
	int r;

	if (snapshot_fill_attach(&g->fill) == -1)
		return -1;
	if ((r = fill(g)) != 0)		/* it came in between: as good */
		return r == 1 ? check_there(g) : -1;
	if (snapshot_fill_changes(&g->fill) == -1 ||
	    snapshot_fill_detach(&g->fill) == -1 ||
	    (!g->b->unchecked &&
	    snapshot_check_files(&g->fill, &g->checks) == -1) ||
	    snapshot_meta_write(&g->fill, g->b->unchecked ? NULL :
	    &g->checks, &size) == -1 || (!g->b->unchecked &&
	    snapshot_check_routes(&g->fill, g->b->routes, &g->checks)
	    == -1))
		return -1;
	g->r->rows = size.rows;
	g->r->bytes = size.bytes;
	return publish(g);
}

/* What a killed one left goes first, what this one leaves last. */
static int
make_in_folder(struct building *g)
{
	int r;

	if (buf_printf(&g->folder, "%s/.building", g->b->root) == -1 ||
	    path_remove_tree(g->folder.data) == -1 ||
	    mkdir(g->folder.data, 0777) == -1)
		return snapshot_fail_errno(g->e, g->folder.len > 0 ?
		    g->folder.data : g->b->root);
	g->fill = (struct snapshot_fill){ &g->canon, g->b->data,
	    g->folder.data, g->b->s, &g->plan, g->e };
	r = make(g);
	db_rollback(&g->canon.db);
	path_remove_tree(g->folder.data);
	return r;
}

static int
open_all(struct building *g)
{
	memset(&g->plan, 0, sizeof(g->plan));
	arena_init(&g->plan.arena);
	buf_init(&g->folder, PATH_BYTES_MAX);
	buf_init(&g->final, PATH_BYTES_MAX);
	return canon_open(&g->canon, g->b->data, g->b->d, CANON_READ,
	    DB_BUSY_MS) == 0 ? 0 : canon_failed(g);
}

static void
close_all(struct building *g)
{
	snapshot_plan_release(&g->plan);
	canon_close(&g->canon);
	buf_release(&g->folder);
	buf_release(&g->final);
}

int
snapshot_build(const struct snapshot_build *b, struct snapshot_built *r,
    struct snapshot_error *e)
{
	int64_t began_ms = clock_mono_ms();
	struct building g = { .b = b, .r = r, .e = e };
	int done = open_all(&g);

	*r = (struct snapshot_built){ .there = 0 };
	if (done == 0)
		done = plan_only(&g);
	if (done != -1)
		done = done == 1 ? check_there(&g) : make_in_folder(&g);
	close_all(&g);
	r->ms = clock_mono_ms() - began_ms;
	return done;
}

int
snapshot_build_id(const struct snapshot_build *b, char id[SNAPSHOT_ID_BYTES],
    struct snapshot_error *e)
{
	struct snapshot_built r = { .there = 0 };
	struct building g = { .b = b, .r = &r, .e = e };
	int done = open_all(&g);

	if (done == 0 && plan_only(&g) == -1)
		done = -1;
	memcpy(id, r.id, SNAPSHOT_ID_BYTES);
	close_all(&g);
	return done;
}
