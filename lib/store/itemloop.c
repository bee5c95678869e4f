#include "store/itemloop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/stop.h"
#include "store/queue_time.h"

#define CLAIM_MAX 1024		/* items claimed at a time */
#define LOOK_MS 1000		/* how often others' items are looked for */
#define GROUP_MS 1000		/* how long a group waits to be full */

static struct db *
db_of(struct itemloop *l)
{
	return &l->settle->canon->db;
}

static struct queue_actor
actor(const struct itemloop *l)
{
	return (struct queue_actor){ .run = l->options.run,
	    .now_ms = clock_wall_ms() };
}

/* --- beginning ----------------------------------------------------------- */

/* An earlier run was halted at this step: be careful. */
static int
look_for_halt(struct itemloop *l)
{
	struct queue_halt h;
	int r = queue_halted(l->q, l->step, &h);

	l->probing = r == 1;
	breaker_init(&l->breaker, l->d->breaker.max_failures, l->probing);
	return r == -1 ? -1 : 0;
}

int
itemloop_init(struct itemloop *l, const struct itemloop_options *o,
    struct settle *s, struct crew *c)
{
	struct queue_actor a;
	int64_t stale, of;

	*l = (struct itemloop){ .options = *o, .settle = s, .crew = c };
	l->q = settle_queue(s);
	l->d = &s->all->q[s->queue];
	l->step = s->step;
	a = actor(l);
	of = l->d->breaker.share_of;
	l->claimed = calloc(CLAIM_MAX, sizeof(*l->claimed));
	l->recent = calloc((size_t)of + 1, 1);
	errno = ENOMEM;
	if (l->claimed == NULL || l->recent == NULL)
		return db_fail_errno(db_of(l), "items");
	if (queue_free(l->q, a.now_ms, &l->freed) == -1 ||
	    queue_again(l->q, &a, &l->again, &stale) == -1 ||
	    queue_due_anew(l->q, l->step, o->run, a.now_ms) == -1 ||
	    look_for_halt(l) == -1)
		return -1;
	l->again += stale;
	l->total = queue_due_count(l->q, l->step, a.now_ms);
	return l->total == -1 ? -1 : 0;
}

/* Free it with what it belongs to. */
static void
drop(struct work *w)
{
	free(w->arg);
	work_free(w);
}

void
itemloop_release(struct itemloop *l)
{
	struct work *w;

	while ((w = l->finished) != NULL) {
		l->finished = w->next;
		drop(w);
	}
	free(l->claimed);
	free(l->recent);
	l->claimed = NULL;
	l->recent = NULL;
}

/* --- claiming ------------------------------------------------------------ */

static int
is_over(const struct itemloop *l)
{
	return l->end != ITEMLOOP_DRY || stop_requested();
}

/* How many items the workers may be given now. */
static int64_t
room(const struct itemloop *l)
{
	if (l->probing)
		return l->crew->has == 0 && l->n_finished == 0;
	return crew_room(l->crew);
}

/* The item's record. */
static int
write_record(struct itemloop *l, const struct queue_item *item,
    struct buf *b)
{
	struct jsonw w;

	jsonw_record(&w, b, "item");
	jsonw_str(&w, "run", l->options.run);
	jsonw_str(&w, "source", l->options.source);
	jsonw_str(&w, "queue", l->d->name);
	jsonw_str(&w, "step", l->d->steps[l->step].name);
	part_write(&item->part, &w, "part");
	jsonw_int(&w, "epoch", item->epoch);
	jsonw_int(&w, "attempt", item->attempt);
	if (queue_facts(l->q, item, &w) == -1)
		return -1;
	return jsonw_end(&w) == -1 ? db_fail_errno(db_of(l), "item") : 0;
}

static int
give(struct itemloop *l, const struct queue_item *item)
{
	struct queue_item *own = malloc(sizeof(*own));
	struct work *w = NULL;
	struct buf b;
	int r;

	buf_init(&b, LIMIT_RECORD_BYTES);
	errno = ENOMEM;
	if (own == NULL) {
		r = db_fail_errno(db_of(l), "item");
	} else {
		*own = *item;
		r = write_record(l, item, &b);
		if (r == 0 && (w = work_new(b.data, b.len, NULL, own)) == NULL)
			r = db_fail_errno(db_of(l), "item");
	}
	buf_release(&b);
	if (r == 0)
		crew_give(l->crew, w);
	else
		free(own);
	return r;
}

/* Claim some: as many as there is room for, or as one group has. */
static int
claim(struct itemloop *l, int64_t max)
{
	struct queue_claim c = { l->step, l->settle->owner, clock_wall_ms(),
	    l->d->lease_ms };
	int n;

	if (!l->probing && max < l->options.group)
		max = l->options.group;
	if (max > CLAIM_MAX)
		max = CLAIM_MAX;
	if ((n = queue_claim(l->q, &c, l->claimed, (size_t)max)) == -1)
		return -1;
	l->at = 0;
	l->n = (size_t)n;
	if (n == 0)
		l->look_ms = clock_mono_ms() + LOOK_MS;
	return 0;
}

