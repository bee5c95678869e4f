/* html: pages that are changed at random come out whole, or say why. */
#include "../fuzz/fuzz-html.c"

#include "base/rng.h"
#include "tap.h"

#define ROUNDS 1500
#define PAGE_MAX 8192

static const char *const pages[] = {
	"<html><head><meta charset='utf-8'></head><body><p>1 of 99</p>"
	"<table><tr><td>a<td>b<td>c</tr><tr><td>Zo\xc3\xab &amp; co</td>"
	"<td>66.7%</td><td data-unix='1670266200000' "
	"data-facts='{\"a\":[1,null]}'>14(9)</td></tr></table>"
	"<div data-chart='{\"bars\":[{\"v\":5},{\"v\":100}],\"facts\":["
	"{\"label\":\"title\",\"text\":\"Bars\"}]}'></div><ul>"
	"<li data-id='1'><a href='/1'>x</a><li data-id='2'>y</ul>"
	"<a class='off'>next</a></body></html>",
	"<title>Just a moment</title>",
	("<meta http-equiv='content-type' content='text/html; charset=utf-16'>"
	"<table><tr><td>\xff\xfe</table>")
};

/* Pieces that parsers have stumbled over. */
static const char *const pieces[] = { "<div>", "</table>", "<!--", "-->",
	"<![CDATA[", "&#x110000;", "&#0;", "<td", "'", "\"", "<script>",
	"<svg xlink:href='x'>", "<?php", "\xff", "\xed\xa0\x80", "<tr><td>",
	"{\"v\":", "<html>", "<frameset>", "&nbsp;", "<meta charset=utf-7>",
	"<plaintext>", "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;" };

static size_t
change(uint64_t *g, unsigned char *p, size_t n)
{
	size_t at = n > 0 ? (size_t)(rng_next(g) % n) : 0, len, k;
	const char *piece;

	switch (rng_next(g) % 4) {
	case 0:				/* another byte */
		if (n > 0)
			p[at] = (unsigned char)rng_next(g);
		return n;
	case 1:				/* some bytes less */
		len = (size_t)(rng_next(g) % 16);
		if (at + len > n)
			len = n - at;
		memmove(p + at, p + at + len, n - at - len);
		return n - len;
	default:			/* a piece, once or often */
		piece = pieces[rng_next(g) % TAP_COUNT(pieces)];
		len = strlen(piece);
		for (k = rng_next(g) % 8 == 0 ? 300 : 1; k > 0 &&
		    n + len < PAGE_MAX; k--, n += len) {
			memmove(p + at + len, p + at, n - at);
			memcpy(p + at, piece, len);
		}
		return n;
	}
}

int
main(void)
{
	unsigned char page[PAGE_MAX];
	struct html_outcome o;
	uint64_t g = 1;
	struct buf out;
	size_t i, n, k;

	fuzz_start();
	buf_init(&out, 1 << 20);
	tap_ok(extract((const unsigned char *)pages[0], strlen(pages[0]),
	    &out, &o) == 0 && o.rows == 6 && o.entries == 2 &&
	    o.total == 99 && o.last, "the page itself: six records");
	tap_ok(extract((const unsigned char *)pages[1], strlen(pages[1]),
	    &out, &o) == -1 && o.finding.code == FINDING_BLOCKED,
	    "a block page");
	buf_release(&out);
	for (i = 0; i < ROUNDS; i++) {
		n = strlen(pages[i % TAP_COUNT(pages)]);
		memcpy(page, pages[i % TAP_COUNT(pages)], n);
		for (k = 1 + rng_next(&g) % 4; k > 0; k--)
			n = change(&g, page, n);
		LLVMFuzzerTestOneInput(page, n);
	}
	tap_ok(1, "%d changed pages: whole, or not at all", ROUNDS);
	fuzz_end();
	return tap_done();
}
