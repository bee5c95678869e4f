/*
 * event-cat -- everything that happened, as one stream in order of time.
 *
 * in:   DATA/logs/RUN.jsonl, and the events of DATA/SOURCE.sqlite
 * out:  an event record for each; then end
 * owns: nothing
 *
 * Logs are not quite ordered in themselves: many tools write to one at
 * once, and a run can be continued after others.  So all events are loaded
 * into a temporary database and sorted there, in memory that does not grow
 * with them.  No store is held while the stream is read.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/events_queue.h"
#include "store/libraries.h"

static const char *config, *data = "data", *dataset, *run, *since;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "only this run", 0, 0, 0 },
	{ "dataset", 0, OPT_STRING, "dataset", &dataset,
	    "only what is about this dataset, e.g. 2026/A", 0, 0, 0 },
	{ "since", 0, OPT_STRING, "time", &since,
	    "only what happened then (RFC 3339, Z) or later", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"everything that happened, as one stream in order of time", NULL,
	0, 0, opts, libraries
};

static void
load_declaration(struct decl *d, struct decl_queues *queues)
{
	decl_start(d, config);
	decl_start_any_queues(d, queues);
	if (dataset != NULL)
		decl_start_dataset(d, dataset);
}

/* The instant of --since in the form of the events. */
static const char *
since_text(char text[CLOCK_TEXT])
{
	int64_t ms;

	if (since == NULL)
		return NULL;
	if (clock_parse(since, &ms) == -1)
		msg_die(EXIT_USAGE, "--since %s: not an instant like "
		    "2026-11-20T22:31:14Z", since);
	clock_format(ms, text);
	return text;
}

/* Neither logs nor database: nothing has happened yet. */
static int
collect(struct events *e, const struct decl *d,
    const struct decl_queues *queues)
{
	struct buf path;
	int logs, base;

	if ((logs = events_logs(e, data)) == -1)
		return -1;
	if (logs == 0)
		msg_debug("%s/logs: no log", data);
	buf_init(&path, PATH_BYTES_MAX);
	base = buf_printf(&path, "%s/%s.sqlite", data, d->source) == -1 ?
	    db_fail_errno(&e->db, data) :
	    events_versions(e, path.data, d->source);
	if (base == 0)
		msg_debug("%s: no database yet", path.data);
	if (base == 1)
		base = events_queues(e, path.data, d->source, queues);
	buf_release(&path);
	return base == -1 ? -1 : 0;
}

/* Send them; what no record can be is left out, and counted. */
static int
send_all(struct events *e, struct stream_out *out)
{
	sqlite3_stmt *s = db_prepare(&e->db,
	    "SELECT body, at IS NULL OR body = '{}' FROM event ORDER BY at, n");
	struct record r = { .type = "event" };
	int step;

	while ((step = db_step(&e->db, s)) == 1 && !stream_failed(out) &&
	    !stop_requested()) {
		r.line = db_text(s, 0);
		r.len = (size_t)sqlite3_column_bytes(s, 0);
		if (sqlite3_column_int(s, 1) || r.len >= LIMIT_RECORD_BYTES)
			e->skipped++;
		else
			stream_copy(out, &r);
	}
	sqlite3_finalize(s);
	return step == -1 ? -1 : 0;
}

int
main(int argc, char *argv[])
{
	struct events_filter only = { 0 };
	struct stream_out out;
	struct events events;
	struct decl_queues queues;
	struct decl decl;
	char text[CLOCK_TEXT];
	enum exits status = EXIT_OK;

	opt_parse(&tool, argc, argv);
	only.since = since_text(text);
	load_declaration(&decl, &queues);
	only.source = decl.source;
	only.run = run;
	only.dataset = dataset;
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	stream_out_init(&out, STDOUT_FILENO, 1);
	if (events_open(&events, &only) == -1 ||
	    collect(&events, &decl, &queues) == -1 ||
	    send_all(&events, &out) == -1) {
		msg_error("%s", db_message(&events.db));
		status = db_status(&events.db);
	}
	if (events.skipped > 0)
		msg_warn("lines that are no events, left out: %lld",
		    (long long)events.skipped);
	if (status == EXIT_OK && stop_requested())
		status = EXIT_TEMP;
	events_close(&events);
	decl_release(&decl);
	return stream_finish(&out, status, 0, NULL);
}
