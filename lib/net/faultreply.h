/*
 * faultreply.h -- the other answers of a fault, through libmicrohttpd.
 *
 * Error pages, refusals and redirects: what a server can send that means
 * to be one.  What it cannot is in rawreply.h.
 */
#ifndef FAULTREPLY_H
#define FAULTREPLY_H

#include <microhttpd.h>

#include "net/faultscript.h"

/* Is f one of those that faultreply_send() makes? */
int faultreply_is(const struct fault *f);

/*
 * Answer c's request for target (path and query, as it came) as f says.
 * Returns the status that was sent, or -1.
 */
int faultreply_send(struct MHD_Connection *c, const struct fault *f,
    const char *target);

#endif
