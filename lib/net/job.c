#include "net/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "net/url.h"

/* --- hosts --------------------------------------------------------------- */

/* Nobody needs it any more, and it has nothing to remember. */
static int
is_idle(const struct host *h, int64_t now)
{
	return h->users == 0 && h->pace.level == 0 && h->pace.free_ms <= now;
}

/* The entry called name, else one that is idle, else a new one. */
static struct host *
find(struct queue *q, const char *name)
{
	int64_t now = clock_mono_ms();
	struct host *h, *idle = NULL;

	for (h = q->hosts; h != NULL; h = h->next) {
		if (h->name != NULL && strcasecmp(h->name, name) == 0)
			return h;
		if (is_idle(h, now))
			idle = h;
	}
	if (idle == NULL && (idle = calloc(1, sizeof(*idle))) != NULL) {
		idle->next = q->hosts;
		q->hosts = idle;
	}
	return idle;
}

/* Hold the host of url. */
static struct host *
host_get(struct queue *q, const char *url)
{
	char *name = url_host(url);
	struct host *h = NULL;

	if (name != NULL && (h = find(q, name)) != NULL) {
		if (h->name == NULL || strcasecmp(h->name, name) != 0) {
			free(h->name);
			h->name = name;
			name = NULL;
			pace_init(&h->pace, q->interval_ms, q->slots);
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

/* --- one job ------------------------------------------------------------- */

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	host_put(j->home);
	host_put(j->host);
	trail_clear(&j->trail);
	free(j->failed);
	free(j);
}

struct job *
job_new(struct queue *q, const struct fetch_request *r)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->request = *r;
	j->attempt = 1;
	trail_init(&j->trail, r->url);
	if ((j->home = host_get(q, r->url)) == NULL) {
		job_free(j);
		return NULL;
	}
	j->host = j->home;
	j->host->users++;
	return j;
}

int
job_move(struct queue *q, struct job *j)
{
	struct host *h = j->home;

	if (j->trail.hops > 0) {
		if ((h = host_get(q, trail_url(&j->trail))) == NULL)
			return -1;
	} else {
		h->users++;
	}
	host_put(j->host);
	j->host = h;
	return 0;
}

int
job_remember(struct job *j, const struct fetch_answer *a)
{
	if (j->failed == NULL &&
	    (j->failed = malloc(sizeof(*j->failed))) == NULL)
		return -1;
	*j->failed = *a;
	return 0;
}

/* --- the queue ----------------------------------------------------------- */

void
queue_init(struct queue *q, int64_t interval_ms, int64_t slots)
{
	*q = (struct queue){ .interval_ms = interval_ms, .slots = slots };
	q->last = &q->first;
}

void
queue_release(struct queue *q)
{
	struct host *h;
	struct job *j;

	while ((j = queue_take(q, INT64_MAX, 0)) != NULL)
		job_free(j);
	while ((h = q->hosts) != NULL) {
		q->hosts = h->next;
		free(h->name);
		free(h);
	}
}

void
queue_last(struct queue *q, struct job *j)
{
	j->next = NULL;
	*q->last = j;
	q->last = &j->next;
	q->n++;
}

void
queue_first(struct queue *q, struct job *j)
{
	if ((j->next = q->first) == NULL)
		q->last = &j->next;
	q->first = j;
	q->n++;
}

static int64_t
due_ms(const struct job *j)
{
	int64_t host = pace_due(&j->host->pace);

	return j->due_ms > host ? j->due_ms : host;
}

/* Take the job that *p leads to out of the queue. */
static struct job *
take(struct queue *q, struct job **p)
{
	struct job *j = *p;

	if (j == NULL)
		return NULL;
	if ((*p = j->next) == NULL)
		q->last = p;
	q->n--;
	return j;
}

int
job_is_begun(const struct job *j)
{
	return j->attempt > 1 || j->trail.hops > 0;
}

int
queue_has_begun(const struct queue *q)
{
	/* They are put in at the front. */
	return q->first != NULL && job_is_begun(q->first);
}

struct job *
queue_take(struct queue *q, int64_t now_ms, int begun)
{
	struct job **p = &q->first;

	while (*p != NULL && (due_ms(*p) > now_ms ||
	    (begun && !job_is_begun(*p))))
		p = &(*p)->next;
	return take(q, p);
}

struct job *
queue_take_held(struct queue *q, int64_t after_ms)
{
	struct job **p = &q->first;

	while (*p != NULL && (*p)->host->pace.free_ms <= after_ms)
		p = &(*p)->next;
	return take(q, p);
}

int64_t
queue_wait(const struct queue *q, int64_t now_ms, int begun, int64_t limit)
{
	const struct job *j;

	for (j = q->first; j != NULL; j = j->next)
		if (due_ms(j) - now_ms < limit &&
		    (!begun || job_is_begun(j)))
			limit = due_ms(j) - now_ms;
	return limit > 0 ? limit : 0;
}
