/*
 * job-list -- what waits in the queues, and when it is due.
 *
 * in:   keys and filters
 * out:  counts of each step and state, or items: a table for people, or
 *       JSON, records, tab-separated values
 * owns: nothing; reads DATA/SOURCE.sqlite and leaves no trace
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/owner.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/sheet.h"
#include "store/libraries.h"
#include "store/queue_view.h"

static const char *config, *data = "data", *name, *format = "table";
static struct queue_filter only;
static int items;
static int64_t limit = -1;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "queue", 0, OPT_STRING, "name", &name,
	    "only of this queue", 0, 0, 0 },
	{ "items", 0, OPT_FLAG, NULL, &items,
	    "items instead of counts", 0, 0, 0 },
	{ "state", 0, OPT_STRING, "state", &only.state,
	    "items in this state", 0, 0, 0 },
	{ "code", 0, OPT_STRING, "code", &only.code,
	    "items that failed with this code", 0, 0, 0 },
	{ "limit", 0, OPT_INTEGER, "n", &limit,
	    "at most so many items", 0, 0, INT64_MAX },
	{ "format", 0, OPT_STRING, "format", &format,
	    "table (default), json, jsonl or tsv", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"what waits in the queues, and when it is due", "[key ...]", 0, -1,
	opts, libraries
};

static const struct sheet_column count_columns[] = {
	{ "queue", 0 }, { "step", 0 }, { "state", 0 }, { "items", 0 },
	{ "due", 0 }, { "leased", 0 }, { "next_due_at", 0 }, { NULL, 0 }
};

static const struct sheet_column item_columns[] = {
	{ "queue", 0 }, { "item", 0 }, { "part", 1 }, { "state", 0 },
	{ "step", 0 }, { "due_at", 0 }, { "lease", 0 }, { "lease_until", 1 },
	{ "priority", 0 }, { "tries", 0 }, { "failed_runs", 0 },
	{ "epoch", 1 }, { "version", 1 }, { "code", 0 }, { "message", 1 },
	{ "changed_at", 1 }, { "changed_run", 1 }, { NULL, 0 }
};

struct work {
	struct decl decl;
	struct decl_queues all;
	struct db db;
	struct queue queue;
	struct sheet sheet;
	int64_t found;
};

static void
die(struct work *w)
{
	msg_die(db_status(&w->db), "%s", db_message(&w->db));
}

/* --- counts ------------------------------------------------------------- */

static void
show_counts(struct work *w)
{
	const struct decl_queue *q = w->queue.d;
	struct queue_count counts[DECL_STATES_MAX];
	size_t i, step;

	if (queue_counts(&w->queue, clock_wall_ms(), counts) == -1)
		die(w);
	for (i = 0; i < q->n_states; i++) {
		step = decl_queue_begins(q, i);
		sheet_text(&w->sheet, q->name);
		sheet_text(&w->sheet, step != DECL_NONE ?
		    q->steps[step].name : NULL);
		sheet_text(&w->sheet, q->states[i]);
		sheet_int(&w->sheet, counts[i].items);
		sheet_int(&w->sheet, counts[i].due);
		sheet_int(&w->sheet, counts[i].leased);
		sheet_text(&w->sheet, counts[i].next_due[0] != '\0' ?
		    counts[i].next_due : NULL);
	}
}

/* --- items -------------------------------------------------------------- */

/* Who has it: "NAME (pid 12 on HOST)". */
static void
show_lease(struct sheet *s, const char *owner)
{
	char line[OWNER_TEXT + 1], text[OWNER_NAME + OWNER_HOST + 48];
	struct owner o;

	if (owner == NULL) {
		sheet_text(s, NULL);
		return;
	}
	snprintf(line, sizeof(line), "%s\n", owner);
	if (owner_parse(&o, line) == -1) {
		sheet_text(s, owner);
		return;
	}
	snprintf(text, sizeof(text), "%s (pid %lld on %s)", o.name,
	    (long long)o.pid, o.host);
	sheet_text(s, text);
}

