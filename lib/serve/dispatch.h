/*
 * dispatch.h -- what is answered to a request.
 */
#ifndef SERVE_DISPATCH_H
#define SERVE_DISPATCH_H

#include "serve/service.h"

/*
 * Queue the answer.  With early, when only the headers are in: just what
 * refuses the request as a whole, because of its method or because a body
 * follows, which has to be said before that is read.
 * Returns 1, 0 if there is nothing to refuse, or -1: the connection is of
 * no use any more.
 */
int dispatch(struct service *h, struct MHD_Connection *c, struct call *call,
    int early);

/* What a place is called. */
const char *dispatch_place(const struct service *h, size_t place);

#endif
