/*
 * page-walk -- walk a listing, page by page, and put what it names in queues.
 *
 * in:   nothing; the pages of a site, through the listing's worker
 * out:  a record for each page, and one about the whole
 * owns: with job-loop and the others the queues in DATA/SOURCE.sqlite;
 *       page_marks and page_walks there
 *
 * Each page is fetched, sealed and read before the next one is asked for;
 * its items and its mark are one transaction.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "store/libraries.h"
#include "store/walk_read.h"
#include "store/walk_tell.h"

#define CLOSE_MS 10000		/* for the worker to come to its end */

static const char *config, *data = "data", *run, *base;
static int64_t first = -1, last = -1, timeout_s = 180, wait_ms;
static int full, again;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "id of the run, from run-new", 1, 0, 0 },
	{ "again", 0, OPT_FLAG, NULL, &again,
	    "take up known items again, where discovery may", 0, 0, 0 },
	{ "base", 0, OPT_STRING, "url", &base,
	    "in front of addresses that begin with / (default $BASE)", 0, 0,
	    0 },
	{ "first", 0, OPT_INTEGER, "n", &first,
	    "offset of the first page (as declared)", 0, 0, INT64_MAX },
	{ "full", 0, OPT_FLAG, NULL, &full,
	    "read every page, also behind one that is known", 0, 0, 0 },
	{ "item-timeout", 0, OPT_INTEGER, "s", &timeout_s,
	    "seconds for a page, then the worker is killed (180)", 0, 1,
	    86400 },
	{ "last", 0, OPT_INTEGER, "n", &last,
	    "offset of the last page, inclusive (as declared)", 0, 0,
	    INT64_MAX },
	OPT_WAIT(&wait_ms, "0"),
	OPT_END
};

static const struct opt_tool tool = {
	"walk a listing, page by page, and put what it names in queues",
	"page [member=value ...]", 1, -1, opts, libraries
};

struct walker {
	struct decl decl;
	struct pages pages;
	struct decl_queues queues;
	const struct page *page;
	struct walk_read read;
	struct canon canon;
	struct settle settle;
	struct walk walk;
	struct crew crew;
	struct lock lock;
	struct stream_out out;
	struct buf why;
	struct walk_tell tell;
	int failed;		/* a page did: discovery ended there */
	int halted;		/* and nothing more is to be asked for */
	char reason[WORK_TEXT + WORK_CODE + 2];
	const char *end;
};

/* --- what is told -------------------------------------------------------- */

static void
say_page(const struct walker *w, const struct walk_page *p, int64_t at)
{
	if (p->entries < w->page->walk->entries && !p->last &&
	    (p->total == -1 || at + p->entries < p->total))
		msg_warn("%s %" PRId64 ": a short page that is not the last: %"
		    PRId64 " entries", w->page->name, at, p->entries);
	if (p->moved)
		msg_note("%s: what came in since is read; taken up at %"
		    PRId64, w->page->name, w->walk.at);
}

static void
page_failed(struct walker *w, const char *code, const char *text,
    int64_t duration_ms)
{
	walk_tell_failure(&w->tell, code, text, duration_ms);
	msg_error("%s %" PRId64 ": %s: %s; discovery ends here",
	    w->page->name, w->walk.at, code, text);
	snprintf(w->reason, sizeof(w->reason), "%s: %s", code, text);
	w->failed = 1;
	w->halted = walk_halts(&w->walk, code);
	w->end = w->halted ? "halted" : "failed";
}

/* --- one page -------------------------------------------------------------- */

/* What came of the page.  0, 1 if the walk is over, or -1. */
static int
take_page(struct walker *w, const struct work *work)
{
	int64_t ms = clock_mono_ms() - work->given_ms, at = w->walk.at;
	struct queue_actor a = { .run = run, .now_ms = clock_wall_ms() };
	struct walk_page p;
	int r;

	w->tell.number++;
	if (work->end != WORK_DONE) {
		page_failed(w, work->code, work->text, ms);
		return 1;
	}
	r = walk_take(&w->walk, &a, work, &p, &w->why);
	if (r == -1 && errno == EINVAL) {
		page_failed(w, p.entries == 0 ? "no_entries" : "bad_item",
		    w->why.data, ms);
		return 1;
	}
	if (r == -1)
		return -1;
	w->tell.found += p.found;
	walk_tell_page(&w->tell, &p, at, ms);
	say_page(w, &p, at);
	w->end = p.known ? "known" : "dry";
	return r;
}

static enum exits
walk(struct walker *w)
{
	struct work *work;
	int over = 0;

	w->end = "dry";
	while (over == 0 && !stop_requested() && !stream_failed(&w->out)) {
		if ((work = walk_read(&w->read, w->walk.at, &w->why)) == NULL) {
			msg_error_errno("%s: %s", w->page->name,
			    w->why.len > 0 ? w->why.data : "worker");
			return errno == EINVAL ? EXIT_USAGE : EXIT_OS;
		}
		over = take_page(w, work);
		work_free(work);
	}
	if (over == -1) {
		msg_error("%s", canon_message(&w->canon));
		return canon_status(&w->canon);
	}
	if (over == 0)
		w->end = "interrupted";
	crew_close(&w->crew, CLOSE_MS);
	walk_tell_end(&w->tell, w->end, w->failed ? w->reason : NULL);
	return over == 0 || w->halted ? EXIT_TEMP :
	    w->failed ? EXIT_PROTO : EXIT_OK;
}

