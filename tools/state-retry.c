/*
 * state-retry -- say that failing partitions are to be tried again, or are
 * not.
 *
 * in:   filters, and why
 * out:  an action record for each partition that is meant; then end
 * owns: with state-backfill, state_actions in DATA/ledger.sqlite
 *
 * Rows are only added; state-due goes by them.
 */
#include <string.h>

#include "base/limits.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "store/libraries.h"
#include "store/order.h"
#include "store/pick.h"

static struct pick only;
static struct order order;
static const char *data = "data", *status_is, *since, *until;
static int all, terminal, clear;

static const struct opt opts[] = {
	OPT_DATA(&data),
	{ "source", 0, OPT_STRING, "name", &only.source,
	    "only of this source", 0, 0, 0 },
	{ "dataset", 0, OPT_STRING, "dataset", &only.dataset,
	    "only of this dataset, e.g. 2026/A", 0, 0, 0 },
	{ "status", 0, OPT_STRING, "status", &status_is,
	    "only valid, invalid or pending ones", 0, 0, 0 },
	{ "since", 0, OPT_STRING, "time", &since,
	    "from this date (of the key) or instant (of the failure) on",
	    0, 0, 0 },
	{ "until", 0, OPT_STRING, "time", &until,
	    "up to this date or instant", 0, 0, 0 },
	{ "all", 0, OPT_FLAG, NULL, &all,
	    "all there are; needed if nothing else is said", 0, 0, 0 },
	{ "terminal", 0, OPT_FLAG, NULL, &terminal,
	    "they are not to be tried again", 0, 0, 0 },
	{ "clear-terminal", 0, OPT_FLAG, NULL, &clear,
	    "they may be tried again", 0, 0, 0 },
	ORDER_OPTS(&order),
	OPT_END
};

static const struct opt_tool tool = {
	"say that failing partitions are to be tried again, or are not",
	"[member=value ...]", 0, -1, opts, libraries
};

/* Those whose last attempt failed, or of which nobody wants another. */
static const char failing_sql[] =
"SELECT source, part_path, dataset, part FROM (SELECT q.source, q.part_path,"
" q.dataset, q.part, failed_at, ifnull(status, 'pending') AS status"
" FROM partition_asked AS q LEFT JOIN partition_state"
" USING (source, part_path) WHERE failures > 0) WHERE ";
static const char terminal_sql[] =
"SELECT source, part_path, dataset, part FROM (SELECT a.source, a.part_path,"
" a.dataset, a.part, max(a.at) AS failed_at, ifnull(status, 'pending')"
" AS status FROM state_actions AS a LEFT JOIN partition_state"
" USING (source, part_path) WHERE " ACTION_IS_TERMINAL("a")
" GROUP BY 1, 2) WHERE ";

static void
check_time(const char *option, const char *text, struct pick_time *t)
{
	t->text[0] = '\0';
	if (text != NULL && pick_time_parse(t, text) == -1)
		msg_die(EXIT_USAGE, "--%s %s: not a date like 2026-11-20, "
		    "nor an instant like 2026-11-20T22:31:14Z", option, text);
}

/* The SELECT of what is meant. */
static void
select_sql(struct buf *sql)
{
	struct pick_time from, to;

	check_time("since", since, &from);
	check_time("until", until, &to);
	if (status_is != NULL && strcmp(status_is, "valid") != 0 &&
	    strcmp(status_is, "invalid") != 0 &&
	    strcmp(status_is, "pending") != 0)
		msg_die(EXIT_USAGE, "--status %s: valid, invalid or pending",
		    status_is);
	if (buf_str(sql, clear ? terminal_sql : failing_sql) == -1 ||
	    pick_sql(&only, sql) == -1 ||
	    (status_is != NULL && buf_printf(sql, " AND status = '%s'",
	    status_is) == -1) ||
	    pick_time_sql(&from, ">=", "failed_at", sql) == -1 ||
	    pick_time_sql(&to, "<=", "failed_at", sql) == -1 ||
	    buf_str(sql, " ORDER BY source, part_path") == -1)
		msg_die_errno(EXIT_USAGE, "filters");
}

static void
check(char *argv[], struct buf *sql)
{
	int n = pick_members(&only, argv);

	if (n == -1 || argv[n] != NULL)
		msg_die(EXIT_USAGE, "%s: not a member=value of a key",
		    argv[n == -1 ? (int)only.members.n : n]);
	if (terminal && clear)
		msg_die(EXIT_USAGE, "--terminal, --clear-terminal: one of "
		    "them");
	if (!all && pick_is_all(&only) && status_is == NULL &&
	    since == NULL && until == NULL)
		msg_die(EXIT_USAGE, "that is everything: name some, or "
		    "--all");
	select_sql(sql);
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	struct control c;
	enum exits status;
	struct buf sql;

	buf_init(&sql, LIMIT_RECORD_BYTES);
	check(argv + i, &sql);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (order_begin(&order, &c, terminal ? ACTION_TERMINAL : clear ?
	    ACTION_CLEAR_TERMINAL : ACTION_RETRY, argv) == -1)
		msg_die_errno(EXIT_USAGE, "command line");
	if (control_open(&c, data) == -1 ||
	    control_select(&c, sql.data) == -1)
		status = order_failed(&c);
	else
		status = order_carry_out(&order, &c);
	buf_release(&sql);
	return (int)order_end(&order, &c, status);
}
