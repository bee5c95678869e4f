/*
 * snap-smoke -- build, publish and ask a snapshot, aside from the real ones.
 *
 * in:   the canonical database; the names of datasets (all)
 * out:  an asked record for each route that has an example; then end
 * owns: DATA/.smoke, a snapshot root of its own, removed at the end
 *
 * Everything that a refresh does for readers, without their noticing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/libraries.h"
#include "store/query.h"
#include "store/snapshot_build.h"
#include "store/snapshot_publish.h"

static const char *config, *data = "data", *root;
static int keep;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "root", 0, OPT_STRING, "dir", &root,
	    "a folder that is not there yet (DATA/.smoke)", 0, 0, 0 },
	{ "keep", 0, OPT_FLAG, NULL, &keep, "leave it there, to look at", 0,
	    0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"build, publish and ask a snapshot, aside from the real ones",
	"[dataset ...]", 0, -1, opts, libraries
};

struct work {
	struct decl decl;
	struct decl_snapshot rules;
	struct decl_routes routes;
	struct snapshot_error error;
	struct snapshot_built built;
	struct snapshot_db db;
	struct query query;
	struct stream_out out;
	struct buf root, body;
	int bad;		/* answers that are none */
};

static void
load(struct work *w, char *const datasets[])
{
	size_t i;

	decl_start(&w->decl, config);
	decl_start_snapshot(&w->decl, &w->rules);
	decl_start_routes(&w->decl, &w->routes);
	for (i = 0; datasets[i] != NULL; i++)
		decl_start_dataset(&w->decl, datasets[i]);
	if (w->rules.n_files == 0)
		msg_die(EXIT_USAGE, "%s declares no snapshot",
		    w->decl.source);
	if (buf_printf(&w->root, "%s%s", root != NULL ? root : data,
	    root != NULL ? "" : "/.smoke") == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
	/* What a killed one left is ours; what somebody names is not. */
	if (root != NULL && access(root, F_OK) == 0)
		msg_die(EXIT_REFUSED, "%s: is there already", root);
	if (root == NULL && path_remove_tree(w->root.data) == -1)
		msg_die_errno(EXIT_IO, "%s", w->root.data);
}

static int
build(struct work *w, char *const datasets[])
{
	struct snapshot_build b = { data, w->root.data, &w->decl, &w->rules,
	    &w->routes, datasets, 0 };
	struct snapshot_publish p = { w->root.data, w->decl.source, 1 };
	char before[SNAPSHOT_ID_BYTES];
	struct lock lock;
	int r;

	if (snapshot_lock(&lock, w->root.data, "snap-smoke", 0, &w->error)
	    == -1)
		return -1;
	r = snapshot_build(&b, &w->built, &w->error) == -1 ||
	    snapshot_publish(&p, w->built.id, before, &w->error) == -1 ? -1 :
	    0;
	lock_release(&lock);
	return r;
}

/* As a server finds it: through the link. */
static int
open_current(struct work *w)
{
	char id[SNAPSHOT_ID_BYTES];
	struct buf folder;
	int r;

	buf_init(&folder, PATH_BYTES_MAX);
	if (snapshot_link(w->root.data, "current", id) != 1 ||
	    buf_printf(&folder, "%s/%s", w->root.data, id) == -1)
		r = snapshot_fail(&w->error, EXIT_BUG,
		    "%s: nothing is current", w->root.data);
	else if ((r = snapshot_db_open(&w->db, folder.data, &w->rules))
	    == -1)
		snapshot_fail(&w->error, db_status(&w->db.db), "%s",
		    db_message(&w->db.db));
	buf_release(&folder);
	return r;
}

static void
ask(struct work *w, const struct route *r)
{
	struct query_options o = { msg_tool(), 0 };
	int64_t began_ms = clock_mono_ms();
	struct jsonw j;
	int status;

	buf_clear(&w->body);
	status = query_answer(&w->query, &w->db, r, NULL, 0, r->example, &o,
	    &w->body);
	stream_record(&w->out, &j, "asked");
	jsonw_str(&j, "source", w->decl.source);
	jsonw_str(&j, "snapshot", w->db.meta.id);
	jsonw_str(&j, "route", r->name);
	jsonw_str(&j, "path", r->path);
	jsonw_str(&j, "query", r->example);
	jsonw_int(&j, "status", status);
	jsonw_int(&j, "bytes", (int64_t)w->body.len);
	jsonw_int(&j, "ms", clock_mono_ms() - began_ms);
	stream_put(&w->out, &j);
	if (status == 200)
		return;
	w->bad++;
	msg_error("%s?%s: %d: %.300s", r->path, r->example, status,
	    status == 500 ? db_message(&w->db.db) : w->body.data);
}

static int
smoke(struct work *w, char *const datasets[])
{
	size_t i;
	int n = 0;

	if (build(w, datasets) == -1 || open_current(w) == -1)
		return -1;
	for (i = 0; i < w->routes.n; i++)
		if (w->routes.list[i].example != NULL) {
			ask(w, &w->routes.list[i]);
			n++;
		}
	msg_note("%s: %s: datasets %zu, routes %zu, asked %d, wrong %d",
	    w->decl.source, w->built.id, w->built.datasets, w->routes.n, n,
	    w->bad);
	return 0;
}

int
main(int argc, char *argv[])
{
	static struct work w;
	enum exits status;
	int i = opt_parse(&tool, argc, argv);

	buf_init(&w.root, PATH_BYTES_MAX);
	buf_init(&w.body, QUERY_ANSWER_BYTES);
	snapshot_error_init(&w.error);
	load(&w, argv + i);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	query_init(&w.query);
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	if (smoke(&w, argv + i) == -1) {
		status = w.error.status;
		msg_error("%s", w.error.text.data);
	} else {
		status = w.bad > 0 ? EXIT_NO : EXIT_OK;
	}
	snapshot_db_close(&w.db);
	if (!keep && path_remove_tree(w.root.data) == -1)
		msg_warn("%s: %s", w.root.data, strerror(errno));
	status = stream_finish(&w.out, status, 0, NULL);
	query_release(&w.query);
	snapshot_error_release(&w.error);
	buf_release(&w.root);
	buf_release(&w.body);
	decl_release(&w.decl);
	return (int)status;
}
