#include "net/retry.h"

int
retry_status(long status)
{
	return status == 408 || status == 429 ||
	    (status >= 500 && status <= 599);
}

/* splitmix64: one word of state, any seed is a good one. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
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
	return longest - (int64_t)(next_random(&r->state) % (half + 1));
}
