#include "net/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "net/breaker.h"
#include "net/job.h"
#include "net/judge.h"
#include "net/transfer.h"

#define QUEUE_MAX 1024		/* waiting requests that are enough */
#define POLL_MS 200		/* a signal that slips by is seen by then */

/* A worker: one transfer at a time. */
struct slot {
	struct transfer transfer;
	struct job *job;	/* owned while running, else NULL */
};

struct fetch {
	struct fetch_policy policy;
	fetch_fn fn;
	fetch_lead_fn lead;	/* or NULL: anywhere */
	void *arg;
	CURLM *multi;
	struct slot *slots;	/* [policy.workers] */
	int64_t running;
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

/* --- one job ------------------------------------------------------------- */

static int
slot_start(struct fetch *f, struct slot *s, struct job *j)
{
	s->job = j;
	f->running++;
	j->start_ms = clock_mono_ms();
	pace_start(&j->host->pace, j->start_ms, j->request.interval_ms);
	if (transfer_prepare(&s->transfer, &j->request, &j->trail, s) == -1)
		return -1;
	if (curl_multi_add_handle(f->multi, s->transfer.easy) != CURLM_OK) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

/* Take the job away from its worker. */
static struct job *
slot_stop(struct fetch *f, struct slot *s, enum pace_news news)
{
	struct job *j = s->job;

	if (j == NULL)
		return NULL;
	curl_multi_remove_handle(f->multi, s->transfer.easy);
	transfer_abort(&s->transfer);
	pace_end(&j->host->pace, clock_mono_ms(), j->start_ms, news);
	s->job = NULL;
	f->running--;
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

/* The last answer of a job that is no longer wanted. */
static int
let_go(struct fetch *f, struct job *j, int begun, const char *why)
{
	struct fetch_answer a;

	memset(&a, 0, sizeof(a));
	if (j->failed != NULL)
		a = *j->failed;
	a.request = &j->request;
	a.encoding = "";
	a.before = j->failed != NULL && !begun;
	if (begun) {
		a.attempt = j->attempt;
		a.status = 0;
		judge_fail(&a, "interrupted", EXIT_TEMP, "interrupted");
	} else if (j->failed == NULL) {
		judge_fail(&a, "not_asked", EXIT_TEMP, "not asked: %s", why);
	}
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
	int r = f->lead == NULL ? 1 : f->lead(&j->request, url,
	    &j->request.interval_ms, f->arg);

	if (r == 0)
		judge_fail(a, "robots", EXIT_PROTO, "its site forbids where "
		    "it was redirected to: %s", url);
	if (r == -1)
		a->moved = url;
	return r == 1;
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
	slot_stop(f, s, PACE_GOOD);
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
	if ((wait = worth ? again_ms(f, j) : -1) != -1)
		return repeat(f, j, &a, wait);
	a.opened = breaker_take(&f->breaker, judge_health(&a));
	return finish(f, j, &a);
}

/* --- the loop ------------------------------------------------------------ */

static struct slot *
free_slot(struct fetch *f)
{
	int64_t i;

	/* The next request is to show whether the server is well. */
	if (f->breaker.probing && f->running > 0)
		return NULL;
	for (i = 0; i < f->policy.workers; i++)
		if (f->slots[i].job == NULL)
			return &f->slots[i];
	return NULL;
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

	while ((j = queue_take(&f->queue, INT64_MAX)) != NULL)
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
	while ((s = free_slot(f)) != NULL &&
	    (j = queue_take(&f->queue, clock_mono_ms())) != NULL)
		if (slot_start(f, s, j) == -1)
			return -1;
	return 0;
}

/* Returns how many transfers ended, or -1 with errno. */
static int
finish_done(struct fetch *f)
{
	CURLMsg *m;
	struct slot *s;
	int left, n = 0;

	while ((m = curl_multi_info_read(f->multi, &left)) != NULL) {
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
		if (slot_done(f, s, m->data.result) == -1)
			return -1;
		n++;
	}
	return n;
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
	for (i = 0; i < f->policy.workers; i++) {
		s = &f->slots[i];
		if (s->job != NULL && transfer_is_slow(&s->transfer, now) &&
		    slot_done(f, s, CURLE_OPERATION_TIMEDOUT) == -1)
			return -1;
	}
	return 0;
}

static int
multi_ok(CURLMcode rc)
{
	if (rc == CURLM_OK)
		return 1;
	errno = ENOMEM;		/* all else would be a wrong call of ours */
	return 0;
}

/* Do what can be done now; sleep if that was nothing. */
static int
turn(struct fetch *f, int fd)
{
	struct curl_waitfd in = { fd, CURL_WAIT_POLLIN, 0 };
	int64_t wait_ms = POLL_MS;
	int n;

	if (start_due(f) == -1 ||
	    !multi_ok(curl_multi_perform(f->multi, &n)) ||
	    (n = finish_done(f)) == -1 || finish_slow(f) == -1)
		return -1;
	if (n > 0)
		return 0;
	if (free_slot(f) != NULL && !is_closing(f))
		wait_ms = queue_wait(&f->queue, clock_mono_ms(), POLL_MS);
	return multi_ok(curl_multi_poll(f->multi, &in, fd != -1,
	    (int)wait_ms, NULL)) ? 0 : -1;
}

/* Asked of the kernel itself: libcurl does not tell a hang-up. */
static int
readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return fd != -1 && poll(&p, 1, 0) == 1;
}

int
fetch_wait(struct fetch *f, int fd)
{
	int full;

	while ((f->running > 0 || f->queue.n > 0) && !stop_requested()) {
		/* Input that has to wait must not wake us all the time. */
		full = f->queue.n >= QUEUE_MAX;
		if (!full && readable(fd))
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
	while (f->running > 0 && clock_mono_ms() < until)
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
	queue_last(&f->queue, j);
	return 0;
}

int
fetch_abandon(struct fetch *f)
{
	struct job *j;
	int64_t i;
	int r = 0;

	for (i = 0; i < f->policy.workers; i++) {
		/* Or a name server that is silent would be waited for. */
		curl_easy_setopt(f->slots[i].transfer.easy,
		    CURLOPT_QUICK_EXIT, 1L);
		if ((j = slot_stop(f, &f->slots[i], PACE_BAD)) != NULL)
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
	int64_t i;

	if (f == NULL)
		return NULL;
	*f = (struct fetch){ .policy = *policy, .fn = fn, .arg = arg };
	queue_init(&f->queue, policy->interval_ms, policy->per_host > 0 ?
	    policy->per_host : policy->workers);
	breaker_init(&f->breaker, policy->max_failures, policy->probe);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (f->slots = calloc((size_t)policy->workers,
	    sizeof(*f->slots))) == NULL ||
	    (f->multi = curl_multi_init()) == NULL)
		goto fail;
	for (i = 0; i < policy->workers; i++)
		if (transfer_init(&f->slots[i].transfer, &f->policy) == -1)
			goto fail;
	return f;
fail:
	fetch_free(f);
	errno = ENOMEM;
	return NULL;
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
	for (i = 0; f->slots != NULL && i < f->policy.workers; i++) {
		job_free(slot_stop(f, &f->slots[i], PACE_BAD));
		transfer_release(&f->slots[i].transfer);
	}
	free(f->slots);
	queue_release(&f->queue);
	curl_multi_cleanup(f->multi);
	curl_global_cleanup();
	free(f);
}

const char *
fetch_library(void)
{
	return curl_version();
}
