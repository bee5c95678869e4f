/*
 * curate-set -- a person's transitions of items.
 *
 * in:   the action, keys or filters, and why
 * out:  an action record for each item that it moves; then end
 * owns: the queues in DATA/SOURCE.sqlite, with job-loop and job-add
 *
 * What the actions are, the queue declares.  Each transition is an event
 * with who, when, from, to and why.
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/canon.h"
#include "store/libraries.h"
#include "store/queue_view.h"

#define UNASKED 20		/* so many need no question */
#define BATCH 500		/* items in one transaction */

static const char *config, *data = "data", *name, *why, *who, *run;
static struct queue_filter only;
static int all, yes, dry;
static int64_t wait_ms = DB_BUSY_MS;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "a run to note with it", 0, 0, 0 },
	{ "queue", 0, OPT_STRING, "name", &name,
	    "the queue (the only one)", 0, 0, 0 },
	{ "state", 0, OPT_STRING, "state", &only.state,
	    "items in this state", 0, 0, 0 },
	{ "code", 0, OPT_STRING, "code", &only.code,
	    "items that failed with this code", 0, 0, 0 },
	{ "all", 0, OPT_FLAG, NULL, &all,
	    "all there are; needed if nothing else is said", 0, 0, 0 },
	{ "why", 0, OPT_STRING, "text", &why,
	    "the reason, kept with each transition", 1, 0, 0 },
	{ "who", 0, OPT_STRING, "name", &who,
	    "on whose behalf (the user)", 0, 0, 0 },
	{ "yes", 0, OPT_FLAG, NULL, &yes,
	    "do not ask, however many they are", 0, 0, 0 },
	{ "dry-run", 'n', OPT_FLAG, NULL, &dry,
	    "tell what would be moved, move nothing", 0, 0, 0 },
	OPT_WAIT(&wait_ms, "30000"),
	OPT_END
};

static const struct opt_tool tool = {
	"a person's transitions of items", "action [key ...]", 1, -1, opts,
	libraries
};

struct work {
	struct decl decl;
	struct decl_queues queues;
	const struct decl_queue *q;
	struct canon canon;
	struct queue queue;
	const char *action;
	struct buf chosen;		/* their ids, int64_t each */
	int64_t kept;			/* from where it does not lead */
	int named;			/* the key was given */
	enum exits status;
	struct stream_out out;
};

/* --- what is meant ------------------------------------------------------ */

/* The actions that there are, for the message. */
static void
check_action(struct work *w)
{
	const struct decl_transition *t = w->q->transitions;
	struct buf b;
	size_t i;

	buf_init(&b, 4096);
	for (i = 0; i < w->q->n_transitions; i++) {
		if (t[i].move != DECL_ACTION)
			continue;
		if (strcmp(t[i].action, w->action) == 0) {
			buf_release(&b);
			return;
		}
		if (b.len == 0 || strstr(b.data, t[i].action) == NULL)
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "",
			    t[i].action);
	}
	msg_die(EXIT_USAGE, "%s: no action of queue %s (%s)", w->action,
	    w->q->name, b.len > 0 ? b.data : "there is none");
}

static void
check(struct work *w, char *const keys[])
{
	struct part key;

	check_action(w);
	if (only.state != NULL && decl_queue_state(w->q, only.state) ==
	    DECL_NONE)
		msg_die(EXIT_USAGE, "--state %s: no state of queue %s",
		    only.state, w->q->name);
	if (why[strspn(why, " \t\n")] == '\0')
		msg_die(EXIT_USAGE, "--why: blank");
	if (!all && *keys == NULL && only.state == NULL && only.code == NULL)
		msg_die(EXIT_USAGE, "that is everything: name some, or "
		    "--all");
	for (; *keys != NULL; keys++)
		if (decl_queue_key(w->q, *keys, &key) == -1)
			msg_die(EXIT_USAGE, "%s: no key of queue %s", *keys,
			    w->q->name);
}

static const char *
user(void)
{
	static char number[24];
	struct passwd *p = getpwuid(getuid());

	if (p != NULL)
		return p->pw_name;
	snprintf(number, sizeof(number), "uid %lld", (long long)getuid());
	return number;
}

/* --- choosing ----------------------------------------------------------- */

static void
die(struct work *w)
{
	msg_die(canon_status(&w->canon), "%s", canon_message(&w->canon));
}

static void
say_kept(struct work *w, const struct queue_row *r)
{
	struct buf label;

	buf_init(&label, 4096);
	decl_queue_label(w->q, &r->key, &label);
	msg_error("%s: %s does not lead from %s", label.data, w->action,
	    r->state);
	buf_release(&label);
	w->status = EXIT_NO;
}

