/*
 * url.h -- what must be known of a URL before it is requested.
 */
#ifndef URL_H
#define URL_H

#include "base/buf.h"
#include "net/addr.h"

/*
 * The host of an absolute http or https URL; the caller owes a free().
 * Returns NULL with errno EINVAL (anything else than such a URL) or ENOMEM.
 */
char *url_host(const char *url);

/*
 * Where the URL says that its host lies: by address, or localhost; any
 * other name is ADDR_PUBLIC until it is looked up, and so is no URL.
 */
enum addr_scope url_scope(const char *url);

/* Is its host this machine by name: localhost, 127.*, [::1]? */
int url_is_loopback(const char *url);

/* Do two URLs name one server: the same scheme, host and port? */
int url_same_server(const char *a, const char *b);

/*
 * Append what robots.txt belongs to: "https://example.org:443", in lower
 * case.  Returns 0, or -1 with errno as url_host() or buf_add().
 */
int url_site(const char *url, struct buf *b);

/* Append path and query as they are requested: "/a?b".  As url_site(). */
int url_target(const char *url, struct buf *b);

/* Has it a user or a password in front of the host? */
int url_has_user(const char *url);

/* Does url begin with this scheme ("https")?  Case is ignored. */
int url_has_scheme(const char *url, const char *scheme);

#endif
