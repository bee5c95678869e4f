/*
 * soc-fetch -- ask for each task's URL, politely, and keep the body.
 *
 * in:   task records
 * out:  one body, unchanged or error record for each, as it is finished
 * owns: DATA/incoming/RUN, where every body is quarantined
 */
#include <unistd.h>

#include "base/msg.h"
#include "base/stop.h"
#include "net/fetch_options.h"

static struct fetcher_options options = FETCH_OPTIONS_DEFAULT;

static const struct opt opts[] = {
	FETCH_OPTIONS(options),
	OPT_END
};

int
main(int argc, char *argv[])
{
	const struct opt_tool tool = {
		"ask for each task's URL and keep the body", NULL, 0, 0, opts,
		fetch_library
	};

	opt_parse(&tool, argc, argv);
	if (fetch_options_finish(&options) == -1)
		msg_die(EXIT_USAGE, "--contact: one short line of ASCII");
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	return fetcher_run(&options, STDIN_FILENO, STDOUT_FILENO);
}
