#include "net/fetcher.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/stop.h"
#include "base/version.h"
#include "net/mark.h"
#include "net/task.h"
#include "net/url.h"
#include "record/eventlog.h"
#include "record/stream.h"

#define CONTACT_MAX 256		/* bytes; a header line is no letter */

struct fetcher {
	const struct fetcher_options *options;
	char agent[CONTACT_MAX + 64];
	struct fetch *engine;
	struct stream_out out;
	struct eventlog log;
	int64_t taken, done;	/* items */
	int64_t good, failed, not_asked;	/* of them */
	int marked;		/* an earlier run was stopped by failures */
	char *avoid;		/* owned; the item it failed with, or NULL */
	struct task *later;	/* owned; that item, which is no probe */
	enum exits failures;	/* what the failed items ask for, or EXIT_OK */
	int fatal;		/* our own trouble: nothing goes on */
};

/* Running again mends a temporary failure, whatever else there was. */
static void
remember(struct fetcher *f, enum exits status)
{
	if (f->failures == EXIT_OK || status == EXIT_TEMP)
		f->failures = status;
}

/* Our own trouble, errno: say it, unless it is standard output's. */
static enum exits
give_up(struct fetcher *f)
{
	int saved = errno;

	f->fatal = 1;
	if (stream_failed(&f->out))
		return EXIT_IO;
	if (!stop_requested())
		msg_error_errno("%s/incoming", f->options->data);
	return msg_status(saved);
}

/* --- what people see ----------------------------------------------------- */

/* "[4/6] 2026/A items ok 20.8 MB (1.2 s)", in one write(2). */
static void
print_item(struct fetcher *f, const char *label, const char *what,
    int64_t ms)
{
	char line[1024], time[HUMAN_TEXT];
	size_t n;

	f->done++;
	if (msg_get_level() == MSG_QUIET)
		return;
	human_ms(ms, time);
	snprintf(line, sizeof(line), "[%" PRId64 "/%" PRId64
	    "] %.500s %.300s (%s)", f->done, f->taken, label, what, time);
	n = strlen(line);
	msg_mask(line, n);
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);
}

static void
print_answer(struct fetcher *f, const struct task *t,
    const struct fetch_answer *a)
{
	char what[320], size[HUMAN_TEXT];

	if (a->outcome == FETCH_FAILED) {
		snprintf(what, sizeof(what), "failed: %s: %s", a->code,
		    a->text);
	} else if (a->outcome == FETCH_UNCHANGED) {
		snprintf(what, sizeof(what), "unchanged");
	} else {
		human_bytes(a->size_bytes, size);
		snprintf(what, sizeof(what), "ok %s", size);
	}
	print_item(f, t->label, what, a->total_ms);
}

static void
log_attempt(struct fetcher *f, const struct task *t,
    const struct fetch_answer *a)
{
	struct jsonw *w = eventlog_begin(&f->log, "attempt");
	yyjson_val *part = yyjson_obj_get(t->record.root, "part");

	jsonw_opt(w, "run", record_str(&t->record, "run"));
	jsonw_opt(w, "source", record_str(&t->record, "source"));
	jsonw_opt(w, "dataset", record_str(&t->record, "dataset"));
	jsonw_val(w, "part", part);
	jsonw_str(w, "task", t->label);
	jsonw_int(w, "attempt", a->attempt);
	jsonw_str(w, "code", a->outcome == FETCH_FAILED ? a->code :
	    a->outcome == FETCH_UNCHANGED ? "unchanged" : "ok");
	if (a->status != 0)
		jsonw_int(w, "status", a->status);
	if (a->outcome == FETCH_BODY) {
		jsonw_int(w, "bytes", a->size_bytes);
		jsonw_int(w, "stored_bytes", a->stored_bytes);
	}
	jsonw_int(w, "ms", a->total_ms);
	if (a->again_ms != -1)
		jsonw_int(w, "again_ms", a->again_ms);
	eventlog_end(&f->log);
}

/* "3 ok, 1 failed, 2 not asked", unless all is well. */
static void
print_total(const struct fetcher *f)
{
	if (f->failed == 0 && f->not_asked == 0)
		return;
	msg_note("%" PRId64 " task%s: %" PRId64 " ok, %" PRId64 " failed, %"
	    PRId64 " not asked", f->taken, f->taken == 1 ? "" : "s", f->good,
	    f->failed, f->not_asked);
}

/* --- stopped by failures ------------------------------------------------- */

