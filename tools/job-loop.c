/*
 * job-loop -- work at the items of a queue that are due for a step.
 *
 * in:   nothing; the queue in DATA/SOURCE.sqlite
 * out:  a record for each item that is finished, and one about the whole
 * owns: with job-add and curate-set the queue's tables; by lib/store/canon
 *       the rows of the items
 *
 * Items go through workers, filters that the step declares: sluice-queue(5).
 * What came of one is one transaction.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/owner.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/itemloop_tell.h"
#include "store/libraries.h"

#define CLOSE_MS 10000		/* for workers to come to their end */

static const char *config, *data = "data", *run;
static int64_t group = 1, workers, in_flight, timeout_s, wait_ms;
static int follow;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "id of the run, from run-new", 1, 0, 0 },
	{ "follow", 0, OPT_FLAG, NULL, &follow,
	    "stay, and work as items come due", 0, 0, 0 },
	{ "group", 0, OPT_INTEGER, "n", &group,
	    "finished items in one transaction (1)", 0, 1, 1000 },
	{ "in-flight", 0, OPT_INTEGER, "n", &in_flight,
	    "items that a worker has at a time (as declared)", 0, 1, 1024 },
	{ "item-timeout", 0, OPT_INTEGER, "s", &timeout_s,
	    "seconds for an item, then its worker is killed (as declared)",
	    0, 1, 86400 },
	OPT_WAIT(&wait_ms, "0"),
	{ "workers", 0, OPT_INTEGER, "n", &workers,
	    "worker processes (as declared)", 0, 1, 64 },
	OPT_END
};

static const struct opt_tool tool = {
	"work at the items of a queue that are due for a step",
	"queue step", 2, 2, opts, libraries
};

struct job_loop {
	struct decl decl;
	struct decl_queues queues;
	const struct decl_queue *queue;
	const struct decl_step *step;
	struct canon canon;
	struct settle settle;
	struct crew crew;
	struct itemloop loop;
	struct lock lock;
	struct stream_out out;
	char owner[OWNER_TEXT];
};

/* itemloop_fn */
static int
tell(const struct itemloop_news *n, void *arg)
{
	struct job_loop *j = arg;

	if (itemloop_tell_item(&j->loop, n, &j->out) == -1)
		msg_error_errno("%s: an item that is finished",
		    j->queue->name);
	return stream_failed(&j->out) ? -1 : 0;
}

/* --- beginning ----------------------------------------------------------- */

static void
load(struct job_loop *j, const char *queue, const char *step)
{
	size_t i;

	decl_start(&j->decl, config);
	decl_start_any_queues(&j->decl, &j->queues);
	if ((j->queue = decl_queue(&j->queues, queue)) == NULL)
		msg_die(EXIT_USAGE, "%s: no queue \"%s\"", config, queue);
	if ((i = decl_queue_step(j->queue, step)) == DECL_NONE)
		msg_die(EXIT_USAGE, "%s: queue.%s: no step \"%s\"", config,
		    queue, step);
	j->step = &j->queue->steps[i];
}

/* One loop for each of those that the step may have. */
static enum exits
take_lock(struct job_loop *j)
{
	char path[PATH_BYTES_MAX], holder[LOCK_HOLDER];
	int64_t i;

	for (i = 1; i <= j->step->loops; i++) {
		snprintf(path, sizeof(path), "%s/locks/%s/%s.%s.%" PRId64,
		    data, j->decl.source, j->queue->name, j->step->name, i);
		if (lock_take(&j->lock, path, "job-loop", i < j->step->loops ?
		    0 : wait_ms, holder) == 0)
			return EXIT_OK;
		if (errno != EWOULDBLOCK) {
			msg_error_errno("%s", path);
			return msg_status(errno);
		}
	}
	msg_error("%s %s: %" PRId64 " at work already: %s", j->queue->name,
	    j->step->name, j->step->loops, holder);
	return EXIT_TEMP;
}

