/*
 * soc-replica -- a loopback Schedule of Classes API to try and test with
 *
 * in:   HTTP requests on 127.0.0.1; the folder of --captures, fault rules
 * out:  HTTP answers; the URL on stdout when no COMMAND is given
 * owns: the tick file, the request log
 */
#include <errno.h>

#include "base/msg.h"
#include "base/opt.h"
#include "replica/start.h"
#include "api.h"
#include "captures.h"
#include "synthetic.h"

static struct start_options options = START_OPTIONS_DEFAULT;
static const char *captures_dir;
static int64_t percent = 100;

static const struct opt opts[] = {
	{ "captures", 0, OPT_STRING, "dir", &captures_dir,
	    "serve the captures below dir, not made-up terms", 0, 0, 0 },
	START_OPTIONS(options),
	{ "scale", 0, OPT_INTEGER, "percent", &percent,
	    "size of made-up terms, percent of real ones (100)", 0, 1, 100 },
	OPT_END
};

static const struct opt_tool tool = {
	"a loopback Schedule of Classes API to try and test with",
	"[command ...]", 0, -1, opts, start_libraries
};

/* Open what the options say; made-up terms need nothing opened. */
static struct captures *
open_source(struct synthetic *y, struct source *source)
{
	struct captures *c;

	if (captures_dir == NULL) {
		y->seed = (uint64_t)options.seed;
		y->percent = (int)percent;
		synthetic_source(y, source);
		return NULL;
	}
	if ((c = captures_open(captures_dir, source)) == NULL) {
		if (errno == ENOENT)
			msg_die(EXIT_NOINPUT, "%s: no YEAR-TERM/CAMPUS/"
			    "ENDPOINT.TIME.json.gz below it", captures_dir);
		msg_die_errno(msg_status(errno), "%s", captures_dir);
	}
	return c;
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&tool, argc, argv), status;
	struct captures *captures;
	struct synthetic synthetic;
	struct source source;
	struct cache *cache;
	struct site site;

	captures = open_source(&synthetic, &source);
	if ((cache = cache_new(&source)) == NULL)
		msg_die_errno(EXIT_OS, "cache");
	api_site(cache, &site);
	site.steps = source.steps;
	status = start_replica(&options, &site, argv + first);
	cache_free(cache);
	captures_free(captures);
	return status;
}
