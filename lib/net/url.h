/*
 * url.h -- what must be known of a URL before it is requested.
 */
#ifndef URL_H
#define URL_H

/*
 * The host of an absolute http or https URL; the caller owes a free().
 * Returns NULL with errno EINVAL (anything else than such a URL) or ENOMEM.
 */
char *url_host(const char *url);

/* Is its host this machine by name: localhost, 127.*, [::1]? */
int url_is_loopback(const char *url);

/* Does url begin with this scheme ("https")?  Case is ignored. */
int url_has_scheme(const char *url, const char *scheme);

#endif
