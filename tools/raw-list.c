/*
 * raw-list -- list the authoritative partitions.
 *
 * in:   with --tasks, task records on standard input
 * out:  a raw record for each; an error record where a task has none
 * owns: the file of --cursor; reads DATA/ledger.sqlite
 *
 * The consumers' contract: only what the ledger calls valid, and only the
 * run it names; the raw store is never searched.  They come in the order in
 * which they changed, so that a cursor can say how far somebody has come.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "record/spool.h"
#include "record/unit.h"
#include "store/consume.h"
#include "store/ledger.h"
#include "store/libraries.h"
#include "store/valid.h"

static const char *data = "data", *since = "0", *file;
static struct pick only;
static int tasks;

static const struct opt opts[] = {
	OPT_DATA(&data),
	{ "source", 0, OPT_STRING, "name", &only.source,
	    "only of this source", 0, 0, 0 },
	{ "dataset", 0, OPT_STRING, "dataset", &only.dataset,
	    "only of this dataset, e.g. 2026/A", 0, 0, 0 },
	{ "since", 0, OPT_STRING, "cursor", &since,
	    "only what changed after this seq (0: all)", 0, 0, 0 },
	{ "cursor", 0, OPT_STRING, "file", &file,
	    "since what file says, which command, having taken it, moves",
	    0, 0, 0 },
	{ "tasks", 0, OPT_FLAG, NULL, &tasks,
	    "one for each task on standard input", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"list the authoritative partitions",
	"[member=value ...] [command [argument ...]]", 0, -1, opts, libraries
};

static enum exits
ledger_failed(const struct db *ledger)
{
	msg_error("%s", db_message(ledger));
	return db_status(ledger);
}

/* --- all that there are -------------------------------------------------- */

/* Collect one.  0, or 2 when it cannot be kept. */
static int
keep(const struct valid *v, void *arg)
{
	struct spool *s = arg;
	struct jsonw w;

	spool_record(s, &w, "raw");
	valid_write(v, NULL, &w);
	if (spool_put(s, &w) == 0 && !stop_requested())
		return 0;
	if (!stop_requested())
		msg_error_errno("%s %s", v->source, v->part_path);
	return 2;
}

/* In one read transaction, which no reader of ours prolongs. */
static enum exits
collect(struct cursor *c, struct spool *s)
{
	enum exits status = EXIT_OK;
	struct db ledger;
	int64_t from;
	int r = -1;

	if (ledger_open(&ledger, data, DB_READ) == -1 ||
	    db_exec(&ledger, "BEGIN") == -1 ||
	    (from = cursor_begin(c, &ledger)) == -1 ||
	    (r = valid_each(&ledger, &only, from, keep, s)) == -1)
		status = ledger_failed(&ledger);
	db_close(&ledger);
	if (r == 2)
		return stop_requested() ? EXIT_TEMP : EXIT_IO;
	if (status == EXIT_OK && spool_end(s) == -1) {
		msg_error_errno("temporary file");
		status = EXIT_IO;
	}
	return status;
}

static enum exits
list(struct cursor *c, FILE *fp)
{
	enum exits status;
	struct spool s;

	spool_init(&s, fp);
	status = collect(c, &s);
	spool_release(&s);
	return spool_finish(fp, status);
}

/* The command reads the file itself, and need not read all of it. */
static enum exits
feed(char *const argv[], FILE *fp)
{
	struct consume c = { .lock = { -1 } };
	struct cursor now;
	enum exits status;
	struct spool s;

	spool_init(&s, fp);
	if ((status = consume_open(&c, file)) == EXIT_OK) {
		now = c.known;
		status = collect(&now, &s);
	}
	if (status == EXIT_OK && lseek(fileno(fp), 0, SEEK_SET) == -1)
		msg_die_errno(EXIT_IO, "temporary file");
	if (status == EXIT_OK)
		status = consume_run(&c, s.n > 0 ? argv : NULL, fileno(fp),
		    &now);
	spool_release(&s);
	consume_close(&c);
	return status;
}

/* --- for each task ------------------------------------------------------- */

struct asked {
	struct db ledger;
	int is_open;
	struct stream_out out;
	const struct record *task;	/* the one at hand */
	const struct unit *unit;
	int64_t bad, missing;
};

static void
bad_task(struct asked *a, const struct record *r, const char *what)
{
	a->bad++;
	msg_warn("%s: line %lld: %s", r->source, (long long)r->number,
	    what);
	stream_error(&a->out, r, "bad_record", "%s", what);
}

