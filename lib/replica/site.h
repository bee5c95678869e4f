/*
 * site.h -- what a loopback replica serves, and what it has to do so.
 *
 * A replica is a small web site for trying, teaching and testing: it moves
 * in time by ticks, goes wrong as a script says, counts what it is asked
 * and runs one command.  All of that is here; a tool adds its answers.
 */
#ifndef REPLICA_SITE_H
#define REPLICA_SITE_H

#include <microhttpd.h>

#include "net/faultscript.h"
#include "replica/reply.h"
#include "replica/tally.h"
#include "replica/tick.h"

/* What site->answer() returns when there is nothing at the address. */
#define SITE_NOTHING (-2)

struct replica;

struct site {
	const char *variable;	/* the address in COMMAND's environment */
	const char *path;	/* of that address, or "" */
	int64_t steps;		/* after these nothing changes; 0: no end */
	const struct reply_look *look;
	/*
	 * Answer the request q for url, by answer_send() where there is
	 * something.  Returns what that returns, or SITE_NOTHING.  Called
	 * by several threads.
	 */
	int (*answer)(void *arg, const struct replica *r,
	    struct MHD_Connection *c, const char *url, struct visit *q);
	void *arg;		/* borrowed */
};

/* What there is to answer with, all borrowed. */
struct replica {
	const struct site *site;
	struct faultscript *script;
	struct tick *tick;
	struct tally *tally;
	const char *robots;	/* the file served as /robots.txt, or NULL */
	int64_t latency_ms;	/* before every answer */
	int stop;		/* readable when the server is to end */
};

#endif
