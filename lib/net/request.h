/*
 * request.h -- what a task asks for beyond a GET: its member "request".
 *
 *	{"method":"POST",
 *	 "headers":{"Content-Type":"application/json",
 *	     "Authorization":{"secret":"api"}},
 *	 "body_path":"requests/q.json","body_sha256":"..."}
 *
 * All members may be absent.  The body is a file below the data root, and
 * needs a Content-Type.
 * Credentials must be secrets (secret.h); headers that are the engine's own
 * affair cannot be set.  So the member can be copied to any record and
 * says what was asked, to everybody.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdint.h>
#include <yyjson.h>

#include "base/digest.h"
#include "net/secret.h"
#include "record/jsonw.h"

/* Headers of one request, and bytes of one literal value: more is a
 * mistake, not a question. */
#define REQUEST_HEADERS 32
#define REQUEST_VALUE_BYTES 4096

/* Bytes of a body: a question is no upload. */
#define REQUEST_BODY_BYTES ((size_t)1 << 20)

struct request {
	const char *method;	/* static */
	char *headers[REQUEST_HEADERS + 1];	/* owned; then NULL */
	size_t n;
	char *body_file;	/* owned; NULL without a body */
	char body_sha256[DIGEST_TEXT];	/* "" without a body */
};

/* Bytes of what request_read() says. */
#define REQUEST_WHY 160

/*
 * Read a task's member, which may be NULL, below the folder data.  Returns
 * 0, and the caller owes request_release(); or -1 with errno EINVAL and
 * why, which never shows a secret, or ENOMEM; and nothing to release.
 */
int request_read(struct request *q, yyjson_val *member, const char *data,
    struct secrets *s, char why[REQUEST_WHY]);
void request_release(struct request *q);

/* Write the member again as "request", with body_sha256 in it. */
void request_write(const struct request *q, yyjson_val *member,
    struct jsonw *w);

/* Is the body still the one that request_read() saw? */
int request_stands(const struct request *q);

#endif
