/*
 * reply.h -- answers in the form that a site gives them.
 */
#ifndef REPLICA_REPLY_H
#define REPLICA_REPLY_H

#include <microhttpd.h>

#include "net/faultscript.h"
#include "replica/packed.h"

/* How the server of a site looks from outside. */
struct reply_look {
	const char *server;	/* the header of that name */
	int bare_etag;		/* its ETags have no quotes */
	/* Write the page for a status; message is NULL or why. */
	void (*page)(struct buf *b, unsigned int status, const char *phrase,
	    const char *message);
};

/* A plain server, and its page. */
extern const struct reply_look reply_plain;

/* What is answered beside the bytes. */
struct reply_form {
	const char *type;	/* Content-Type */
	const char *cache_control;	/* or NULL: not said */
};

/* Each sends one answer; the status it sent is returned, or -1. */

/* The page for status, message NULL or why. */
int reply_page(struct MHD_Connection *c, const struct reply_look *look,
    unsigned int status, const char *message);

/* JSON text of the replica itself. */
int reply_json(struct MHD_Connection *c, const struct reply_look *look,
    const char *text);

/*
 * A data answer: 304 if the client has the ETag of p, unless p has
 * another status than 200, else p as gzip or, if
 * the client does not take gzip, decoded on the way.
 */
int reply_packed(struct MHD_Connection *c, const struct reply_look *look,
    const struct reply_form *form, struct packed *p);

/*
 * The same with f done to it, past the server: nothing but the connection
 * is of use afterwards.  p may be NULL where there is no answer to spoil.
 */
void reply_raw(struct MHD_Connection *c, const struct reply_look *look,
    const struct reply_form *form, struct packed *p, const struct fault *f,
    int stop);

/* As rawreply_wait(), for the client of c. */
int reply_wait(struct MHD_Connection *c, int stop, int64_t ms);

#endif