/* --- beginning -------------------------------------------------------------- */

static const char *
value_of(char *argv[], int argc, const char *name)
{
	size_t n = strlen(name);
	int i;

	for (i = 0; i < argc; i++)
		if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
			return argv[i] + n + 1;
	return NULL;
}

/* The key of the listing's dataset: one member counts, others are said. */
static void
make_key(struct walker *w, char *argv[], int argc)
{
	const struct decl_kind *k = decl_part(&w->decl,
	    w->page->part)->kind;
	const char *value;
	size_t i;

	for (i = 0; i < k->n_key; i++) {
		value = strcmp(k->key[i], w->page->walk->member) == 0 ? "0" :
		    value_of(argv, argc, k->key[i]);
		if (value == NULL)
			msg_die(EXIT_USAGE, "%s: %s=VALUE is required",
			    w->page->name, k->key[i]);
		if (part_add(&w->read.key, k->key[i], value) == -1)
			msg_die_errno(EXIT_USAGE, "%s=%s", k->key[i], value);
	}
}

static void
load(struct walker *w, const char *name)
{
	decl_start(&w->decl, config);
	buf_init(&w->why, 65536);
	if (decl_queues_read(&w->decl, &w->queues, &w->why) == -1 ||
	    decl_pages_read(&w->decl, &w->pages, &w->why) == -1)
		decl_start_failed(&w->why);
	if ((w->page = page_find(&w->pages, name)) == NULL)
		msg_die(EXIT_USAGE, "%s: no page \"%s\"", config, name);
	if (w->page->walk == NULL || w->page->walk->worker == NULL)
		msg_die(EXIT_USAGE, "%s: page.%s: no listing: needs walk with "
		    "a worker", config, name);
	w->walk = (struct walk){ .first = first != -1 ? first :
	    w->page->walk->first, .last = last != -1 ? last :
	    w->page->walk->last, .step = w->page->walk->step, .full = full,
	    .again = again };
	if (w->walk.last < w->walk.first)
		msg_die(EXIT_USAGE, "--last %" PRId64 ": before the first, %"
		    PRId64, w->walk.last, w->walk.first);
}

static enum exits
take_lock(struct walker *w)
{
	char path[PATH_BYTES_MAX], holder[LOCK_HOLDER];

	snprintf(path, sizeof(path), "%s/locks/%s/walk.%s", data,
	    w->decl.source, w->page->name);
	if (lock_take(&w->lock, path, "page-walk", wait_ms, holder) == 0)
		return EXIT_OK;
	if (errno != EWOULDBLOCK) {
		msg_error_errno("%s", path);
		return msg_status(errno);
	}
	msg_error("%s: another walk: %s", w->page->name, holder);
	return EXIT_TEMP;
}

static enum exits
open_all(struct walker *w)
{
	struct crew_options o = { .command = w->page->walk->worker,
	    .workers = 1, .in_flight = 1, .timeout_ms = timeout_s * 1000 };

	if (setenv("DATA", data, 1) == -1 || setenv("CONFIG", config, 1) == -1
	    || setenv("RUN", run, 1) == -1 ||
	    setenv("SOURCE", w->decl.source, 1) == -1 ||
	    crew_init(&w->crew, &o) == -1) {
		msg_error_errno("worker");
		return EXIT_OS;
	}
	if (canon_open(&w->canon, data, &w->decl, CANON_WRITE, DB_BUSY_MS)
	    == -1 || settle_open(&w->settle, &w->canon, &w->queues, 0,
	    DECL_NONE, "") == -1 ||
	    walk_begin(&w->walk, &w->settle, w->page) == -1) {
		msg_error("%s", canon_message(&w->canon));
		return canon_status(&w->canon);
	}
	return EXIT_OK;
}

int
main(int argc, char *argv[])
{
	struct walker w = { .lock = { .fd = -1 } };
	int i = opt_parse(&tool, argc, argv);
	enum exits status;

	base = decl_start_base(base);
	load(&w, argv[i]);
	make_key(&w, argv + i + 1, argc - i - 1);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	w.tell = (struct walk_tell){ .out = &w.out, .run = run,
	    .source = w.decl.source, .walk = &w.walk, .key = &w.read.key };
	w.read.crew = &w.crew;
	w.read.task = (struct page_task){ .d = &w.decl, .page = w.page,
	    .base = base, .run = run };
	if ((status = take_lock(&w)) == EXIT_OK &&
	    (status = open_all(&w)) == EXIT_OK)
		status = walk(&w);
	status = stream_finish(&w.out, status, w.failed && !w.halted,
	    stop_requested() ? "interrupted" : w.halted ? w.reason : NULL);
	crew_release(&w.crew);
	settle_close(&w.settle);
	canon_close(&w.canon);
	lock_release(&w.lock);
	buf_release(&w.why);
	decl_release(&w.decl);
	return (int)status;
}
