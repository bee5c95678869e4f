#include "store/gate_series.h"

#include <stdio.h>
#include <string.h>

static int
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* --- what was rejected -------------------------------------------------- */

/* Where it stands in the list, or NULL. */
static const char *
find(const char *list, const char *sha256)
{
	size_t n = sha256 != NULL ? strlen(sha256) : 0;
	const char *p = list;

	while (n > 0 && p != NULL && *p != '\0') {
		if (strncmp(p, sha256, n) == 0 &&
		    (p[n] == ' ' || p[n] == '\0'))
			return p;
		p = strchr(p, ' ');
		p += p != NULL;
	}
	return NULL;
}

int
gate_is_rejected(const char *list, const char *sha256)
{
	return find(list, sha256) != NULL;
}

void
gate_unreject(char list[GATE_REJECTED_BYTES], const char *sha256)
{
	const char *found = find(list, sha256);
	size_t at, n = strlen(sha256) + 1;

	if (found == NULL)
		return;
	at = (size_t)(found - list);
	if (found[n - 1] == '\0')	/* the last one, and the blank before */
		list[at > 0 ? at - 1 : 0] = '\0';
	else
		memmove(list + at, list + at + n, strlen(list + at + n) + 1);
}

void
gate_reject(char list[GATE_REJECTED_BYTES], const char *sha256)
{
	char old[GATE_REJECTED_BYTES], *blank;
	size_t n = strlen(sha256);

	gate_unreject(list, sha256);
	memcpy(old, list, sizeof(old));
	while (n + 1 + strlen(old) >= sizeof(old)) {
		blank = strrchr(old, ' ');
		*(blank != NULL ? blank : old) = '\0';
	}
	snprintf(list, GATE_REJECTED_BYTES, "%s%s%s", sha256,
	    old[0] != '\0' ? " " : "", old);
}

/* --- walking ------------------------------------------------------------ */

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
	else if (!gate_is_rejected(w->rejected, sha256) &&
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
	} else if (!gate_is_rejected(w->rejected, w->offered) &&
	    (w->series.samples == 0 ||
	    !same(w->offered, w->series.sha256))) {
		take_sample(w, at_ms, w->offered);
	}
}
