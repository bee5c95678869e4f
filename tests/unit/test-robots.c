/* What a site's robots.txt lets a robot ask for: robots.h. */
#include "text/robots.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tap.h"

/* RFC 9309, section 5.1. */
static const char simple[] =
    "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\n"
    "Allow: /publications/\n\n"
    "User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\n"
    "Allow:/example/allowed.gif\n\n"
    "User-Agent: barbot\nUser-Agent: bazbot\n"
    "Disallow: /example/page.html\n\n"
    "User-Agent: quxbot\n\nEOF\n";

/* Section 2.2.1: two groups for one robot. */
static const char merged[] =
    "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\n"
    "user-agent: Other\ndisallow: /\n\n"
    "user-agent: ExampleBot\ndisallow: /baz\n";

/* Sections 2.2.2 and 5.2. */
static const char longest[] =
    "User-Agent: foobot\nAllow: /example/page/\n"
    "Disallow: /example/page/disallowed.gif\n";

static const struct {
	const char *descr, *file, *agent, *target;
	int allowed;
} cases[] = {
	/* RFC 9309 */
	{ "5.1 *: a page", simple, "x", "/a.html", 1 },
	{ "5.1 *: a gif", simple, "x", "/a.gif", 0 },
	{ "5.1 *: a gif deeper", simple, "x", "/p/q/a.gif", 0 },
	{ "5.1 *: gif in the middle", simple, "x", "/a.gif.html", 1 },
	{ "5.1 *: gif with a query", simple, "x", "/a.gif?x", 1 },
	{ "5.1 *: below example", simple, "x", "/example/a", 0 },
	{ "5.1 *: example without slash", simple, "x", "/example", 1 },
	{ "5.1 *: longer allow beats gif", simple, "x",
	    "/publications/a.gif", 1 },
	{ "5.1 foobot: nothing", simple, "foobot", "/", 0 },
	{ "5.1 foobot: but a page", simple, "foobot",
	    "/example/page.html", 1 },
	{ "5.1 foobot: but a gif", simple, "foobot",
	    "/example/allowed.gif", 1 },
	{ "5.1 foobot: not the publications", simple, "foobot",
	    "/publications/", 0 },
	{ "5.1 barbot: the first of two agents", simple, "barbot",
	    "/example/page.html", 0 },
	{ "5.1 bazbot: the second", simple, "bazbot",
	    "/example/page.html", 0 },
	{ "5.1 barbot: not the rules for *", simple, "barbot",
	    "/a.gif", 1 },
	{ "5.1 quxbot: a group without rules", simple, "quxbot",
	    "/example/", 1 },
	{ "2.2.1: the first group", merged, "examplebot", "/foo", 0 },
	{ "2.2.1: the second group", merged, "EXAMPLEBOT", "/baz", 0 },
	{ "2.2.1: not the other's", merged, "examplebot", "/", 1 },
	{ "5.2: the longer rule", longest, "foobot",
	    "/example/page/disallowed.gif", 0 },
	{ "5.2: the shorter one", longest, "foobot",
	    "/example/page/x.gif", 1 },
	{ "2.2.2: equal rules allow", "user-agent: *\ndisallow: /a\n"
	    "allow: /a\n", "x", "/a", 1 },
	{ "2.2.2: no rule allows", "user-agent: *\ndisallow: /a\n", "x",
	    "/b", 1 },
	{ "2.2.2: robots.txt itself", "user-agent: *\ndisallow: /\n", "x",
	    "/robots.txt", 1 },
	{ "2.2.2: a query", "user-agent: *\ndisallow: /foo/bar?baz=quz\n",
	    "x", "/foo/bar?baz=quz", 0 },
	{ "2.2.2: a URL in a query", "user-agent: *\n"
	    "disallow: /foo/bar?baz=https://foo.bar\n", "x",
	    "/foo/bar?baz=https%3A%2F%2Ffoo.bar", 0 },
	{ "2.2.2: the same encoded there", "user-agent: *\n"
	    "disallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar\n", "x",
	    "/foo/bar?baz=https://foo.bar", 0 },
	{ "2.2.2: raw UTF-8 in the rule", "user-agent: *\n"
	    "disallow: /foo/bar/\xe3\x83\x84\n", "x",
	    "/foo/bar/%E3%83%84", 0 },
	{ "2.2.2: raw UTF-8 in the URL", "user-agent: *\n"
	    "disallow: /foo/bar/%E3%83%84\n", "x",
	    "/foo/bar/\xe3\x83\x84", 0 },
	{ "2.2.2: encoded for nothing", "user-agent: *\n"
	    "disallow: /foo/bar/%62%61%7A\n", "x", "/foo/bar/baz", 0 },
	{ "2.2.3: a comment", "user-agent: *\nallow: / # /b\n"
	    "# disallow: /\n", "x", "/a", 1 },
	{ "2.2.3: $", "user-agent: *\ndisallow: /this/path/exactly$\n",
	    "x", "/this/path/exactly", 0 },
	{ "2.2.3: $ and more", "user-agent: *\n"
	    "disallow: /this/path/exactly$\n", "x",
	    "/this/path/exactly/", 1 },
	{ "2.2.3: *", "user-agent: *\ndisallow: /this/*/exactly\n", "x",
	    "/this/a/b/exactly/c", 0 },
	{ "2.2.3: * as a character", "user-agent: *\n"
	    "disallow: /path/file-with-a-%2A.html\n", "x",
	    "/path/file-with-a-*.html", 0 },
	{ "2.2.3: only that one", "user-agent: *\n"
	    "disallow: /path/file-with-a-%2A.html\n", "x",
	    "/path/file-with-a-x.html", 1 },
	{ "2.2.3: $ as a character", "user-agent: *\n"
	    "disallow: /path/foo-%24\n", "x", "/path/foo-$", 0 },
	{ "2.2.3: and more behind it", "user-agent: *\n"
	    "disallow: /path/foo-%24\n", "x", "/path/foo-$x", 0 },
	{ "2.2.4: other records do not interfere", "user-agent: x\n"
	    "sitemap: https://example.org/s\nuser-agent: y\n"
	    "disallow: /a\n", "x", "/a", 0 },
	/* lines */
	{ "no file", "", "x", "/a", 1 },
	{ "a BOM", "\xEF\xBB\xBFuser-agent: *\ndisallow: /a\n", "x", "/a",
	    0 },
	{ "a BOM elsewhere", "user-agent: *\n\xEF\xBB\xBF"
	    "disallow: /a\n", "x", "/a", 1 },
	{ "CR LF", "user-agent: *\r\ndisallow: /a\r\n", "x", "/a", 0 },
	{ "CR", "user-agent: *\rdisallow: /a\r", "x", "/a", 0 },
	{ "no newline at the end", "user-agent: *\ndisallow: /a", "x",
	    "/ab", 0 },
	{ "case and blanks", "  USER-AGENT\t:\t*  \n DISALLOW :/a \t\n",
	    "x", "/a", 0 },
	{ "a blank line within a group", "user-agent: *\n\n\ndisallow: /a\n",
	    "x", "/a", 0 },
	{ "a blank line between agents", "user-agent: x\n\n"
	    "user-agent: y\n\ndisallow: /a\n", "x", "/a", 0 },
	{ "a rule before any group", "disallow: /\nuser-agent: *\n"
	    "disallow: /a\n", "x", "/b", 1 },
	{ "a page with status 200", "<!DOCTYPE html><html>\n"
	    "<title>User-agent: *</title>\n<p>Disallow: /\n", "x", "/a",
	    1 },
	{ "no colon", "user-agent *\ndisallow /a\n", "x", "/a", 1 },
	{ "a colon in the value", "user-agent: *\ndisallow: /a:b\n", "x",
	    "/a:b", 0 },
	{ "a comment right behind", "user-agent: *#all\n"
	    "disallow: /a#b\n", "x", "/a", 0 },
	{ "a number sign as a character", "user-agent: *\n"
	    "disallow: /a%23b\n", "x", "/a%23b", 0 },
	/* agents */
	{ "the version of an agent", "user-agent: sluice/0.3\n"
	    "disallow: /a\n", "sluice", "/a", 0 },
	{ "an agent and more", "user-agent: Sluice bot\ndisallow: /a\n",
	    "sluice", "/a", 0 },
	{ "a longer agent", "user-agent: sluicebot\ndisallow: /a\n",
	    "sluice", "/a", 1 },
	{ "a shorter agent", "user-agent: slu\ndisallow: /a\n", "sluice",
	    "/a", 1 },
	{ "no agent", "user-agent:\ndisallow: /a\n", "sluice", "/a", 1 },
	{ "* and more", "user-agent: * all\ndisallow: /a\n", "x", "/a",
	    0 },
	{ "* is no pattern", "user-agent: *bot\ndisallow: /a\n", "mybot",
	    "/a", 1 },
	{ "one group for * and us", "user-agent: *\nuser-agent: x\n"
	    "disallow: /a\n", "x", "/a", 0 },
	{ "ours counts, wherever it is", "user-agent: x\nallow: /\n"
	    "user-agent: *\ndisallow: /\n", "x", "/a", 1 },
	{ "ours without rules counts too", "user-agent: *\ndisallow: /\n"
	    "user-agent: x\ndisallow:\n", "x", "/a", 1 },
	{ "two groups for *", "user-agent: *\ndisallow: /a\n"
	    "user-agent: y\ndisallow: /\nuser-agent: *\ndisallow: /b\n",
	    "x", "/b", 0 },
	{ "a rule ends the agents", "user-agent: x\ndisallow: /a\n"
	    "user-agent: y\ndisallow: /b\n", "x", "/b", 1 },
	{ "an empty rule does too", "user-agent: x\ndisallow:\n"
	    "user-agent: y\ndisallow: /\n", "x", "/b", 1 },
	{ "Crawl-delay does not", "user-agent: x\ncrawl-delay: 1\n"
	    "user-agent: y\ndisallow: /b\n", "x", "/b", 0 },
	/* rules */
	{ "an empty disallow", "user-agent: *\ndisallow:\n", "x", "/a",
	    1 },
	{ "an empty allow", "user-agent: *\ndisallow: /\nallow:\n", "x",
	    "/a", 0 },
	{ "a prefix is enough", "user-agent: *\ndisallow: /fish\n", "x",
	    "/fishheads/yummy.html", 0 },
	{ "paths have a case", "user-agent: *\ndisallow: /fish\n", "x",
	    "/Fish", 1 },
	{ "escapes have none", "user-agent: *\ndisallow: /%e3%83%84\n",
	    "x", "/%E3%83%84", 0 },
	{ "a rule without a slash", "user-agent: *\ndisallow: fish\n",
	    "x", "/fish", 1 },
	{ "only *", "user-agent: *\ndisallow: *\n", "x", "/a", 0 },
	{ "only $", "user-agent: *\ndisallow: $\n", "x", "/", 1 },
	{ "/$ is the front page", "user-agent: *\ndisallow: /\n"
	    "allow: /$\n", "x", "/", 1 },
	{ "and no other", "user-agent: *\ndisallow: /\nallow: /$\n", "x",
	    "/a", 0 },
	{ "$ in the middle is a character", "user-agent: *\n"
	    "disallow: /a$b\n", "x", "/a$bc", 0 },
	{ "** is *", "user-agent: *\ndisallow: /a**b\n", "x", "/axxb",
	    0 },
	{ "* may be nothing", "user-agent: *\ndisallow: /a*b$\n", "x",
	    "/ab", 0 },
	{ "the last of several ends", "user-agent: *\ndisallow: /*.php$\n",
	    "x", "/a.php.php", 0 },
	{ "too short for both ends", "user-agent: *\n"
	    "disallow: /aba*aba$\n", "x", "/aba", 1 },
	{ "*$", "user-agent: *\ndisallow: /a*$\n", "x", "/abc", 0 },
	{ "* over a query", "user-agent: *\ndisallow: /*url=https://\n",
	    "x", "/go?url=https://example.org", 0 },
	{ "and encoded", "user-agent: *\ndisallow: /*url=https%3A%2F%2F\n",
	    "x", "/go?url=https://example.org", 0 },
	{ "* counts as an octet", "user-agent: *\ndisallow: /page\n"
	    "allow: /*.htm\n", "x", "/page.htm", 1 },
	{ "an encoded octet counts three times", "user-agent: *\n"
	    "disallow: /%C3%A9*\nallow: /*abc\n", "x", "/\xc3\xa9"
	    "abc", 0 },
	{ "an encoded slash is none in a path", "user-agent: *\n"
	    "disallow: /a/b\n", "x", "/a%2Fb", 1 },
	{ "nor the other way round", "user-agent: *\n"
	    "disallow: /a%2fb\n", "x", "/a/b", 1 },
	{ "but an encoded slash is itself", "user-agent: *\n"
	    "disallow: /a%2fb\n", "x", "/a%2Fb", 0 },
	{ "an encoded ? starts no query", "user-agent: *\n"
	    "disallow: /a?\n", "x", "/a%3Fb", 1 },
	{ "a second ?", "user-agent: *\ndisallow: /a?b?c\n", "x",
	    "/a?b?c", 0 },
	{ "a broken escape", "user-agent: *\ndisallow: /100%\n", "x",
	    "/100%zz", 0 },
	{ "half an escape", "user-agent: *\ndisallow: /100%4\n", "x",
	    "/100%4", 0 },
	{ "an encoded NUL", "user-agent: *\ndisallow: /a%00b\n", "x",
	    "/a", 1 },
	{ "the same", "user-agent: *\ndisallow: /a%00b\n", "x",
	    "/a%00bc", 0 },
	{ "a control character is no slash", "user-agent: *\n"
	    "disallow: /a?%01\n", "x", "/a?/", 1 },
	/* targets */
	{ "an empty path is /", "user-agent: *\ndisallow: /$\n", "x", "",
	    0 },
	{ "so is that of a query", "user-agent: *\ndisallow: /?a\n", "x",
	    "?a", 0 },
	{ "a fragment does not count", "user-agent: *\ndisallow: /a$\n",
	    "x", "/a#b", 0 },
	{ "robots.txt with a query may be forbidden", "user-agent: *\n"
	    "disallow: /\n", "x", "/robots.txt?x", 0 },
};