/* Give the workers what they have room for. */
static int
feed(struct itemloop *l)
{
	int64_t n;

	while (!is_over(l) && (n = room(l)) > 0) {
		if (l->at == l->n && clock_mono_ms() < l->look_ms)
			return 0;
		if (l->at == l->n && claim(l, n) == -1)
			return -1;
		if (l->at == l->n)
			return 0;
		if (give(l, &l->claimed[l->at]) == -1)
			return -1;
		l->at++;
	}
	return 0;
}

/* --- the breaker --------------------------------------------------------- */

static enum breaker_news
health(const struct settled *s, const struct work *w)
{
	if (s->end == QUEUE_DONE)
		return BREAKER_GOOD;
	if (s->end == QUEUE_OVERTAKEN || strcmp(s->code, "http_404") == 0 ||
	    strcmp(s->code, "http_410") == 0 || w->http == 404 ||
	    w->http == 410)
		return BREAKER_NEUTRAL;
	return BREAKER_BAD;
}

/* Are too many of the last items of that one code? */
static int
is_systemic(struct itemloop *l, const struct settled *s)
{
	const struct decl_breaker *b = &l->d->breaker;
	int64_t i, n = 0;

	if (b->share_code == NULL || s->end == QUEUE_OVERTAKEN)
		return 0;
	l->recent[l->settled++ % b->share_of] = s->end != QUEUE_DONE &&
	    strcmp(s->code, b->share_code) == 0;
	for (i = 0; i < b->share_of; i++)
		n += l->recent[i];
	return l->settled >= b->share_of &&
	    n * 100 > b->share_percent * b->share_of;
}

static int
is_halting(const struct itemloop *l, const struct settled *s)
{
	const struct decl_breaker *b = &l->d->breaker;
	size_t i;

	for (i = 0; i < b->n_halt_on; i++)
		if (s->end != QUEUE_DONE &&
		    strcmp(b->halt_on[i], s->code) == 0)
			return 1;
	return 0;
}

/* Enough is enough: say why, for this run and the next. */
static int
halt(struct itemloop *l, const struct settled *s, const char *label,
    const char *what)
{
	struct queue_actor a = actor(l);

	l->end = ITEMLOOP_HALTED;
	snprintf(l->code, sizeof(l->code), "%s", s->code);
	snprintf(l->reason, sizeof(l->reason), "%s: %.100s: %s%s%.300s", what,
	    label, s->code, s->text[0] != '\0' ? ": " : "", s->text);
	return queue_halt(l->q, &a, l->step, l->code, l->reason);
}

/* What the item says about the others.  0 or -1. */
static int
mind_breaker(struct itemloop *l, const struct settled *s,
    const struct work *w, const char *label)
{
	enum breaker_news news = health(s, w);
	int systemic = is_systemic(l, s), open;
	char what[64];

	open = breaker_take(&l->breaker, news);
	if (news == BREAKER_GOOD && l->probing) {
		l->probing = 0;
		return queue_clear_halt(l->q, l->step, clock_wall_ms());
	}
	if (l->end == ITEMLOOP_HALTED)
		return 0;
	if (is_halting(l, s))
		return halt(l, s, label, "a failure that halts");
	if (l->probing && news == BREAKER_BAD)
		return halt(l, s, label, "still failing, as in the run "
		    "before");
	snprintf(what, sizeof(what), "%" PRId64 " items in a row failed",
	    l->breaker.failures);
	if (open)
		return halt(l, s, label, what);
	snprintf(what, sizeof(what), "more than %" PRId64 " %% of the last %"
	    PRId64 " items", l->d->breaker.share_percent,
	    l->d->breaker.share_of);
	return systemic ? halt(l, s, label, what) : 0;
}

/* --- settling ------------------------------------------------------------ */

/* Count it, and say whether it is finished in this run. */
static int
count(struct itemloop *l, const struct settled *s)
{
	l->done += s->end == QUEUE_DONE;
	l->failed += s->end == QUEUE_FAILED || s->end == QUEUE_DEAD;
	l->dead += s->end == QUEUE_DEAD;
	l->overtaken += s->end == QUEUE_OVERTAKEN;
	l->found += s->found;
	if (s->found > 0 || s->end == QUEUE_LATER)
		l->look_ms = 0;
	return s->end != QUEUE_LATER;
}

/* The transaction is done: tell it. */
static int
tell(struct itemloop *l, const struct work *w, const struct settled *s)
{
	struct itemloop_news news = { .item = w->arg, .settled = s,
	    .work = w, .duration_ms = clock_mono_ms() - w->given_ms };
	struct buf label;
	int r;

	if (count(l, s))
		news.number = l->done + l->failed + l->overtaken;
	if (l->total < news.number)
		l->total = news.number;
	news.total = l->total;
	if (l->options.told(&news, l->options.arg) == -1)
		l->end = ITEMLOOP_UNHEARD;
	buf_init(&label, 4096);
	decl_queue_label(l->d, &news.item->part, &label);
	r = mind_breaker(l, s, w, label.data);
	buf_release(&label);
	return r;
}

