/*
 * reply.h -- answers in the form the real API gives them.
 */
#ifndef REPLY_H
#define REPLY_H

#include <microhttpd.h>

#include "net/faultscript.h"
#include "source.h"

/* Each sends one answer; the status it sent is returned, or -1. */

/* The page of the servlet container for status, message NULL or why. */
int reply_page(struct MHD_Connection *c, unsigned int status,
    const char *message);

/* JSON text of the replica itself. */
int reply_json(struct MHD_Connection *c, const char *text);

/* What is answered beside the bytes. */
struct reply_form {
	const char *type;	/* Content-Type */
	const char *cache_control;
};

/*
 * A data answer: 304 if the client has p's ETag, else p as gzip or, if
 * the client does not take gzip, decoded on the way.
 */
int reply_payload(struct MHD_Connection *c, const struct reply_form *form,
    struct payload *p);

/*
 * The same with f done to it, past the server: nothing but the connection
 * is of use afterwards.  p may be NULL where there is no answer to spoil.
 */
void reply_raw(struct MHD_Connection *c, const struct reply_form *form,
    struct payload *p, const struct fault *f, int stop);

/* As rawreply_wait(), for the client of c. */
int reply_wait(struct MHD_Connection *c, int stop, int64_t ms);

#endif
