/*
 * state-inspect -- what the ledger says about partitions.
 *
 * in:   filters
 * out:  a table for people, or JSON, records, tab-separated values
 * owns: nothing; reads DATA/ledger.sqlite and leaves no trace
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "store/inspect.h"
#include "store/ledger.h"
#include "store/libraries.h"

static struct inspect q = { .limit = -1 };
static const char *data = "data", *since, *until, *format = "table";
static int counts, freshness, gaps, retries, actions;

static const struct opt opts[] = {
	OPT_DATA(&data),
	{ "source", 0, OPT_STRING, "name", &q.only.source,
	    "only of this source", 0, 0, 0 },
	{ "dataset", 0, OPT_STRING, "dataset", &q.only.dataset,
	    "only of this dataset, e.g. 2026/A", 0, 0, 0 },
	{ "status", 0, OPT_STRING, "status", &q.status,
	    "only valid, invalid or pending ones", 0, 0, 0 },
	{ "last", 0, OPT_STRING, "outcome", &q.last,
	    "only those whose last attempt was ok, or failed", 0, 0, 0 },
	{ "since", 0, OPT_STRING, "time", &since,
	    "from this date (of the key) or instant (of the change) on",
	    0, 0, 0 },
	{ "until", 0, OPT_STRING, "time", &until,
	    "up to this date or instant", 0, 0, 0 },
	{ "limit", 0, OPT_INTEGER, "n", &q.limit,
	    "at most so many rows", 0, 0, INT64_MAX },
	{ "format", 0, OPT_STRING, "format", &format,
	    "table (default), json, jsonl or tsv", 0, 0, 0 },
	{ "counts", 0, OPT_FLAG, NULL, &counts,
	    "how many of each status", 0, 0, 0 },
	{ "freshness", 0, OPT_FLAG, NULL, &freshness,
	    "the newest date of each key, and its lag", 0, 0, 0 },
	{ "gaps", 0, OPT_FLAG, NULL, &gaps,
	    "dates that are missing", 0, 0, 0 },
	{ "retries", 0, OPT_FLAG, NULL, &retries,
	    "how many were answered, and failed, how often", 0, 0, 0 },
	{ "actions", 0, OPT_FLAG, NULL, &actions,
	    "what people said, and why", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"what the ledger says about partitions", "[member=value ...]", 0, -1,
	opts, libraries
};

/* What there is to see; the first one is the default. */
static const struct view {
	const int *chosen;
	const char *type;	/* of its records */
	const struct sheet_column *columns;
	int (*fill)(struct db *, const struct inspect *, struct sheet *);
} views[] = {
	{ NULL, "partition", inspect_list_columns, inspect_list },
	{ &counts, "count", inspect_count_columns, inspect_counts },
	{ &freshness, "freshness", inspect_fresh_columns,
	    inspect_freshness },
	{ &gaps, "gap", inspect_gap_columns, inspect_gaps },
	{ &retries, "retries", inspect_retry_columns, inspect_retries },
	{ &actions, "action", inspect_action_columns, inspect_actions },
};

static void
check_time(const char *option, const char *text, struct pick_time *t)
{
	if (text != NULL && pick_time_parse(t, text) == -1)
		msg_die(EXIT_USAGE, "--%s %s: not a date like 2026-11-20, "
		    "nor an instant like 2026-11-20T22:31:14Z", option, text);
}

static const struct view *
check(char *argv[], enum sheet_format *form)
{
	const struct view *view = &views[0];
	int n = pick_members(&q.only, argv);
	size_t i;

	if (n == -1 || argv[n] != NULL)
		msg_die(EXIT_USAGE, "%s: not a member=value of a key",
		    argv[n == -1 ? (int)q.only.members.n : n]);
	if (q.status != NULL && strcmp(q.status, "valid") != 0 &&
	    strcmp(q.status, "invalid") != 0 &&
	    strcmp(q.status, "pending") != 0)
		msg_die(EXIT_USAGE, "--status %s: valid, invalid or pending",
		    q.status);
	if (q.last != NULL && strcmp(q.last, "ok") != 0 &&
	    strcmp(q.last, "failed") != 0)
		msg_die(EXIT_USAGE, "--last %s: ok or failed", q.last);
	check_time("since", since, &q.since);
	check_time("until", until, &q.until);
	if (sheet_format_parse(format, form) == -1)
		msg_die(EXIT_USAGE, "--format %s: table, json, jsonl or tsv",
		    format);
	for (i = 1; i < sizeof(views) / sizeof(views[0]); i++)
		if (*views[i].chosen) {
			if (view != &views[0])
				msg_die(EXIT_USAGE, "--%ss, --%ss: one of "
				    "them", view->type, views[i].type);
			view = &views[i];
		}
	if (view > &views[1] && (q.status != NULL || q.last != NULL))
		msg_die(EXIT_USAGE, "--status, --last: for partitions and "
		    "--counts");
	return view;
}

/* Fill the sheet; a ledger that there is not has no entry. */
static enum exits
look(const struct view *view, struct sheet *s)
{
	enum exits status = EXIT_OK;
	struct db db;

	if (ledger_open(&db, data, DB_LOOK) == -1) {
		if (errno == ENOENT)
			msg_note("%s: no ledger", data);
		else
			status = db_status(&db);
	} else if (view->fill(&db, &q, s) == -1) {
		status = db_status(&db);
	}
	if (status != EXIT_OK)
		msg_error("%s", db_message(&db));
	db_close(&db);
	return status;
}

/* A table says it where the rows would be, what programs read does not. */
static enum exits
print(struct sheet *s)
{
	int r;

	if (s->n > 0 || s->format != SHEET_TABLE) {
		if (s->n == 0)
			msg_note("no entry");
		r = sheet_print(s, STDOUT_FILENO);
	} else {
		r = write(STDOUT_FILENO, "no entry\n", 9) == 9 ? 0 : -1;
	}
	if (r == 0)
		return EXIT_OK;
	if (errno != EPIPE)
		msg_error_errno("standard output");
	return EXIT_IO;
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	enum sheet_format form;
	const struct view *view = check(argv + i, &form);
	enum exits status;
	struct sheet s;

	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	q.now_ms = clock_wall_ms();
	sheet_init(&s, form, view->type, view->columns);
	if ((status = look(view, &s)) == EXIT_OK)
		status = print(&s);
	sheet_release(&s);
	return (int)status;
}
