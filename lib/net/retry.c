#include "net/retry.h"

#include "base/rng.h"

int
retry_status(long status)
{
	return status == 408 || status == 429 ||
	    (status >= 500 && status <= 599);
}

int64_t
retry_wait(struct retry *r, int64_t attempt)
{
	int64_t longest = r->base_ms;
	uint64_t half;

	if (attempt >= r->max_attempts)
		return -1;
	while (--attempt > 0 && longest < RETRY_WAIT_MAX)
		longest *= 2;
	if (longest > RETRY_WAIT_MAX)
		longest = RETRY_WAIT_MAX;
	half = (uint64_t)longest / 2;
	return longest - (int64_t)rng_below(&r->state, half + 1);
}
