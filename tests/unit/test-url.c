/* What is known of a URL before it is requested: url.h. */
#include "net/url.h"

#include <stdlib.h>

#include "tap.h"

static const struct {
	const char *in, *host;	/* NULL: refused */
	int loopback;
} cases[] = {
	{ "http://example.org/a?b#c", "example.org", 0 },
	{ "HTTPS://Example.ORG:8443", "Example.ORG", 0 },
	{ "http://user:pw@example.org/", "example.org", 0 },
	{ "http://127.0.0.1:80/soc/api", "127.0.0.1", 1 },
	{ "http://127.9.9.9/", "127.9.9.9", 1 },
	{ "https://localhost/", "localhost", 1 },
	{ "http://LOCALHOST:1/", "LOCALHOST", 1 },
	{ "http://[::1]:8080/", "[::1]", 1 },
	{ "http://[::2]/", "[::2]", 0 },
	/* hosts that only look like this machine */
	{ "http://localhost.example.org/", "localhost.example.org", 0 },
	{ "http://127.0.0.1.example.org/", "127.0.0.1.example.org", 0 },
	{ "http://127.0.0.1@example.org/", "example.org", 0 },
	{ "http://example.org/127.0.0.1", "example.org", 0 },
	{ "http://128.0.0.1/", "128.0.0.1", 0 },
	/* not for us */
	{ "", NULL, 0 },
	{ "http:", NULL, 0 },
	{ "http://", NULL, 0 },
	{ "//example.org/", NULL, 0 },
	{ "example.org", NULL, 0 },
	{ "localhost", NULL, 0 },
	{ "/etc/passwd", NULL, 0 },
	{ "file:///etc/passwd", NULL, 0 },
	{ "file://127.0.0.1/etc/passwd", NULL, 0 },
	{ "ftp://example.org/", NULL, 0 },
	{ "httpx://example.org/", NULL, 0 },
	{ "http://exa mple.org/", NULL, 0 },
	{ "http://example.org:99999/", NULL, 0 },
	{ "http://example.org/\r\nX-Evil: 1", NULL, 0 },
};

static const struct {
	const char *in, *site, *target;
	int user;
} parts[] = {
	{ "http://Example.org", "http://example.org:80", "/", 0 },
	{ "HTTPS://example.org:8443/A?b=%2f#c", "https://example.org:8443",
	    "/A?b=%2f", 0 },
	{ "https://example.org:443/a/../b/./c", "https://example.org:443",
	    "/b/c", 0 },
	{ "http://u:p@example.org/", "http://example.org:80", "/", 1 },
	{ "http://u@[::1]/x", "http://[::1]:80", "/x", 1 },
	{ "http://example.org/a@b", "http://example.org:80", "/a@b", 0 },
	{ "ftp://example.org/", "", "", 0 },
};

static void
test_parts(void)
{
	struct buf site, target;
	size_t i;

	for (i = 0; i < TAP_COUNT(parts); i++) {
		buf_init(&site, 1000);
		buf_init(&target, 1000);
		url_site(parts[i].in, &site);
		url_target(parts[i].in, &target);
		tap_str(site.data, parts[i].site, "its site");
		tap_str(target.data, parts[i].target, "what is requested");
		tap_int(url_has_user(parts[i].in), parts[i].user,
		    "does it name a user");
		buf_release(&site);
		buf_release(&target);
	}
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		char *host = url_host(cases[i].in);
		char descr[128];

		snprintf(descr, sizeof(descr), "host of case %zu", i);
		tap_str(host, cases[i].host, descr);
		tap_int(url_is_loopback(cases[i].in), cases[i].loopback,
		    "is it this machine");
		free(host);
	}
	tap_ok(url_scope("http://10.1.2.3/") == ADDR_PRIVATE &&
	    url_scope("http://[fe80::1]:80/") == ADDR_PRIVATE &&
	    url_scope("http://example.org/") == ADDR_PUBLIC &&
	    url_scope("nonsense") == ADDR_PUBLIC, "private addresses");
	tap_ok(url_same_server("http://a/x", "HTTP://A:80/y?z"), "one server");
	tap_ok(!url_same_server("http://a/", "https://a/"), "another scheme");
	tap_ok(!url_same_server("http://a/", "http://a:8080/"), "port");
	tap_ok(!url_same_server("http://a/", "http://a.b/"), "host");
	tap_ok(!url_same_server("nonsense", "nonsense"), "no URLs");
	tap_ok(url_has_scheme("HTTPS://x", "https"), "https");
	tap_ok(!url_has_scheme("https://x", "http"), "https is not http");
	tap_ok(!url_has_scheme("http", "http"), "no colon, no scheme");
	test_parts();
	return tap_done();
}
