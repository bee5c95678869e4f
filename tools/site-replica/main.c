/*
 * site-replica -- a loopback web site to try and test with, as declared
 *
 * in:   HTTP requests on 127.0.0.1; the declaration with its SQL, templates
 *       and saved pages; fault rules
 * out:  HTTP answers; the URL on stdout when no COMMAND is given
 * owns: the tick file, the request log, the file of --database
 */
#include <errno.h>

#include "base/msg.h"
#include "base/opt.h"
#include "replica/start.h"
#include "page.h"

#define WHY_MAX 4096

static struct start_options options = START_OPTIONS_DEFAULT;
static const char *config, *database, *dir, *set;

static const struct opt opts[] = {
	{ "config", 'c', OPT_STRING, "file", &config,
	    "declaration of the site (.toml or .json)", 1, 0, 0 },
	{ "database", 0, OPT_STRING, "file", &database,
	    "keep a copy of the made-up tables there", 0, 0, 0 },
	{ "dir", 0, OPT_STRING, "dir", &dir,
	    "where the saved pages are (beside the declaration)", 0, 0, 0 },
	START_OPTIONS(options),
	{ "set", 0, OPT_STRING, "name=value[,...]", &set,
	    "parameters that are not as declared", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"a loopback web site to try and test with, as declared",
	"[command ...]", 0, -1, opts, start_libraries
};

/* Load the declaration, and make what it starts with: what is wrong with
 * either is said before anything is served. */
static void
open_model(struct model *model, struct data *data)
{
	int64_t first = start_tick(&options);
	struct buf why;

	buf_init(&why, WHY_MAX);
	if (model_load(model, config, set, dir, &why) == -1)
		msg_die(errno == EINVAL ? EXIT_USAGE : msg_status(errno),
		    "%s", why.data);
	data_init(data, model, options.seed, database);
	if (model->n_data > 0 && data_make(data, first, &why) == -1)
		msg_die(errno == EINVAL ? EXIT_USAGE : msg_status(errno),
		    "%s", why.data);
	buf_release(&why);
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&tool, argc, argv), status;
	struct model model;
	struct data data;
	struct pages *pages;
	struct site site;

	open_model(&model, &data);
	if ((pages = pages_new(&data)) == NULL)
		msg_die_errno(EXIT_OS, "pages");
	pages_site(pages, &site);
	status = start_replica(&options, &site, argv + first);
	pages_free(pages);
	data_release(&data);
	model_release(&model);
	return status;
}
