/*
 * diff-promote -- make what is staged of a dataset its active version.
 *
 * in:   DATASET, e.g. 2026/A; DATA/staging/SOURCE/DATASET.sqlite
 * out:  a change record for each row that the version changed
 * owns: DATA/SOURCE.sqlite (through lib/store/canon), DATA/diff
 *
 * The database is committed first; then the change feed is written, and
 * written again if it is missing; then it is copied to standard output.
 * So no reader of ours holds the database, and a run that was killed
 * anywhere is simply repeated.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "record/eventlog.h"
#include "store/canon_mix.h"
#include "store/feed.h"
#include "store/ledger.h"
#include "store/libraries.h"
#include "store/outcome.h"
#include "store/staging.h"

static const char *config, *data = "data", *run, *accept_reason;
static const char *reject_reason;
static int64_t wait_ms = DB_BUSY_MS;
static int dry_run;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "run that promotes", 1, 0, 0 },
	OPT_WAIT(&wait_ms, "30000"),
	{ "dry-run", 'n', OPT_FLAG, NULL, &dry_run,
	    "print the changes, change nothing", 0, 0, 0 },
	{ "accept", 0, OPT_STRING, "reason", &accept_reason,
	    "let pass what the gate would hold", 0, 0, 0 },
	{ "reject", 0, OPT_STRING, "reason", &reject_reason,
	    "hold it until another payload comes", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"make what is staged of a dataset its active version",
	"dataset", 1, 1, opts, libraries
};

/* What one call works on. */
struct work {
	const char *label;
	struct decl decl;
	struct part dataset;
	struct canon canon;
	struct db ledger;
	struct canon_options options;
	struct canon_result result;
	struct buf path;
	FILE *changes;		/* what standard output gets, or NULL */
};

static void
load(struct work *w)
{
	struct buf why;

	buf_init(&why, 8192);
	if (decl_load(&w->decl, config, &why) == -1)
		msg_die(errno == EINVAL ? EXIT_USAGE : msg_status(errno),
		    "%s", why.data);
	if (decl_dataset(&w->decl, w->label, &w->dataset) == -1)
		msg_die(EXIT_USAGE, "%s: not a dataset of %s (%zu values, "
		    "separated by /)", w->label, w->decl.source,
		    w->decl.n_key);
	if ((accept_reason != NULL && accept_reason[0] == '\0') ||
	    (reject_reason != NULL && reject_reason[0] == '\0'))
		msg_die(EXIT_USAGE, "--accept, --reject: a reason, please");
	if (accept_reason != NULL && reject_reason != NULL)
		msg_die(EXIT_USAGE, "--accept and --reject: one of them");
	buf_release(&why);
}

/* The name that stands beside an --accept. */
static const char *
person(void)
{
	struct passwd *p = getpwuid(getuid());

	return p != NULL ? p->pw_name : "unknown";
}

static enum exits
errno_status(const char *name)
{
	enum exits status = msg_status(errno);

	msg_error_errno("%s", name);
	return status;
}

static enum exits
say(struct work *w)
{
	msg_error("%s: %s", w->label, canon_message(&w->canon));
	return canon_status(&w->canon);
}

