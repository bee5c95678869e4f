/* A response body on its way into a file: body.h. */
#include "net/body.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

/* printf hello | gzip -n */
static const char gz[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07"
    "\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
#define GZ (sizeof(gz) - 1)

static const struct {
	const char *descr, *bytes;
	size_t n;
	int coded;
	int64_t max;
	enum body_result want;	/* of the last call made */
	const char *sha256;
	int64_t size;
} cases[] = {
	{ "plain", "hello", 5, 0, 5, BODY_OK, HELLO, 5 },
	{ "nothing", "", 0, 0, 5, BODY_OK, EMPTY, 0 },
	{ "plain, too long", "hello!", 6, 0, 5, BODY_TOO_BIG, NULL, 0 },
	{ "gzip", gz, GZ, 1, 100, BODY_OK, HELLO, 5 },
	{ "gzip taken as it is", gz, GZ, 0, 100, BODY_OK, NULL, GZ },
	{ "gzip, too long as sent", gz, GZ, 1, 24, BODY_TOO_BIG, NULL, 0 },
	{ "gzip cut in the trailer", gz, GZ - 1, 1, 100, BODY_TRUNCATED,
	    NULL, 0 },
	{ "gzip cut in the header", gz, 5, 1, 100, BODY_TRUNCATED, NULL, 0 },
	{ "gzip of no bytes", "", 0, 1, 100, BODY_TRUNCATED, NULL, 0 },
	{ "no gzip", "<html>", 6, 1, 100, BODY_BAD_GZIP, NULL, 0 },
};

/* Add the bytes in steps of that size, then publish if all were taken. */
static enum body_result
feed(struct body *b, const char *bytes, size_t n, size_t step,
    char sha256[DIGEST_TEXT])
{
	enum body_result r;
	size_t i;

	for (i = 0; i < n; i += step) {
		r = body_add(b, bytes + i, n - i < step ? n - i : step);
		if (r != BODY_OK) {
			body_abort(b);
			return r;
		}
	}
	return body_end(b, sha256);
}

static void
test_case(size_t i, size_t step)
{
	char sha256[DIGEST_TEXT] = "";
	struct body b;
	enum body_result r;

	if (!tap_ok(body_open(&b, "new/folder/x", cases[i].coded, BODY_ANY,
	    cases[i].max) == 0, "%s, by %zu", cases[i].descr, step))
		return;
	r = feed(&b, cases[i].bytes, cases[i].n, step, sha256);
	tap_int(r, cases[i].want, "the result");
	tap_ok((access("new/folder/x", F_OK) == 0) == (r == BODY_OK),
	    "a file only when it is whole");
	if (cases[i].sha256 != NULL)
		tap_str(sha256, cases[i].sha256, "hash of the decoded bytes");
	if (r == BODY_OK) {
		tap_int(b.size_bytes, cases[i].size, "decoded");
		tap_int(b.stored_bytes, (int64_t)cases[i].n, "as sent");
	}
	body_abort(&b);
	unlink("new/folder/x");
}

/* 5 MB of zeros in 5 kB of gzip. */
static void
test_bomb(void)
{
	static char zip[1 << 16];
	char sha256[DIGEST_TEXT];
	FILE *p = popen("head -c 5000000 /dev/zero | gzip -9n", "r");
	size_t n = p != NULL ? fread(zip, 1, sizeof(zip), p) : 0;
	struct body b;

	if (p == NULL || pclose(p) != 0 || n == sizeof(zip)) {
		tap_skip("a bomb", "no gzip");
		return;
	}
	tap_int(body_open(&b, "new/bomb", 1, BODY_ANY, 100000), 0, "a bomb");
	tap_int(feed(&b, zip, n, 4096, sha256), BODY_TOO_BIG, "is stopped");
	tap_ok(access("new/bomb", F_OK) == -1, "and leaves no file");
}

/* What JSON is promised to be, by its first and its last byte. */
static const struct {
	const char *descr, *bytes;
	enum body_result want;
} json[] = {
	{ "an array", "[1]", BODY_OK },
	{ "an object", "{}\n", BODY_OK },
	{ "with blanks around", " \r\n\t[]\t\n ", BODY_OK },
	{ "behind a byte order mark", "\xef\xbb\xbf[]", BODY_OK },
	{ "a page", "<!doctype html>", BODY_HTML },
	{ "a page behind blanks", "\xef\xbb\xbf\n\n<html>", BODY_HTML },
	{ "a page with an array in it", "<p>[1]", BODY_HTML },
	{ "an array without its end", "[1,", BODY_TRUNCATED },
	{ "and with another one", "[1}", BODY_TRUNCATED },
	{ "an object without its end", "{\"a\":1", BODY_TRUNCATED },
	{ "other nonsense is for others", "Access denied", BODY_OK },
	{ "so is nothing", "", BODY_OK },
	{ "and blanks", " \n", BODY_OK },
};

static void
test_json(size_t i, size_t step)
{
	char sha256[DIGEST_TEXT];
	struct body b;

	tap_int(body_open(&b, "new/json", 0, BODY_JSON, 99) == 0 ?
	    (int)feed(&b, json[i].bytes, strlen(json[i].bytes), step,
	    sha256) : -1, (int)json[i].want, json[i].descr);
	tap_ok((access("new/json", F_OK) == 0) == (json[i].want == BODY_OK),
	    "a file only when it is one");
	unlink("new/json");
}

/* Is this much of zeros, as gzip, a bomb?  Few of them harm nobody. */
static void
test_growth(const char *bytes, enum body_result want)
{
	static char zip[1 << 16];
	char sha256[DIGEST_TEXT], command[96];
	struct body b;
	size_t n;
	FILE *p;

	snprintf(command, sizeof(command),
	    "head -c %s /dev/zero | gzip -9n", bytes);
	p = popen(command, "r");
	n = p != NULL ? fread(zip, 1, sizeof(zip), p) : 0;
	if (p == NULL || pclose(p) != 0 || n == sizeof(zip)) {
		tap_skip("growth", "no gzip");
		return;
	}
	tap_int(body_open(&b, "new/zip", 1, BODY_ANY, (int64_t)1 << 30) == 0 ?
	    (int)feed(&b, zip, n, 4096, sha256) : -1, (int)want, bytes);
	unlink("new/zip");
}

static void
test_again(void)
{
	char sha256[DIGEST_TEXT];
	struct body b;

	tap_int(body_open(&b, "new/x", 0, BODY_ANY, 9) == 0 ?
	    (int)feed(&b, "one", 3, 3, sha256) : -1, BODY_OK, "first");
	tap_int(body_open(&b, "new/x", 0, BODY_ANY, 9) == 0 ?
	    (int)feed(&b, "one", 3, 3, sha256) : -1, BODY_OK, "same bytes");
	tap_int(body_open(&b, "new/x", 0, BODY_ANY, 9) == 0 ?
	    (int)feed(&b, "two", 3, 3, sha256) : -1, BODY_EXISTS, "others");
	tap_int(body_open(&b, "new/x/y", 0, BODY_ANY, 9), -1, "below a file");
	unlink("new/x");
}

/* Nothing may be left but the folders. */
static int
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n == 0;
}

int
main(void)
{
	char dir[] = "/tmp/test-body-XXXXXX";
	size_t i;

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 99;
	for (i = 0; i < TAP_COUNT(cases); i++) {
		test_case(i, 1);
		test_case(i, 1000);
	}
	for (i = 0; i < TAP_COUNT(json); i++) {
		test_json(i, 1);
		test_json(i, 1000);
	}
	test_bomb();
	test_growth("16000000", BODY_OK);
	test_growth("40000000", BODY_BOMB);
	test_again();
	tap_ok(is_empty("new/folder"), "no temporary file is left");
	rmdir("new/folder");
	rmdir("new");
	rmdir(dir);
	return tap_done();
}
