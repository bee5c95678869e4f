/*
 * snap-build -- make the snapshot of the versions that readers are given.
 *
 * in:   the canonical database; the names of datasets (all)
 * out:  a built record, then end
 * owns: DATA/snapshots/ID, which is never written again
 *
 * The id follows from the versions, so what is there already is not made
 * again.  A snapshot appears whole, after it was checked, or not at all.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/eventlog.h"
#include "record/stream.h"
#include "store/libraries.h"
#include "store/snapshot_build.h"

static const char *config, *data = "data", *root, *run;
static int unchecked;
static int64_t wait_ms = DB_BUSY_MS;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "the run that it is part of",
	    0, 0, 0 },
	OPT_WAIT(&wait_ms, "30000"),
	{ "root", 0, OPT_STRING, "dir", &root,
	    "where snapshots are (DATA/snapshots)", 0, 0, 0 },
	{ "no-validate", 0, OPT_FLAG, NULL, &unchecked,
	    "do not check it; it is then not for publishing", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"make the snapshot of the versions that readers are given",
	"[dataset ...]", 0, -1, opts, libraries
};

struct work {
	struct decl decl;
	struct decl_snapshot rules;
	struct decl_routes routes;
	struct snapshot_build build;
	struct snapshot_built built;
	struct snapshot_error error;
	struct eventlog log;
	struct buf root;
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
	if (snapshot_root(root, data, &w->rules, &w->root) == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
	w->build = (struct snapshot_build){ data, w->root.data, &w->decl,
	    &w->rules, &w->routes, datasets, unchecked };
}

static int
build(struct work *w)
{
	struct lock lock;
	int r;

	if (snapshot_lock(&lock, w->root.data, "snap-build", wait_ms,
	    &w->error) == -1)
		return -1;
	r = snapshot_build(&w->build, &w->built, &w->error);
	lock_release(&lock);
	return r;
}

static void
put_members(const struct work *w, struct jsonw *j)
{
	const struct snapshot_built *b = &w->built;

	jsonw_opt(j, "run", run);
	jsonw_str(j, "source", w->decl.source);
	jsonw_str(j, "snapshot", b->id);
	jsonw_int(j, "datasets", (int64_t)b->datasets);
	jsonw_int(j, "withheld", (int64_t)b->withheld);
	jsonw_bool(j, "partial", b->partial);
	jsonw_bool(j, "there", b->there);
}

/* To the log, and to people; nothing to say of what is there. */
static void
tell(struct work *w)
{
	const struct snapshot_built *b = &w->built;
	char rows[HUMAN_TEXT], bytes[HUMAN_TEXT];
	struct jsonw *j = eventlog_begin(&w->log, "build");

	put_members(w, j);
	jsonw_int(j, "rows", b->rows);
	jsonw_int(j, "bytes", b->bytes);
	jsonw_int(j, "ms", b->ms);
	eventlog_end(&w->log);
	human_count(b->rows, rows);
	human_bytes(b->bytes, bytes);
	if (b->withheld > 0)
		msg_warn("%s: datasets whose newest version is not for "
		    "readers: %zu; see metadata.json", b->id, b->withheld);
	if (b->there)
		msg_note("%s: %s is there already", w->decl.source, b->id);
	else
		msg_note("%s: built %s%s: datasets %zu, rows %s, %s, %lld ms",
		    w->decl.source, b->id, b->partial ? " (partial)" : "",
		    b->datasets, rows, bytes, (long long)b->ms);
}

static void
put_built(struct work *w, struct stream_out *out)
{
	struct buf path;
	struct jsonw j;

	buf_init(&path, PATH_BYTES_MAX);
	buf_printf(&path, "%s/%s", w->root.data, w->built.id);
	stream_record(out, &j, "built");
	put_members(w, &j);
	jsonw_str(&j, "path", path.data);
	stream_put(out, &j);
	buf_release(&path);
}

int
main(int argc, char *argv[])
{
	struct work w = { .log = { .fd = -1 } };
	enum exits status = EXIT_OK;
	struct stream_out out;
	int i = opt_parse(&tool, argc, argv);

	buf_init(&w.root, PATH_BYTES_MAX);
	snapshot_error_init(&w.error);
	load(&w, argv + i);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (eventlog_open(&w.log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	stream_out_init(&out, STDOUT_FILENO, 0);
	if (w.rules.n_files == 0) {
		msg_note("%s declares no snapshot", w.decl.source);
	} else if (build(&w) == 0) {
		tell(&w);
		put_built(&w, &out);
	} else {
		status = w.error.status;
		msg_error("%s", w.error.text.data);
	}
	status = stream_finish(&out, status, 0, NULL);
	eventlog_close(&w.log);
	snapshot_error_release(&w.error);
	buf_release(&w.root);
	decl_release(&w.decl);
	return (int)status;
}
