/* Names of files: nothing gets out of its folder, every byte comes back. */
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "tmpdir.h"

static const struct {
	const char *descr, *in, *want;
} encoded[] = {
	{ "plain", "20261", "20261" },
	{ "all plain marks", "A-z_0.9", "A-z_0.9" },
	{ "dot", ".", "%2E" },
	{ "dot dot", "..", "%2E." },
	{ "hidden", ".git", "%2Egit" },
	{ "slash", "a/b", "a%2Fb" },
	{ "climbing", "../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd" },
	{ "percent", "100%", "100%25" },
	{ "equals", "a=b", "a%3Db" },
	{ "blank, newline, delete", " \n\x7f", "%20%0A%7F" },
	{ "UTF-8", "\xc3\xa9", "%C3%A9" },
	{ "nothing", "", "" },
};

static const struct {
	const char *descr, *in;
	size_t n;
	const char *want;	/* NULL: EINVAL */
} decoded[] = {
	{ "plain", "20261", 5, "20261" },
	{ "both cases", "%2f%2F", 6, "//" },
	{ "only n bytes", "abcdef", 3, "abc" },
	{ "nothing", "", 0, "" },
	{ "percent alone", "%", 1, NULL },
	{ "one digit", "%2", 2, NULL },
	{ "escape beyond n", "%2Fx", 2, NULL },
	{ "no digits", "%zz", 3, NULL },
	{ "sign", "%+1", 3, NULL },
	{ "NUL escaped", "a%00b", 5, NULL },
	{ "NUL itself", "a\0b", 3, NULL },
};

static void
test_text(void)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1000);
	for (i = 0; i < TAP_COUNT(encoded); i++) {
		buf_clear(&b);
		path_encode(&b, encoded[i].in);
		tap_str(b.data, encoded[i].want, encoded[i].descr);
	}
	for (i = 0; i < TAP_COUNT(decoded); i++) {
		int r;

		buf_clear(&b);
		errno = 0;
		r = path_decode(&b, decoded[i].in, decoded[i].n);
		if (decoded[i].want == NULL)
			tap_ok(r == -1 && errno == EINVAL, "not decoded: %s",
			    decoded[i].descr);
		else
			tap_str(b.data, decoded[i].want, decoded[i].descr);
	}
	buf_release(&b);
}

static void
test_every_byte(void)
{
	struct buf name, back;
	char value[256];
	int i;

	for (i = 0; i < 255; i++)
		value[i] = (char)(i + 1);
	value[255] = '\0';
	buf_init(&name, 1000);
	buf_init(&back, 1000);
	path_encode(&name, value);
	path_decode(&back, name.data, name.len);
	tap_str(back.data, value, "every byte comes back");
	tap_ok(strpbrk(name.data, "/ \n") == NULL, "and is one plain name");
	buf_release(&name);
	buf_init(&name, 10);
	tap_ok(path_encode(&name, "12345678901") == -1 && errno == E2BIG,
	    "the buffer's maximum");
	buf_release(&name);
	buf_release(&back);
}

static int
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
test_dirs(void)
{
	static const struct {
		const char *dir;
		int err;
	} cases[] = {
		{ "a", 0 }, { "a", 0 }, { "a/b/c", 0 }, { "a/b/d/", 0 },
		{ "a//e///f", 0 }, { "./a/./g", 0 }, { ".", 0 }, { "/", 0 },
		{ "a/../h", 0 }, { "file", ENOTDIR }, { "file/x", ENOTDIR },
		{ "nowhere", ENOENT }, { "nowhere/x", ENOENT },
	};
	size_t i;

	tmpdir_text("file", "");
	if (symlink("missing", "nowhere") == -1)
		exit(99);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		int r;

		errno = 0;
		r = path_mkdirs(cases[i].dir);
		tap_ok(cases[i].err == 0 ? r == 0 && is_dir(cases[i].dir) :
		    r == -1 && errno == cases[i].err, "mkdirs %s",
		    cases[i].dir);
	}
	tap_ok(path_mkparents("p/q/file") == 0 && is_dir("p/q") &&
	    access("p/q/file", F_OK) == -1, "mkparents makes no file");
	tap_ok(path_mkparents("file2") == 0 && path_mkparents("/x") == 0,
	    "nothing to make");
	tap_ok(path_sync_parent("p/q/file") == 0 &&
	    path_sync_parent("file") == 0 && path_sync_parent("/x") == 0,
	    "sync of a folder");
	tap_ok(path_sync_parent("none/file") == -1 && errno == ENOENT,
	    "sync of none");
}

static void
test_remove(void)
{
	path_mkdirs("t/u/v");
	tmpdir_text("t/u/file", "x");
	if (symlink("../kept", "t/u/link") == -1)
		exit(99);
	path_mkdirs("kept/k");
	tap_ok(path_remove_tree("t") == 0 && !is_dir("t"), "a tree is removed");
	tap_ok(is_dir("kept/k"), "not where a link leads");
	tap_ok(path_remove_tree("t") == 0, "nothing to remove");
	tmpdir_text("single", "x");
	tap_ok(path_remove_tree("single") == 0 && access("single", F_OK)
	    == -1, "a file");
	tap_ok(path_remove_tree("kept/k/.") == -1, "a name that cannot go");
}

static void
test_tool(void)
{
	char self[PATH_MAX];
	struct buf b;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	buf_init(&b, PATH_BYTES_MAX);
	path_tool(&b, "test-path");
	tap_str(b.data, self, "a program beside this one");
	buf_clear(&b);
	path_tool(&b, "no-such-tool");
	tap_str(b.data, "no-such-tool", "else it is left to PATH");
	buf_release(&b);
}

int
main(void)
{
	test_text();
	test_every_byte();
	test_tool();
	tmpdir_enter();
	test_dirs();
	test_remove();
	tmpdir_leave();
	return tap_done();
}
