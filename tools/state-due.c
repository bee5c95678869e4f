/*
 * state-due -- the partitions that are to be asked for now, as tasks.
 *
 * in:   filters; what failed, and what people said, in the ledger
 * out:  task records, each for a fetch; then end
 * owns: nothing; reads DATA/ledger.sqlite
 *
 * How a partition is asked for is declared, or known from the last time;
 * lib/store/ask.h.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/ask.h"
#include "store/due.h"
#include "store/ledger.h"
#include "store/libraries.h"

static const char *config, *data = "data", *run, *mode = "incremental";
static const char *base = "";
static int64_t base_s = 300, cap_s = 21600, max_failures, limit = -1;
static struct pick only;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "id of the run, from run-new", 1, 0, 0 },
	{ "mode", 0, OPT_STRING, "mode", &mode,
	    "full or incremental (default)", 0, 0, 0 },
	{ "base", 0, OPT_STRING, "url", &base,
	    "in front of declared addresses that begin with /", 0, 0, 0 },
	{ "first-wait", 0, OPT_INTEGER, "s", &base_s,
	    "seconds after the first failure, doubled by each (300)", 0, 0,
	    86400 },
	{ "longest-wait", 0, OPT_INTEGER, "s", &cap_s,
	    "the longest wait, in seconds (21600)", 0, 0, 366 * 86400 },
	{ "max-failures", 0, OPT_INTEGER, "n", &max_failures,
	    "after so many in a row it is due no more (0: always)", 0, 0,
	    1000000 },
	{ "limit", 0, OPT_INTEGER, "n", &limit,
	    "at most so many tasks", 0, 0, INT64_MAX },
	OPT_END
};

static const struct opt_tool tool = {
	"the partitions that are to be asked for now, as tasks",
	"[member=value ...]", 0, -1, opts, libraries
};

struct work {
	struct decl decl;
	struct pages pages;
	struct db ledger;
	struct stream_out out;
	struct arena list;		/* what is due */
	int64_t unknown;		/* nobody knows how to ask for them */
};

static enum exits
ledger_failed(const struct work *w)
{
	msg_error("%s", db_message(&w->ledger));
	return db_status(&w->ledger);
}

/* --- one task ------------------------------------------------------------- */

/* Nobody can ask for it; the others are not concerned. */
static enum exits
leave(struct work *w, const struct due *d, const char *why)
{
	w->unknown++;
	msg_warn("%s: nobody knows how to ask for it: %s", d->part_path, why);
	return EXIT_OK;
}

static enum exits
put_task(struct work *w, const struct due *d, const struct decl_part *part,
    const struct part *key)
{
	const struct ask ask = { .run = run, .mode = mode, .data = data,
	    .ledger = &w->ledger, .d = &w->decl, .pages = &w->pages,
	    .base = base };
	char why[ASK_WHY];
	struct jsonw j;

	stream_record(&w->out, &j, "task");
	if (ask_task(&ask, part, key, d->task, &j, why) == -1) {
		stream_drop(&w->out);
		return errno == EIO ? ledger_failed(w) : leave(w, d,
		    errno == EINVAL ? why : strerror(errno));
	}
	if (stream_put(&w->out, &j) == -1)
		return leave(w, d, strerror(errno));
	return stream_failed(&w->out) ? EXIT_IO : EXIT_OK;
}

static enum exits
put_due(struct work *w, const struct due *d)
{
	const struct decl_part *part;
	const char *name;
	struct part key;

	if (part_parse(&key, d->part) == -1 ||
	    (name = part_get(&key, w->decl.part_member)) == NULL ||
	    (part = decl_part(&w->decl, name)) == NULL)
		return leave(w, d, "its part is not declared");
	return put_task(w, d, part, &key);
}

/* --- all of them ---------------------------------------------------------- */

static enum exits
put_all(struct work *w)
{
	const struct due_query q = { .only = &only, .limit = limit,
	    .now_ms = clock_wall_ms(), .schedule = { base_s * 1000,
	    cap_s * 1000, 0.1, max_failures } };
	enum exits status = EXIT_OK;
	struct due *d;
	int64_t waiting;

	if (ledger_open(&w->ledger, data, DB_READ) == -1) {
		if (errno != ENOENT)
			return ledger_failed(w);
		msg_note("%s: no ledger: nothing is due", data);
		return EXIT_OK;
	}
	if (due_list(&w->ledger, &q, &w->list, &d, &waiting) == -1)
		return ledger_failed(w);
	for (; d != NULL && status == EXIT_OK; d = d->next)
		status = stop_requested() ? EXIT_TEMP : put_due(w, d);
	if (status == EXIT_OK)
		msg_note("%s: due %lld, waiting %lld", w->decl.source,
		    (long long)w->out.n, (long long)waiting);
	return status;
}

static void
load(struct work *w, char *argv[])
{
	struct buf why;
	int n = pick_members(&only, argv);

	if (n == -1 || argv[n] != NULL)
		msg_die(EXIT_USAGE, "%s: not a member=value of a key",
		    argv[n == -1 ? (int)only.members.n : n]);
	if (strcmp(mode, "full") != 0 && strcmp(mode, "incremental") != 0)
		msg_die(EXIT_USAGE, "--mode %s: full or incremental", mode);
	buf_init(&why, 8192);
	decl_start(&w->decl, config);
	if (yyjson_obj_get(w->decl.root, "page") != NULL &&
	    decl_pages_read(&w->decl, &w->pages, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
	only.source = w->decl.source;
}

int
main(int argc, char *argv[])
{
	static struct work w;
	int i = opt_parse(&tool, argc, argv), unknown;
	enum exits status;

	load(&w, argv + i);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	arena_init(&w.list);
	stream_out_init(&w.out, STDOUT_FILENO, 1);
	status = put_all(&w);
	unknown = status == EXIT_OK && w.unknown > 0;
	if (unknown)
		status = EXIT_NOINPUT;
	status = stream_finish(&w.out, status, unknown, NULL);
	db_close(&w.ledger);
	arena_release(&w.list);
	decl_release(&w.decl);
	return (int)status;
}
