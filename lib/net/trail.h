/*
 * trail.h -- where redirects lead one attempt, and where they may not.
 *
 * http and https only and never out of https; to no URL twice; at most
 * TRAIL_HOPS times; and never further inside a network than the server that
 * sent the redirect: who follows links from outside must not be made to
 * ask this machine's neighbours.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include "net/addr.h"

/* Redirects followed for one attempt. */
#define TRAIL_HOPS 5

struct trail {
	const char *first;	/* borrowed; the URL that was asked for */
	char *urls[TRAIL_HOPS];	/* owned; where it led, in order */
	int hops;		/* how many of them */
	enum addr_scope scope;	/* of the server that answered last */
	int plain;		/* a POST goes on as GET, without a body */
	int other;		/* so does any method */
	int strange;		/* it has left the first URL's server */
};

/* Stand at url; scope is that of any address. */
void trail_init(struct trail *t, const char *url);

/* Go back to the first URL. */
void trail_clear(struct trail *t);

/* The URL to be asked now. */
const char *trail_url(const struct trail *t);

/*
 * Follow a redirect of this HTTP status to next, sent by a server of this
 * scope.  Returns NULL, or the code of why not ("redirect_loop"), static,
 * and t unchanged; "" with errno ENOMEM.
 */
const char *trail_follow(struct trail *t, long status, const char *next,
    enum addr_scope scope);

/* May the request, where t stands, connect to an address of this scope? */
int trail_allows(const struct trail *t, enum addr_scope scope);

#endif
