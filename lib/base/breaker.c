#include "base/breaker.h"

void
breaker_init(struct breaker *b, int64_t max, int probing)
{
	*b = (struct breaker){ .max = max, .probing = probing && max > 0 };
}

void
breaker_attempt(struct breaker *b, enum breaker_news news)
{
	if (news == BREAKER_GOOD)
		b->attempts = 0;
	else
		b->attempts += news == BREAKER_BAD;
}

int
breaker_is_wary(const struct breaker *b)
{
	return b->max > 0 && b->attempts >= b->max;
}

int
breaker_take(struct breaker *b, enum breaker_news news)
{
	if (news == BREAKER_GOOD) {
		b->failures = 0;
		b->probing = 0;
	}
	if (news != BREAKER_BAD)
		return 0;
	b->failures++;
	if (b->open || b->max == 0 ||
	    (b->failures < b->max && !b->probing))
		return 0;
	b->open = 1;
	return 1;
}
