/*
 * stage-normalize -- turn a dataset's sealed payloads into rows.
 *
 * in:   DATASET, e.g. 2026/A; the declaration's map
 * out:  nothing; with --rows, row records
 * owns: DATA/staging/SOURCE/DATASET.sqlite; reads DATA/ledger.sqlite and
 *       DATA/raw
 *
 * Only what the ledger calls valid is staged.  Nothing odd in the data
 * stops it: what a column cannot hold goes to the row's extra, and every
 * quirk is a finding in the staging database.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/eventlog.h"
#include "store/libraries.h"
#include "store/stage.h"
#include "store/stage_rows.h"

static const char *config, *data = "data", *run;
static int rows;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "run that stages", 1, 0, 0 },
	{ "rows", 0, OPT_FLAG, NULL, &rows,
	    "write row records instead of the database", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"turn a dataset's sealed payloads into rows",
	"dataset", 1, 1, opts, libraries
};

/* What one call works on. */
struct work {
	const char *label;	/* the dataset, as given */
	struct decl decl;
	struct stage stage;
	struct staging staging;
	int64_t started_ms;
};

static void
prepare(struct work *w)
{
	struct part dataset;

	decl_start(&w->decl, config);
	dataset = decl_start_staged(&w->decl, w->label);
	stage_init(&w->stage, &w->decl, data, &dataset);
}

/* Say why staging failed.  Returns the status to exit with. */
static enum exits
failed(const struct work *w)
{
	msg_error("%s: %s", w->label, staging_message(&w->staging));
	return staging_status(&w->staging);
}

/* Everything up to tables that are complete, and not seen by anybody. */
static enum exits
normalize(struct work *w)
{
	char now[CLOCK_TEXT];
	enum exits status = stage_inputs(&w->stage);
	struct buf path;

	if (status != EXIT_OK) {
		msg_error("%s: %s", w->label, w->stage.message.data);
		return status;
	}
	clock_now(now);
	buf_init(&path, PATH_BYTES_MAX);
	if (staging_path(&path, data, &w->decl, &w->stage.dataset) == -1)
		msg_die_errno(EXIT_USAGE, "%s", w->label);
	if (staging_open(&w->staging, &w->decl, &w->stage.dataset,
	    path.data) == -1 || stage_load(&w->stage, &w->staging) == -1 ||
	    staging_complete(&w->staging, run, now) == -1)
		status = failed(w);
	buf_release(&path);
	return status;
}

static enum exits
write_rows(struct work *w)
{
	struct stream_out out;
	enum exits status = EXIT_OK;
	int64_t left_out;

	stream_out_init(&out, STDOUT_FILENO, 1);
	if (stage_rows(&w->staging, &out, &left_out) == -1) {
		status = failed(w);
	} else if (left_out > 0) {
		status = EXIT_DATA;
		msg_error("%s: %lld rows are too long for a record",
		    w->label, (long long)left_out);
	}
	return stream_finish(&out, status, 0, NULL);
}

static void
sum(const struct work *w, int64_t *n, int64_t *quarantined)
{
	size_t i;

	*n = *quarantined = 0;
	for (i = 0; i < w->decl.n_tables; i++) {
		*n += w->staging.tables[i].rows;
		*quarantined += w->staging.tables[i].quarantined;
	}
}

/* "2026/A: 4,608 items, 11,680 offers". */
static void
say(const struct work *w)
{
	char count[HUMAN_TEXT], spent[HUMAN_TEXT];
	int64_t n, quarantined;
	const char *comma = "";
	struct buf text;
	size_t i;

	buf_init(&text, 1024);
	for (i = 0; i < w->decl.n_tables; i++) {
		if (!w->decl.tables[i].gated)
			continue;
		human_count(w->staging.tables[i].rows, count);
		buf_printf(&text, "%s%s %s", comma, count,
		    w->decl.tables[i].name);
		comma = ", ";
	}
	sum(w, &n, &quarantined);
	human_count(quarantined, count);
	if (quarantined > 0)
		buf_printf(&text, "%s%s quarantined", comma, count);
	human_ms(clock_mono_ms() - w->started_ms, spent);
	msg_note("%s: %s (%s)", w->label, text.data, spent);
	buf_release(&text);
}

static void
log_event(struct work *w, struct eventlog *log, enum exits status)
{
	struct jsonw *e = eventlog_begin(log, "stage");
	int64_t n = 0, quarantined = 0;

	if (w->staging.tables != NULL)
		sum(w, &n, &quarantined);
	jsonw_str(e, "run", run);
	jsonw_str(e, "source", w->decl.source);
	jsonw_str(e, "dataset", w->label);
	if (status != EXIT_OK)
		jsonw_str(e, "code", exits_name(status));
	jsonw_int(e, "rows", n);
	jsonw_int(e, "quarantined", quarantined);
	jsonw_int(e, "findings", (int64_t)w->staging.notes.n);
	jsonw_int(e, "bytes", w->stage.bytes);
	jsonw_int(e, "ms", clock_mono_ms() - w->started_ms);
	eventlog_end(log);
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	struct work w = { .label = argv[i] };
	struct eventlog log;
	enum exits status;

	w.started_ms = clock_mono_ms();
	prepare(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (eventlog_open(&log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	status = normalize(&w);
	if (status == EXIT_OK && rows)
		status = write_rows(&w);
	else if (status == EXIT_OK && staging_publish(&w.staging) == -1)
		status = failed(&w);
	if (status == EXIT_OK)
		say(&w);
	log_event(&w, &log, status);
	eventlog_close(&log);
	staging_release(&w.staging);
	stage_release(&w.stage);
	decl_release(&w.decl);
	return status;
}
