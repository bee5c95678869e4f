/*
 * raw-prune -- remove what of the raw side nothing rests on any more.
 *
 * in:   the names of datasets (all of the source, and its runs)
 * out:  a pruned record for each partition that went; then end
 * owns: what it removes: of DATA/raw, DATA/incoming, and of the tables
 *       raw_snapshots, attempts and runs in DATA/ledger.sqlite
 *
 * What goes is in lib/store/prune.h, how much stays in the declaration.
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
#include "store/prune.h"

static const char *config, *data = "data", *run;
static int dry_run;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "the run that is going on, which stays", 0, 0, 0 },
	{ "dry-run", 'n', OPT_FLAG, NULL, &dry_run,
	    "tell what would be removed, remove nothing", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"remove what of the raw side nothing rests on any more",
	"[dataset ...]", 0, -1, opts, libraries
};

struct work {
	struct decl decl;
	struct prune prune;
	struct stream_out out;
	struct eventlog log;
	char *const *only;	/* datasets, or none for all */
	const char *dataset;	/* the one at hand */
};

static void
load(struct work *w)
{
	struct buf why;
	size_t i;

	buf_init(&why, 8192);
	if (decl_load(&w->decl, config, &why) == -1 ||
	    decl_retention_read(&w->decl, &w->prune.keep, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
	for (i = 0; w->only[i] != NULL; i++)
		decl_start_dataset(&w->decl, w->only[i]);
	w->prune.data = data;
	w->prune.source = w->decl.source;
	w->prune.now_run = run;
	w->prune.dry = dry_run;
}

static int
wanted(const struct work *w, const char *dataset)
{
	size_t i;

	for (i = 0; w->only[i] != NULL; i++)
		if (strcmp(w->only[i], dataset) == 0)
			return 1;
	return i == 0;
}

static int
put_pruned(const struct prune_partition *gone, void *arg)
{
	struct work *w = arg;
	struct jsonw j;

	stream_record(&w->out, &j, "pruned");
	jsonw_str(&j, "run", gone->run);
	jsonw_str(&j, "source", w->decl.source);
	jsonw_str(&j, "dataset", w->dataset);
	jsonw_raw(&j, "part", gone->part, strlen(gone->part));
	jsonw_str(&j, "sha256", gone->sha256);
	jsonw_str(&j, "path", gone->path);
	jsonw_int(&j, "stored_bytes", gone->stored_bytes);
	jsonw_str(&j, "snapshot", gone->snapshot);
	stream_put(&w->out, &j);
	return stream_failed(&w->out);
}

static void
tell(struct work *w, const struct prune_count *n)
{
	char bytes[HUMAN_TEXT], partitions[HUMAN_TEXT], answers[HUMAN_TEXT];
	struct jsonw *j;

	human_bytes(n->bytes, bytes);
	human_count(n->partitions, partitions);
	human_count(n->answers, answers);
	msg_note("%s: %s: partitions %s (%s), answers %s", w->dataset,
	    dry_run ? "would remove" : "removed", partitions, bytes, answers);
	if (dry_run)
		return;
	j = eventlog_begin(&w->log, "prune");
	jsonw_opt(j, "run", run);
	jsonw_str(j, "source", w->decl.source);
	jsonw_str(j, "dataset", w->dataset);
	jsonw_int(j, "bytes", n->bytes);
	jsonw_int(j, "partitions", n->partitions);
	jsonw_int(j, "answers", n->answers);
	eventlog_end(&w->log);
}

/* Each dataset; 0, or -1, or 1 when nobody reads any more. */
static int
prune_datasets(struct work *w)
{
	struct prune_count n;
	int r;

	while ((r = prune_next(&w->prune, &w->dataset, &n)) == 1) {
		if (!wanted(w, w->dataset))
			continue;
		if ((r = prune_dataset(&w->prune, w->dataset, put_pruned, w))
		    != 0)
			return r;
		tell(w, &n);
	}
	return r;
}

static void
tell_runs(const struct work *w, const char *what, int64_t n)
{
	if (n > 0)
		msg_note("%s: %s %s: %lld", w->decl.source, what,
		    dry_run ? "would go" : "gone", (long long)n);
}

/* A dataset alone says nothing about whole runs. */
static int
prune_all(struct work *w)
{
	int64_t quarantines = 0, runs = 0;
	int all = w->only[0] == NULL, r;

	if (prune_open(&w->prune) == -1 ||
	    (all && prune_quarantine(&w->prune, &quarantines) == -1) ||
	    prune_choose(&w->prune) == -1)
		return -1;
	tell_runs(w, "quarantine of old runs", quarantines);
	if ((r = prune_datasets(w)) != 0 ||
	    (r = all ? prune_runs(&w->prune, &runs) : 0) != 0)
		return r;
	tell_runs(w, "rows of old runs", runs);
	return prune_manifest(&w->prune);
}

int
main(int argc, char *argv[])
{
	struct work w = { .log = { .fd = -1 } };
	enum exits status = EXIT_OK;
	int r;

	w.only = argv + opt_parse(&tool, argc, argv);
	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (eventlog_open(&w.log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	if ((r = prune_all(&w)) == -1) {
		status = prune_status(&w.prune);
		msg_error("%s", prune_message(&w.prune));
	} else if (r == 1) {
		status = EXIT_IO;
	}
	status = stream_finish(&w.out, status, 0, NULL);
	prune_close(&w.prune);
	decl_release(&w.decl);
	eventlog_close(&w.log);
	return (int)status;
}
