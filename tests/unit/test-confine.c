/* confine: answers, and what becomes of a child that takes too much. */
#include "base/confine.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define MEMORY ((int64_t)256 << 20)

/* What the request asks for by its first byte. */
static int
answer(const char *request, size_t n, struct buf *out, void *arg)
{
	volatile unsigned long sum = 0;

	switch (n > 0 ? request[0] : '\0') {
	case 'c':			/* all the time that there is */
		for (;;)
			sum++;
	case 'a':
		abort();
	case 'x':
		_exit(3);
	case 'm':			/* more memory than allowed */
		return malloc((size_t)MEMORY * 2) == NULL ?
		    (buf_str(out, "none"), -1) : buf_str(out, "some");
	case 'p':
		return buf_printf(out, "%ld", (long)getpid());
	default:
		(void)arg;
		return buf_printf(out, "%zu:%.*s", n, (int)n, request);
	}
}

static pid_t
pid_of(struct confine *c, struct buf *b)
{
	buf_clear(b);
	return confine_call(c, "p", 1, b) == CONFINE_OK ?
	    (pid_t)atol(b->data) : -1;
}

int
main(void)
{
	struct confine c;
	struct buf b;
	char big[200000];
	pid_t first;

	signal(SIGPIPE, SIG_IGN);
	buf_init(&b, 1 << 20);
	confine_init(&c, answer, NULL, 1, MEMORY, 1 << 19);
	confine_release(&c);
	tap_ok(1, "released without a child");
	tap_ok(confine_call(&c, "hello", 5, &b) == CONFINE_OK &&
	    strcmp(b.data, "5:hello") == 0, "an answer");
	tap_ok(confine_call(&c, "", 0, &b) == CONFINE_OK &&
	    strcmp(b.data, "5:hello0:") == 0, "answers are appended");
	memset(big, 'b', sizeof(big));
	buf_clear(&b);
	tap_ok(confine_call(&c, big, sizeof(big), &b) == CONFINE_OK &&
	    b.len == sizeof(big) + 7, "more than a pipe holds, both ways");
	first = pid_of(&c, &b);
	tap_ok(first > 0 && first != getpid() && pid_of(&c, &b) == first,
	    "one child for many calls");
	buf_clear(&b);
	tap_ok(confine_call(&c, "a", 1, &b) == CONFINE_DIED && b.len == 0,
	    "it aborts");
	tap_ok(pid_of(&c, &b) > 0 && pid_of(&c, &b) != first,
	    "the next call has a new one");
	tap_ok(confine_call(&c, "x", 1, &b) == CONFINE_DIED, "it exits");
	tap_ok(confine_call(&c, "c", 1, &b) == CONFINE_CPU,
	    "it uses its time up");
#if !defined(__SANITIZE_ADDRESS__)
	if (getenv("SLUICE_VALGRIND") == NULL) {
		first = pid_of(&c, &b);
		buf_clear(&b);
		tap_ok(confine_call(&c, "m", 1, &b) == CONFINE_OK &&
		    strcmp(b.data, "none") == 0, "memory has an end");
		tap_ok(pid_of(&c, &b) != first,
		    "who ran out of it answers no more");
	}
#endif
	first = pid_of(&c, &b);
	kill(first, SIGKILL);
	tap_ok(confine_call(&c, "z", 1, &b) != CONFINE_OK &&
	    confine_call(&c, "z", 1, &b) == CONFINE_OK,
	    "killed by another, it is replaced");
	confine_release(&c);
	tap_ok(waitpid(-1, NULL, 0) == -1, "no child is left");
	buf_release(&b);
	return tap_done();
}
