/*
 * promote.c -- one dataset gets another version.
 *
 * The database is committed first; then the change feed is written, and
 * written again if it is missing; then it is copied to standard output.
 * So no reader of ours holds the database, and a run that was killed
 * anywhere is simply repeated.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "work.h"
#include "decl/start.h"
#include "record/eventlog.h"
#include "store/canon_mix.h"
#include "store/canon_rollback.h"
#include "store/feed.h"
#include "store/ledger.h"
#include "store/outcome.h"
#include "store/staging.h"

/* What one promotion works on. */
struct promotion {
	const struct work *w;
	const char *label;
	struct part dataset;
	struct canon canon;
	struct db ledger;
	struct canon_options options;
	struct canon_result result;
	struct buf path;
	FILE *changes;		/* what standard output gets, or NULL */
};

static enum exits
errno_status(const char *name)
{
	enum exits status = msg_status(errno);

	msg_error_errno("%s", name);
	return status;
}

static enum exits
say(struct promotion *p)
{
	msg_error("%s: %s", p->label, canon_message(&p->canon));
	return canon_status(&p->canon);
}

/* For a dry run a database that is not there yet is an empty one. */
static int
open_canon(struct promotion *p)
{
	const struct work *w = p->w;
	enum canon_mode mode = w->dry_run ? CANON_READ :
	    w->rollback != NULL ? CANON_CHANGE : CANON_WRITE;

	if (canon_open(&p->canon, w->data, &w->decl, mode, w->wait_ms) == 0)
		return 0;
	if (!w->dry_run || w->rollback != NULL || errno != ENOENT)
		return -1;
	canon_close(&p->canon);
	return canon_open(&p->canon, w->data, &w->decl, CANON_MEMORY,
	    w->wait_ms);
}

/* The answers in the ledger are the gate's samples, if there is one. */
static enum exits
open_ledger(struct promotion *p)
{
	if (ledger_open(&p->ledger, p->w->data, DB_READ) == 0) {
		p->options.ledger = &p->ledger;
		return EXIT_OK;
	}
	if (errno == ENOENT)
		return EXIT_OK;
	msg_error("%s: %s", p->label, db_message(&p->ledger));
	return db_status(&p->ledger);
}

/* Open the databases; the status to exit with if that fails. */
static enum exits
open_stores(struct promotion *p)
{
	if (p->w->rollback != NULL)
		return open_canon(p) == -1 ? say(p) : EXIT_OK;
	if (staging_path(&p->path, p->w->data, &p->w->decl, &p->dataset)
	    == -1)
		msg_die_errno(EXIT_USAGE, "%s", p->label);
	/* Nothing is created for nothing. */
	if (access(p->path.data, R_OK) == -1)
		return errno_status(p->path.data);
	if (open_canon(p) == -1 ||
	    canon_attach(&p->canon, p->path.data) == -1)
		return say(p);
	return open_ledger(p);
}

/* Make the change feed of version, if anew or missing, and open it. */
static enum exits
export(struct promotion *p, const char *version, int anew, FILE **fp)
{
	buf_clear(&p->path);
	if (feed_export(&p->canon, p->w->data, &p->dataset, version, anew,
	    &p->path) == -1)
		return say(p);
	if (fp != NULL && (*fp = fopen(p->path.data, "re")) == NULL)
		return errno_status(p->path.data);
	return EXIT_OK;
}

/* What a preview would do goes to a file that has no name. */
static enum exits
preview(struct promotion *p)
{
	struct spool s;
	int r;

	if ((p->changes = tmpfile()) == NULL)
		return errno_status("temporary file");
	spool_init(&s, p->changes);
	r = p->w->rollback != NULL ? canon_rollback(&p->canon, p->w->data,
	    &p->dataset, &p->options, p->w->rollback, &p->result,
	    feed_change, &s) : canon_preview(&p->canon, &p->dataset,
	    &p->options, &p->result, feed_change, &s);
	if (r == 0)
		r = spool_end(&s);
	spool_release(&s);
	if ((errno = s.failed) != 0)
		return errno_status("temporary file");
	return r == -1 ? say(p) : EXIT_OK;
}