/* With this answer it was enough: say it, and tell the next run. */
static int
stop_asking(struct fetcher *f, const struct task *t,
    const struct fetch_answer *a)
{
	int64_t max = f->options->policy.max_failures;
	struct jsonw *w = eventlog_begin(&f->log, "breaker");
	char now[CLOCK_TEXT];

	jsonw_opt(w, "run", record_str(&t->record, "run"));
	jsonw_opt(w, "source", record_str(&t->record, "source"));
	jsonw_opt(w, "dataset", record_str(&t->record, "dataset"));
	jsonw_str(w, "task", t->label);
	jsonw_str(w, "code", a->code);
	jsonw_bool(w, "probe", f->marked);
	if (!f->marked)
		jsonw_int(w, "failures", max);
	eventlog_end(&f->log);
	if (f->marked)
		msg_error("stopped asking: the server still fails: %s: %s: %s",
		    t->label, a->code, a->text);
	else
		msg_error("stopped asking after %" PRId64 " failure%s in a "
		    "row: %s: %s: %s", max, max == 1 ? "" : "s", t->label,
		    a->code, a->text);
	remember(f, EXIT_TEMP);
	clock_now(now);
	return mark_set(f->options->data, t, a, now);
}

/* See to the mark that an earlier run left, and to the one of this. */
static int
mind_breaker(struct fetcher *f, const struct task *t,
    const struct fetch_answer *a)
{
	if (a->opened)
		return stop_asking(f, t, a);
	if (a->outcome == FETCH_FAILED || !f->marked)
		return 0;
	f->marked = 0;
	return mark_clear(f->options->data);
}

/* --- the work ------------------------------------------------------------ */

/* The last answer about t. */
static int
settle(struct fetcher *f, const struct task *t, const struct fetch_answer *a)
{
	char now[CLOCK_TEXT];

	if (a->outcome == FETCH_FAILED)
		remember(f, a->blame);
	if (a->attempt == 0) {
		f->not_asked++;
		return 0;
	}
	f->failed += a->outcome == FETCH_FAILED;
	f->good += a->outcome != FETCH_FAILED;
	clock_now(now);
	if (task_answer(t, a, now, &f->out) == -1)
		return -1;
	print_answer(f, t, a);
	return mind_breaker(f, t, a);
}

/* An attempt is over: fetch_fn. */
static int
take_answer(const struct fetch_answer *a, void *arg)
{
	struct fetcher *f = arg;
	struct task *t = a->request->arg;
	int r;

	if (a->attempt > 0 && !a->before)
		log_attempt(f, t, a);
	if (a->again_ms != -1) {
		msg_note("%s: %s: %s; again in %.1f s", t->label, a->code,
		    a->text, (double)a->again_ms / 1e3);
		return 0;
	}
	r = settle(f, t, a);
	task_free(t);
	return stream_failed(&f->out) ? -1 : r;
}

/* A task that cannot be done as it stands. */
static enum exits
refuse_task(struct fetcher *f, const struct record *r, const char *why)
{
	msg_warn("%s: line %" PRId64 ": %s", r->source, r->number, why);
	stream_error(&f->out, r, "bad_task", "%s", why);
	remember(f, EXIT_DATA);
	f->done++;
	f->failed++;
	return EXIT_OK;
}

/* Ask a server only when it can find out who is asking. */
static int
has_contact(struct fetcher *f, const char *url)
{
	char *host;

	if (f->options->contact != NULL || url_is_loopback(url))
		return 1;
	if ((host = url_host(url)) == NULL)
		return 1;		/* fetch_add() will refuse it */
	free(host);
	msg_error("%s: name yourself with --contact or CONTACT "
	    "(a mail address or a page)", url);
	f->fatal = 1;
	return 0;
}

/* Hand t to the engine.  Returns 0, or -1 with errno and t freed. */
static int
ask(struct fetcher *f, struct task *t)
{
	struct fetch_request q = task_request(t);

	if (fetch_add(f->engine, &q) == 0)
		return 0;
	task_free(t);
	return -1;
}

/*
 * The item that failed last time may always fail: another one is a better
 * probe, if there is any.
 */
static int
is_for_later(const struct fetcher *f, const struct task *t)
{
	return f->marked && f->later == NULL && f->avoid != NULL &&
	    f->taken == 1 && strcmp(t->label, f->avoid) == 0;
}

static int
ask_later(struct fetcher *f)
{
	struct task *t = f->later;

	f->later = NULL;
	return t == NULL ? 0 : ask(f, t);
}