static int
choose(const struct queue_row *r, void *arg)
{
	struct work *w = arg;
	size_t state = decl_queue_state(w->q, r->state);

	if (decl_queue_move(w->q, DECL_ACTION, DECL_NONE, w->action, state,
	    DECL_NONE) == NULL) {
		w->kept++;
		if (w->named)
			say_kept(w, r);
		return 0;
	}
	return buf_add(&w->chosen, &r->id, sizeof(r->id));
}

static void
choose_all(struct work *w, char *const keys[])
{
	int64_t before;
	size_t len;

	w->named = *keys != NULL;
	do {
		if (*keys != NULL)
			decl_queue_key(w->q, *keys, &only.key);
		len = w->chosen.len;
		before = w->kept;
		if (queue_each(&w->queue, &only, -1, choose, w) == -1)
			die(w);
		if (*keys != NULL && w->chosen.len == len &&
		    w->kept == before) {
			msg_error("%s: no such item", *keys);
			w->status = EXIT_NOINPUT;
		}
	} while (*keys != NULL && *++keys != NULL);
}

/* Is so much meant?  No answer is no. */
static int
confirmed(const struct work *w, size_t n)
{
	char answer[16];

	if (n <= UNASKED || yes || dry)
		return 1;
	fprintf(stderr, "%s: %s %zu items? [y/N] ", msg_tool(), w->action,
	    n);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}

/* --- moving ------------------------------------------------------------- */

static void
tell(struct work *w, const struct queue_way *way)
{
	struct jsonw j;

	stream_record(&w->out, &j, "action");
	jsonw_str(&j, "source", w->decl.source);
	jsonw_str(&j, "queue", w->q->name);
	part_write(&way->key, &j, "part");
	jsonw_str(&j, "action", w->action);
	jsonw_str(&j, "from", w->q->states[way->from]);
	jsonw_str(&j, "to", w->q->states[way->to]);
	jsonw_str(&j, "who", who);
	jsonw_str(&j, "why", why);
	stream_put(&w->out, &j);
}

/* Some in one transaction; what somebody else has moved stays. */
static int64_t
move(struct work *w, const int64_t *ids, size_t n)
{
	static struct queue_way way[BATCH];
	const struct queue_actor a = { run, who, why, clock_wall_ms() };
	int r[BATCH];
	size_t i;
	int64_t moved = 0;

	if (!dry && db_begin(&w->canon.db) == -1)
		die(w);
	for (i = 0; i < n; i++) {
		r[i] = dry ? queue_way(&w->queue, w->action, ids[i],
		    &way[i]) : queue_move(&w->queue, &a, w->action, ids[i],
		    &way[i]);
		if (r[i] == -1)
			die(w);
	}
	if (!dry && db_commit(&w->canon.db) == -1)
		die(w);
	for (i = 0; i < n; i++)
		if (r[i] == 1) {
			tell(w, &way[i]);
			moved++;
		}
	return moved;
}

static void
move_all(struct work *w)
{
	const int64_t *ids = (const void *)w->chosen.data;
	size_t i, n = w->chosen.len / sizeof(*ids), some;
	int64_t moved = 0;

	if (n == 0 && w->status == EXIT_OK) {
		msg_note("%s: no item", w->action);
		w->status = EXIT_NO;
	}
	if (n > 0 && !confirmed(w, n)) {
		msg_error("%s: nothing was changed; --yes does not ask",
		    w->action);
		w->status = EXIT_NO;
		return;
	}
	for (i = 0; i < n; i += some) {
		some = n - i < BATCH ? n - i : BATCH;
		if (stop_requested()) {
			w->status = EXIT_TEMP;
			break;
		}
		moved += move(w, ids + i, some);
	}
	msg_note("%s: %s %lld, does not lead from %lld others", w->action,
	    dry ? "would move" : "moved", (long long)moved,
	    (long long)w->kept);
}

int
main(int argc, char *argv[])
{
	static struct work w;
	int i = opt_parse(&tool, argc, argv);

	w.action = argv[i++];
	decl_start(&w.decl, config);
	decl_start_queues(&w.decl, &w.queues);
	w.q = decl_start_queue(&w.decl, &w.queues, name);
	check(&w, argv + i);
	if (who == NULL)
		who = user();
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (canon_open(&w.canon, data, &w.decl, dry ? CANON_READ :
	    CANON_CHANGE, wait_ms) == -1 ||
	    queue_open(&w.queue, &w.canon.db, w.q, !dry) == -1)
		die(&w);
	buf_init(&w.chosen, SIZE_MAX / 2);
	stream_out_init(&w.out, STDOUT_FILENO, 1);
	choose_all(&w, argv + i);
	move_all(&w);
	w.status = stream_finish(&w.out, w.status, w.status == EXIT_NOINPUT,
	    NULL);
	queue_close(&w.queue);
	canon_close(&w.canon);
	buf_release(&w.chosen);
	decl_release(&w.decl);
	return (int)w.status;
}
