/*
 * job-add -- items into a queue.
 *
 * in:   item records
 * out:  error records for what is no item, and end; others pass by
 * owns: the queues in DATA/SOURCE.sqlite, with job-loop and curate-set
 *
 * A known item gets its new facts, and never another state, unless it is
 * asked for.  Items are committed some hundred at a time, as they come.
 */
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/canon.h"
#include "store/libraries.h"
#include "store/queue.h"

#define BATCH 500		/* items in one transaction */

static const char *config, *data = "data", *run, *name;
static int again, partial;
static int64_t wait_ms = DB_BUSY_MS;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "the run that adds them", 0, 0, 0 },
	{ "queue", 0, OPT_STRING, "name", &name,
	    "of records that name none (the only one)", 0, 0, 0 },
	{ "again", 0, OPT_FLAG, NULL, &again,
	    "take up known items, as discovery may", 0, 0, 0 },
	{ "partial", 0, OPT_FLAG, NULL, &partial,
	    "accept a cut stream", 0, 0, 0 },
	OPT_WAIT(&wait_ms, "30000"),
	OPT_END
};

static const struct opt_tool tool = {
	"items into a queue", NULL, 0, 0, opts, libraries
};

struct work {
	struct decl decl;
	struct decl_queues all;
	struct canon canon;
	struct queue *queues;		/* [all.n] */
	struct stream_out out;
	struct buf why;
	int64_t in_hand;		/* added, not committed */
	int64_t count[3], wrong;	/* by enum queue_added */
	int64_t pending[3];		/* of count, not committed */
};

/* --- the database ------------------------------------------------------- */

static enum exits
db_said(struct work *w)
{
	msg_error("%s", canon_message(&w->canon));
	return canon_status(&w->canon);
}

static enum exits
commit(struct work *w)
{
	int i;

	if (w->in_hand == 0)
		return EXIT_OK;
	w->in_hand = 0;
	if (db_commit(&w->canon.db) == -1)
		return db_said(w);
	for (i = 0; i < 3; i++) {
		w->count[i] += w->pending[i];
		w->pending[i] = 0;
	}
	return EXIT_OK;
}

static void
open_queues(struct work *w)
{
	size_t i;

	w->queues = arena_calloc(&w->decl.arena, w->all.n,
	    sizeof(*w->queues));
	if (w->queues == NULL)
		msg_die_errno(EXIT_OS, "queues");
	if (canon_open(&w->canon, data, &w->decl, CANON_WRITE, wait_ms)
	    == -1)
		msg_die(canon_status(&w->canon), "%s",
		    canon_message(&w->canon));
	for (i = 0; i < w->all.n; i++)
		if (queue_open(&w->queues[i], &w->canon.db, &w->all.q[i], 1)
		    == -1)
			msg_die(canon_status(&w->canon), "%s",
			    canon_message(&w->canon));
}

static void
close_queues(struct work *w)
{
	size_t i;

	db_rollback(&w->canon.db);
	for (i = 0; i < w->all.n; i++)
		queue_close(&w->queues[i]);
	canon_close(&w->canon);
}

/* --- items -------------------------------------------------------------- */

/* The queue that a record is for, or NULL after saying why. */
static struct queue *
queue_of(struct work *w, const struct record *r)
{
	const char *said = record_str(r, "queue");
	const struct decl_queue *q;

	if (said == NULL)
		said = name;
	q = said != NULL ? decl_queue(&w->all, said) :
	    w->all.n == 1 ? &w->all.q[0] : NULL;
	if (q != NULL)
		return &w->queues[q - w->all.q];
	buf_clear(&w->why);
	if (said != NULL)
		buf_printf(&w->why, "\"queue\": no queue \"%s\"", said);
	else
		buf_str(&w->why, "\"queue\" is missing");
	return NULL;
}

static enum exits
refuse(struct work *w, const struct record *r)
{
	struct buf label;

	buf_init(&label, 1024);
	record_label(r, &label);
	msg_error("%s: line %lld: %s: %s", r->source, (long long)r->number,
	    label.len > 0 ? label.data : "item", w->why.data);
	buf_release(&label);
	stream_error(&w->out, r, "bad_item", "%s", w->why.data);
	w->wrong++;
	return EXIT_OK;
}

static enum exits
add(struct work *w, struct queue *q, const struct record *r,
    const struct part *key)
{
	const struct queue_actor a = { .run = run != NULL ? run :
	    record_str(r, "run"), .now_ms = clock_wall_ms() };
	enum queue_added added;

	if (w->in_hand == 0 && db_begin(&w->canon.db) == -1)
		return db_said(w);
	w->in_hand++;
	if (queue_add(q, &a, key, r->root, again, &added) == -1)
		return db_said(w);
	w->pending[added]++;
	return w->in_hand < BATCH ? EXIT_OK : commit(w);
}

static enum exits
each(const struct record *r, void *arg)
{
	struct work *w = arg;
	struct queue *q;
	struct part key;

	if (!record_is(r, "item")) {
		stream_copy(&w->out, r);
		return EXIT_OK;
	}
	if ((q = queue_of(w, r)) == NULL ||
	    queue_item_read(q->d, r->root, &key, &w->why) == -1)
		return refuse(w, r);
	return add(w, q, r, &key);
}

/* What is in hand is committed before others are waited for. */
static enum exits
wait_for(int fd, void *arg)
{
	(void)fd;
	return commit(arg);
}

int
main(int argc, char *argv[])
{
	static struct work w;
	enum exits status, last;

	opt_parse(&tool, argc, argv);
	decl_start(&w.decl, config);
	decl_start_queues(&w.decl, &w.all);
	if (name != NULL)
		decl_start_queue(&w.decl, &w.all, name);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	open_queues(&w);
	buf_init(&w.why, 4096);
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	status = stream_each_wait(STDIN_FILENO, "standard input",
	    partial ? STREAM_PARTIAL : 0, each, wait_for, &w);
	/* Items are units: what came before a cut stays. */
	last = commit(&w);
	if (status == EXIT_OK)
		status = last;
	msg_note("%lld new, %lld known, %lld taken up, %lld wrong",
	    (long long)w.count[QUEUE_NEW], (long long)w.count[QUEUE_KNOWN],
	    (long long)w.count[QUEUE_TAKEN_UP], (long long)w.wrong);
	status = status == EXIT_OK && w.wrong > 0 ?
	    stream_finish(&w.out, EXIT_DATA, 1, NULL) :
	    stream_finish(&w.out, status, 0, NULL);
	close_queues(&w);
	buf_release(&w.why);
	decl_release(&w.decl);
	return (int)status;
}