static const struct {
	const char *file, *agent;
	int64_t delay_ms;
} delays[] = {
	{ "user-agent: *\ncrawl-delay: 5\n", "x", 5000 },
	{ "user-agent: *\nCrawl-Delay: 0.25\n", "x", 250 },
	{ "user-agent: *\ncrawl-delay: 2.\n", "x", 2000 },
	{ "user-agent: *\ncrawl-delay: 1.23456\n", "x", 1234 },
	{ "user-agent: *\ncrawl-delay: 0\n", "x", 0 },
	{ "user-agent: *\ndisallow: /\n", "x", -1 },
	{ "user-agent: *\ncrawl-delay: 5 # seconds\n", "x", 5000 },
	{ "user-agent: *\ncrawl-delay: soon\n", "x", -1 },
	{ "user-agent: *\ncrawl-delay: -5\n", "x", -1 },
	{ "user-agent: *\ncrawl-delay: 5s\n", "x", -1 },
	{ "user-agent: *\ncrawl-delay: .5\n", "x", -1 },
	{ "user-agent: *\ncrawl-delay:\n", "x", -1 },
	{ "user-agent: *\ncrawl-delay: 99999999999999999999999\n", "x",
	    ROBOTS_DELAY_MAX },
	{ "user-agent: *\ncrawl-delay: 5\ncrawl-delay: 3\n", "x", 5000 },
	{ "user-agent: *\ncrawl-delay: 5\nuser-agent: x\nallow: /\n", "x",
	    -1 },
	{ "user-agent: x\ncrawl-delay: 5\nuser-agent: *\nallow: /\n", "x",
	    5000 },
	{ "crawl-delay: 5\nuser-agent: *\nallow: /\n", "x", -1 },
};

