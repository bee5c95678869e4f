/*
 * past.c -- what is done to versions that are there already.
 */
#include <stdio.h>

#include "base/human.h"
#include "base/msg.h"
#include "work.h"
#include "record/spool.h"
#include "store/canon_rebuild.h"

static void
check_datasets(const struct work *w, char *const labels[])
{
	struct part key;

	for (; *labels != NULL; labels++)
		if (decl_dataset(&w->decl, *labels, &key) == -1)
			msg_die(EXIT_USAGE, "%s: not a dataset of %s (%zu "
			    "values, separated by /)", *labels,
			    w->decl.source, w->decl.n_key);
}

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

	check_datasets(w, labels);
	buf_init(&why, 8192);
	status = canon_rebuild(&w->decl, &o, &r, &why);
	if (status == EXIT_OK)
		tell_rebuilt(w, &r);
	else
		msg_error("%s: %s", w->decl.source, why.data);
	buf_release(&why);
	return spool_finish(NULL, status);
}
