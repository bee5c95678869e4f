/* html_memory: what libxml2 is given stays as it is, until it gives it back. */
#include "text/html_memory.h"

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "tap.h"

#define PIECES 200
#define TURNS 20000

static struct {
	unsigned char *p;
	size_t n;
	int fill;
} pieces[PIECES];

static int
is_whole(size_t i)
{
	size_t k;

	for (k = 0; k < pieces[i].n; k++)
		if (pieces[i].p[k] != pieces[i].fill)
			return 0;
	return 1;
}

/* Mostly small, sometimes large. */
static size_t
any_size(uint64_t *seed)
{
	return rng_below(seed, rng_below(seed, 50) == 0 ? 100000 : 200);
}

/* Allocate, resize or free one; 0 if it was not as it had been left. */
static int
turn(uint64_t *seed)
{
	size_t i = rng_below(seed, PIECES), n = any_size(seed);
	size_t kept = pieces[i].n < n ? pieces[i].n : n;
	unsigned char *p;

	if (!is_whole(i))
		return 0;
	if (rng_below(seed, 3) == 0) {
		xmlFree(pieces[i].p);
		memset(&pieces[i], 0, sizeof(pieces[i]));
		return 1;
	}
	p = pieces[i].p == NULL ? xmlMalloc(n) : xmlRealloc(pieces[i].p, n);
	pieces[i].p = p;
	pieces[i].n = kept;
	if (!is_whole(i) || (uintptr_t)p % 16 != 0)
		return 0;
	pieces[i].n = n;
	pieces[i].fill = (int)rng_below(seed, 256);
	memset(p, pieces[i].fill, n);
	return 1;
}

static void
test_page(uint64_t seed, const char *descr)
{
	int turns;

	for (turns = 0; turns < TURNS && turn(&seed); turns++)
		continue;
	tap_int(turns, TURNS, descr);
}

int
main(void)
{
	xmlChar *outside;
	size_t i;

	html_memory_begin();
	tap_ok(!html_memory_is_page(), "nothing is done without init");
	html_memory_init();
	outside = xmlStrdup((const xmlChar *)"outside");
	for (i = 0; i < 3; i++) {
		html_memory_begin();
		tap_ok(html_memory_is_page(), "a page");
		test_page(i + 1, "what is given stays");
		outside = xmlRealloc(outside, 8 + 1000 * i);
		html_memory_end();
		memset(pieces, 0, sizeof(pieces));
	}
	tap_str((const char *)outside, "outside", "across pages, too");
	xmlFree(outside);
	test_page(9, "between pages it is malloc()'s");
	for (i = 0; i < PIECES; i++)
		xmlFree(pieces[i].p);
	xmlCleanupParser();
	return tap_done();
}
