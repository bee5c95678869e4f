/*
 * log-prune -- remove the logs of old runs.
 *
 * in:   nothing
 * out:  nothing
 * owns: what it removes of DATA/logs: RUN.jsonl, RUN.log, RUN.words,
 *       RUN.plan.jsonl, RUN.summary.json and .txt
 *
 * The newest runs keep theirs, as many as the declaration says, those of the
 * last days, as many as it says, and so does
 * a run that may be continued.  Logs of runs that the ledger does not know
 * are somebody else's.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
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
	"remove the logs of old runs", NULL, 0, 0, opts, libraries
};

static void
load(struct decl *d, struct decl_retention *keep)
{
	struct buf why;

	buf_init(&why, 8192);
	if (decl_load(d, config, &why) == -1 ||
	    decl_retention_read(d, keep, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
}

int
main(int argc, char *argv[])
{
	struct prune p = { 0 };
	struct decl d;
	int64_t runs;

	opt_parse(&tool, argc, argv);
	load(&d, &p.keep);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	p.data = data;
	p.source = d.source;
	p.now_run = run;
	p.dry = dry_run;
	p.now_ms = clock_wall_ms();
	if (prune_open(&p) == -1 || prune_logs(&p, &runs) == -1)
		msg_die(prune_status(&p), "%s", prune_message(&p));
	if (runs > 0)
		msg_note("%s: logs of old runs %s: %lld", d.source,
		    dry_run ? "would go" : "gone", (long long)runs);
	prune_close(&p);
	decl_release(&d);
	return EXIT_OK;
}
