#include "store/gate_hold.h"

#include "base/human.h"

/* "1,143 are too many", of the limits that it was judged by. */
static int
too_many(struct buf *b, const struct gate_hold *h)
{
	char n[HUMAN_TEXT];
	int grows = h->verdict == GATE_GROWTH;

	if (!gate_may_last(h->verdict))
		return 0;
	human_count(grows ?
	    gate_growth_limit(h->rules, h->limits, h->sample.baseline) :
	    gate_missing_limit(h->rules, h->limits, h->sample.baseline), n);
	return buf_printf(b, ", %s %s too many", n,
	    n[1] == '\0' && n[0] == '1' ? "is" : "are");
}

int
gate_hold_why(struct buf *b, const struct gate_hold *h)
{
	const struct gate_sample *s = &h->sample;
	char staged[HUMAN_TEXT], many[HUMAN_TEXT], normal[HUMAN_TEXT];
	int r;

	if (buf_printf(b, "%s: %s", h->table != NULL ? h->table : h->part,
	    gate_text(h->verdict)) == -1)
		return -1;
	if (h->table == NULL)
		return 0;
	human_count(s->staged, staged);
	human_count(h->verdict == GATE_GROWTH ? s->added : gate_missing(s),
	    many);
	human_count(s->baseline, normal);
	if (s->first)
		r = buf_printf(b, " (%s came", staged);
	else if (h->verdict == GATE_GROWTH)
		r = buf_printf(b, " (%s came, %s more than %s", staged, many,
		    normal);
	else
		r = buf_printf(b, " (%s came, %s of %s missing", staged,
		    many, normal);
	return r == -1 || too_many(b, h) == -1 ? -1 : buf_chr(b, ')');
}

/* "3 answers over 300 s that agree (13 over 41 s so far)". */
static int
lasting(struct buf *b, const struct gate_hold *h)
{
	return buf_printf(b, ", or after %lld answers over %lld s that agree "
	    "(%lld over %lld s so far)",
	    (long long)h->rules->lasting_samples,
	    (long long)h->rules->lasting_ms / 1000, (long long)h->samples,
	    (long long)h->ms / 1000);
}

int
gate_hold_until(struct buf *b, const struct gate_hold *h)
{
	char missing[HUMAN_TEXT], added[HUMAN_TEXT];

	if (h->verdict == GATE_REJECTED)
		return buf_printf(b, "another payload is judged anew");
	if (h->sample.first)
		return buf_printf(b, "it passes when something comes");
	human_count(gate_missing_limit(h->rules, GATE_RECOVERED,
	    h->sample.baseline), missing);
	human_count(gate_growth_limit(h->rules, GATE_RECOVERED,
	    h->sample.baseline), added);
	if (buf_printf(b, "it passes under %s missing and under %s added",
	    missing, added) == -1)
		return -1;
	return gate_may_last(h->verdict) ? lasting(b, h) : 0;
}
