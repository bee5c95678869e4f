#include "net/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/stop.h"
#include "net/transfer.h"
#include "net/url.h"

#define QUEUE_MAX 1024		/* waiting requests that are enough */
#define POLL_MS 200		/* a signal that slips by is seen by then */

/* When the next request to a host may start. */
struct host {
	struct host *next;
	char *name;		/* owned */
	int64_t users;		/* jobs that hold it */
	int64_t free_ms;	/* monotonic */
};

/* A request, from fetch_add() to its last answer. */
struct job {
	struct job *next;
	struct fetch_request request;	/* of the three strings below */
	char *url, *file, *etag;	/* owned; etag may be NULL */
	char *moved;			/* owned; where redirects led, or NULL */
	struct host *home, *host;	/* of url, and of moved or url */
	int hops;
	int64_t attempt;	/* the one running or due */
	int64_t due_ms;		/* monotonic; not before */
};

/* A worker: one transfer at a time. */
struct slot {
	struct transfer transfer;
	struct job *job;	/* owned while running, else NULL */
};

struct fetch {
	struct fetch_policy policy;
	fetch_fn fn;
	void *arg;
	CURLM *multi;
	struct slot *slots;	/* [policy.workers] */
	struct job *first, **last;	/* waiting, in starting order */
	int64_t queued, running;
	struct host *hosts;
};

/* --- hosts and jobs ------------------------------------------------------ */

/* The entry called name, else one nobody needs any more, else a new one. */
static struct host *
host_find(struct fetch *f, const char *name)
{
	struct host *h, *idle = NULL;

	for (h = f->hosts; h != NULL; h = h->next) {
		if (h->name != NULL && strcasecmp(h->name, name) == 0)
			return h;
		if (h->users == 0 && h->free_ms <= clock_mono_ms())
			idle = h;
	}
	if (idle == NULL && (idle = calloc(1, sizeof(*idle))) != NULL) {
		idle->next = f->hosts;
		f->hosts = idle;
	}
	return idle;
}

/* Hold the host of url. */
static struct host *
host_get(struct fetch *f, const char *url)
{
	char *name = url_host(url);
	struct host *h = NULL;

	if (name != NULL && (h = host_find(f, name)) != NULL) {
		if (h->name == NULL || strcasecmp(h->name, name) != 0) {
			free(h->name);
			h->name = name;
			name = NULL;
			h->free_ms = 0;
		}
		h->users++;
	}
	free(name);
	return h;
}

static void
host_put(struct host *h)
{
	if (h != NULL)
		h->users--;
}

static void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	host_put(j->home);
	host_put(j->host);
	free(j->url);
	free(j->file);
	free(j->etag);
	free(j->moved);
	free(j);
}

static struct job *
job_new(struct fetch *f, const struct fetch_request *r)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->attempt = 1;
	if ((j->home = host_get(f, r->url)) == NULL ||
	    (j->host = host_get(f, r->url)) == NULL ||
	    (j->url = strdup(r->url)) == NULL ||
	    (j->file = strdup(r->file)) == NULL ||
	    (r->etag != NULL && (j->etag = strdup(r->etag)) == NULL)) {
		job_free(j);
		return NULL;
	}
	j->request = (struct fetch_request){ j->url, j->file, j->etag,
	    r->arg };
	return j;
}

/* Go to another URL, or (NULL) back to the first.  Takes moved and host. */
static void
job_move(struct job *j, char *moved, struct host *host)
{
	free(j->moved);
	j->moved = moved;
	j->hops = moved != NULL ? j->hops + 1 : 0;
	host_put(j->host);
	if (host == NULL) {
		host = j->home;
		host->users++;
	}
	j->host = host;
}

/* --- the queue ----------------------------------------------------------- */

static void
queue_last(struct fetch *f, struct job *j)
{
	j->next = NULL;
	*f->last = j;
	f->last = &j->next;
	f->queued++;
}

/* What was begun goes on before what was not. */
static void
queue_first(struct fetch *f, struct job *j)
{
	if ((j->next = f->first) == NULL)
		f->last = &j->next;
	f->first = j;
	f->queued++;
}

static int64_t
start_ms(const struct job *j)
{
	return j->due_ms > j->host->free_ms ? j->due_ms : j->host->free_ms;
}

/* Take the first job that may start at now, or NULL. */
static struct job *
queue_take(struct fetch *f, int64_t now)
{
	struct job **p, *j;

	for (p = &f->first; (j = *p) != NULL; p = &j->next)
		if (start_ms(j) <= now)
			break;
	if (j == NULL)
		return NULL;
	if ((*p = j->next) == NULL)
		f->last = p;
	f->queued--;
	return j;
}

/* Milliseconds until the next job may start, at most limit. */
static int64_t
queue_wait(const struct fetch *f, int64_t limit)
{
	int64_t now = clock_mono_ms();
	const struct job *j;

	for (j = f->first; j != NULL; j = j->next)
		if (start_ms(j) - now < limit)
			limit = start_ms(j) - now;
	return limit > 0 ? limit : 0;
}

/* --- one job ------------------------------------------------------------- */

