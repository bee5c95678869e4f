/*
 * run-progress -- progress of a stream, and a run's summary.
 *
 * in:   any record stream; with --notes lines of text; with --summary
 *       alone DATA/logs/RUN.jsonl
 * out:  progress on standard error; --tee: the records; --summary: text
 * owns: DATA/logs/RUN.summary.txt and .json; with --log RUN.log, and what
 *       it adds to RUN.jsonl
 *
 * At the end of a pipe it is the sink that turns the stream's last line
 * into an exit status.  A summary is made from the event log alone, so it
 * can be made again, and a run that was continued has one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/path.h"
#include "base/stop.h"
#include "record/progress.h"
#include "record/runlog.h"
#include "record/stream.h"
#include "store/summary.h"

static const char *data = "data", *run, *again = "make run";
static int64_t planned;
static int keep_log, notes, tee, partial, want_summary;

static const struct opt opts[] = {
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "the run's id", 0, 0, 0 },
	{ "again", 0, OPT_STRING, "command", &again,
	    "what continues a run, for the summary (make run)", 0, 0, 0 },
	{ "log", 0, OPT_FLAG, NULL, &keep_log,
	    "keep the run's logs", 0, 0, 0 },
	{ "notes", 0, OPT_FLAG, NULL, &notes,
	    "lines for people come in: show them, keep them in RUN.log",
	    0, 0, 0 },
	{ "partial", 0, OPT_FLAG, NULL, &partial,
	    "a stream without its end record is fine", 0, 0, 0 },
	{ "planned", 0, OPT_INTEGER, "n", &planned,
	    "how many items will come (as many as the run planned)", 0, 0,
	    INT64_C(1000000000) },
	{ "summary", 0, OPT_FLAG, NULL, &want_summary,
	    "tell what the run did, from its log", 0, 0, 0 },
	{ "tee", 0, OPT_FLAG, NULL, &tee,
	    "pass the records on to standard output", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"progress of a record stream, and a run's summary", NULL, 0, 0,
	opts, NULL
};

/* --- progress ------------------------------------------------------------ */

#define LINE_MAX_BYTES 1000	/* of a progress line; the rest is cut */

struct watch {
	struct progress progress;
	struct stream_out out;
	struct runlog log;	/* with --log */
	int columns;		/* of the terminal that is written to, or 0 */
};

/* The width of the terminal that lines can be rewritten on, or 0. */
static int
terminal_columns(void)
{
	const char *term = getenv("TERM");
	struct winsize size;

	if (term == NULL || strcmp(term, "dumb") == 0 ||
	    !isatty(STDERR_FILENO))
		return 0;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_col < 2)
		return 80;
	return size.ws_col;
}

/* One write(2); on a terminal the line stays only if it matters. */
static void
show(const struct watch *w, int keep)
{
	char line[LINE_MAX_BYTES + 1];
	int max = w->columns > 0 && w->columns < LINE_MAX_BYTES ?
	    w->columns : LINE_MAX_BYTES;

	if (msg_get_level() == MSG_QUIET || w->progress.line.len == 0)
		return;
	snprintf(line, (size_t)max, "%s", w->progress.line.data);
	msg_mask(line, strlen(line));
	dprintf(STDERR_FILENO, "%s%s%s", w->columns > 0 ? "\033[K" : "", line,
	    w->columns > 0 && !keep ? "\r" : "\n");
}

/* The time left is for those who watch. */
static int
log_record(struct watch *w, const struct record *r)
{
	struct buf *line = &w->progress.line;
	char now[CLOCK_TEXT];

	clock_now(now);
	if (runlog_add(&w->log, r, now, line->len > 0 ? line->data : "")
	    == 0)
		return 0;
	msg_error_errno("%s/logs/%s", data, run);
	return -1;
}

/* Can the terminal show more than ASCII? */
static int
is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;
	size_t i;

	for (i = 0; i < 3 && (value == NULL || value[0] == '\0'); i++)
		value = getenv(names[i]);
	return value != NULL && (strstr(value, "UTF-8") != NULL ||
	    strstr(value, "utf8") != NULL);
}

static enum exits
take(const struct record *r, void *arg)
{
	struct watch *w = arg;
	int64_t now = clock_mono_ms();
	int what = progress_take(&w->progress, r);
	int bad = what == PROGRESS_FAILED || what == PROGRESS_INVALID;

	if (w->columns > 0 && !bad)
		progress_left(&w->progress, now);
	if (what != -1)
		show(w, bad);
	if (keep_log && log_record(w, r) == -1)
		return EXIT_IO;
	if (!tee)
		return EXIT_OK;
	stream_copy(&w->out, r);
	return stream_failed(&w->out) ? EXIT_IO : EXIT_OK;
}

/* What the run planned, if its log says so already; else 0. */
static int64_t
logged_plan(void)
{
	struct summary s;
	char log[PATH_BYTES_MAX];
	int64_t n = 0;

	snprintf(log, sizeof(log), "%s/logs/%s.jsonl", data, run);
	if (summary_read(&s, log, data, run, again) == 0)
		n = summary_planned(&s);
	summary_release(&s);
	return n > 0 ? n : 0;
}

