/* Where redirects lead, and where they may not: trail.h. */
#include "net/trail.h"

#include <stdio.h>

#include "tap.h"

/* From a URL, answered by a server of that scope, to another one. */
static const struct {
	const char *from, *to;
	enum addr_scope scope;
	const char *why;	/* NULL: it may be */
} leads[] = {
	{ "http://a.org/", "http://a.org/x", ADDR_PUBLIC, NULL },
	{ "http://a.org/", "https://a.org/", ADDR_PUBLIC, NULL },
	{ "https://a.org/", "http://a.org/", ADDR_PUBLIC,
	    "redirect_scheme" },
	{ "http://a.org/", "ftp://a.org/", ADDR_PUBLIC, "redirect_scheme" },
	{ "http://a.org/", "file:///etc/passwd", ADDR_PUBLIC,
	    "redirect_scheme" },
	{ "http://a.org/", "http://[::x/", ADDR_PUBLIC, "redirect_url" },
	{ "http://a.org/", "http://a.org/", ADDR_PUBLIC, "redirect_loop" },
	{ "http://a.org/", "http://127.0.0.1/", ADDR_PUBLIC,
	    "redirect_private" },
	{ "http://a.org/", "http://localhost/", ADDR_PUBLIC,
	    "redirect_private" },
	{ "http://a.org/", "http://[::ffff:127.0.0.1]/", ADDR_PUBLIC,
	    "redirect_private" },
	{ "http://a.org/", "http://169.254.169.254/", ADDR_PUBLIC,
	    "redirect_private" },
	{ "http://a.org/", "http://2130706433/", ADDR_PUBLIC,
	    "redirect_private" },
	{ "http://a.org/", "http://0x7f.1/", ADDR_PUBLIC,
	    "redirect_private" },
	{ "http://10.0.0.1/", "http://127.0.0.1/", ADDR_PRIVATE,
	    "redirect_private" },
	{ "http://10.0.0.1/", "http://10.0.0.2/", ADDR_PRIVATE, NULL },
	{ "http://10.0.0.1/", "http://a.org/", ADDR_PRIVATE, NULL },
	{ "http://127.0.0.1/", "http://10.0.0.1/", ADDR_LOOPBACK, NULL },
};

static void
test_leads(void)
{
	struct trail t;
	char descr[128];
	size_t i;

	for (i = 0; i < TAP_COUNT(leads); i++) {
		trail_init(&t, leads[i].from);
		snprintf(descr, sizeof(descr), "%s -> %s", leads[i].from,
		    leads[i].to);
		tap_str(trail_follow(&t, 302, leads[i].to, leads[i].scope),
		    leads[i].why, descr);
		trail_clear(&t);
	}
}

/* A few steps: what is remembered on the way. */
static void
test_way(void)
{
	struct trail t;
	char url[64];
	int i;

	trail_init(&t, "http://a.org/0");
	trail_follow(&t, 307, "http://a.org/1", ADDR_PUBLIC);
	tap_ok(!t.strange && !t.plain, "307 on the same server: all the same");
	trail_follow(&t, 302, "http://a.org:8080/2", ADDR_PUBLIC);
	tap_ok(t.strange && t.plain, "302 to another port: a plain GET");
	trail_follow(&t, 308, "http://a.org/3", ADDR_PUBLIC);
	tap_ok(t.strange && t.plain, "which it stays on its way back");
	tap_str(trail_url(&t), "http://a.org/3", "it stands there");
	tap_str(trail_follow(&t, 302, "http://a.org/1", ADDR_PUBLIC),
	    "redirect_loop", "where it has been it does not go again");
	tap_ok(trail_allows(&t, ADDR_PUBLIC) &&
	    !trail_allows(&t, ADDR_PRIVATE), "a name may not lead inside");
	trail_clear(&t);
	tap_str(trail_url(&t), "http://a.org/0", "from the start again");
	tap_ok(!t.strange && !t.plain && trail_allows(&t, ADDR_LOOPBACK),
	    "as if nothing had been");
	for (i = 1; i <= TRAIL_HOPS; i++) {
		snprintf(url, sizeof(url), "http://a.org/%d", i);
		trail_follow(&t, 302, url, ADDR_PUBLIC);
	}
	tap_str(trail_follow(&t, 302, "http://a.org/x", ADDR_PUBLIC),
	    "redirect_limit", "the sixth step is not taken");
	trail_clear(&t);
}

int
main(void)
{
	test_leads();
	test_way();
	return tap_done();
}
