#include "base/schedule.h"

#include "base/rng.h"

/* FNV-1a: any hash would do, but for good it has to be this one. */
static uint64_t
hash(const char *key)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3;
	return h;
}

/* A number from -1 to 1 that belongs to the item and the attempt. */
static double
sway(const char *key, int64_t failed)
{
	uint64_t state = hash(key) ^ (uint64_t)failed;

	return (double)(rng_next(&state) >> 11) * 0x1p-52 - 1;
}

int64_t
schedule_wait(const struct schedule *s, int64_t failed, const char *key)
{
	int64_t n = failed, wait = s->base_ms;

	if (s->max_attempts > 0 && failed >= s->max_attempts)
		return -1;
	while (--n > 0 && wait > 0 && wait <= s->cap_ms / 2)
		wait *= 2;
	if (n > 0 || wait > s->cap_ms)
		wait = wait > 0 ? s->cap_ms : 0;
	return wait + (int64_t)((double)wait * s->jitter *
	    sway(key, failed));
}

int64_t
schedule_due(const struct schedule *s, int64_t failed_at_ms, int64_t failed,
    const char *key)
{
	int64_t wait = failed > 0 ? schedule_wait(s, failed, key) : 0;

	if (wait == -1)
		return -1;
	return failed_at_ms > INT64_MAX - wait ? INT64_MAX :
	    failed_at_ms + wait;
}
