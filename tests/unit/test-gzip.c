/* gzip as it arrives: nothing torn, changed or endless looks complete. */
#include "base/gzip.h"

#include <errno.h>
#include <zlib.h>

#include "base/buf.h"
#include "tap.h"
#include "tmpdir.h"

#define BOMB_BYTES (16 << 20)
#define PACKED_BYTES (128 << 10)	/* no member here is longer */

static const char text[] = "[{\"a\":1},{\"a\":2}]\n[{\"a\":1},{\"a\":2}]\n"
    "the quick brown fox jumps over the lazy dog 0123456789\n";

/* Append in as one gzip member. */
static void
pack(struct buf *out, const void *in, size_t n)
{
	unsigned char *copy = malloc(n + 1);
	z_stream z = { 0 };

	if (copy == NULL || buf_reserve(out, PACKED_BYTES) == -1 ||
	    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		exit(99);
	memcpy(copy, in, n);
	z.next_in = copy;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out->data + out->len;
	z.avail_out = PACKED_BYTES;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		exit(99);
	out->len += z.total_out;
	deflateEnd(&z);
	free(copy);
}

static int
keep(const char *bytes, size_t n, void *arg)
{
	return buf_add(arg, bytes, n);
}

static int
refuse(const char *bytes, size_t n, void *arg)
{
	(void)bytes, (void)n, (void)arg;
	return 1;
}

/* Decode in, handed over in pieces of step bytes. */
static enum gzip_result
unpack(const struct buf *in, size_t step, int64_t max, struct buf *out)
{
	enum gzip_result r = GZIP_OK;
	struct gzip g;
	size_t i, n;

	buf_clear(out);
	if (gzip_init(&g, max, keep, out) == -1)
		exit(99);
	for (i = 0; i < in->len && r == GZIP_OK; i += n) {
		n = in->len - i < step ? in->len - i : step;
		r = gzip_feed(&g, in->data + i, n);
	}
	if (r == GZIP_OK)
		r = gzip_end(&g);
	gzip_release(&g);
	return r;
}

static void
check(const struct buf *in, size_t step, int64_t max, enum gzip_result want,
    const char *plain, const char *descr)
{
	enum gzip_result got;
	struct buf out;

	buf_init(&out, 1 << 20);
	got = unpack(in, step, max, &out);
	if (!tap_ok(got == want, "%s: %s", descr, gzip_text(want)))
		printf("# got: %s\n", gzip_text(got));
	if (want == GZIP_OK)
		tap_ok(strcmp(out.data, plain) == 0, "%s: bytes", descr);
	buf_release(&out);
}

/* The same content behind another header. */
static void
behind(const char *head, size_t n, enum gzip_result want, const char *descr)
{
	struct buf in, packed;
	size_t step;

	buf_init(&in, 1 << 20);
	buf_init(&packed, 1 << 20);
	pack(&packed, text, sizeof(text) - 1);
	buf_add(&in, head, n);
	buf_add(&in, packed.data + 10, packed.len - 10);
	for (step = 1; step < 64; step = 2 * step + 1)
		check(&in, step, 1000, want, text, descr);
	buf_release(&packed);
	buf_release(&in);
}

#define BEHIND(head, want, descr) behind(head, sizeof(head) - 1, want, descr)

static void
test_head(void)
{
	BEHIND("\x1f\x8b\x8\x1f\0\0\0\0\0\x3\x3\0xyzname\0comment\0cc",
	    GZIP_OK, "a header with everything");
	BEHIND("\x1f\x8b\x8\x4\0\0\0\0\0\x3\0\0", GZIP_OK,
	    "an extra field of nothing");
	BEHIND("\x1f\x8b\x8\x12\0\0\0\0\0\x3\0cc", GZIP_OK,
	    "an empty comment and a checksum");
	BEHIND("\x1f\x8b\x8\x20\0\0\0\0\0\x3", GZIP_CORRUPT,
	    "a flag that there is not");
	BEHIND("\x1f\x8b\x7\0\0\0\0\0\0\x3", GZIP_CORRUPT,
	    "a method that there is not");
}

static void
test_whole(void)
{
	char twice[2 * sizeof(text)];
	struct buf in;
	int64_t n = sizeof(text) - 1;

	snprintf(twice, sizeof(twice), "%s%s", text, text);
	buf_init(&in, 1 << 20);
	pack(&in, text, sizeof(text) - 1);
	check(&in, in.len, 1000, GZIP_OK, text, "one piece");
	check(&in, 1, 1000, GZIP_OK, text, "byte by byte");
	check(&in, in.len, n, GZIP_OK, text, "as big as allowed");
	check(&in, in.len, n - 1, GZIP_TOO_BIG, "", "one byte over");
	check(&in, 1, 0, GZIP_TOO_BIG, "", "nothing allowed");
	pack(&in, text, sizeof(text) - 1);
	check(&in, in.len, 1000, GZIP_OK, twice, "two members");
	check(&in, 1, 1000, GZIP_OK, twice, "two members byte by byte");
	check(&in, 7, n, GZIP_TOO_BIG, "", "the limit is for all members");
	pack(&in, "", 0);
	check(&in, 3, 1000, GZIP_OK, twice, "and an empty one");
	buf_add(&in, "\n", 1);
	check(&in, in.len, 1000, GZIP_TRAILING, "", "a byte after it");
	check(&in, 1, 1000, GZIP_TRAILING, "", "a byte after it, alone");
	buf_clear(&in);
	pack(&in, "", 0);
	check(&in, 1, 0, GZIP_OK, "", "an empty member");
	buf_clear(&in);
	check(&in, 1, 1000, GZIP_TRUNCATED, "", "no bytes");
	buf_str(&in, "not gzip at all");
	check(&in, 1, 1000, GZIP_CORRUPT, "", "other bytes");
	buf_release(&in);
}

/* Every proper prefix is truncated, whatever was decoded by then. */
static void
test_torn(void)
{
	struct buf in, out;
	size_t whole;
	int bad = 0;

	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	pack(&in, text, sizeof(text) - 1);
	for (whole = in.len; in.len > 0; ) {
		in.len--;
		bad += unpack(&in, 1 + in.len % 9, 1000, &out) !=
		    GZIP_TRUNCATED;
	}
	tap_ok(bad == 0, "each of %zu prefixes is truncated", whole);
	buf_release(&in);
	buf_release(&out);
}

/* A flipped bit is found, or was in a header field that says nothing. */
static void
test_flipped(void)
{
	struct buf in, out;
	size_t i;
	int bad = 0;

	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	pack(&in, text, sizeof(text) - 1);
	for (i = 0; i < 8 * in.len; i++) {
		in.data[i / 8] ^= (char)(1 << i % 8);
		if (unpack(&in, in.len, 1000, &out) == GZIP_OK)
			bad += strcmp(out.data, text) != 0;
		in.data[i / 8] ^= (char)(1 << i % 8);
	}
	tap_ok(bad == 0, "each of %zu flipped bits", i);
	buf_release(&in);
	buf_release(&out);
}

static void
test_bomb(void)
{
	char *zeros = calloc(1, BOMB_BYTES);
	struct buf in, out;

	if (zeros == NULL)
		exit(99);
	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	pack(&in, zeros, BOMB_BYTES);
	free(zeros);
	tap_ok(unpack(&in, in.len, 100000, &out) == GZIP_TOO_BIG &&
	    out.len <= 100000, "%zu bytes become no more than allowed",
	    in.len);
	buf_release(&in);
	buf_release(&out);
}

static void
check_file(const char *name, int64_t max, enum gzip_result want,
    const char *plain, const char *descr)
{
	int fd = open(name, O_RDONLY);
	struct buf out;

	buf_init(&out, 1 << 20);
	tap_ok(gzip_read(fd, max, keep, &out) == want, "%s: %s", descr,
	    gzip_text(want));
	if (want == GZIP_OK)
		tap_str(out.data, plain, descr);
	buf_release(&out);
	if (fd != -1)
		close(fd);
}

static void
test_files(void)
{
	struct buf in;

	buf_init(&in, 1 << 20);
	pack(&in, text, sizeof(text) - 1);
	tmpdir_write("whole", in.data, in.len);
	tmpdir_write("torn", in.data, in.len - 1);
	tmpdir_text("plain", text);
	tmpdir_text("empty", "");
	tmpdir_text("one", "\x1f");
	tmpdir_text("magic", "\x1f\x8b");
	check_file("whole", 1000, GZIP_OK, text, "a gzip file");
	check_file("torn", 1000, GZIP_TRUNCATED, "", "a torn file");
	check_file("plain", 1000, GZIP_OK, text, "a file that is no gzip");
	check_file("plain", 10, GZIP_TOO_BIG, "", "a plain file too big");
	check_file("empty", 1000, GZIP_OK, "", "an empty file");
	check_file("one", 1000, GZIP_OK, "\x1f", "half the magic number");
	check_file("magic", 1000, GZIP_TRUNCATED, "", "the magic number only");
	check_file(".", 1000, GZIP_IO, "", "a folder");
	check_file("missing", 1000, GZIP_IO, "", "no file");
	buf_release(&in);
}

static void
test_stopped(void)
{
	struct gzip g;
	struct buf in;

	buf_init(&in, 1 << 20);
	pack(&in, text, sizeof(text) - 1);
	gzip_init(&g, 1000, refuse, NULL);
	tap_ok(gzip_feed(&g, in.data, in.len) == GZIP_STOPPED,
	    "the callback stops it");
	gzip_release(&g);
	gzip_release(&g);
	buf_release(&in);
}

int
main(void)
{
	test_whole();
	test_head();
	test_torn();
	test_flipped();
	test_bomb();
	test_stopped();
	tmpdir_enter();
	test_files();
	tmpdir_leave();
	return tap_done();
}
