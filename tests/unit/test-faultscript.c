/* What a fault script says, and when its rules strike: faultscript.h. */
#include <stdio.h>
#include <string.h>

#include "net/faultscript.h"
#include "tap.h"

static const struct {
	const char *descr, *text;
	int rules;			/* -1: refused */
	const char *why;		/* what the refusal begins with */
} scripts[] = {
	{ "nothing", "", 0, "" },
	{ "comments and blanks", "\n # x; y\n\t\r\n;;", 0, "" },
	{ "lines and semicolons", "a 503;b html\nc loop\r\n", 3, "" },
	{ "members", "* half share=70 skip=1 count=2 each chance=5 delay=9",
	    1, "" },
	{ "a URL", "* redirect to=http://x/?a=b&c=# status=308", 1, "" },
	{ "a negative number", "* length by=-3", 1, "" },
	{ "no fault", "a 503\n\nb\n", -1, "line 3: a pattern without" },
	{ "no such fault", "* nonsense", -1, "line 1: nonsense: no such" },
	{ "a status that is none", "* 399", -1, "line 1: 399" },
	{ "one that is too high", "* 600", -1, "line 1: 600" },
	{ "no such member", "* html x=1", -1, "line 1: x: no such member" },
	{ "another fault's member", "* html by=1", -1, "line 1: by" },
	{ "a value out of range", "* html chance=101", -1, "line 1: chance" },
	{ "no value", "* half share", -1, "line 1: share" },
	{ "an empty one", "* other as=", -1, "line 1: as" },
	{ "each has none", "* html each=1", -1, "line 1: each" },
	{ "a member is missing", "* redirect status=301", -1, "line 1: a m" },
	{ "late without a delay", "* late", -1, "line 1: a member" },
	{ "after good ones", "a 503;b 503;c", -1, "line 1: a pattern" }
};

static void
test_script(size_t i)
{
	struct faultscript *s = faultscript_new(1);
	char why[FAULTSCRIPT_WHY] = "";
	int got = faultscript_add(s, scripts[i].text, why);

	tap_ok(got == scripts[i].rules && strncmp(why, scripts[i].why,
	    strlen(scripts[i].why)) == 0, "%s: %d %s", scripts[i].descr, got,
	    why);
	faultscript_free(s);
}

/* What each of these keys in turn gets: S for a status, H for html. */
static const struct {
	const char *descr, *text, *keys, *want;
} strikes[] = {
	{ "all", "* 503", "abc", "SSS" },
	{ "none", "d 503", "abc", "..." },
	{ "a set", "[ab] 503", "abcb", "SS.S" },
	{ "count", "* 503 count=2", "abc", "SS." },
	{ "skip", "* 503 skip=1 count=1", "abc", ".S." },
	{ "each", "* 503 count=1 each", "abab", "SS.." },
	{ "skip each", "* 503 skip=1 each", "aabb", ".S.S" },
	{ "the first that matches", "a html;* 503", "ab", "HS" },
	{ "then the next", "* html count=1;* 503 count=1", "abc", "HS." },
	{ "a rule counts what reaches it", "a 503 count=1;* html skip=1",
	    "aaab", "S.HH" },
	{ "no chance", "* 503 chance=0", "abc", "..." },
	{ "every chance", "* 503 chance=100", "abc", "SSS" },
	{ "a chance counts as reached", "* html chance=0 count=2;* 503 skip=2",
	    "aaaa", "..SS" }
};

static char
strike(struct faultscript *s, const char *key)
{
	struct fault f;

	faultscript_take(s, key, &f);
	return f.kind == FAULT_STATUS ? 'S' : f.kind == FAULT_HTML ? 'H' : '.';
}

static void
test_strike(size_t i)
{
	struct faultscript *s = faultscript_new(1);
	char why[FAULTSCRIPT_WHY], got[32] = "", key[2] = "";
	size_t n;

	faultscript_add(s, strikes[i].text, why);
	for (n = 0; strikes[i].keys[n] != '\0'; n++) {
		key[0] = strikes[i].keys[n];
		got[n] = strike(s, key);
	}
	tap_ok(strcmp(got, strikes[i].want) == 0, "%s: %s", strikes[i].descr,
	    got);
	faultscript_free(s);
}

static void
test_members(void)
{
	struct faultscript *s = faultscript_new(1);
	char why[FAULTSCRIPT_WHY];
	struct fault f;

	faultscript_add(s, "a 429 retry_after=7 delay=3;b redirect to=ftp://x "
	    "status=307;c bomb;d length by=-9", why);
	faultscript_take(s, "a", &f);
	tap_ok(f.status == 429 && f.retry_after == 7 && f.retry_date == -1 &&
	    f.delay_ms == 3 && strcmp(f.name, "status") == 0, "a status");
	faultscript_take(s, "b", &f);
	tap_ok(f.kind == FAULT_REDIRECT && f.status == 307 &&
	    strcmp(f.to, "ftp://x") == 0, "a redirect");
	faultscript_take(s, "c", &f);
	tap_ok(f.kind == FAULT_BOMB && f.size > 0, "a default");
	faultscript_take(s, "d", &f);
	tap_ok(f.by == -9, "a negative number");
	faultscript_take(s, "e", &f);
	tap_ok(f.kind == FAULT_NONE && f.name == NULL && f.delay_ms == 0,
	    "nothing");
	faultscript_free(s);
}

/* One letter for each of 1000 requests of 100 keys, key after key. */
static void
strike_many(uint64_t seed, int backwards, char got[1000])
{
	struct faultscript *s = faultscript_new(seed);
	char why[FAULTSCRIPT_WHY], key[16];
	int i, k, round;

	faultscript_add(s, "* 503 chance=30", why);
	for (round = 0; round < 10; round++)
		for (i = 0; i < 100; i++) {
			k = backwards ? 99 - i : i;
			snprintf(key, sizeof(key), "key/%d", k);
			got[10 * k + round] = strike(s, key);
		}
	faultscript_free(s);
}

static void
test_chance(void)
{
	char a[1000], b[1000], c[1000];
	int i, n = 0;

	strike_many(5, 0, a);
	strike_many(5, 1, b);
	strike_many(6, 0, c);
	for (i = 0; i < 1000; i++)
		n += a[i] == 'S';
	tap_ok(n > 240 && n < 360, "three in ten: %d of 1000", n);
	tap_ok(memcmp(a, b, sizeof(a)) == 0, "in whatever order");
	tap_ok(memcmp(a, c, sizeof(a)) != 0, "another seed, other ones");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(scripts); i++)
		test_script(i);
	for (i = 0; i < TAP_COUNT(strikes); i++)
		test_strike(i);
	test_members();
	test_chance();
	return tap_done();
}
