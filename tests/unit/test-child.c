/* Other programs: their status, their output, and not too much of it. */
#include "base/child.h"

#include <errno.h>
#include <signal.h>

#include "tap.h"
#include "tmpdir.h"

static const struct {
	const char *descr, *script;
	size_t max;
	int want, err;
	const char *out;
} reads[] = {
	{ "nothing", ":", 10, 0, 0, "" },
	{ "a line", "echo hello", 10, 0, 0, "hello\n" },
	{ "a status", "exit 7", 10, 7, 0, "" },
	{ "output and a status", "echo no; exit 65", 10, 65, 0, "no\n" },
	{ "killed", "kill -KILL $$", 10, 137, 0, "" },
	{ "SIGPIPE is not ignored", "kill -PIPE $$", 10, 141, 0, "" },
	{ "exactly the maximum", "printf 12345", 5, 0, 0, "12345" },
	{ "one byte over", "printf 123456", 5, -1, E2BIG, "" },
	{ "much over", "while :; do echo y; done", 5, -1, E2BIG, "" },
	{ "no input", "cat", 5, 0, 0, "" },
	{ "input that is closed", "read x || echo eof", 5, 0, 0, "eof\n" },
};

static int
sh(const char *script, struct buf *out)
{
	char name[] = "sh", c[] = "-c", text[128];
	char *argv[] = { name, c, text, NULL };

	snprintf(text, sizeof(text), "%s", script);
	return child_read(argv, out);
}

static void
test_reads(void)
{
	struct buf out;
	size_t i;
	int r;

	for (i = 0; i < TAP_COUNT(reads); i++) {
		buf_init(&out, reads[i].max);
		errno = 0;
		r = sh(reads[i].script, &out);
		tap_ok(r == reads[i].want && (r != -1 ||
		    errno == reads[i].err), "%s: result", reads[i].descr);
		if (r != -1)
			tap_str(out.data, reads[i].out, reads[i].descr);
		buf_release(&out);
	}
	buf_init(&out, 1 << 20);
	r = sh("head -c 300000 /dev/zero", &out);
	tap_ok(r == 0 && out.len == 300000 && out.data[299999] == '\0',
	    "300 kB of NUL");
	buf_release(&out);
}

static void
test_missing(void)
{
	static char none[] = "no-such-program", dir[] = "./", file[] = "./f";
	static char *const programs[] = { none, dir, file };
	struct child c;
	size_t i;

	if (getenv("SLUICE_VALGRIND") != NULL) {
		tap_skip("what cannot start", "valgrind starts everything");
		return;
	}
	tmpdir_text("f", "not executable");
	for (i = 0; i < TAP_COUNT(programs); i++) {
		char *argv[] = { programs[i], NULL };

		errno = 0;
		tap_ok(child_start(&c, argv, -1, 0) == -1 && (errno == ENOENT
		    || errno == EACCES), "cannot start %s", programs[i]);
	}
}

static void
test_filter(void)
{
	char name[] = "tr", a[] = "a-z", b[] = "A-Z", text[64];
	char *argv[] = { name, a, b, NULL };
	struct child c;
	ssize_t n;
	int fd;

	tmpdir_text("in", "through a filter");
	fd = open("in", O_RDONLY | O_CLOEXEC);
	tap_int(child_start(&c, argv, fd, 0), 0, "start with input");
	n = read(c.out, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	tap_str(text, "THROUGH A FILTER", "its output");
	tap_int(child_wait(&c), 0, "its status");
	tap_ok(c.out == -1 && fcntl(fd, F_GETFD) != -1,
	    "our descriptor stays ours");
	close(fd);
	errno = 0;
	tap_ok(child_wait(&c) == -1 && errno == ECHILD, "only once");
}

/* What one child has open, another one started later has not. */
static void
test_descriptors(void)
{
	static const char ls[] = "ls /proc/self/fd";
	char name[] = "sleep", arg[] = "60";
	char *argv[] = { name, arg, NULL };
	struct buf before, after;
	struct child other;

	buf_init(&before, 1000);
	buf_init(&after, 1000);
	sh(ls, &before);
	child_start(&other, argv, -1, 0);
	sh(ls, &after);
	tap_str(after.data, before.data, "no descriptor leaks");
	kill(other.pid, SIGKILL);
	tap_int(child_wait(&other), 137, "killed from outside");
	buf_release(&before);
	buf_release(&after);
}

static void
test_inherit(void)
{
	char name[] = "echo", arg[] = "ok";
	char *argv[] = { name, arg, NULL };
	int saved = dup(STDOUT_FILENO), fd;
	struct child c;

	fd = open("inherited", O_WRONLY | O_CREAT, 0600);
	dup2(fd, STDOUT_FILENO);
	child_start(&c, argv, -1, 1);
	child_wait(&c);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	tap_str(tmpdir_read("inherited"), "ok\n", "our standard output");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);	/* as msg_init() does */
	tmpdir_enter();
	test_reads();
	test_missing();
	test_filter();
	test_descriptors();
	test_inherit();
	tmpdir_leave();
	return tap_done();
}
