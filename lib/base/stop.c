#include "base/stop.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/exits.h"

/* A signal handler has nowhere else to leave its news. */
static volatile sig_atomic_t got, interrupted, terminated;

static void
note(int sig)
{
	volatile sig_atomic_t *seen = sig == SIGINT ? &interrupted :
	    &terminated;

	if (*seen)
		_exit(EXIT_TEMP);
	*seen = 1;
}

static void
on_signal(int sig)
{
	note(sig);
	got = sig;
}

static int
install(void (*handler)(int))
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1)
		return -1;
	return 0;
}

int
stop_init(void)
{
	return install(on_signal);
}

int
stop_defer(void)
{
	return install(note);
}

int
stop_requested(void)
{
	return got;
}
