#include "net/fetcher.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/version.h"
#include "net/bearer.h"
#include "net/hold.h"
#include "net/mark.h"
#include "net/report.h"
#include "net/url.h"
#include "record/stream.h"

#define HELD_MAX 1024		/* held tasks that are enough */
#define BYTES_MAX (16 << 20)	/* of all tasks that live, too */

struct fetcher {
	const struct fetcher_options *options;
	char agent[FETCHER_CONTACT_MAX + 64];
	struct fetch *engine;
	struct stream_out out;
	struct report report;
	struct holds held;	/* until the rules of their site are known */
	int64_t bytes;		/* of tasks that live */
	char *source;		/* owned; of the first task, or NULL */
	int marked;		/* an earlier run of it was stopped by failures */
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

/* --- stopped by failures ------------------------------------------------- */

/* With this answer it was enough: say it, and tell the next run. */
static int
stop_asking(struct fetcher *f, const struct task *t,
    const struct fetch_answer *a)
{
	char now[CLOCK_TEXT];

	report_breaker(&f->report, t, a, f->options->policy.max_failures,
	    f->marked);
	remember(f, EXIT_TEMP);
	clock_now(now);
	return mark_set(f->options->data, f->source, t, a, now);
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
	return mark_clear(f->options->data, f->source);
}

/* See whether an earlier run of the source of t, the first task, left one. */
static int
look_for_mark(struct fetcher *f, const struct task *t)
{
	const char *source = record_str(&t->record, "source");

	if (source != NULL && (f->source = strdup(source)) == NULL)
		return -1;
	f->marked = mark_read(f->options->data, f->source, &f->avoid);
	if (f->marked != 1 || f->options->policy.max_failures == 0)
		return f->marked == -1 ? -1 : 0;
	fetch_probe(f->engine);
	msg_note("the last run was stopped by failures: one request first, "
	    "to see");
	return 0;
}

/* --- the rules of a site ------------------------------------------------- */

/* t cannot be asked for. */
static int
refuse(struct fetcher *f, struct task *t, const char *code, enum exits blame,
    const char *text)
{
	struct fetch_answer a = { .outcome = FETCH_FAILED };
	char now[CLOCK_TEXT];
	int r;

	snprintf(a.code, sizeof(a.code), "%s", code);
	snprintf(a.text, sizeof(a.text), "%s", text);
	remember(f, blame);
	f->report.failed++;
	clock_now(now);
	r = task_answer(t, &a, now, &f->out);
	report_answer(&f->report, t, &a);
	task_free(t);
	return r;
}

/* Its site does not let t be asked for. */
static int
forbid(struct fetcher *f, struct task *t, enum rules_word word)
{
	return word == RULES_NO ? refuse(f, t, "robots", EXIT_PROTO,
	    "robots.txt forbids it") : refuse(f, t, "robots_unknown",
	    EXIT_TEMP, "robots.txt cannot be had");
}

/* Hand t to the engine.  Returns 0, or -1 with errno and t freed. */
static int
ask(struct fetcher *f, struct task *t)
{
	struct fetch_request q;
	enum exits blame;
	const char *why;

	if (request_authorize(&t->request, f->options->secrets, &blame, &why)
	    == -1) {
		if (errno == EACCES)
			return refuse(f, t, "no_token", blame, why);
		task_free(t);
		return -1;
	}
	q = task_request(t);
	if (fetch_add(f->engine, &q) == 0)
		return 0;
	task_free(t);
	return -1;
}

/* Ask for the rules of the site of url. */
static int
ask_rules(struct fetcher *f, const char *url)
{
	struct fetch_request q;
	char label[1024];

	if (f->options->rules->ask(url, &q, f->options->rules->arg) == -1)
		return -1;
	snprintf(label, sizeof(label), "%s", q.url);
	if ((q.arg = task_own(label)) == NULL)
		return -1;
	if (fetch_add(f->engine, &q) == 0)
		return 0;
	task_free(q.arg);
	return -1;
}

/* Let t wait for the rules of the site of url. */
static int
hold(struct fetcher *f, struct task *t, const char *url)
{
	int r = holds_add(&f->held, url, t);

	if (r == -1)
		task_free(t);
	return r == 1 ? ask_rules(f, url) : r;
}

/* Is nothing asked any more? */
static int
is_over(const struct fetcher *f)
{
	return f->fatal || stop_requested() || fetch_stopped(f->engine);
}

/* Not failed, but pending. */
static int
leave(struct fetcher *f, struct task *t)
{
	f->report.not_asked++;
	remember(f, EXIT_TEMP);
	task_free(t);
	return 0;
}

/* Ask for t if the site of url, where it stands, lets us.  As ask(). */
static int
ask_fairly(struct fetcher *f, struct task *t, const char *url)
{
	const struct rules *rules = f->options->rules;
	enum rules_word word = RULES_MAY;

	if (rules != NULL && is_over(f))
		return leave(f, t);
	if (rules != NULL)
		word = rules->may(url, &t->interval_ms, rules->arg);
	switch (word) {
	case RULES_MAY:
		return ask(f, t);
	case RULES_ASK:
		return hold(f, t, url);
	case RULES_FAILED:
		task_free(t);
		return -1;
	default:
		return forbid(f, t, word);
	}
}

/* The rules are known, or cannot be had: go on with what waited. */
static int
take_rules(struct fetcher *f, const struct fetch_answer *a)
{
	const struct rules *rules = f->options->rules;
	const char *url = a->request->url;
	struct task *t;

	if (!is_over(f) && rules->learn(a, rules->arg) == -1)
		return -1;
	while ((t = holds_take(&f->held, url)) != NULL)
		if (ask_fairly(f, t, task_url(t)) == -1)
			return -1;
	return 0;
}

/* fetch_lead_fn */
static int
lead(const struct fetch_request *r, const char *url, int64_t *interval_ms,
    void *arg)
{
	const struct fetcher *f = arg;
	const struct rules *rules = f->options->rules;
	const struct task *t = r->arg;
	int64_t wish_ms = 0;

	if (t->doc == NULL)
		return 1;	/* rules themselves may be anywhere */
	switch (rules->may(url, &wish_ms, rules->arg)) {
	case RULES_MAY:
		if (wish_ms > *interval_ms)
			*interval_ms = wish_ms;
		return 1;
	case RULES_ASK:
	case RULES_LATER:
		return -1;
	default:
		return 0;
	}
}

/* What still waits when all is over was not asked for. */
static void
drop_held(struct fetcher *f)
{
	struct task *t;

	while ((t = holds_take(&f->held, NULL)) != NULL)
		leave(f, t);
	if (f->later != NULL)
		leave(f, f->later);
	f->later = NULL;
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
		if (f->report.not_asked++ == 0 && !is_over(f))
			msg_note("%s: %s", t->label, a->text);
		return 0;
	}
	f->report.failed += a->outcome == FETCH_FAILED;
	f->report.good += a->outcome != FETCH_FAILED;
	clock_now(now);
	if (task_answer(t, a, now, &f->out) == -1)
		return -1;
	report_answer(&f->report, t, a);
	return mind_breaker(f, t, a);
}

