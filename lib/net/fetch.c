#include "net/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/breaker.h"
#include "base/clock.h"
#include "base/stop.h"
#include "net/job.h"
#include "net/judge.h"
#include "net/loop.h"
#include "net/slots.h"

#define QUEUE_MAX 1024		/* waiting requests that are enough */
#define POLL_MS 200		/* a signal that slips by is seen by then */

struct fetch {
	struct fetch_policy policy;
	fetch_fn fn;
	fetch_lead_fn lead;	/* or NULL: anywhere */
	void *arg;
	struct loop loop;
	struct slots slots;
	struct queue queue;
	struct breaker breaker;
	int draining;		/* a stop was requested */
	int held;		/* a host wants to be left alone for long */
	int64_t looked_ms;	/* when rates were looked at */
};

/* Is nothing new to be asked? */
static int
is_closing(const struct fetch *f)
{
	return f->draining || f->breaker.open;
}

/* Is nothing to be begun before what is begun has shown something? */
static int
only_begun(const struct fetch *f)
{
	return breaker_is_wary(&f->breaker) && (f->slots.running > 0 ||
	    queue_has_begun(&f->queue));
}

/* --- one job ------------------------------------------------------------- */

/* Take the job away from its worker. */
static struct job *
slot_stop(struct fetch *f, struct slot *s, enum pace_news news)
{
	struct job *j = s->job;

	if (j == NULL)
		return NULL;
	curl_multi_remove_handle(f->loop.multi, s->transfer.easy);
	transfer_abort(&s->transfer);
	pace_end(&j->host->pace, clock_mono_ms(), j->start_ms, news);
	s->job = NULL;
	f->slots.running--;
	return j;
}

/* The last answer: tell the caller and let the job go. */
static int
finish(struct fetch *f, struct job *j, struct fetch_answer *a)
{
	int told;

	a->again_ms = -1;
	told = f->fn(a, f->arg);
	job_free(j);
	return told;
}

/* Tell the caller, then queue the job for another attempt. */
static int
repeat(struct fetch *f, struct job *j, struct fetch_answer *a, int64_t wait)
{
	int told;

	a->again_ms = wait;
	told = f->fn(a, f->arg);
	j->attempt++;
	j->due_ms = clock_mono_ms() + wait;
	trail_clear(&j->trail);
	if (job_move(&f->queue, j) == -1 || job_remember(j, a) == -1) {
		job_free(j);
		return -1;
	}
	queue_first(&f->queue, j);
	return told;
}

/* The file to send with a request has gone: that is the item's trouble. */
static int
slot_fail(struct fetch *f, struct slot *s)
{
	int why = errno;
	struct job *j = slot_stop(f, s, PACE_NONE);
	struct fetch_answer a;

	memset(&a, 0, sizeof(a));
	a.request = &j->request;
	a.attempt = j->attempt;
	a.encoding = "";
	judge_fail(&a, "question_changed", EXIT_TEMP, "%s: %s",
	    j->request.upload, strerror(why));
	return finish(f, j, &a);
}