static int
allows(const char *file, size_t n, const char *agent, const char *target)
{
	struct robots r;
	int yes;

	if (robots_parse(&r, file, n, agent) == -1)
		return -1;
	yes = robots_allows(&r, target);
	robots_release(&r);
	return yes;
}

static void
test_delays(void)
{
	char descr[64];
	struct robots r;
	size_t i;

	for (i = 0; i < TAP_COUNT(delays); i++) {
		snprintf(descr, sizeof(descr), "delay of case %zu", i);
		robots_parse(&r, delays[i].file, strlen(delays[i].file),
		    delays[i].agent);
		tap_int(r.delay_ms, delays[i].delay_ms, descr);
		robots_release(&r);
	}
}

/* A file of n bytes with a rule at its end, which has no newline. */
static int
allows_after(size_t n, const char *rule, const char *target)
{
	const char *head = "user-agent: *\n";
	char *file = malloc(n);
	int yes;

	memset(file, '\n', n);
	memcpy(file, head, strlen(head));
	memcpy(file + n - strlen(rule), rule, strlen(rule));
	yes = allows(file, n, "x", target);
	free(file);
	return yes;
}

static void
test_limit(void)
{
	tap_int(allows_after(ROBOTS_BYTES, "disallow: /a", "/a"), 0,
	    "a rule that ends at the limit");
	tap_int(allows_after(ROBOTS_BYTES + 1, "disallow: /a\n", "/a"), 0,
	    "or just before it");
	tap_int(allows_after(ROBOTS_BYTES + 1, "disallow: /ab", "/a"), 1,
	    "a rule that is cut says nothing");
	tap_int(allows_after(ROBOTS_BYTES + 9999, "disallow: /a", "/a"), 1,
	    "nor does one far behind");
	tap_int(allows("user-agent: *\ndisallow: /\0a\n", 26, "x", "/b"), 1,
	    "a NUL does not end a rule");
}

