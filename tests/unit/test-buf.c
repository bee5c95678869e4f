/* Growable bytes: the maximum holds to the byte, a failed add changes nothing. */
#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static const struct {
	const char *descr;
	size_t max;
	const char *first, *then;
	int want;		/* of adding then */
	const char *left;
} adds[] = {
	{ "two strings", 10, "abc", "def", 0, "abcdef" },
	{ "exactly the maximum", 6, "abc", "def", 0, "abcdef" },
	{ "one byte over", 5, "abc", "def", -1, "abc" },
	{ "empty onto full", 3, "abc", "", 0, "abc" },
	{ "empty onto empty", 3, "", "", 0, "" },
	{ "nothing fits in 0", 0, "", "a", -1, "" },
	{ "nothing fits in 0, but nothing does", 0, "", "", 0, "" },
	{ "no maximum", SIZE_MAX, "abc", "def", 0, "abcdef" },
};

static void
test_adds(void)
{
	struct buf b;
	size_t i;
	int r;

	for (i = 0; i < TAP_COUNT(adds); i++) {
		buf_init(&b, adds[i].max);
		buf_str(&b, adds[i].first);
		errno = 0;
		r = buf_str(&b, adds[i].then);
		tap_ok(r == adds[i].want && (r == 0 || errno == E2BIG),
		    "%s: result", adds[i].descr);
		tap_str(b.data, adds[i].left, adds[i].descr);
		buf_release(&b);
	}
}

static void
test_printf(void)
{
	struct buf b;

	buf_init(&b, 8);
	tap_int(buf_printf(&b, "%d-%s", 42, "x"), 0, "printf");
	tap_str(b.data, "42-x", "printf's text");
	errno = 0;
	tap_ok(buf_printf(&b, "%s", "12345") == -1 && errno == E2BIG,
	    "printf over the maximum");
	tap_str(b.data, "42-x", "changes nothing");
	tap_int(buf_printf(&b, "%s", "1234"), 0, "printf to the maximum");
	tap_int(buf_printf(&b, "%s", ""), 0, "printf of nothing when full");
	tap_int((int64_t)b.len, 8, "eight bytes");
	buf_release(&b);
	tap_int(buf_printf(&b, "%s", "again"), 0, "usable after release");
	buf_release(&b);
}

/* Files of so many bytes into a buffer with that maximum. */
static const struct {
	const char *descr;
	size_t bytes, max;
	int want;
} files[] = {
	{ "an empty file", 0, 10, 0 },
	{ "an empty one into nothing", 0, 0, 0 },
	{ "a small one", 9, 10, 0 },
	{ "one of the maximum", 10, 10, 0 },
	{ "one byte over", 11, 10, -1 },
	{ "more than a piece", 200000, 200000, 0 },
	{ "and a byte over", 200001, 200000, -1 }
};

static void
test_file(size_t i, const char *path)
{
	FILE *fp = fopen(path, "w");
	struct buf b;
	size_t n;
	int r;

	for (n = 0; n < files[i].bytes; n++)
		putc('a' + (int)(n % 26), fp);
	fclose(fp);
	buf_init(&b, files[i].max);
	errno = 0;
	r = buf_file(&b, path);
	tap_ok(r == files[i].want && (r == 0 ? b.len == files[i].bytes :
	    errno == E2BIG), "%s", files[i].descr);
	tap_ok(b.data[b.len] == '\0' && (b.len == 0 || b.data[b.len - 1] ==
	    (char)('a' + (b.len - 1) % 26)), "its bytes");
	buf_release(&b);
}

static void
test_files(void)
{
	char path[] = "/tmp/test-buf.XXXXXX";
	struct buf b;
	size_t i;

	close(mkstemp(path));
	for (i = 0; i < TAP_COUNT(files); i++)
		test_file(i, path);
	unlink(path);
	buf_init(&b, 10);
	tap_ok(buf_file(&b, path) == -1 && errno == ENOENT, "no file");
	tap_ok(buf_file(&b, "/") == -1 && errno == EISDIR, "a folder");
	buf_release(&b);
}

static void
test_growth(void)
{
	struct buf b;
	size_t i;
	int bad = 0;

	buf_init(&b, 1000);
	for (i = 0; i < 1000; i++)
		bad |= buf_chr(&b, (char)('a' + i % 26)) == -1 ||
		    b.data[b.len] != '\0';
	tap_ok(!bad && b.len == 1000, "terminated at each of 1000 bytes");
	tap_ok(buf_chr(&b, 'x') == -1 && b.len == 1000, "not one more");
	tap_ok(b.cap <= 1001, "no memory beyond the maximum");
	buf_drop(&b, 990);
	tap_ok(b.len == 10 && b.data[0] == (char)('a' + 990 % 26) &&
	    b.data[10] == '\0', "drop from the front");
	buf_drop(&b, 0);
	buf_drop(&b, 10);
	tap_str(b.data, "", "drop all");
	errno = 0;
	tap_ok(buf_reserve(&b, SIZE_MAX) == -1 && errno == E2BIG,
	    "reserving SIZE_MAX does not overflow");
	buf_release(&b);
	buf_init(&b, SIZE_MAX);
	buf_str(&b, "x");
	errno = 0;
	tap_ok(buf_reserve(&b, SIZE_MAX - 1) == -1 && errno != 0,
	    "nor does it beside what is there");
	tap_str(b.data, "x", "which stays");
	buf_release(&b);
}

static void
test_binary(void)
{
	struct buf b;

	buf_init(&b, 100);
	buf_add(&b, "a\0b", 3);
	buf_add(&b, "\0", 1);
	tap_ok(b.len == 4 && memcmp(b.data, "a\0b\0", 5) == 0,
	    "NUL is a byte like others");
	buf_clear(&b);
	tap_str(b.data, "", "clear");
	tap_int(buf_add(&b, NULL, 0), 0, "no bytes from nowhere");
	buf_release(&b);
	tap_str(b.data, "", "release");
	buf_clear(&b);
	buf_release(&b);
	buf_release(&b);
}

static void
test_detach(void)
{
	struct buf b;
	char *s;

	buf_init(&b, 10);
	s = buf_detach(&b);
	tap_str(s, "", "detach of nothing is an empty string");
	free(s);
	buf_str(&b, "mine");
	s = buf_detach(&b);
	tap_str(s, "mine", "detach");
	tap_int((int64_t)b.len, 0, "empty afterwards");
	free(s);
	buf_str(&b, "next");
	tap_str(b.data, "next", "and usable");
	buf_clear(&b);
	s = buf_detach(&b);
	tap_str(s, "", "detach after clear");
	free(s);
}

int
main(void)
{
	test_adds();
	test_printf();
	test_files();
	test_growth();
	test_binary();
	test_detach();
	return tap_done();
}
