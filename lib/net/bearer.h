/*
 * bearer.h -- access tokens that last an hour, had by one that lasts.
 *
 * The secret is a file of JSON with the members token_uri, client_id,
 * client_secret and refresh_token, as such clients are handed out.  The
 * token is asked for when it is first needed, and again when it is about to
 * end or a server has refused it; it is kept in memory only.  It is a
 * secret itself (secrets_in()), and so is all that it is had by.
 *
 * Asking for it holds everything up, for a moment once an hour.
 * Source: RFC 6749 section 6, RFC 6750 section 2.1.
 */
#ifndef BEARER_H
#define BEARER_H

#include <stdint.h>

#include "base/exits.h"
#include "net/secret.h"

/*
 * The token by the secret called name, borrowed until s is released, and
 * its number, by which bearer_refused() knows it.  Returns NULL with errno
 * EACCES, and sets *why to what went wrong, without any secret, and *blame
 * to EXIT_TEMP if it may be another time.  What went wrong once goes wrong
 * until s is released: nobody is asked again.
 */
const char *bearer_get(struct secrets *s, const char *name, int64_t *number,
    enum exits *blame, const char **why);

/* A server refuses that token: it is not to be given out any more. */
void bearer_refused(struct secrets *s, const char *name, int64_t number);

/* Of secrets_release() only. */
void bearers_free(struct bearer *first);

#endif
