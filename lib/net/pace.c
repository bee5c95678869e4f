#include "net/pace.h"

void
pace_init(struct pace *p, int64_t interval_ms, int64_t slots)
{
	*p = (struct pace){ .interval_ms = interval_ms, .slots = slots,
	    .slowed_ms = INT64_MIN };
}

int64_t
pace_interval(const struct pace *p)
{
	int64_t ms = p->interval_ms;

	if (p->level == 0 || ms >= PACE_INTERVAL_MAX)
		return ms;
	if (ms < PACE_INTERVAL_MIN)
		ms = PACE_INTERVAL_MIN;
	ms <<= p->level;
	return ms < PACE_INTERVAL_MAX ? ms : PACE_INTERVAL_MAX;
}

int64_t
pace_slots(const struct pace *p)
{
	int64_t n = p->slots >> p->level;

	return n > 0 ? n : 1;
}

int64_t
pace_due(const struct pace *p)
{
	return p->running < pace_slots(p) ? p->free_ms : INT64_MAX;
}

void
pace_start(struct pace *p, int64_t now_ms, int64_t least_ms)
{
	int64_t wait = pace_interval(p);

	p->running++;
	pace_hold(p, now_ms + (wait > least_ms ? wait : least_ms));
}

static void
slow_down(struct pace *p, int64_t now_ms)
{
	if (p->level < PACE_LEVELS)
		p->level++;
	p->slowed_ms = now_ms;
	pace_hold(p, now_ms + pace_interval(p));
}

void
pace_end(struct pace *p, int64_t now_ms, int64_t started_ms,
    enum pace_news news)
{
	p->running--;
	if (news == PACE_BAD || news == PACE_STRAIN)
		p->row = 0;
	if (news == PACE_STRAIN && started_ms >= p->slowed_ms)
		slow_down(p, now_ms);
	if (news == PACE_GOOD && p->level > 0 && ++p->row == PACE_RECOVERY) {
		p->level--;
		p->row = 0;
	}
}

void
pace_hold(struct pace *p, int64_t until_ms)
{
	if (until_ms > p->free_ms)
		p->free_ms = until_ms;
}