static int
slot_start(struct fetch *f, struct slot *s, struct job *j)
{
	struct transfer *t = &s->transfer;

	s->job = j;
	f->running++;
	j->host->free_ms = clock_mono_ms() + f->policy.interval_ms;
	if (transfer_prepare(t, j->moved != NULL ? j->moved : j->url,
	    &j->request, s) == -1)
		return -1;
	if (curl_multi_add_handle(f->multi, t->easy) != CURLM_OK) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

/* Take the job away from its worker. */
static struct job *
slot_stop(struct fetch *f, struct slot *s)
{
	struct job *j = s->job;

	if (j == NULL)
		return NULL;
	curl_multi_remove_handle(f->multi, s->transfer.easy);
	transfer_abort(&s->transfer);
	s->job = NULL;
	f->running--;
	return j;
}

/* Tell the caller, then let the job go or queue it for another attempt. */
static int
conclude(struct fetch *f, struct job *j, struct fetch_answer *a)
{
	int told = f->fn(a, f->arg);

	if (a->again_ms == -1) {
		job_free(j);
		return told;
	}
	j->attempt++;
	j->due_ms = clock_mono_ms() + a->again_ms;
	job_move(j, NULL, NULL);
	queue_first(f, j);
	return told;
}

/* The wait for another attempt, or -1; never sooner than the host allows. */
static int64_t
again_ms(struct fetch *f, const struct job *j)
{
	int64_t wait = retry_wait(&f->policy.retry, j->attempt);
	int64_t host = j->home->free_ms - clock_mono_ms();

	return wait != -1 && host > wait ? host : wait;
}

/* Follow a redirect if it is one.  Returns 1 if so, 0, or -1 with errno. */
static int
follow(struct fetch *f, struct slot *s, struct fetch_answer *a)
{
	struct job *j = s->job;
	struct host *h;
	char *to;
	int r;

	r = transfer_redirect(&s->transfer,
	    j->moved != NULL ? j->moved : j->url, j->hops, a, &to);
	if (r != 1)
		return r;
	if ((h = host_get(f, to)) == NULL) {
		free(to);
		return -1;
	}
	slot_stop(f, s);
	job_move(j, to, h);
	queue_first(f, j);
	return 1;
}

/* A transfer is over.  Returns 0, or -1 with errno and the job kept. */
static int
slot_done(struct fetch *f, struct slot *s, CURLcode rc)
{
	struct job *j = s->job;
	struct fetch_answer a;
	int64_t pause;
	int worth, went;

	memset(&a, 0, sizeof(a));
	a.request = &j->request;
	a.attempt = j->attempt;
	a.encoding = "";
	if ((worth = transfer_judge(&s->transfer, rc, &a)) == -1)
		return -1;
	pause = clock_mono_ms() + transfer_pause(&s->transfer);
	if (pause > j->host->free_ms)
		j->host->free_ms = pause;
	if (rc == CURLE_OK && a.outcome == FETCH_FAILED &&
	    (went = follow(f, s, &a)) != 0)
		return went == 1 ? 0 : -1;
	a.again_ms = worth ? again_ms(f, j) : -1;
	return conclude(f, slot_stop(f, s), &a);
}

/* --- the loop ------------------------------------------------------------ */

static struct slot *
free_slot(struct fetch *f)
{
	int64_t i;

	for (i = 0; i < f->policy.workers; i++)
		if (f->slots[i].job == NULL)
			return &f->slots[i];
	return NULL;
}

static int
start_due(struct fetch *f)
{
	struct slot *s;
	struct job *j;

	while ((s = free_slot(f)) != NULL &&
	    (j = queue_take(f, clock_mono_ms())) != NULL)
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
	    (n = finish_done(f)) == -1)
		return -1;
	if (n > 0)
		return 0;
	if (free_slot(f) != NULL)
		wait_ms = queue_wait(f, POLL_MS);
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

	while ((f->running > 0 || f->queued > 0) && !stop_requested()) {
		/* Input that has to wait must not wake us all the time. */
		full = f->queued >= QUEUE_MAX;
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
fetch_add(struct fetch *f, const struct fetch_request *r)
{
	struct job *j = job_new(f, r);

	if (j == NULL)
		return -1;
	queue_last(f, j);
	return 0;
}

static int
abandon(struct fetch *f, struct job *j, int running)
{
	struct fetch_answer a;

	memset(&a, 0, sizeof(a));
	a.request = &j->request;
	a.attempt = running || j->hops > 0 ? j->attempt : j->attempt - 1;
	a.again_ms = -1;
	a.encoding = "";
	transfer_fail(&a, "interrupted", EXIT_TEMP, "interrupted");
	return conclude(f, j, &a);
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
		if ((j = slot_stop(f, &f->slots[i])) != NULL)
			r |= abandon(f, j, 1);
	}
	while ((j = queue_take(f, INT64_MAX)) != NULL)
		r |= abandon(f, j, 0);
	return r;
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
	f->last = &f->first;
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
fetch_free(struct fetch *f)
{
	struct host *h;
	struct job *j;
	int64_t i;

	if (f == NULL)
		return;
	for (i = 0; f->slots != NULL && i < f->policy.workers; i++) {
		job_free(slot_stop(f, &f->slots[i]));
		transfer_release(&f->slots[i].transfer);
	}
	free(f->slots);
	while ((j = queue_take(f, INT64_MAX)) != NULL)
		job_free(j);
	while ((h = f->hosts) != NULL) {
		f->hosts = h->next;
		free(h->name);
		free(h);
	}
	curl_multi_cleanup(f->multi);
	curl_global_cleanup();
	free(f);
}

const char *
fetch_library(void)
{
	return curl_version();
}