static int
commit(struct promotion *p)
{
	const struct work *w = p->w;

	return w->rollback != NULL ? canon_rollback(&p->canon, w->data,
	    &p->dataset, &p->options, w->rollback, &p->result, NULL, NULL) :
	    canon_mix_promote(&p->canon, w->data, &p->dataset, &p->options,
	    &p->result);
}

static enum exits
promote(struct promotion *p)
{
	struct canon_result *r = &p->result;
	enum exits status = EXIT_OK;

	if (commit(p) == -1)
		return say(p);
	buf_clear(&p->path);
	if (r->held > 0 && feed_held(&p->canon, p->w->data, &p->dataset,
	    &p->options, r->version, &p->path) == -1)
		return say(p);
	/* A kill may have cost the version before this one its feed. */
	if (r->active[0] != '\0' && r->outcome != CANON_REPEATED)
		status = export(p, r->active, 0, NULL);
	if (status != EXIT_OK)
		return status;
	if (r->outcome == CANON_REPEATED)
		return export(p, r->version, 0, &p->changes);
	return r->outcome != CANON_PROMOTED ? EXIT_OK :
	    export(p, r->version, 1, &p->changes);
}

/* Whoever said yes or no should know that it was about nothing. */
static void
tell_unheard(const struct promotion *p)
{
	const struct work *w = p->w;

	if (w->dry_run || w->rollback != NULL || p->result.heard ||
	    p->result.outcome == CANON_REPEATED)
		return;
	if (w->accept != NULL)
		msg_warn("%s: nothing was held: there was nothing to accept",
		    p->label);
	if (w->reject != NULL)
		msg_warn("%s: nothing new came: there was nothing to reject; "
		    "what is active goes by --rollback", p->label);
}

/* Tell a person what became of it; what is no is told even with -q. */
static enum exits
tell(const struct promotion *p)
{
	enum exits status = outcome_status(&p->result);
	struct buf text;

	buf_init(&text, 4096);
	outcome_text(&text, &p->result, p->w->run, p->w->dry_run);
	if (status == EXIT_OK)
		msg_note("%s: %s", p->label, text.data);
	else
		msg_error("%s: %s", p->label, text.data);
	buf_release(&text);
	tell_unheard(p);
	return status;
}

static void
log_event(const struct promotion *p, struct eventlog *log, enum exits status,
    int64_t ms)
{
	struct jsonw *e = eventlog_begin(log, "version");

	jsonw_str(e, "run", p->w->run);
	jsonw_str(e, "source", p->w->decl.source);
	jsonw_str(e, "dataset", p->label);
	outcome_event(e, &p->result, status);
	jsonw_int(e, "ms", ms);
	eventlog_end(log);
}

enum exits
promote_dataset(const struct work *w, const char *label)
{
	struct promotion p = { .w = w, .label = label };
	int64_t began_ms = clock_mono_ms();
	struct eventlog log;
	enum exits status;

	p.dataset = decl_start_staged(&w->decl, label);
	if (eventlog_open(&log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	buf_init(&p.path, PATH_BYTES_MAX);
	p.options = (struct canon_options){ .run = w->run, .now = w->now,
	    .accept = w->accept, .reject = w->reject, .who = w->who,
	    .part = w->part };
	status = open_stores(&p);
	if (status == EXIT_OK)
		status = w->dry_run ? preview(&p) : promote(&p);
	if (status == EXIT_OK)
		status = tell(&p);
	if (!w->dry_run)
		log_event(&p, &log, status, clock_mono_ms() - began_ms);
	status = spool_finish(p.changes, status);
	eventlog_close(&log);
	if (p.changes != NULL)
		fclose(p.changes);
	canon_close(&p.canon);
	db_close(&p.ledger);
	buf_release(&p.path);
	return status;
}
