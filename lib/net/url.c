#include "net/url.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int
url_has_scheme(const char *url, const char *scheme)
{
	size_t n = strlen(scheme);

	return strncasecmp(url, scheme, n) == 0 && url[n] == ':';
}

/* One part of an http or https URL; owned by the caller, or NULL. */
static char *
get_part(const char *url, CURLUPart what, unsigned int flags)
{
	CURLU *u;
	char *part = NULL, *copy = NULL;

	/* libcurl would guess a scheme, and knows many more. */
	if (!url_has_scheme(url, "http") && !url_has_scheme(url, "https")) {
		errno = EINVAL;
		return NULL;
	}
	if ((u = curl_url()) == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	errno = EINVAL;
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, what, &part, flags) == CURLUE_OK)
		copy = strdup(part);
	curl_free(part);
	curl_url_cleanup(u);
	return copy;
}

char *
url_host(const char *url)
{
	return get_part(url, CURLUPART_HOST, 0);
}

enum addr_scope
url_scope(const char *url)
{
	char *host = url_host(url);
	enum addr_scope scope = ADDR_PUBLIC;
	size_t n;

	if (host == NULL)
		return scope;
	n = strlen(host);
	if (strcasecmp(host, "localhost") == 0) {
		scope = ADDR_LOOPBACK;
	} else if (host[0] == '[' && n > 1) {
		host[n - 1] = '\0';
		scope = addr_text_scope(host + 1);
	} else {
		scope = addr_text_scope(host);
	}
	free(host);
	return scope;
}

int
url_is_loopback(const char *url)
{
	return url_scope(url) == ADDR_LOOPBACK;
}

static int
same_part(const char *a, const char *b, CURLUPart what)
{
	char *x = get_part(a, what, CURLU_DEFAULT_PORT);
	char *y = get_part(b, what, CURLU_DEFAULT_PORT);
	int same = x != NULL && y != NULL && strcasecmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

int
url_same_server(const char *a, const char *b)
{
	return same_part(a, b, CURLUPART_SCHEME) &&
	    same_part(a, b, CURLUPART_HOST) &&
	    same_part(a, b, CURLUPART_PORT);
}

/* Append between and the part, if there is one.  Returns 0, or -1. */
static int
add_part(struct buf *b, const char *url, const char *between, CURLUPart what)
{
	char *part = get_part(url, what, CURLU_DEFAULT_PORT);
	int r = 0;

	if (part != NULL)
		r = buf_str(b, between) == -1 ? -1 : buf_str(b, part);
	else if (errno != EINVAL)
		r = -1;
	free(part);
	return r;
}

int
url_site(const char *url, struct buf *b)
{
	char *host = url_host(url);
	size_t i = b->len;

	if (host == NULL)
		return -1;
	free(host);
	if (add_part(b, url, "", CURLUPART_SCHEME) == -1 ||
	    add_part(b, url, "://", CURLUPART_HOST) == -1 ||
	    add_part(b, url, ":", CURLUPART_PORT) == -1)
		return -1;
	for (; i < b->len; i++)
		if (b->data[i] >= 'A' && b->data[i] <= 'Z')
			b->data[i] = (char)(b->data[i] - 'A' + 'a');
	return 0;
}

int
url_target(const char *url, struct buf *b)
{
	char *host = url_host(url);

	if (host == NULL)
		return -1;
	free(host);
	if (add_part(b, url, "", CURLUPART_PATH) == -1)
		return -1;
	return add_part(b, url, "?", CURLUPART_QUERY);
}

int
url_has_user(const char *url)
{
	char *user = get_part(url, CURLUPART_USER, 0);
	int yes = user != NULL;

	free(user);
	return yes;
}
