/* Who holds something, told from whoever else has that pid by now. */
#include "base/owner.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define UUID "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
#define LINE "pid=7 start=8 space=9 boot=" UUID " host=box name=a refresh\n"

static const struct {
	const char *descr, *text;
	int good;
} texts[] = {
	{ "as it is written", LINE, 1 },
	{ "more after the line", LINE "and more\n", 1 },
	{ "nothing known but the pid",
	    "pid=7 start=0 space=0 boot= host= name=\n", 1 },
	{ "blanks and brackets in the name",
	    "pid=7 start=8 space=9 boot= host=b name= ) a=b  pid=9 \n", 1 },
	{ "nothing", "", 0 },
	{ "an empty line", "\n", 0 },
	{ "what locks said before", "refresh pid 7\n", 0 },
	{ "torn in the name",
	    "pid=7 start=8 space=9 boot= host=b name=a ref", 0 },
	{ "torn in a number", "pid=7 start=8", 0 },
	{ "torn after a member", "pid=7 start=8 ", 0 },
	{ "another order", "start=8 pid=7 space=9 boot= host= name=\n", 0 },
	{ "a member left out", "pid=7 space=9 boot= host= name=\n", 0 },
	{ "no pid", "pid= start=8 space=9 boot= host= name=\n", 0 },
	{ "pid 0, every process of the group",
	    "pid=0 start=8 space=9 boot= host= name=\n", 0 },
	{ "pid -1, every process", "pid=-1 start=8 space=9 boot= host= name=\n",
	    0 },
	{ "a pid past all", "pid=4294967297 start=8 space=9 boot= host= "
	    "name=\n", 0 },
	{ "a pid with words", "pid=7x start=8 space=9 boot= host= name=\n",
	    0 },
	{ "a number past 64 bits", "pid=7 start=99999999999999999999 space=9 "
	    "boot= host= name=\n", 0 },
	{ "a number of 40 digits",
	    "pid=7 start=8888888888888888888888888888888888888888 space=9 "
	    "boot= host= name=\n", 0 },
	{ "a negative start", "pid=7 start=-8 space=9 boot= host= name=\n",
	    0 },
	{ "a boot that is none", "pid=7 start=8 space=9 boot=/etc host= "
	    "name=\n", 0 },
	{ "a boot that is too long",
	    "pid=7 start=8 space=9 boot=" UUID "0 host= name=\n", 0 },
	{ "a host with odd bytes",
	    "pid=7 start=8 space=9 boot= host=a\033[2J name=\n", 0 },
	{ "a name with control characters",
	    "pid=7 start=8 space=9 boot= host= name=\033[2J\n", 0 },
	{ "a name with a carriage return",
	    "pid=7 start=8 space=9 boot= host= name=a\r\n", 0 },
};

static void
test_texts(void)
{
	struct owner o;
	size_t i;

	for (i = 0; i < TAP_COUNT(texts); i++) {
		errno = 0;
		tap_ok(texts[i].good ? owner_parse(&o, texts[i].text) == 0 :
		    owner_parse(&o, texts[i].text) == -1 && errno == EINVAL,
		    "%s", texts[i].descr);
	}
}

static void
test_members(void)
{
	char line[OWNER_TEXT], longest[OWNER_TEXT], name[1000];
	struct owner o, again;
	size_t n;

	owner_parse(&o, LINE);
	tap_ok(o.pid == 7 && o.start == 8 && o.space == 9, "the numbers");
	tap_str(o.boot, UUID, "the boot");
	tap_str(o.host, "box", "the host");
	tap_str(o.name, "a refresh", "the name");
	n = owner_format(&o, line);
	tap_ok(n == strlen(LINE) && strcmp(line, LINE) == 0, "and back");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	owner_self(&o, name);
	o.pid = INT32_MAX;
	o.start = o.space = INT64_MAX;
	memset(o.host, 'h', sizeof(o.host) - 1);
	o.host[sizeof(o.host) - 1] = '\0';
	n = owner_format(&o, longest);
	tap_ok(n < OWNER_TEXT && longest[n - 1] == '\n' &&
	    owner_parse(&again, longest) == 0 &&
	    strcmp(again.name, o.name) == 0, "the longest there is");
	owner_self(&o, "a\nb\033c");
	tap_str(o.name, "a?b?c", "a name is one line");
}

/* A child that says who it is, and waits to be killed. */
static pid_t
child(struct owner *o)
{
	int fd[2];
	pid_t pid;

	if (pipe(fd) == -1 || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		owner_self(o, "child");
		if (write(fd[1], o, sizeof(*o)) == -1)
			_exit(99);
		for (;;)
			pause();
	}
	close(fd[1]);
	if (read(fd[0], o, sizeof(*o)) != sizeof(*o))
		exit(99);
	close(fd[0]);
	return pid;
}

static void
test_ended(void)
{
	struct owner o;
	siginfo_t info;
	pid_t pid = child(&o);

	tap_int(owner_state(&o), OWNER_ALIVE, "a child that runs");
	kill(pid, SIGKILL);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	tap_int(owner_state(&o), OWNER_GONE, "killed, and not yet reaped");
	waitpid(pid, NULL, 0);
	tap_int(owner_state(&o), OWNER_GONE, "and reaped");
}

/* Us, with one thing changed. */
static void
test_state(void)
{
	struct owner self, o;

	owner_self(&self, "me");
	if (self.start == 0 || self.space == 0 || self.boot[0] == '\0' ||
	    self.host[0] == '\0') {
		tap_skip("alive or not", "no /proc");
		return;
	}
	tap_int(owner_state(&self), OWNER_ALIVE, "this process");
	o = self;
	o.start--;
	tap_int(owner_state(&o), OWNER_GONE, "its pid, used before");
	o.boot[0] = o.boot[0] == '0' ? '1' : '0';
	tap_int(owner_state(&o), OWNER_EARLIER, "of an earlier boot");
	o.host[0] = o.host[0] == 'a' ? 'b' : 'a';
	tap_int(owner_state(&o), OWNER_UNKNOWN, "of another host");
	o = self;
	o.space++;
	tap_int(owner_state(&o), OWNER_UNKNOWN, "in another namespace");
	o = self;
	o.boot[0] = '\0';
	tap_int(owner_state(&o), OWNER_UNKNOWN, "of a boot nobody knows");
	o = self;
	o.start = 0;
	tap_int(owner_state(&o), OWNER_UNKNOWN, "of a start nobody knows");
	o.pid = INT32_MAX;
	tap_int(owner_state(&o), OWNER_GONE, "but a pid that is free is gone");
	test_ended();
}

int
main(void)
{
	test_texts();
	test_members();
	test_state();
	return tap_done();
}
