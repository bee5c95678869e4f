/*
 * url.h -- what must be known of a URL before it is requested.
 */
#ifndef URL_H
#define URL_H

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

/* Does url begin with this scheme ("https")?  Case is ignored. */
int url_has_scheme(const char *url, const char *scheme);

#endif
