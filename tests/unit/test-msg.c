/* Diagnostics: one clean line each, whatever is in the arguments. */
#include "base/msg.h"

#include <errno.h>
#include <fcntl.h>

#include "forked.h"
#include "tap.h"

static const struct {
	const char *descr, *argv0, *text, *want;
} lines[] = {
	{ "plain", "tool", "file: reason", "tool: error: file: reason\n" },
	{ "the name without its folder", "/usr/bin/tool", "x",
	    "tool: error: x\n" },
	{ "newline and tab", "t", "a\nb\tc\r", "t: error: a?b?c?\n" },
	{ "escape sequence", "t", "\x1b[2J", "t: error: ?[2J\n" },
	{ "delete", "t", "\x7f", "t: error: ?\n" },
	{ "C1 control as UTF-8", "t", "a\xc2\x9b" "1mb",
	    "t: error: a??1mb\n" },
	{ "UTF-8 text", "t", "caf\xc3\xa9 \xe2\x82\xac",
	    "t: error: caf\xc3\xa9 \xe2\x82\xac\n" },
	{ "c2 at the end", "t", "\xc2", "t: error: \xc2\n" },
	{ "percent", "t", "100%s%n", "t: error: 100%s%n\n" },
	{ "nothing", "t", "", "t: error: \n" },
	{ "a name with control characters", "a\nb", "x",
	    "a?b: error: x\n" },
};

static void
say(const void *arg)
{
	const size_t i = *(const size_t *)arg;

	msg_init(lines[i].argv0);
	msg_error("%s", lines[i].text);
}

static void
say_long(const void *arg)
{
	char text[10000];
	size_t i;

	msg_init("t");
	for (i = 0; i < sizeof(text) - 1; i++)	/* two-byte characters */
		text[i] = i % 2 ? '\xa9' : '\xc3';
	text[i] = '\0';
	msg_error("%s%s", (const char *)arg, text);
}

static void
say_levels(const void *arg)
{
	msg_init("t");
	msg_set_level(*(const enum msg_level *)arg);
	errno = EACCES;
	msg_debug("d");
	msg_note("n");
	msg_warn("w");
	msg_error("e");
	msg_error_errno("f");
	if (errno != EACCES || msg_get_level() != *(const enum msg_level *)arg)
		exit(1);
}

static void
die(const void *arg)
{
	(void)arg;
	msg_init("t");
	printf("was in the buffer");
	errno = ENOENT;
	msg_die_errno(EXIT_NOINPUT, "%s", "x");
}

/* Started with 0, 1, 2 closed, no file we open can become one of them. */
static void
closed(const void *arg)
{
	char c;
	int bad;

	(void)arg;
	close(0);
	close(1);
	close(2);
	msg_init("t");
	bad = open("/dev/null", O_RDWR) <= 2;
	bad |= read(0, &c, 1) != -1 || errno != EBADF;
	bad |= write(1, "x", 1) != -1 || errno != EBADF;
	msg_error("to nobody");
	_exit(bad);
}

static void
pipe_closed(const void *arg)
{
	int p[2];

	(void)arg;
	msg_init("t");
	if (pipe(p) == -1)
		exit(99);
	close(p[0]);
	exit(write(p[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1);
}

static void
test_lines(void)
{
	struct forked f;
	size_t i;

	for (i = 0; i < TAP_COUNT(lines); i++) {
		forked_run(&f, say, &i);
		tap_str(f.err, lines[i].want, lines[i].descr);
	}
	for (i = 0; i < 2; i++) {
		size_t n;

		forked_run(&f, say_long, i == 0 ? "" : "x");
		n = strlen(f.err);
		tap_ok(n > 1000 && n <= 2048 && f.err[n - 1] == '\n' &&
		    f.err[n - 2] == '\xa9', "cut between characters");
	}
}

static void
test_levels(void)
{
	static const struct {
		enum msg_level level;
		const char *want;
	} cases[] = {
		{ MSG_QUIET, "t: error: e\nt: error: f: Permission denied\n" },
		{ MSG_NORMAL, "t: note: n\nt: warning: w\nt: error: e\n"
		    "t: error: f: Permission denied\n" },
		{ MSG_VERBOSE, "t: debug: d\nt: note: n\nt: warning: w\n"
		    "t: error: e\nt: error: f: Permission denied\n" },
	};
	struct forked f;
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		forked_run(&f, say_levels, &cases[i].level);
		tap_str(f.err, cases[i].want, "what a level says");
		tap_int(f.status, 0, "errno is preserved");
	}
}

static void
test_exits(void)
{
	static const struct {
		int err;
		enum exits want;
	} cases[] = {
		{ ENOMEM, EXIT_OS }, { EMFILE, EXIT_OS },
		{ ENOENT, EXIT_NOINPUT }, { ENOTDIR, EXIT_NOINPUT },
		{ EEXIST, EXIT_REFUSED }, { EINTR, EXIT_TEMP },
		{ ENOSPC, EXIT_IO }, { EPIPE, EXIT_IO }, { EIO, EXIT_IO },
		{ EROFS, EXIT_IO }, { EACCES, EXIT_IO }, { 0, EXIT_IO },
	};
	static const int all[] = { 0, 1, 64, 65, 66, 70, 71, 73, 74, 75, 76 };
	struct forked f;
	size_t i, j;

	for (i = 0; i < TAP_COUNT(cases); i++)
		tap_int(msg_status(cases[i].err), cases[i].want,
		    strerror(cases[i].err));
	for (i = 0; i < TAP_COUNT(all); i++) {
		int good = strcmp(exits_name(all[i]), "unknown") != 0;

		for (j = 0; j < i; j++)
			good &= strcmp(exits_name(all[i]),
			    exits_name(all[j])) != 0;
		tap_ok(good, "status %d is called %s", all[i],
		    exits_name(all[i]));
	}
	tap_str(exits_name(2), "unknown", "status 2 is not ours");
	forked_run(&f, die, NULL);
	tap_int(f.status, 66, "msg_die_errno's status");
	tap_str(f.err, "t: error: x: No such file or directory\n", "its line");
	tap_str(f.out, "was in the buffer", "after what was printed");
}

int
main(void)
{
	struct forked f;

	tap_str(msg_tool(), "sluice", "a name before msg_init()");
	test_lines();
	test_levels();
	test_exits();
	forked_run(&f, closed, NULL);
	tap_int(f.status, 0, "closed descriptors 0 to 2");
	forked_run(&f, pipe_closed, NULL);
	tap_int(f.status, 0, "a closed pipe is an error, not a signal");
	return tap_done();
}