/* A file that is made to be slow: each rule fails late, at each place. */
static void
test_slow(void)
{
	static char file[ROBOTS_BYTES], target[20001];
	const char *head = "user-agent: *\nallow: /";
	size_t at = strlen(head);

	memset(target, 'a', sizeof(target) - 1);
	target[0] = '/';
	memset(file, 'a', sizeof(file));
	memcpy(file, head, at);
	for (; at + 8192 < sizeof(file); at += 8192)
		memcpy(file + at, "*a*a*a*a", 8);
	memcpy(file + sizeof(file) - 3, "*b$", 3);
	tap_int(allows(file, sizeof(file), "x", target), 1,
	    "one rule too long for the URL: no match");
	for (at = strlen(head); at + 8192 < sizeof(file); at += 8192) {
		memcpy(file + at + 4000, "b\n", 2);
		memcpy(file + at + 4002, "allow: *aaaa", 12);
	}
	tap_int(allows(file, sizeof(file), "x", target), 0,
	    "rules without end forbid");
}

/* Any bytes are a robots.txt. */
static void
test_noise(void)
{
	static const char *const words[] = { "user-agent:", "disallow:",
	    "allow:", "*", "/", "\n", "\r", "%", "2F", "$", "#", "?", " ",
	    "a", "\xff", "crawl-delay:", "9", "x" };
	uint64_t seed = 9309;
	char file[512];
	size_t i, n, len;
	int bad = 0;

	for (i = 0; i < 20000; i++) {
		for (n = 0; n < 400; n += len) {
			const char *w = words[rng_below(&seed,
			    TAP_COUNT(words))];

			len = strlen(w);
			memcpy(file + n, w, len);
		}
		file[rng_below(&seed, n)] = (char)rng_below(&seed, 256);
		file[n] = '\0';
		bad += allows(file, n, "x", "/a%2F?b/c*$") < 0;
		bad += allows(simple, sizeof(simple), "x", file) < 0;
	}
	tap_int(bad, 0, "noise is read like anything else");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++)
		tap_int(allows(cases[i].file, strlen(cases[i].file),
		    cases[i].agent, cases[i].target), cases[i].allowed,
		    cases[i].descr);
	test_delays();
	test_limit();
	test_slow();
	test_noise();
	return tap_done();
}