static void
close_log(struct watch *w)
{
	char now[CLOCK_TEXT];

	clock_now(now);
	if (w->progress.line.len > 0 &&
	    runlog_say(&w->log, now, w->progress.line.data) == -1)
		msg_die_errno(EXIT_IO, "%s/logs/%s", data, run);
	runlog_close(&w->log);
}

/* What programs say on standard error: as it comes, and in RUN.log. */
static enum exits
take_notes(void)
{
	struct runlog log;
	char *line = NULL, now[CLOCK_TEXT];
	size_t size = 0;
	ssize_t n;

	if (runlog_open(&log, data, run) == -1)
		msg_die_errno(msg_status(errno), "%s/logs/%s", data, run);
	while ((n = getline(&line, &size, stdin)) > 0) {
		dprintf(STDERR_FILENO, "%.*s", (int)n, line);
		n -= line[n - 1] == '\n';
		line[n] = '\0';
		clock_now(now);
		if (runlog_say(&log, now, line) == -1)
			msg_die_errno(EXIT_IO, "%s/logs/%s", data, run);
	}
	free(line);
	runlog_close(&log);
	return EXIT_OK;
}

static enum exits
watch(void)
{
	struct watch w = { .columns = terminal_columns() };
	enum exits status;

	if (planned == 0 && run != NULL)
		planned = logged_plan();
	progress_init(&w.progress, planned, clock_mono_ms());
	if (w.columns > 0 && is_utf8())
		w.progress.good = "\xe2\x9c\x93";
	if (keep_log && runlog_open(&w.log, data, run) == -1)
		msg_die_errno(msg_status(errno), "%s/logs/%s", data, run);
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	status = stream_each(STDIN_FILENO, "standard input",
	    partial ? STREAM_PARTIAL : 0, take, &w);
	progress_total(&w.progress, clock_mono_ms());
	show(&w, 1);
	if (keep_log)
		close_log(&w);
	progress_release(&w.progress);
	return tee ? stream_finish(&w.out, status, 0, NULL) : status;
}

/* --- summary ------------------------------------------------------------- */

static void
write_file(const char *name, const struct buf *text)
{
	struct outfile o;
	char path[PATH_BYTES_MAX];

	snprintf(path, sizeof(path), "%s/logs/%s.summary.%s", data, run,
	    name);
	if (outfile_open(&o, path, OUTFILE_REPLACE) == -1)
		msg_die_errno(EXIT_IO, "%s", path);
	fwrite(text->data, 1, text->len, o.fp);
	if (outfile_commit(&o) == -1)
		msg_die_errno(EXIT_IO, "%s", path);
}

static _Noreturn void
die(const struct db *db, const char *log)
{
	if (db_message(db)[0] != '\0')
		msg_die(db_status(db), "%s", db_message(db));
	msg_die_errno(msg_status(errno), "%s", log);
}

/* Write the summary's files; print it to fp.  1 if all is fine, else 0. */
static int
summarise(FILE *fp)
{
	struct summary s;
	struct buf text, json;
	char log[PATH_BYTES_MAX];
	int fine;

	snprintf(log, sizeof(log), "%s/logs/%s.jsonl", data, run);
	buf_init(&text, SUMMARY_BYTES);
	buf_init(&json, SUMMARY_BYTES);
	if (summary_read(&s, log, data, run, again) == -1 ||
	    (fine = summary_fine(&s)) == -1 ||
	    summary_text(&s, &text) == -1 || summary_json(&s, &json) == -1)
		die(&s.events.db, log);
	if (s.events.skipped > 0)
		msg_warn("%s: torn lines left out: %lld", log,
		    (long long)s.events.skipped);
	write_file("json", &json);
	write_file("txt", &text);
	if (msg_get_level() != MSG_QUIET)
		fwrite(text.data, 1, text.len, fp);
	if (fflush(fp) == EOF && fp == stdout)
		msg_die_errno(EXIT_IO, "standard output");
	summary_release(&s);
	buf_release(&text);
	buf_release(&json);
	return fine;
}

/* --- the whole ----------------------------------------------------------- */

static void
check_options(void)
{
	if ((want_summary || keep_log || notes) && run == NULL)
		msg_die(EXIT_USAGE, "--%s needs --run", want_summary ?
		    "summary" : keep_log ? "log" : "notes");
	if (notes && (want_summary || keep_log || tee))
		msg_die(EXIT_USAGE, "--notes: without --log, --summary, --tee");
	if (run != NULL && (run[0] == '\0' || strchr(run, '/') != NULL))
		msg_die(EXIT_USAGE, "--run %s: not a run id", run);
	if (strlen(data) + (run != NULL ? strlen(run) : 0) >
	    PATH_BYTES_MAX - 64)
		msg_die(EXIT_USAGE, "--data %s: too long", data);
}

int
main(int argc, char *argv[])
{
	enum exits status;

	opt_parse(&tool, argc, argv);
	check_options();
	if ((keep_log || notes ? stop_defer() : stop_init()) == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (want_summary && !keep_log)
		return summarise(stdout) ? EXIT_OK : EXIT_NO;
	status = notes ? take_notes() : watch();
	if (want_summary)
		summarise(stderr);
	return (int)status;
}