/* What the filters of a worker may want to know. */
static int
set_environment(const struct job_loop *j)
{
	return setenv("DATA", data, 1) == -1 ||
	    setenv("CONFIG", config, 1) == -1 || setenv("RUN", run, 1) == -1 ||
	    setenv("SOURCE", j->decl.source, 1) == -1 ? -1 : 0;
}

static int
start_crew(struct job_loop *j)
{
	struct crew_options o = { .command = j->step->worker,
	    .workers = workers != 0 ? workers : j->step->workers,
	    .in_flight = in_flight != 0 ? in_flight : j->step->in_flight,
	    .timeout_ms = timeout_s != 0 ? timeout_s * 1000 :
	    j->step->timeout_ms };

	return set_environment(j) == -1 ? -1 : crew_init(&j->crew, &o);
}

static enum exits
open_all(struct job_loop *j)
{
	struct itemloop_options o = { j->decl.source, run, group, follow,
	    tell, j };
	size_t queue = (size_t)(j->queue - j->queues.q);
	size_t step = (size_t)(j->step - j->queue->steps);
	struct owner self;

	owner_self(&self, "job-loop");
	owner_format(&self, j->owner);
	if (start_crew(j) == -1) {
		msg_error_errno("workers");
		return EXIT_OS;
	}
	if (canon_open(&j->canon, data, &j->decl, CANON_WRITE, DB_BUSY_MS)
	    == -1 || settle_open(&j->settle, &j->canon, &j->queues, queue,
	    step, j->owner) == -1 ||
	    itemloop_init(&j->loop, &o, &j->settle, &j->crew) == -1) {
		msg_error("%s", canon_message(&j->canon));
		return canon_status(&j->canon);
	}
	return EXIT_OK;
}

/* --- the whole ----------------------------------------------------------- */

/* What the end of the loop asks for. */
static enum exits
status_of(const struct itemloop *l, const char **reason, int *whole)
{
	*whole = 0;
	switch (l->end) {
	case ITEMLOOP_HALTED:
		msg_error("halted: %s", l->reason);
		*reason = l->reason;
		return EXIT_TEMP;
	case ITEMLOOP_STOPPED:
		*reason = "interrupted";
		return EXIT_TEMP;
	case ITEMLOOP_UNUSABLE:
		msg_error("%s", l->reason);
		*reason = l->reason;
		return EXIT_USAGE;
	case ITEMLOOP_UNHEARD:
		return EXIT_IO;
	default:
		*whole = 1;
		return l->overtaken > 0 ? EXIT_REFUSED :
		    l->failed > 0 ? EXIT_PROTO : EXIT_OK;
	}
}

static enum exits
work(struct job_loop *j, const char **reason, int *whole)
{
	enum exits status;

	if ((status = take_lock(j)) != EXIT_OK ||
	    (status = open_all(j)) != EXIT_OK)
		return status;
	itemloop_tell_begin(&j->loop, &j->out);
	if (j->loop.probing)
		msg_note("the last run was halted: one item first, to see");
	if (itemloop_run(&j->loop) == -1) {
		msg_error("%s", canon_message(&j->canon));
		return canon_status(&j->canon);
	}
	if (j->loop.end != ITEMLOOP_UNUSABLE)
		crew_close(&j->crew, CLOSE_MS);
	itemloop_tell_end(&j->loop, &j->out);
	return status_of(&j->loop, reason, whole);
}

int
main(int argc, char *argv[])
{
	struct job_loop j = { .lock = { .fd = -1 } };
	const char *reason = NULL;
	enum exits status;
	int whole = 0, i = opt_parse(&tool, argc, argv);

	load(&j, argv[i], argv[i + 1]);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	stream_out_init(&j.out, STDOUT_FILENO, 0);
	status = work(&j, &reason, &whole);
	status = stream_finish(&j.out, status, whole, reason);
	crew_release(&j.crew);
	itemloop_release(&j.loop);
	settle_close(&j.settle);
	canon_close(&j.canon);
	lock_release(&j.lock);
	decl_release(&j.decl);
	return (int)status;
}
