#include "net/fetch_options.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

static int
contact_ok(const char *contact)
{
	const char *c;

	for (c = contact; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			return 0;
	return c - contact < FETCHER_CONTACT_MAX;
}

int
fetch_options_finish(struct fetcher_options *o)
{
	if (o->contact == NULL)
		o->contact = getenv("CONTACT");
	if (o->contact != NULL && o->contact[0] == '\0')
		o->contact = NULL;
	if (o->contact != NULL && !contact_ok(o->contact))
		return -1;
	if (o->seed == -1)
		o->seed = clock_wall_ms() ^ ((int64_t)getpid() << 20);
	o->policy.retry.state = (uint64_t)o->seed;
	return 0;
}
