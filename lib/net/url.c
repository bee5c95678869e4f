#include "net/url.h"

#include <arpa/inet.h>
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

char *
url_host(const char *url)
{
	CURLU *u;
	char *part = NULL, *host = NULL;

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
	    curl_url_get(u, CURLUPART_HOST, &part, 0) == CURLUE_OK)
		host = strdup(part);
	curl_free(part);
	curl_url_cleanup(u);
	return host;
}

int
url_is_loopback(const char *url)
{
	char *host = url_host(url);
	struct in_addr a;
	int yes;

	if (host == NULL)
		return 0;
	yes = strcasecmp(host, "localhost") == 0 ||
	    strcmp(host, "[::1]") == 0 ||
	    (inet_pton(AF_INET, host, &a) == 1 &&
	    ntohl(a.s_addr) >> 24 == 127);
	free(host);
	return yes;
}