/* A task that is one: have it asked for, unless it was before. */
static enum exits
begin_task(struct fetcher *f, const struct record *r, struct task *t)
{
	int done = task_again(t, &f->out);

	if (done == 1) {
		f->good++;
		print_item(f, t->label, "ok, fetched before", 0);
		task_free(t);
		return stream_failed(&f->out) ? give_up(f) : EXIT_OK;
	}
	if (done == -1) {
		task_free(t);
		return give_up(f);
	}
	if (is_for_later(f, t)) {
		f->later = t;
		return EXIT_OK;
	}
	if (ask(f, t) == 0 && ask_later(f) == 0)
		return EXIT_OK;
	return errno == EINVAL ? refuse_task(f, r, "no http or https URL") :
	    give_up(f);
}

static enum exits
take_task(struct fetcher *f, const struct record *r)
{
	struct task *t = task_new(r, f->options->data);

	f->taken++;
	if (t == NULL && errno == ENOMEM)
		return give_up(f);
	if (t == NULL)
		return refuse_task(f, r, errno == E2BIG ?
		    "run, part or task too long" :
		    "a task needs run, part and url");
	if (!has_contact(f, record_str(&t->record, "url"))) {
		task_free(t);
		return EXIT_USAGE;
	}
	return begin_task(f, r, t);
}

static enum exits
take_record(const struct record *r, void *arg)
{
	struct fetcher *f = arg;

	if (record_is(r, "task"))
		return take_task(f, r);
	stream_copy(&f->out, r);
	return stream_failed(&f->out) ? give_up(f) : EXIT_OK;
}

/* stream_wait_fn: transfers go on until there is input. */
static enum exits
wait_input(int fd, void *arg)
{
	struct fetcher *f = arg;

	return fetch_wait(f->engine, fd) == -1 ? give_up(f) : EXIT_OK;
}

/*
 * Read tasks and work until nothing is left.  A broken input does not stop
 * what came before it; a signal does, and so does our own trouble.
 */
static enum exits
work(struct fetcher *f, int in)
{
	enum exits status;

	status = stream_each_wait(in, "standard input",
	    f->options->partial ? STREAM_PARTIAL : 0, take_record, wait_input,
	    f);
	if (!f->fatal && (ask_later(f) == -1 || fetch_run(f->engine) == -1))
		status = give_up(f);
	if (!f->fatal && stop_requested() && fetch_drain(f->engine) == -1)
		status = give_up(f);
	if (stop_requested())
		status = EXIT_TEMP;
	fetch_abandon(f->engine);
	return status;
}

static enum exits
finish(struct fetcher *f, enum exits status)
{
	const char *reason = stop_requested() ? "interrupted" : NULL;

	print_total(f);
	fetch_free(f->engine);
	eventlog_close(&f->log);
	free(f->avoid);
	if (status == EXIT_OK && f->failures != EXIT_OK)
		return stream_finish(&f->out, f->failures, 1, NULL);
	return stream_finish(&f->out, status, 0, reason);
}

int
fetcher_contact_ok(const char *contact)
{
	const char *c;

	for (c = contact; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			return 0;
	return c > contact && c - contact < CONTACT_MAX;
}

static int
start_engine(struct fetcher *f)
{
	struct fetch_policy policy = f->options->policy;

	if (f->options->contact != NULL)
		snprintf(f->agent, sizeof(f->agent), "sluice/%s (+%s)",
		    SLUICE_VERSION, f->options->contact);
	else
		snprintf(f->agent, sizeof(f->agent), "sluice/%s",
		    SLUICE_VERSION);
	policy.agent = f->agent;
	policy.probe = f->marked;
	f->engine = fetch_new(&policy, take_answer, f);
	return f->engine != NULL ? 0 : -1;
}

enum exits
fetcher_run(const struct fetcher_options *options, int in, int out)
{
	struct fetcher f = { .options = options };
	const char *what = "SLUICE_LOG";
	int saved;

	if (eventlog_open(&f.log) == -1)
		goto fail;
	what = options->data;
	if ((f.marked = mark_read(options->data, &f.avoid)) == -1)
		goto fail;
	what = "libcurl";
	if (start_engine(&f) == -1)
		goto fail;
	if (f.marked)
		msg_note("the last run was stopped by failures: one request "
		    "first, to see");
	stream_out_init(&f.out, out, 0);
	return finish(&f, work(&f, in));
fail:
	saved = errno;
	msg_error_errno("%s", what);
	eventlog_close(&f.log);
	free(f.avoid);
	return msg_status(saved);
}
