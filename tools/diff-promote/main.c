/*
 * diff-promote -- make what is staged of a dataset its active version.
 *
 * in:   DATASET, e.g. 2026/A; DATA/staging/SOURCE/DATASET.sqlite
 * out:  a change record for each row that the version changed
 * owns: DATA/SOURCE.sqlite (through lib/store/canon), DATA/diff
 *
 * It is the only program that makes canonical rows, and so also the one
 * that makes earlier ones again (--rollback, --rebuild).
 */
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "store/libraries.h"
#include "work.h"

static const char *config, *data = "data", *run, *accept_reason;
static const char *reject_reason, *part;
static int64_t wait_ms = DB_BUSY_MS;
static const char *rollback;
static int dry_run, prune, rebuild;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "run that promotes", 1, 0, 0 },
	OPT_WAIT(&wait_ms, "30000"),
	{ "dry-run", 'n', OPT_FLAG, NULL, &dry_run,
	    "print what would be done, change nothing", 0, 0, 0 },
	{ "accept", 0, OPT_STRING, "reason", &accept_reason,
	    "let pass what the gate would hold", 0, 0, 0 },
	{ "reject", 0, OPT_STRING, "reason", &reject_reason,
	    "hold it until another payload comes", 0, 0, 0 },
	{ "part", 0, OPT_STRING, "part", &part,
	    "of this part only: --accept, --reject", 0, 0, 0 },
	{ "rollback", 0, OPT_STRING, "version", &rollback,
	    "make a new version with the content of this one", 0, 0, 0 },
	{ "rebuild", 0, OPT_FLAG, NULL, &rebuild,
	    "make the database again from the raw store", 0, 0, 0 },
	{ "prune", 0, OPT_FLAG, NULL, &prune,
	    "remove versions that are kept no longer", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"make what is staged of a dataset its active version",
	"[dataset ...]", 0, -1, opts, libraries
};

/* The name that stands beside what a person decides. */
static const char *
person(void)
{
	struct passwd *p = getpwuid(getuid());

	return p != NULL ? p->pw_name : "unknown";
}

static int
is_empty(const char *reason)
{
	return reason != NULL && reason[0] == '\0';
}

/* What does not go together is told before anything is touched. */
static void
check(int datasets)
{
	if (is_empty(accept_reason) || is_empty(reject_reason))
		msg_die(EXIT_USAGE, "--accept, --reject: a reason, please");
	if ((accept_reason != NULL) + (reject_reason != NULL ||
	    rollback != NULL) + rebuild + prune > 1)
		msg_die(EXIT_USAGE, "--accept, --reject, --rollback, "
		    "--rebuild, --prune: only --reject goes with --rollback");
	if (part != NULL && (rollback != NULL ||
	    (accept_reason == NULL && reject_reason == NULL)))
		msg_die(EXIT_USAGE, "--part: goes with --accept or --reject");
	if (!rebuild && !prune && datasets != 1)
		msg_die(EXIT_USAGE, "one dataset, please");
}

static void
load(struct work *w)
{
	decl_start(&w->decl, config);
	if (part != NULL && decl_part(&w->decl, part) == NULL)
		msg_die(EXIT_USAGE, "--part %s: no part of %s", part,
		    w->decl.source);
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	struct work w = { .data = data, .run = run, .accept = accept_reason,
	    .reject = reject_reason, .part = part,
	    .rollback = rollback, .dry_run = dry_run,
	    .wait_ms = wait_ms, .who = person() };
	enum exits status;

	check(argc - i);
	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	clock_now(w.now);
	status = rebuild ? past_rebuild(&w, argv + i) :
	    prune ? past_prune(&w, argv + i) : promote_dataset(&w, argv[i]);
	decl_release(&w.decl);
	return status;
}
