/*
 * answer.h -- a request for data, and what is to go wrong with it.
 *
 * Wrong input included, it is answered as the real servlet does; then the
 * fault script has its say.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <microhttpd.h>

#include "net/faultscript.h"
#include "source.h"
#include "tally.h"
#include "tick.h"

/* What there is to answer with, all borrowed. */
struct answers {
	const struct source *source;
	struct cache *cache;
	struct faultscript *script;
	struct tick *tick;
	struct tally *tally;
	const char *robots;	/* the file served as /robots.txt, or NULL */
	int64_t latency_ms;	/* before every answer */
	int stop;		/* readable when the server is to end */
};

/* Does url ask for data, or for /robots.txt?  They take fault rules. */
int answer_is_for(const char *url);

/* Answer q, a GET for url.  Returns the status, or -1: close it. */
int answer_data(const struct answers *a, struct MHD_Connection *c,
    const char *url, struct request *q);

#endif