static int
slot_start(struct fetch *f, struct slot *s, struct job *j)
{
	s->job = j;
	f->slots.running++;
	j->start_ms = clock_mono_ms();
	pace_start(&j->host->pace, j->start_ms, j->request.interval_ms);
	if (transfer_prepare(&s->transfer, &j->request, &j->trail, s) == -1)
		return errno == ENOENT || errno == EACCES ?
		    slot_fail(f, s) : -1;
	if (curl_multi_add_handle(f->loop.multi, s->transfer.easy) !=
	    CURLM_OK) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

/* The last answer of a job that is no longer wanted. */
static int
let_go(struct fetch *f, struct job *j, int begun, const char *why)
{
	struct fetch_answer a;

	judge_left(&a, j->failed, begun ? j->attempt : 0, why);
	a.request = &j->request;
	return finish(f, j, &a);
}

/*
 * The wait for another attempt, or -1: when there were enough of them, when
 * its host wants more time than a run has, or nothing is asked any more.
 */
static int64_t
again_ms(struct fetch *f, const struct job *j)
{
	int64_t wait = retry_wait(&f->policy.retry, j->attempt);
	int64_t host = j->home->pace.free_ms - clock_mono_ms();

	if (wait == -1 || host > RETRY_WAIT_MAX || is_closing(f) ||
	    f->breaker.probing)
		return -1;
	return host > wait ? host : wait;
}

/* May the job go on where its trail leads now? */
static int
may_lead(const struct fetch *f, struct job *j, struct fetch_answer *a)
{
	const char *url = trail_url(&j->trail);

	return f->lead == NULL || judge_lead(a, f->lead(&j->request, url,
	    &j->request.interval_ms, f->arg), url);
}

/*
 * Follow a redirect if it is one.  Returns 1 if so, also when it led to a
 * last answer; 0, or -1 with errno.
 */
static int
follow(struct fetch *f, struct slot *s, struct fetch_answer *a)
{
	struct job *j = s->job;
	int r = judge_redirect(&s->transfer, &j->trail, a);

	if (r != 1)
		return r;
	slot_stop(f, s, PACE_NONE);
	if (!may_lead(f, j, a))
		return finish(f, j, a) == -1 ? -1 : 1;
	if (job_move(&f->queue, j) == -1) {
		job_free(j);
		return -1;
	}
	queue_first(&f->queue, j);
	return 1;
}

/* A transfer is over.  Returns 0, or -1 with errno. */
static int
slot_done(struct fetch *f, struct slot *s, CURLcode rc)
{
	struct job *j = s->job;
	struct fetch_answer a;
	int64_t pause, wait;
	int worth, went;

	memset(&a, 0, sizeof(a));
	a.request = &j->request;
	a.attempt = j->attempt;
	a.encoding = "";
	if ((worth = judge(&s->transfer, rc, &a)) == -1)
		return -1;
	pause = judge_pause(&s->transfer, &a);
	pace_hold(&j->host->pace, clock_mono_ms() + pause);
	f->held |= pause > RETRY_WAIT_MAX;
	if (rc == CURLE_OK && a.outcome == FETCH_FAILED &&
	    (went = follow(f, s, &a)) != 0)
		return went == 1 ? 0 : -1;
	slot_stop(f, s, judge_pace(&a));
	breaker_attempt(&f->breaker, judge_health(&a));
	if ((wait = worth ? again_ms(f, j) : -1) != -1)
		return repeat(f, j, &a, wait);
	a.opened = breaker_take(&f->breaker, judge_health(&a));
	return finish(f, j, &a);
}

/* --- the loop ------------------------------------------------------------ */

static struct slot *
free_slot(struct fetch *f)
{
	/* The next answer is to show whether the server is well. */
	if (f->breaker.probing && f->slots.running > 0)
		return NULL;
	return slots_free(&f->slots);
}

/* Let go of what would wait for longer than a run does. */
static int
drop_held(struct fetch *f)
{
	struct job *j;

	while (f->held && (j = queue_take_held(&f->queue, clock_mono_ms() +
	    RETRY_WAIT_MAX)) != NULL)
		if (let_go(f, j, 0, "its host wants to be left alone for "
		    "longer than ten minutes") == -1)
			return -1;
	return 0;
}

/* Let go of what has not begun. */
static int
drop_queued(struct fetch *f, const char *why)
{
	struct job *j;
	int r = 0;

	while ((j = queue_take(&f->queue, INT64_MAX, 0)) != NULL)
		r |= let_go(f, j, j->trail.hops > 0, why);
	return r;
}

static int
start_due(struct fetch *f)
{
	struct slot *s;
	struct job *j;

	if (drop_held(f) == -1)
		return -1;
	if (f->breaker.open)
		return drop_queued(f, "too many failures in a row");
	if (f->draining)
		return 0;
	while ((s = free_slot(f)) != NULL && (j = queue_take(&f->queue,
	    clock_mono_ms(), only_begun(f))) != NULL)
		if (slot_start(f, s, j) == -1)
			return -1;
	return 0;
}

static int
finish_done(struct fetch *f)
{
	CURLMsg *m;
	struct slot *s;
	int left;

	while ((m = curl_multi_info_read(f->loop.multi, &left)) != NULL) {
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
		if (slot_done(f, s, m->data.result) == -1)
			return -1;
	}
	return 0;
}

/* End what drips. */
static int
finish_slow(struct fetch *f)
{
	int64_t now = clock_mono_ms(), i;
	struct slot *s;

	if (now - f->looked_ms < POLL_MS)
		return 0;
	f->looked_ms = now;
	for (i = 0; i < f->slots.n; i++) {
		s = &f->slots.list[i];
		if (s->job != NULL && transfer_is_slow(&s->transfer, now) &&
		    slot_done(f, s, CURLE_OPERATION_TIMEDOUT) == -1)
			return -1;
	}
	return 0;
}

/* What can be done now: loop_fn. */
static int
advance(void *arg)
{
	struct fetch *f = arg;

	return finish_done(f) == -1 || start_due(f) == -1 ? -1 : 0;
}

/* Do what can be done now, and wait for more to do. */
static int
turn(struct fetch *f, int fd)
{
	int64_t wait_ms = POLL_MS;

	if (finish_slow(f) == -1 || advance(f) == -1)
		return -1;
	if (free_slot(f) != NULL && !is_closing(f))
		wait_ms = queue_wait(&f->queue, clock_mono_ms(),
		    only_begun(f), POLL_MS);
	return loop_turn(&f->loop, fd, wait_ms, advance, f);
}

int
fetch_wait(struct fetch *f, int fd)
{
	int full;

	while ((f->slots.running > 0 || f->queue.n > 0) &&
	    !stop_requested()) {
		/* Input that has to wait must not wake us all the time. */
		full = f->queue.n >= QUEUE_MAX;
		if (!full && loop_readable(fd))
			break;
		if (turn(f, full ? -1 : fd) == -1)
			return -1;
	}
	return 0;
}

int
fetch_run(struct fetch *f)
{
	return fetch_wait(f, -1);
}

int
fetch_drain(struct fetch *f)
{
	int64_t until = clock_mono_ms() + f->policy.grace_ms;

	f->draining = 1;
	while (f->slots.running > 0 && clock_mono_ms() < until)
		if (turn(f, -1) == -1)
			return -1;
	return 0;
}

int
fetch_add(struct fetch *f, const struct fetch_request *r)
{
	struct job *j = job_new(&f->queue, r);

	if (j == NULL)
		return -1;
	if (r->ahead)
		queue_first(&f->queue, j);
	else
		queue_last(&f->queue, j);
	return 0;
}

int
fetch_abandon(struct fetch *f)
{
	struct job *j;
	int64_t i;
	int r = 0;

	for (i = 0; i < f->slots.n; i++) {
		/* Or a name server that is silent would be waited for. */
		curl_easy_setopt(f->slots.list[i].transfer.easy,
		    CURLOPT_QUICK_EXIT, 1L);
		if ((j = slot_stop(f, &f->slots.list[i], PACE_BAD)) != NULL)
			r |= let_go(f, j, 1, NULL);
	}
	return r | drop_queued(f, "interrupted");
}

int
fetch_stopped(const struct fetch *f)
{
	return f->breaker.open;
}

/* --- beginning and end --------------------------------------------------- */

struct fetch *
fetch_new(const struct fetch_policy *policy, fetch_fn fn, void *arg)
{
	struct fetch *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	*f = (struct fetch){ .policy = *policy, .fn = fn, .arg = arg };
	queue_init(&f->queue, policy->interval_ms, policy->per_host > 0 ?
	    policy->per_host : policy->workers);
	breaker_init(&f->breaker, policy->max_failures, 0);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    slots_init(&f->slots, policy->workers, &f->policy) == -1 ||
	    loop_init(&f->loop) == -1) {
		fetch_free(f);
		errno = ENOMEM;
		return NULL;
	}
	return f;
}

void
fetch_probe(struct fetch *f)
{
	breaker_init(&f->breaker, f->policy.max_failures, 1);
}

void
fetch_ask_leads(struct fetch *f, fetch_lead_fn fn)
{
	f->lead = fn;
}

void
fetch_free(struct fetch *f)
{
	int64_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->slots.n; i++)
		job_free(slot_stop(f, &f->slots.list[i], PACE_BAD));
	slots_release(&f->slots);
	queue_release(&f->queue);
	loop_release(&f->loop);
	curl_global_cleanup();
	free(f);
}

const char *
fetch_library(void)
{
	return curl_version();
}
