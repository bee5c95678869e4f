/*
 * run-new -- allocate a run id and register the run.
 *
 * in:   nothing
 * out:  the id on one line of text; no record, hence no end record
 * owns: the table runs of DATA/ledger.sqlite, which it may create
 */
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "store/ledger.h"
#include "store/libraries.h"

static const char *data = "data", *source, *mode, *at;

static const struct opt opts[] = {
	OPT_DATA(&data),
	{ "source", 0, OPT_STRING, "name", &source,
	    "the source that is refreshed", 1, 0, 0 },
	{ "mode", 0, OPT_STRING, "mode", &mode,
	    "what to note as its mode, full or incremental", 0, 0, 0 },
	{ "at", 0, OPT_STRING, "time", &at,
	    "begin at this instant (RFC 3339 with Z), not now", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"allocate a run id and register the run", NULL, 0, 0, opts, libraries
};

/* Random bits for the end of the id: it differs between ledgers too. */
static uint32_t
salt(void)
{
	uint32_t bits;

	if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits))
		msg_die_errno(EXIT_OS, "random bits");
	return bits;
}

static void
allocate(const struct ledger_run *run, char id[LEDGER_RUN_TEXT])
{
	struct db db;

	if (ledger_open(&db, data, DB_CREATE) == -1 ||
	    ledger_run_new(&db, run, id) == -1)
		msg_die(db_status(&db), "%s", db_message(&db));
	db_close(&db);
}

int
main(int argc, char *argv[])
{
	char id[LEDGER_RUN_TEXT], host[256] = "";
	struct ledger_run run = { .host = host, .pid = getpid() };

	opt_parse(&tool, argc, argv);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	run.at_ms = clock_wall_ms();
	if (at != NULL && clock_parse(at, &run.at_ms) == -1)
		msg_die(EXIT_USAGE, "--at %s: not a time like "
		    "2026-11-20T22:31:14Z", at);
	if (source[0] == '\0')
		msg_die(EXIT_USAGE, "--source: empty");
	run.exact = at != NULL;
	run.source = source;
	run.mode = mode;
	run.salt = salt();
	gethostname(host, sizeof(host) - 1);
	allocate(&run, id);
	if (printf("%s\n", id) < 0 || fflush(stdout) == EOF)
		msg_die_errno(EXIT_IO, "standard output");
	return EXIT_OK;
}
