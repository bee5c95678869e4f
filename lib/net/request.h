/*
 * request.h -- what a task asks for beyond a GET: its member "request".
 *
 *	{"method":"POST","safe":true,
 *	 "headers":{"Content-Type":"application/json",
 *	     "X-Api-Key":{"secret":"key"},
 *	     "Authorization":{"bearer":"api"}},
 *	 "body":{"query":"..."}}
 *
 * All members may be absent.  The body is JSON, or body_path names a file
 * below the data root, with body_sha256; either needs a Content-Type.
 * Credentials must be secrets (secret.h); headers that are the engine's own
 * affair cannot be set.  So the member can be copied to any record and
 * says what was asked, to everybody.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdint.h>
#include <yyjson.h>

#include "base/digest.h"
#include "base/exits.h"
#include "net/secret.h"
#include "record/jsonw.h"

/* Headers of one request, and bytes of one literal value: more is a
 * mistake, not a question. */
#define REQUEST_HEADERS 32
#define REQUEST_VALUE_BYTES 4096

/* Bytes of a body: a question is no upload.  What stands in the record goes
 * into every record that is made from it. */
#define REQUEST_BODY_BYTES ((size_t)1 << 20)
#define REQUEST_TEXT_BYTES ((size_t)64 << 10)

struct request {
	const char *method;	/* static */
	char *headers[REQUEST_HEADERS + 1];	/* owned; then NULL */
	size_t n;
	int safe;		/* to ask twice does no harm */
	const char *bearer;	/* of the record; the secret that a token for
				 * the header bearer_at is from, or NULL */
	size_t bearer_at;
	int64_t token;		/* which one it has; bearer.h */
	yyjson_val *body;	/* of the record, or NULL */
	char *text;		/* owned; the same to be sent, or NULL */
	char *body_file;	/* owned; NULL without one */
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

/* Put the value at a pointer into the body that is sent, only there.
 * Returns 0, or -1 with errno ENOMEM or EINVAL (there is no such place). */
int request_set(struct request *q, const char *pointer, const char *value);

/* Give the request the token that it is to have, if any.  Returns 0, or -1
 * with errno ENOMEM; or EACCES and as bearer_get(). */
int request_authorize(struct request *q, struct secrets *s,
    enum exits *blame, const char **why);

/* Is the body still the one that request_read() saw? */
int request_stands(const struct request *q);

#endif
