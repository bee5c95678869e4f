/*
 * route.h -- what the replica knows, by URL.
 *
 * Data is answer.h's business; the routes under /_replica/ move time and
 * tell what happened.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "answer.h"

/* Is url one of the replica's own, not of the API? */
int route_is_own(const char *url);

/* Answer q, for url.  Returns the HTTP status, or -1: close without one. */
int route_answer(const struct answers *a, struct MHD_Connection *c,
    const char *url, struct request *q);

#endif
