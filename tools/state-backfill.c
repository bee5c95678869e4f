/*
 * state-backfill -- say that ranges of partitions are to be asked for.
 *
 * in:   members of the key, with ranges of dates or numbers, and why
 * out:  an action record for each partition that is meant; then end
 * owns: with state-retry, state_actions in DATA/ledger.sqlite
 *
 * Rows are only added; state-due makes tasks of them.  A member that is not
 * named takes the values that the ledger knows, that of the part those that
 * are declared.
 */
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "store/backfill.h"
#include "store/libraries.h"
#include "store/order.h"

static struct order order;
static const char *config, *data = "data";
static int again;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "again", 0, OPT_FLAG, NULL, &again,
	    "those that are valid, too", 0, 0, 0 },
	ORDER_OPTS(&order),
	OPT_END
};

static const struct opt_tool tool = {
	"say that ranges of partitions are to be asked for",
	"member=value|first..last ...", 1, -1, opts, libraries
};

struct work {
	struct decl decl;
	struct span span;
	struct control control;
};

static void
read_words(struct work *w, char *const argv[])
{
	const struct span_member *m;

	for (; *argv != NULL; argv++) {
		if (span_add(&w->span, *argv) == -1)
			msg_die(EXIT_USAGE, "%s: not member=value, nor a "
			    "range like day=2026-11-01..2026-11-30", *argv);
		m = &w->span.m[w->span.n - 1];
		if (!backfill_has_member(&w->decl, m->name))
			msg_die(EXIT_USAGE, "%s: not a member of the keys "
			    "of %s", m->name, w->decl.source);
	}
	m = span_find(&w->span, w->decl.part_member);
	if (m != NULL && (m->is_range || decl_part(&w->decl, m->value)
	    == NULL))
		msg_die(EXIT_USAGE, "%s=%s: no such part is declared",
		    m->name, m->value);
	if (span_size(&w->span) > BACKFILL_MAX)
		msg_die(EXIT_USAGE, "more than %d partitions at once",
		    BACKFILL_MAX);
}

/* What is valid is there already. */
static int
leave_valid(struct work *w)
{
	if (again)
		return 0;
	if (db_exec(&w->control.db, "DELETE FROM chosen WHERE EXISTS "
	    "(SELECT 1 FROM partition_state AS s "
	    "WHERE s.source = chosen.source AND s.part_path = "
	    "chosen.part_path AND s.status = 'valid')") == -1)
		return -1;
	w->control.skipped = sqlite3_changes(w->control.db.h);
	return 0;
}

static enum exits
carry_out(struct work *w)
{
	struct control *c = &w->control;

	if (control_open(c, data) == -1 || db_begin(&c->db) == -1 ||
	    backfill_choose(c, &w->decl, &w->span) == -1 ||
	    leave_valid(w) == -1 || db_commit(&c->db) == -1)
		return order_failed(c);
	if (c->skipped > 0)
		msg_note("backfill: left out, valid: %lld (--again takes "
		    "them)", (long long)c->skipped);
	if (control_count(c) == 0 && c->chosen == 0 && c->skipped > 0)
		return EXIT_OK;		/* nothing is missing */
	return order_carry_out(&order, c);
}

int
main(int argc, char *argv[])
{
	static struct work w;
	int i = opt_parse(&tool, argc, argv);
	enum exits status;

	decl_start(&w.decl, config);
	read_words(&w, argv + i);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (order_begin(&order, &w.control, ACTION_BACKFILL, argv) == -1)
		msg_die_errno(EXIT_USAGE, "command line");
	status = carry_out(&w);
	status = order_end(&order, &w.control, status);
	decl_release(&w.decl);
	return (int)status;
}