/* For a dry run a database that is not there yet is an empty one. */
static int
open_canon(struct work *w)
{
	if (!dry_run)
		return canon_open(&w->canon, data, &w->decl, CANON_WRITE,
		    wait_ms);
	if (canon_open(&w->canon, data, &w->decl, CANON_READ, wait_ms) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	canon_close(&w->canon);
	return canon_open(&w->canon, data, &w->decl, CANON_MEMORY, wait_ms);
}

/* The answers in the ledger are the gate's samples, if there is one. */
static enum exits
open_ledger(struct work *w)
{
	if (ledger_open(&w->ledger, data, DB_READ) == 0) {
		w->options.ledger = &w->ledger;
		return EXIT_OK;
	}
	if (errno == ENOENT)
		return EXIT_OK;
	msg_error("%s: %s", w->label, db_message(&w->ledger));
	return db_status(&w->ledger);
}

/* Open the databases; the status to exit with if that fails. */
static enum exits
open_stores(struct work *w)
{
	if (staging_path(&w->path, data, &w->decl, &w->dataset) == -1)
		msg_die_errno(EXIT_USAGE, "%s", w->label);
	/* Nothing is created for nothing. */
	if (access(w->path.data, R_OK) == -1)
		return errno_status(w->path.data);
	if (open_canon(w) == -1 ||
	    canon_attach(&w->canon, w->path.data) == -1)
		return say(w);
	return open_ledger(w);
}

/* Make the change feed of version, if anew or missing, and open it. */
static enum exits
export(struct work *w, const char *version, int anew, FILE **fp)
{
	buf_clear(&w->path);
	if (feed_export(&w->canon, data, &w->dataset, version, anew,
	    &w->path) == -1)
		return say(w);
	if (fp != NULL && (*fp = fopen(w->path.data, "re")) == NULL)
		return errno_status(w->path.data);
	return EXIT_OK;
}

/* What a preview would do goes to a file that has no name. */
static enum exits
preview(struct work *w)
{
	struct spool s;
	int r;

	if ((w->changes = tmpfile()) == NULL)
		return errno_status("temporary file");
	spool_init(&s, w->changes);
	r = canon_preview(&w->canon, &w->dataset, &w->options, &w->result,
	    feed_change, &s);
	if (r == 0)
		r = spool_end(&s);
	spool_release(&s);
	if ((errno = s.failed) != 0)
		return errno_status("temporary file");
	return r == -1 ? say(w) : EXIT_OK;
}

static enum exits
promote(struct work *w)
{
	struct canon_result *r = &w->result;
	enum exits status = EXIT_OK;

	if (canon_mix_promote(&w->canon, data, &w->dataset, &w->options, r)
	    == -1)
		return say(w);
	buf_clear(&w->path);
	if (r->held > 0 && feed_held(&w->canon, data, &w->dataset,
	    &w->options, r->version, &w->path) == -1)
		return say(w);
	/* A kill may have cost the version before this one its feed. */
	if (r->active[0] != '\0' && r->outcome != CANON_REPEATED)
		status = export(w, r->active, 0, NULL);
	if (status != EXIT_OK)
		return status;
	if (r->outcome == CANON_REPEATED)
		return export(w, r->version, 0, &w->changes);
	return r->outcome != CANON_PROMOTED ? EXIT_OK :
	    export(w, r->version, 1, &w->changes);
}

/* Tell a person what became of it; what is no is told even with -q. */
static enum exits
tell(const struct work *w)
{
	enum exits status = outcome_status(&w->result);
	struct buf text;

	buf_init(&text, 4096);
	outcome_text(&text, &w->result, run, dry_run);
	if (status == EXIT_OK)
		msg_note("%s: %s", w->label, text.data);
	else
		msg_error("%s: %s", w->label, text.data);
	buf_release(&text);
	return status;
}

static void
log_event(const struct work *w, struct eventlog *log, enum exits status,
    int64_t ms)
{
	struct jsonw *e = eventlog_begin(log, "version");

	jsonw_str(e, "run", run);
	jsonw_str(e, "source", w->decl.source);
	jsonw_str(e, "dataset", w->label);
	outcome_event(e, &w->result, status);
	jsonw_int(e, "ms", ms);
	eventlog_end(log);
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	int64_t began_ms = clock_mono_ms();
	struct work w = { .label = argv[i] };
	struct eventlog log;
	enum exits status;
	char now[CLOCK_TEXT];

	buf_init(&w.path, PATH_BYTES_MAX);
	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (eventlog_open(&log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	clock_now(now);
	w.options = (struct canon_options){ run, now, accept_reason,
	    reject_reason, person(), NULL };
	status = open_stores(&w);
	if (status == EXIT_OK)
		status = dry_run ? preview(&w) : promote(&w);
	if (status == EXIT_OK)
		status = tell(&w);
	if (!dry_run)
		log_event(&w, &log, status, clock_mono_ms() - began_ms);
	status = spool_finish(w.changes, status);
	eventlog_close(&log);
	if (w.changes != NULL)
		fclose(w.changes);
	canon_close(&w.canon);
	db_close(&w.ledger);
	buf_release(&w.path);
	decl_release(&w.decl);
	return status;
}
