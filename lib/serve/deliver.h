/*
 * deliver.h -- an answer with its headers, handed to the library.
 */
#ifndef SERVE_DELIVER_H
#define SERVE_DELIVER_H

#include <microhttpd.h>

#include "serve/call.h"
#include "serve/copy.h"

struct parcel {
	unsigned int status;
	const char *type;	/* of the body */
	struct copy *body;	/* a reference that is taken; NULL: none */
	int gzip;		/* so is the body */
	const char *tag;	/* the ETag without its quotes, or NULL */
	const char *snapshot;	/* or NULL */
	int last;		/* the connection ends with it */
};

/*
 * Queue it, with what every answer says.  Returns 1, or -1.
 */
int deliver(struct MHD_Connection *c, struct call *call,
    const struct parcel *p);

/* Does the client have that answer already, packed or not? */
int deliver_known(struct MHD_Connection *c, const char *tag);

#endif
