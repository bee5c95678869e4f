/*
 * alert-rules -- what needs a person, told once, and again when it is over.
 *
 * in:   a stream of events, as event-cat writes it
 * out:  an alert record for each situation that began or ended; then end
 * owns: DATA/alerts.sqlite
 *
 * A rule is about all that happened: a stream that was cut decides nothing.
 * What was told is remembered after the records have been written, or, if
 * there is a command to take them, after it succeeded.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/alert.h"
#include "store/libraries.h"

static const char *config, *data = "data", *at;
static int check, dry_run;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "dry-run", 'n', OPT_FLAG, NULL, &dry_run,
	    "tell it on standard output, remember nothing", 0, 0, 0 },
	{ "check", 0, OPT_FLAG, NULL, &check,
	    "exit 1 while there is any alert, told before or now", 0, 0, 0 },
	{ "now", 0, OPT_STRING, "time", &at,
	    "the present instant (RFC 3339, Z), instead of the clock's", 0,
	    0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"what needs a person, told once, and again when it is over",
	"[command [argument ...]]", 0, -1, opts, libraries
};

/* What one call works on. */
struct work {
	struct decl decl;
	struct events_filter only;
	struct events events;
	struct alerts alerts;
	struct spool spool;
	char now[CLOCK_TEXT];
};

static void
load(struct work *w)
{
	int64_t ms = clock_wall_ms();
	struct buf why;

	if (at != NULL && clock_parse(at, &ms) == -1)
		msg_die(EXIT_USAGE, "--now %s: not an instant like "
		    "2026-11-20T22:31:14Z", at);
	clock_format(ms, w->now);
	buf_init(&why, 8192);
	if (decl_load(&w->decl, config, &why) == -1 ||
	    alerts_check(&w->decl, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
	w->only.source = w->decl.source;
	w->alerts = (struct alerts){ &w->events, &w->decl, w->now, 0 };
}

static enum exits
say(const struct work *w)
{
	msg_error("%s", db_message(&w->events.db));
	return db_status(&w->events.db);
}

static enum exits
take(const struct record *r, void *arg)
{
	struct work *w = arg;
	struct buf line;
	enum exits status = EXIT_OK;

	if (!record_is(r, "event"))
		return EXIT_OK;
	buf_init(&line, LIMIT_RECORD_BYTES);
	if (buf_add(&line, r->line, r->len) == -1) {
		msg_error_errno("%s: line %lld", r->source,
		    (long long)r->number);
		status = EXIT_OS;
	} else if (events_add(&w->events, r->root, line.data) == -1) {
		status = say(w);
	}
	buf_release(&line);
	return status;
}

/* All events of standard input, whole. */
static enum exits
collect(struct work *w)
{
	enum exits status = db_exec(&w->events.db, "BEGIN") == -1 ?
	    say(w) : stream_each(STDIN_FILENO, "standard input", 0, take, w);

	if (status == EXIT_OK && (db_commit(&w->events.db) == -1 ||
	    events_items(&w->events) == -1))
		status = say(w);
	return status;
}

/* Ask the rules, and collect what is to be told. */
static enum exits
judge(struct work *w)
{
	if (alerts_find(&w->alerts) == -1 ||
	    alerts_open(&w->alerts, data, dry_run) == -1 ||
	    alerts_tell(&w->alerts, &w->spool) == -1)
		return say(w);
	if (spool_end(&w->spool) == 0)
		return EXIT_OK;
	msg_error_errno("temporary file");
	return EXIT_IO;
}

/* The command is given the records as its standard input. */
static enum exits
run_command(FILE *fp, char *argv[])
{
	struct child c;
	int status;

	rewind(fp);
	if (child_start(&c, argv, fileno(fp), 1) == -1) {
		status = errno == ENOENT ? EXIT_NOINPUT : EXIT_OS;
		msg_error_errno("%s", argv[0]);
		return (enum exits)status;
	}
	if ((status = child_wait(&c)) == 0)
		return EXIT_OK;
	msg_error("%s: status %d; it is told again next time", argv[0],
	    status);
	return EXIT_TEMP;
}

/* Only what has arrived is remembered. */
static enum exits
deliver(struct work *w, FILE *fp, char *argv[])
{
	enum exits status;

	if (argv[0] == NULL || dry_run)
		status = spool_finish(fp, EXIT_OK);
	else
		status = w->spool.n > 0 ? run_command(fp, argv) : EXIT_OK;
	if (status == EXIT_OK && !dry_run && w->spool.n > 0 &&
	    alerts_commit(&w->alerts) == -1)
		status = say(w);
	if (status == EXIT_OK && w->alerts.failed > 0)
		status = EXIT_DATA;
	if (status == EXIT_OK && check && alerts_count(&w->alerts) > 0)
		status = EXIT_NO;
	return status;
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	struct work w = { 0 };
	enum exits status;
	FILE *fp;

	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if ((fp = tmpfile()) == NULL)
		msg_die_errno(EXIT_IO, "temporary file");
	spool_init(&w.spool, fp);
	status = events_open(&w.events, &w.only) == 0 ? collect(&w) : say(&w);
	if (status == EXIT_OK)
		status = judge(&w);
	if (status == EXIT_OK)
		status = deliver(&w, fp, argv + i);
	else if (argv[i] == NULL || dry_run)
		status = spool_finish(NULL, status);
	spool_release(&w.spool);
	fclose(fp);
	events_close(&w.events);
	decl_release(&w.decl);
	return status;
}
