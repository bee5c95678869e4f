/* A signal asks; the same one again ends. */
#include "base/stop.h"

#include <errno.h>
#include <signal.h>

#include "forked.h"
#include "tap.h"

static void
asked(const void *arg)
{
	int sig = *(const int *)arg;

	stop_init();
	if (stop_requested() != 0)
		exit(1);
	raise(sig);
	exit(stop_requested() == sig ? 0 : 2);
}

static void
twice(const void *arg)
{
	stop_init();
	raise(*(const int *)arg);
	raise(*(const int *)arg);
	exit(3);
}

/* Ctrl-C and a parent that passes it on: one request. */
static void
both_once(const void *arg)
{
	(void)arg;
	stop_init();
	raise(SIGINT);
	raise(SIGTERM);
	if (stop_requested() == 0)
		exit(2);
}

static void
both(const void *arg)
{
	both_once(arg);
	exit(0);
}

/* Ctrl-C twice, each passed on in between: the second ends it. */
static void
both_twice(const void *arg)
{
	both_once(arg);
	raise(SIGINT);
	exit(3);
}

/* A read that waits must come back, or nobody would look at the flag. */
static void
waiting(const void *arg)
{
	int p[2];
	char c;

	(void)arg;
	if (stop_init() == -1 || pipe(p) == -1)
		exit(99);
	alarm(20);		/* a hang is a failure */
	if (fork() == 0) {
		usleep(50000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	exit(read(p[0], &c, 1) == -1 && errno == EINTR &&
	    stop_requested() == SIGTERM ? 0 : 4);
}

int
main(void)
{
	static const int sigs[] = { SIGINT, SIGTERM };
	struct forked f;
	size_t i;

	tap_int(stop_requested(), 0, "nobody asked");
	for (i = 0; i < TAP_COUNT(sigs); i++) {
		forked_run(&f, asked, &sigs[i]);
		tap_int(f.status, 0, "asked once");
		forked_run(&f, twice, &sigs[i]);
		tap_int(f.status, 75, "asked twice");
	}
	forked_run(&f, both, NULL);
	tap_int(f.status, 0, "asked by two signals");
	forked_run(&f, both_twice, NULL);
	tap_int(f.status, 75, "asked by two signals, twice by one");
	forked_run(&f, waiting, NULL);
	tap_int(f.status, 0, "a waiting read comes back");
	return tap_done();
}
