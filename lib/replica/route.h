/*
 * route.h -- what every replica knows, by URL; the rest is its site's.
 *
 * The routes under /_replica/ move time and tell what happened; a file is
 * served as /robots.txt.
 */
#ifndef REPLICA_ROUTE_H
#define REPLICA_ROUTE_H

#include "replica/site.h"

/* Is url one of the replica's own, that are not counted? */
int route_is_own(const char *url);

/* Answer q, for url.  Returns the HTTP status, or -1: close without one. */
int route_answer(const struct replica *r, struct MHD_Connection *c,
    const char *url, struct visit *q);

#endif
