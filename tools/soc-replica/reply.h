/*
 * reply.h -- answers in the form the real API gives them.
 */
#ifndef REPLY_H
#define REPLY_H

#include <microhttpd.h>

#include "source.h"

/* Each sends one answer; the status it sent is returned, or -1. */

/* The page of the servlet container for status, message NULL or why. */
int reply_page(struct MHD_Connection *c, unsigned int status,
    const char *message);

/* JSON text of the replica itself. */
int reply_json(struct MHD_Connection *c, const char *text);

/*
 * A data answer: 304 if the client has p's ETag, else p as gzip or, if
 * the client does not take gzip, decoded on the way.  With truncated only
 * the first half of the bytes.
 */
int reply_payload(struct MHD_Connection *c, enum endpoint endpoint,
    struct payload *p, int truncated);

#endif
