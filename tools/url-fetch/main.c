/*
 * url-fetch -- ask for any URL, politely, and keep the answer.
 *
 * in:   task records, of which each may say how to ask
 * out:  one body, unchanged or error record for each, as it is finished
 * owns: DATA/incoming/RUN, where every body is quarantined;
 *       DATA/cache/robots, what sites let robots ask for
 */
#include <unistd.h>

#include "base/msg.h"
#include "base/stop.h"
#include "net/fetch_options.h"
#include "sites.h"

static struct fetcher_options options = FETCH_OPTIONS_DEFAULT;
static const char *secrets_dir;
static int robots;

static const struct opt opts[] = {
	FETCH_OPTIONS(options),
	{ "robots", 0, OPT_FLAG, NULL, &robots,
	    "ask only for what the site's robots.txt allows", 0, 0, 0 },
	{ "secrets", 0, OPT_STRING, "dir", &secrets_dir,
	    "folder of files that headers may name as secrets", 0, 0, 0 },
	OPT_END
};

int
main(int argc, char *argv[])
{
	const struct opt_tool tool = {
		"ask for any URL, politely, and keep the answer", NULL, 0, 0,
		opts, fetch_library
	};
	struct secrets secrets;
	struct sites sites;
	struct rules rules;
	enum exits status;

	opt_parse(&tool, argc, argv);
	if (fetch_options_finish(&options) == -1)
		msg_die(EXIT_USAGE, "--contact: one short line of ASCII");
	if (secrets_dir != NULL && access(secrets_dir, X_OK) == -1)
		msg_die_errno(EXIT_NOINPUT, "%s", secrets_dir);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	sites_init(&sites, options.data);
	rules = sites_rules(&sites);
	options.rules = robots ? &rules : NULL;
	secrets_init(&secrets, secrets_dir);
	options.secrets = &secrets;
	status = fetcher_run(&options, STDIN_FILENO, STDOUT_FILENO);
	secrets_release(&secrets);
	sites_release(&sites);
	return status;
}
