/*
 * accesslog.h -- a JSON line for each request.
 *
 *	{"at":"…","id":"…","client":"127.0.0.1","method":"GET",
 *	 "target":"/api/things?q=x","route":"things","status":200,
 *	 "bytes":512,"gzip":true,"us":180,"snapshot":"…"}
 */
#ifndef SERVE_ACCESSLOG_H
#define SERVE_ACCESSLOG_H

#include "serve/call.h"

/*
 * Write a line to fd, in one write(2), so that lines of several threads and
 * servers never interleave.  route: what answered.  Returns 0, or -1 with
 * errno.
 */
int accesslog_write(int fd, const struct call *c, const char *client,
    const char *route, int64_t us);

#endif