static void
no_partition(struct asked *a, const char *code, const char *what)
{
	a->missing++;
	msg_warn("%s: %s: %s", a->unit->label.data, code, what);
	stream_error(&a->out, a->task, code, "%s", what);
}

/* What counts, but only if it is what the task wants, and there. */
static int
answer(const struct valid *v, void *arg)
{
	struct asked *a = arg;
	const char *want = record_str(a->task, "schema_version");
	struct jsonw w;

	if (want != NULL && strcmp(want, v->schema_version) != 0) {
		no_partition(a, "schema_mismatch",
		    "what is valid has another schema version");
	} else if (!raw_present(data, v->path)) {
		no_partition(a, "missing", "its payload is not there");
	} else {
		stream_record(&a->out, &w, "raw");
		valid_write(v, a->unit->run, &w);
		record_rest(a->task, &w);
		if (stream_put(&a->out, &w) == -1)
			bad_task(a, a->task, "too long to grow");
	}
	return 0;
}

/* Each task is a transaction of its own: between them we may wait. */
static enum exits
take_unit(struct asked *a)
{
	int r;

	if (!a->is_open) {
		if (ledger_open(&a->ledger, data, DB_READ) == 0) {
			a->is_open = 1;
		} else if (errno != ENOENT) {
			return ledger_failed(&a->ledger);
		} else {
			db_close(&a->ledger);
			no_partition(a, "missing", "there is no ledger yet");
			return EXIT_OK;
		}
	}
	r = valid_one(&a->ledger, a->unit->source, a->unit->part_path.data,
	    answer, a);
	if (r == 1)
		no_partition(a, "missing", "nothing of it is valid");
	return r == -1 ? ledger_failed(&a->ledger) : EXIT_OK;
}

static enum exits
take_task(const struct record *r, void *arg)
{
	struct asked *a = arg;
	enum exits status = EXIT_OK;
	const char *wrong;
	struct unit u;

	if (!record_is(r, "task")) {
		stream_copy(&a->out, r);
	} else if ((wrong = unit_read(&u, r)) != NULL) {
		bad_task(a, r, wrong);
	} else {
		a->task = r;
		a->unit = &u;
		status = take_unit(a);
		unit_release(&u);
	}
	return status == EXIT_OK && stream_failed(&a->out) ? EXIT_IO : status;
}

static enum exits
answer_tasks(void)
{
	struct asked a = { .is_open = 0 };
	enum exits status;
	int items_failed;

	stream_out_init(&a.out, STDOUT_FILENO, 0);
	status = stream_each(STDIN_FILENO, "standard input", 0, take_task,
	    &a);
	items_failed = status == EXIT_OK && a.bad + a.missing > 0;
	if (items_failed)
		status = a.bad > 0 ? EXIT_DATA : EXIT_NOINPUT;
	if (a.is_open)
		db_close(&a.ledger);
	return stream_finish(&a.out, status, items_failed, NULL);
}

/* --- the command line ---------------------------------------------------- */

static char *const *
check(char *argv[], struct cursor *c)
{
	int n = pick_members(&only, argv);

	if (n == -1)
		msg_die(EXIT_USAGE, "%s: not a member=value of a key",
		    argv[only.members.n]);
	argv += n;
	if (cursor_parse(c, since) == -1)
		msg_die(EXIT_USAGE, "--since %s: not a cursor", since);
	if (tasks && (!pick_is_all(&only) || file != NULL || c->seq != 0))
		msg_die(EXIT_USAGE, "--tasks: the tasks say what is listed");
	if (file != NULL && c->seq != 0)
		msg_die(EXIT_USAGE, "--since, --cursor: one of them");
	if ((file != NULL) != (argv[0] != NULL))
		msg_die(EXIT_USAGE, file != NULL ?
		    "--cursor: a command takes what is new" :
		    "%s: not a member=value; a command needs --cursor",
		    argv[0]);
	return argv;
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	struct cursor c;
	char *const *command = check(argv + i, &c);
	enum exits status;
	FILE *fp;

	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (tasks)
		return answer_tasks();
	if ((fp = tmpfile()) == NULL)
		msg_die_errno(EXIT_IO, "temporary file");
	status = file != NULL ? feed(command, fp) : list(&c, fp);
	fclose(fp);
	return (int)status;
}
