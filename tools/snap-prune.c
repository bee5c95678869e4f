/*
 * snap-prune -- remove snapshots that are kept no longer.
 *
 * in:   nothing
 * out:  a pruned record for each snapshot that went; then end
 * owns: what it removes of DATA/snapshots
 *
 * What stays is in lib/store/snapshot_prune.h, how much in the declaration.
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
#include "store/snapshot_prune.h"

static const char *config, *data = "data", *root, *run;
static int dry_run;
static int64_t keep = -1, keep_days = -1;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "the run that it is part of",
	    0, 0, 0 },
	{ "dry-run", 'n', OPT_FLAG, NULL, &dry_run,
	    "tell what would be removed, remove nothing", 0, 0, 0 },
	{ "root", 0, OPT_STRING, "dir", &root,
	    "where snapshots are (DATA/snapshots)", 0, 0, 0 },
	{ "keep", 0, OPT_INTEGER, "n", &keep,
	    "so many stay, besides those linked (as declared)", 0, 0,
	    1000000 },
	{ "keep-days", 0, OPT_INTEGER, "days", &keep_days,
	    "and those that are younger (as declared)", 0, 0, 36600 },
	OPT_END
};

static const struct opt_tool tool = {
	"remove snapshots that are kept no longer", NULL, 0, 0, opts,
	libraries
};

struct work {
	struct decl decl;
	struct decl_snapshot rules;
	struct stream_out out;
	struct eventlog log;
	struct snapshot_error error;
	struct buf root;
	int64_t n, bytes;
};

static void
load(struct work *w)
{
	decl_start(&w->decl, config);
	decl_start_snapshot(&w->decl, &w->rules);
	if (snapshot_root(root, data, &w->rules, &w->root) == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
}

static int
put_pruned(const char *id, int64_t bytes, void *arg)
{
	struct work *w = arg;
	struct jsonw j;

	stream_record(&w->out, &j, "pruned");
	jsonw_opt(&j, "run", run);
	jsonw_str(&j, "source", w->decl.source);
	jsonw_int(&j, "stored_bytes", bytes);
	jsonw_str(&j, "snapshot", id);
	stream_put(&w->out, &j);
	w->n++;
	w->bytes += bytes;
	return stream_failed(&w->out);
}

static void
tell(struct work *w)
{
	char bytes[HUMAN_TEXT];
	struct jsonw *j;

	if (w->n == 0)
		return;
	human_bytes(w->bytes, bytes);
	msg_note("%s: snapshots %s: %lld (%s)", w->decl.source,
	    dry_run ? "that would go" : "gone", (long long)w->n, bytes);
	if (dry_run)
		return;
	j = eventlog_begin(&w->log, "prune");
	jsonw_opt(j, "run", run);
	jsonw_str(j, "source", w->decl.source);
	jsonw_int(j, "snapshots", w->n);
	jsonw_int(j, "bytes", w->bytes);
	eventlog_end(&w->log);
}

/* 0, -1, or 1 when nobody reads any more. */
static int
prune(struct work *w)
{
	struct snapshot_prune p = { w->root.data, w->decl.source,
	    keep != -1 ? keep : w->rules.keep,
	    keep_days != -1 ? keep_days : w->rules.keep_days,
	    clock_wall_ms(), dry_run, put_pruned, w };
	struct lock lock;
	int r;

	if (access(w->root.data, F_OK) == -1)
		return 0;
	if (snapshot_lock(&lock, w->root.data, "snap-prune", DB_BUSY_MS,
	    &w->error) == -1)
		return -1;
	r = snapshot_prune(&p, &w->error);
	lock_release(&lock);
	return r;
}

int
main(int argc, char *argv[])
{
	struct work w = { .log = { .fd = -1 } };
	enum exits status = EXIT_OK;
	int r = 0;

	opt_parse(&tool, argc, argv);
	buf_init(&w.root, PATH_BYTES_MAX);
	snapshot_error_init(&w.error);
	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (eventlog_open(&w.log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	if (w.rules.n_files > 0)
		r = prune(&w);
	tell(&w);
	if (r == -1) {
		status = w.error.status;
		msg_error("%s", w.error.text.data);
	} else if (r == 1) {
		status = EXIT_IO;
	}
	status = stream_finish(&w.out, status, 0, NULL);
	eventlog_close(&w.log);
	snapshot_error_release(&w.error);
	buf_release(&w.root);
	decl_release(&w.decl);
	return (int)status;
}