static int
show_item(const struct queue_row *r, void *arg)
{
	struct work *w = arg;
	const struct decl_queue *q = w->queue.d;
	size_t step = decl_queue_begins(q, decl_queue_state(q, r->state));
	struct sheet *s = &w->sheet;
	struct buf label, part;

	buf_init(&label, 4096);
	buf_init(&part, 8192);
	decl_queue_label(q, &r->key, &label);
	part_json(&r->key, &part);
	sheet_text(s, q->name);
	sheet_text(s, label.data);
	sheet_raw(s, part.data);
	sheet_text(s, r->state);
	sheet_text(s, step != DECL_NONE ? q->steps[step].name : NULL);
	sheet_text(s, step != DECL_NONE ? r->due_at : NULL);
	show_lease(s, r->owner);
	sheet_text(s, r->lease_until);
	sheet_int(s, r->priority);
	sheet_int(s, r->tries);
	sheet_int(s, r->failed_runs);
	sheet_int(s, r->epoch);
	sheet_text(s, r->version);
	sheet_text(s, r->code);
	sheet_text(s, r->message);
	sheet_text(s, r->changed_at);
	sheet_text(s, r->run);
	buf_release(&label);
	buf_release(&part);
	w->found++;
	return stop_requested() ? -1 : 0;
}

/* The items of each key; a key that names none is said to. */
static enum exits
show_items(struct work *w, char *const keys[])
{
	enum exits status = EXIT_OK;
	int64_t before;

	do {
		if (*keys != NULL && decl_queue_key(w->queue.d, *keys,
		    &only.key) == -1)
			msg_die(EXIT_USAGE, "%s: no key of queue %s", *keys,
			    w->queue.d->name);
		before = w->found;
		if (queue_each(&w->queue, &only, limit, show_item, w) == -1)
			stop_requested() ? msg_die(EXIT_TEMP, "interrupted") :
			    die(w);
		if (*keys != NULL && w->found == before) {
			msg_error("%s: no such item", *keys);
			status = EXIT_NOINPUT;
		}
	} while (*keys != NULL && *++keys != NULL);
	return status;
}

/* --- all ---------------------------------------------------------------- */

/* Is there a database?  That there is none yet is no mistake. */
static int
open_db(struct work *w)
{
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/%s.sqlite", data, w->decl.source) == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
	r = db_open(&w->db, path.data, DB_READ);
	if (r == -1 && errno != ENOENT)
		die(w);
	buf_release(&path);
	return r == 0;
}

static enum exits
show_queue(struct work *w, const struct decl_queue *q, int has_db,
    char *const keys[])
{
	enum exits status = EXIT_OK;

	if (has_db && queue_open(&w->queue, &w->db, q, 0) == -1)
		die(w);
	if (!has_db)
		w->queue = (struct queue){ .db = &w->db, .d = q,
		    .absent = 1 };
	if (only.state != NULL && decl_queue_state(q, only.state) ==
	    DECL_NONE)
		msg_die(EXIT_USAGE, "--state %s: no state of queue %s",
		    only.state, q->name);
	if (items)
		status = show_items(w, keys);
	else
		show_counts(w);
	queue_close(&w->queue);
	return status;
}

int
main(int argc, char *argv[])
{
	static struct work w;
	int i = opt_parse(&tool, argc, argv), has_db;
	enum sheet_format f;
	enum exits status = EXIT_OK;
	size_t n;

	if (sheet_format_parse(format, &f) == -1)
		msg_die(EXIT_USAGE, "--format %s: table, json, jsonl or tsv",
		    format);
	decl_start(&w.decl, config);
	decl_start_queues(&w.decl, &w.all);
	items |= argv[i] != NULL || only.state != NULL || only.code != NULL;
	if (name != NULL || argv[i] != NULL || only.state != NULL)
		w.all = (struct decl_queues){ 1, &w.all.q[decl_start_queue(
		    &w.decl, &w.all, name) - w.all.q] };
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	sheet_init(&w.sheet, f, items ? "item" : "count", items ?
	    item_columns : count_columns);
	has_db = open_db(&w);
	if (has_db && db_exec(&w.db, "BEGIN") == -1)
		die(&w);
	for (n = 0; n < w.all.n; n++)
		status = show_queue(&w, &w.all.q[n], has_db, argv + i) !=
		    EXIT_OK ? EXIT_NOINPUT : status;
	if (has_db)
		db_rollback(&w.db);
	db_close(&w.db);
	if (sheet_print(&w.sheet, STDOUT_FILENO) == -1)
		msg_die_errno(EXIT_IO, "standard output");
	sheet_release(&w.sheet);
	decl_release(&w.decl);
	return (int)status;
}
