/*
 * respond.h -- an answer with its headers, handed to the library.
 */
#ifndef SERVE_RESPOND_H
#define SERVE_RESPOND_H

#include <microhttpd.h>

#include "serve/call.h"

struct response {
	unsigned int status;
	const char *type;	/* of the body */
	const struct buf *body;	/* copied; NULL: none */
	int gzip;		/* so is the body */
	const char *tag;	/* the ETag without its quotes, or NULL */
	const char *snapshot;	/* or NULL */
	int last;		/* the connection ends with it */
};

/*
 * Queue it, with what every answer says.  Returns 1, or -1.
 */
int respond(struct MHD_Connection *c, struct call *call,
    const struct response *p);

/* Does the client have that answer already, packed or not? */
int respond_known(struct MHD_Connection *c, const char *tag);

#endif