/* Settle all that is finished, in one transaction. */
static int
settle_all(struct itemloop *l)
{
	struct queue_actor a = actor(l);
	struct settled *s = calloc((size_t)l->n_finished, sizeof(*s));
	struct work *w;
	int64_t i = 0;
	int r = s != NULL ? db_begin(db_of(l)) : -1;

	for (w = l->finished; r == 0 && w != NULL; w = w->next)
		r = settle_item(l->settle, &a, w->arg, w, &s[i++]);
	if (r == 0)
		r = db_commit(db_of(l));
	if (r == -1)
		db_rollback(db_of(l));
	for (i = 0; r == 0 && (w = l->finished) != NULL; i++) {
		r = tell(l, w, &s[i]);
		l->finished = w->next;
		l->n_finished--;
		drop(w);
	}
	free(s);
	return r;
}

/* A command that is none, or used wrongly: no item is at fault. */
static int
is_unusable(struct itemloop *l, const struct work *w)
{
	int status = w->worker_status;

	if (w->end != WORK_BROKEN || l->done + l->failed > 0 ||
	    (status != EXIT_USAGE && status != 126 && status != 127))
		return 0;
	l->end = ITEMLOOP_UNUSABLE;
	snprintf(l->reason, sizeof(l->reason), "the worker of step %s cannot "
	    "run: %.400s", l->d->steps[l->step].name, w->text);
	return 1;
}

/* Take what is finished, and settle it when it is time to. */
static int
collect(struct itemloop *l)
{
	struct work *w, **tail = &l->finished;

	while (*tail != NULL)
		tail = &(*tail)->next;
	while ((w = crew_take(l->crew)) != NULL) {
		if (l->end == ITEMLOOP_UNUSABLE || is_unusable(l, w)) {
			drop(w);
			continue;
		}
		if (l->n_finished++ == 0)
			l->finished_ms = clock_mono_ms();
		*tail = w;
		tail = &w->next;
		if (l->n_finished < l->options.group)
			continue;
		if (settle_all(l) == -1)
			return -1;
		tail = &l->finished;
	}
	if (l->n_finished > 0 && (l->crew->has == 0 ||
	    clock_mono_ms() - l->finished_ms >= GROUP_MS))
		return settle_all(l);
	return 0;
}

/* --- time ---------------------------------------------------------------- */

/* Keep our leases, and end those of the dead. */
static int
keep_leases(struct itemloop *l)
{
	int64_t now_ms = clock_mono_ms(), freed;

	if (now_ms < l->renew_ms)
		return 0;
	if (l->renew_ms != 0 && (l->crew->has > 0 || l->n_finished > 0 ||
	    l->at < l->n) && queue_renew(l->q, l->settle->owner,
	    clock_wall_ms() + l->d->lease_ms) == -1)
		return -1;
	if (queue_free(l->q, clock_wall_ms(), &freed) == -1)
		return -1;
	l->freed += freed;
	l->renew_ms = now_ms + l->d->lease_ms / 3;
	return 0;
}

/*
 * Nothing is in hand: 1 if that is all, 0 if more comes in this run, or -1.
 */
static int
is_dry(struct itemloop *l)
{
	int64_t due_ms;
	int r;

	if (l->crew->has > 0 || l->n_finished > 0)
		return 0;
	if (is_over(l))
		return 1;
	if (l->at < l->n || l->look_ms == 0 || l->options.follow)
		return 0;
	r = queue_due_next(l->q, l->step, clock_wall_ms(), 1, &due_ms);
	return r == -1 ? -1 : r == 0;
}

/* The next one of these things is due in so many ms. */
static int64_t
wait_ms(const struct itemloop *l)
{
	int64_t now_ms = clock_mono_ms(), until_ms = l->renew_ms;

	if (!is_over(l) && l->look_ms < until_ms && room(l) > 0)
		until_ms = l->look_ms;
	return until_ms > now_ms ? until_ms - now_ms : 0;
}

/* What was claimed and not given anybody may have. */
static int
give_back(struct itemloop *l)
{
	if (l->at == l->n && l->end != ITEMLOOP_UNUSABLE)
		return 0;
	return queue_renew(l->q, l->settle->owner, clock_wall_ms());
}

int
itemloop_run(struct itemloop *l)
{
	int dry = 0;

	while (dry == 0) {
		if (keep_leases(l) == -1 || feed(l) == -1)
			return -1;
		if ((dry = is_dry(l)) != 0)
			break;
		if (crew_turn(l->crew, wait_ms(l)) == -1)
			return db_fail_errno(db_of(l), "worker");
		if (collect(l) == -1)
			return -1;
	}
	if (l->end == ITEMLOOP_DRY && stop_requested())
		l->end = ITEMLOOP_STOPPED;
	return dry == -1 ? -1 : give_back(l);
}