/* Was it refused for a token that another one may replace? */
static int
is_renewable(const struct fetcher *f, const struct fetch_answer *a)
{
	return a->status == 401 && a->request->renewable && !is_over(f);
}

static int
renew(struct fetcher *f, struct task *t)
{
	msg_note("%s: the server refuses the token: another one", t->label);
	bearer_refused(f->options->secrets, t->request.bearer,
	    t->request.token);
	t->renewed = 1;
	return ask(f, t);
}

/*
 * A page has come: ask for the next one, or make a the answer to the whole.
 * Returns 0 in this case; 1 if t goes its own way, or -1 with t freed.
 */
static int
take_page(struct fetcher *f, struct task *t, struct fetch_answer *a)
{
	int r = paging_take(&t->paging, &t->request, t->page, t->file,
	    f->options->policy.max_bytes, a);

	if (r == 0 && (r = task_vet(t, f->options->secrets, a)) == 0)
		return 0;
	if (r == -1) {
		task_free(t);
		return -1;
	}
	t->renewed = 0;
	r = is_over(f) ? leave(f, t) : ask(f, t);
	return r == -1 ? -1 : 1;
}

/* An attempt is over: fetch_fn. */
static int
take_answer(const struct fetch_answer *told, void *arg)
{
	struct fetcher *f = arg;
	struct task *t = told->request->arg;
	struct fetch_answer a = *told;
	int r;

	if (task_vet(t, f->options->secrets, &a) == -1) {
		task_free(t);
		return -1;
	}
	if (a.attempt > 0 && !a.before)
		report_attempt(&f->report, t, &a);
	if (a.again_ms != -1) {
		msg_note("%s: %s: %s; again in %.1f s", t->label, a.code,
		    a.text, (double)a.again_ms / 1e3);
		return 0;
	}
	if (a.moved != NULL)
		return ask_fairly(f, t, a.moved);
	if (is_renewable(f, &a))
		return renew(f, t);
	if (a.outcome == FETCH_BODY && t->page != NULL &&
	    (r = take_page(f, t, &a)) != 0)
		return r == 1 ? 0 : -1;
	if (t->doc == NULL)
		r = a.opened ? stop_asking(f, t, &a) : take_rules(f, &a);
	else
		r = settle(f, t, &a);
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
	f->report.done++;
	f->report.failed++;
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

/*
 * The item that failed last time may always fail: another one is a better
 * probe, if there is any.
 */
static int
is_for_later(const struct fetcher *f, const struct task *t)
{
	return f->marked == 1 && f->later == NULL && f->avoid != NULL &&
	    f->report.taken == 1 && strcmp(t->label, f->avoid) == 0;
}

static int
ask_later(struct fetcher *f)
{
	struct task *t = f->later;

	f->later = NULL;
	return t == NULL ? 0 : ask_fairly(f, t, task_url(t));
}

/* A task that is one: have it asked for, unless it was before. */
static enum exits
begin_task(struct fetcher *f, const struct record *r, struct task *t)
{
	int done = task_again(t, &f->out);

	if (done == 1) {
		f->report.good++;
		report_item(&f->report, t->label, "ok, fetched before", 0);
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
	if (ask_fairly(f, t, task_url(t)) == 0 && ask_later(f) == 0)
		return EXIT_OK;
	return errno == EINVAL ? refuse_task(f, r, "no http or https URL") :
	    give_up(f);
}

static enum exits
take_task(struct fetcher *f, const struct record *r)
{
	char why[TASK_WHY];
	struct task *t = task_new(r, f->options->data, f->options->secrets,
	    why);

	f->report.taken++;
	if (t == NULL)
		return errno == EINVAL ? refuse_task(f, r, why) : give_up(f);
	*(t->bytes = &f->bytes) += (int64_t)t->record.len;
	if (f->report.taken == 1 && look_for_mark(f, t) == -1) {
		task_free(t);
		return give_up(f);
	}
	if (!has_contact(f, task_url(t))) {
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

	/* What is held costs memory, and waits for an answer anyway. */
	if (f->held.n >= HELD_MAX || f->bytes >= BYTES_MAX)
		fd = -1;
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
	drop_held(f);
	return status;
}

static enum exits
finish(struct fetcher *f, enum exits status)
{
	const char *reason = stop_requested() ? "interrupted" : NULL;

	report_total(&f->report);
	fetch_free(f->engine);
	eventlog_close(&f->report.log);
	free(f->avoid);
	free(f->source);
	if (status == EXIT_OK && f->failures != EXIT_OK)
		return stream_finish(&f->out, f->failures, 1, NULL);
	return stream_finish(&f->out, status, 0, reason);
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
	if ((f->engine = fetch_new(&policy, take_answer, f)) == NULL)
		return -1;
	if (f->options->rules != NULL)
		fetch_ask_leads(f->engine, lead);
	return 0;
}

enum exits
fetcher_run(const struct fetcher_options *options, int in, int out)
{
	struct fetcher f = { .options = options };
	const char *what = "SLUICE_LOG";
	int saved;

	if (eventlog_open(&f.report.log) == -1)
		goto fail;
	what = "libcurl";
	if (start_engine(&f) == -1)
		goto fail;
	stream_out_init(&f.out, out, 0);
	return finish(&f, work(&f, in));
fail:
	saved = errno;
	msg_error_errno("%s", what);
	eventlog_close(&f.report.log);
	return msg_status(saved);
}
