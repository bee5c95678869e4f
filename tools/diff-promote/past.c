/*
 * past.c -- what is done to versions that are there already.
 */
#include <errno.h>
#include <stdio.h>

#include "base/human.h"
#include "base/msg.h"
#include "work.h"
#include "decl/retention.h"
#include "decl/start.h"
#include "record/spool.h"
#include "store/canon_prune.h"
#include "store/canon_rebuild.h"

/* --- pruning ------------------------------------------------------------ */

static void
tell_pruned(const struct canon_pruned *p, void *arg)
{
	const int *dry_run = arg;
	char versions[HUMAN_TEXT], rows[HUMAN_TEXT];

	human_count(p->versions, versions);
	human_count(p->rows, rows);
	msg_note("%s: %s %s version%s and %s row%s of history%s%s",
	    p->dataset, *dry_run ? "would remove" : "removed", versions,
	    p->versions == 1 ? "" : "s", rows, p->rows == 1 ? "" : "s",
	    p->oldest != NULL ? "; the oldest now is " : "",
	    p->oldest != NULL ? p->oldest : "");
}

/* A database that is not there yet has nothing to lose. */
static enum exits
prune(const struct work *w, int64_t days, char *const labels[])
{
	int dry_run = w->dry_run;
	const struct canon_prune o = { .data = w->data, .run = w->run,
	    .now = w->now, .days = days, .datasets = labels,
	    .dry_run = dry_run, .tell = tell_pruned, .arg = &dry_run };
	enum exits status = EXIT_OK;
	struct canon c;

	if (canon_open(&c, w->data, &w->decl, CANON_READ, w->wait_ms) == -1)
		status = errno == ENOENT ? EXIT_OK : canon_status(&c);
	else if (canon_prune(&c, &o) == -1)
		status = canon_status(&c);
	if (status != EXIT_OK)
		msg_error("%s", canon_message(&c));
	canon_close(&c);
	return status;
}

enum exits
past_prune(struct work *w, char *const labels[])
{
	enum exits status = EXIT_OK;
	struct decl_retention keep;
	struct buf why;
	size_t i;

	for (i = 0; labels[i] != NULL; i++)
		decl_start_dataset(&w->decl, labels[i]);
	buf_init(&why, 8192);
	if (decl_retention_read(&w->decl, &keep, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
	if (keep.archived_days >= 0)
		status = prune(w, keep.archived_days, labels);
	return spool_finish(NULL, status);
}

/* --- rebuilding --------------------------------------------------------- */

static void
tell_step(const struct rebuild_step *s, void *arg)
{
	const int *dry_run = arg;

	msg_note("%s: version %s%s (%lld of %lld)", s->dataset, s->version,
	    *dry_run ? " would be made" : "", (long long)s->n,
	    (long long)s->of);
}

static void
tell_rebuilt(const struct work *w, const struct rebuild_result *r)
{
	char lost[HUMAN_TEXT];

	human_count(r->lost, lost);
	msg_note("%s: %lld version%s of %lld dataset%s %s from %s%s%s%s",
	    w->decl.source, (long long)r->versions,
	    r->versions == 1 ? "" : "s", (long long)r->datasets,
	    r->datasets == 1 ? "" : "s",
	    w->dry_run ? "would be made" : "made",
	    r->from_ledger ? "what the ledger knows" : "their payloads",
	    r->lost > 0 ? "; older ones, whose payloads are gone: " : "",
	    r->lost > 0 ? lost : "", r->lost > 0 ? " lost" : "");
	if (r->held > 0)
		msg_warn("%s: datasets that the gate holds: %lld; what a "
		    "person had accepted has to be accepted again: "
		    "gate-inspect -c %s -d %s", w->decl.source,
		    (long long)r->held, w->decl.file, w->data);
}

enum exits
past_rebuild(const struct work *w, char *const labels[])
{
	int dry_run = w->dry_run;
	const struct rebuild_options o = { .data = w->data, .run = w->run,
	    .now = w->now, .who = w->who, .datasets = labels,
	    .dry_run = dry_run, .wait_ms = w->wait_ms,
	    .tell = tell_step, .arg = &dry_run };
	struct rebuild_result r;
	enum exits status;
	struct buf why;
	size_t i;

	for (i = 0; labels[i] != NULL; i++)
		decl_start_staged(&w->decl, labels[i]);
	buf_init(&why, 8192);
	status = canon_rebuild(&w->decl, &o, &r, &why);
	if (status == EXIT_OK && r.renewed)
		msg_note("%s: its tables %s empty; let job-loop read the "
		    "sealed pages again", w->decl.source,
		    w->dry_run ? "would be" : "are");
	else if (status == EXIT_OK)
		tell_rebuilt(w, &r);
	else
		msg_error("%s: %s", w->decl.source, why.data);
	buf_release(&why);
	return spool_finish(NULL, status);
}
