#include "net/retry.h"

#include <curl/curl.h>
#include <string.h>

#include "base/num.h"
#include "base/rng.h"

/* More seconds than this are as good as for ever. */
#define AFTER_MAX ((int64_t)10 * 366 * 86400)

int
retry_status(long status)
{
	return status == 408 || status == 429 ||
	    (status >= 500 && status <= 599);
}

int64_t
retry_after(const char *value, const char *date, int64_t now_s)
{
	int64_t seconds, sent;
	time_t until;

	if (value[0] != '\0' && strspn(value, "0123456789") == strlen(value)) {
		if (num_parse(value, 0, AFTER_MAX, &seconds) == -1)
			seconds = AFTER_MAX;
		return seconds * 1000;
	}
	if ((until = curl_getdate(value, NULL)) == -1)
		return -1;
	sent = date != NULL ? (int64_t)curl_getdate(date, NULL) : -1;
	seconds = (int64_t)until - (sent != -1 ? sent : now_s);
	if (seconds > AFTER_MAX)
		seconds = AFTER_MAX;
	return seconds > 0 ? seconds * 1000 : 0;
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
