#include "store/gate_series.h"

#include <string.h>

static int
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

int
gate_walk_good(const struct gate_walk *w, const char *sha256)
{
	return same(sha256, w->active) || same(sha256, w->same);
}

static void
end_series(struct gate_walk *w)
{
	w->series = (struct gate_series){ .samples = 0 };
	w->fresh = 0;
	w->restarted = 0;
	w->interrupted = 0;
}

static void
take_good(struct gate_walk *w, int64_t at_ms)
{
	end_series(w);
	w->held = 0;
	w->good++;
	w->good_ms = at_ms;
}

/* One more of the series, or the first of a new one. */
static void
take_sample(struct gate_walk *w, int64_t at_ms, const char *sha256)
{
	struct gate_series *s = &w->series;

	if (w->interrupted || s->samples == 0 ||
	    (!same(sha256, s->sha256) && !w->agrees)) {
		end_series(w);
		s->first_ms = at_ms;
		w->restarted = 1;
	}
	strncpy(s->sha256, sha256, sizeof(s->sha256) - 1);
	s->last_ms = at_ms;
	s->samples++;
	w->fresh++;
}

/* Can content that is not offered go on with the series? */
static int
goes_on(const struct gate_walk *w, const char *sha256)
{
	return w->series.samples > 0 && !w->interrupted && !w->restarted &&
	    same(sha256, w->series.sha256);
}

void
gate_walk(struct gate_walk *w, int64_t seq, int64_t at_ms,
    const char *sha256)
{
	if (gate_walk_good(w, sha256))
		take_good(w, at_ms);
	else if (!same(sha256, w->rejected) &&
	    (same(sha256, w->offered) || goes_on(w, sha256)))
		take_sample(w, at_ms, sha256);
	else {
		w->interrupted = 1;
		return;
	}
	w->seq = seq;
}

void
gate_walk_end(struct gate_walk *w, int64_t at_ms)
{
	if (gate_walk_good(w, w->offered)) {
		if (w->good == 0 && w->held)
			take_good(w, at_ms);
	} else if (!same(w->offered, w->rejected) &&
	    (w->series.samples == 0 ||
	    !same(w->offered, w->series.sha256))) {
		take_sample(w, at_ms, w->offered);
	}
}
