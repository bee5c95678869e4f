/*
 * soc-fetch -- ask for each task's URL, politely, and keep the body.
 *
 * in:   task records
 * out:  one body, unchanged or error record for each, as it is finished
 * owns: DATA/incoming/RUN, where every body is quarantined
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "net/fetcher.h"

#define DAY_MS 86400000

static struct fetcher_options options = {
	.data = "data",
	.policy = {
		.workers = 3, .interval_ms = 600, .timeout_ms = 120000,
		.connect_ms = 15000, .max_bytes = LIMIT_PAYLOAD_BYTES,
		.retry = { .max_attempts = 4, .base_ms = 2000 }
	}
};
static int64_t seed = -1;

static const struct opt opts[] = {
	OPT_DATA(&options.data),
	{ "max-workers", 0, OPT_INTEGER, "n", &options.policy.workers,
	    "requests in flight (default 3)", 0, 1, 256 },
	{ "interval", 0, OPT_INTEGER, "ms", &options.policy.interval_ms,
	    "between two request starts to a host (default 600)", 0, 0,
	    RETRY_WAIT_MAX },
	{ "timeout", 0, OPT_INTEGER, "ms", &options.policy.timeout_ms,
	    "for one whole attempt (default 120000)", 0, 1, DAY_MS },
	{ "connect-timeout", 0, OPT_INTEGER, "ms",
	    &options.policy.connect_ms, "to connect (default 15000)", 0, 1,
	    DAY_MS },
	{ "max-attempts", 0, OPT_INTEGER, "n",
	    &options.policy.retry.max_attempts, "for one task (default 4)",
	    0, 1, 100 },
	{ "backoff", 0, OPT_INTEGER, "ms", &options.policy.retry.base_ms,
	    "at most, before attempt 2; then doubled (default 2000)", 0, 0,
	    RETRY_WAIT_MAX },
	{ "max-bytes", 0, OPT_INTEGER, "n", &options.policy.max_bytes,
	    "of a body, sent and decoded (default 1073741824)", 0, 1,
	    INT64_MAX },
	{ "contact", 0, OPT_STRING, "who", &options.contact,
	    "mail address or page for servers (default $CONTACT)", 0, 0, 0 },
	{ "seed", 0, OPT_INTEGER, "n", &seed,
	    "of the random part of the waits (default random)", 0, 0,
	    INT64_MAX },
	{ "partial", 0, OPT_FLAG, NULL, &options.partial,
	    "accept input without an end record", 0, 0, 0 },
	OPT_END
};

static void
choose_contact(void)
{
	if (options.contact == NULL)
		options.contact = getenv("CONTACT");
	if (options.contact != NULL && options.contact[0] == '\0')
		options.contact = NULL;
	if (options.contact != NULL && !fetcher_contact_ok(options.contact))
		msg_die(EXIT_USAGE, "--contact: one short line of ASCII");
}

int
main(int argc, char *argv[])
{
	const struct opt_tool tool = {
		"ask for each task's URL and keep the body", NULL, 0, 0, opts,
		fetch_library
	};

	opt_parse(&tool, argc, argv);
	choose_contact();
	if (seed == -1)
		seed = clock_wall_ms() ^ ((int64_t)getpid() << 20);
	options.policy.retry.state = (uint64_t)seed;
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	return fetcher_run(&options, STDIN_FILENO, STDOUT_FILENO);
}
