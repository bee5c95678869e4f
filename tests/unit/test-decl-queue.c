/* [queue] of a declaration: what is taken, each mistake with its place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decl/queue.h"
#include "tap.h"
#include "tmpdir.h"
#include "tools.h"

static const char head[] =
"[source]\nname = \"s\"\ndataset_key = [\"id\", \"no\"]\npart_member = \"page\"\n"
"[part.p]\nformat = \"json-array\"\nschema_version = \"1\"\n"
"[table.rows]\npart = \"p\"\nrows = \"\"\nkey = [\"x\"]\n"
"[table.rows.columns]\nx = \"/x\"\n";

/* Its lines are counted from 15. */
static const char whole[] =
"[queue.q]\n"						/* 15 */
"table = \"q_items\"\n"
"key = [\"id\", \"no\"]\n"
"label = \"thing {id} no. {no}\"\n"
"states = [\"new\", \"got\", \"done\", \"bad\", \"dead\", \"held\"]\n"
"initial = \"new\"\n"					/* 20 */
"final = [\"done\", \"dead\"]\n"
"retry = { tries = 4, base_s = 2, cap_s = 9, jitter = 0.5 }\n"
"breaker = { max_failures = 4, halt_on = [\"x\"], share = { code = \"l\" } }\n"
"[queue.q.facts]\n"
"url = \"text\"\n"					/* 25 */
"size = \"integer\"\n"
"[queue.q.step.fetch]\n"
"worker = \"fetch\"\n"
"in_flight = 8\n"
"[queue.q.step.parse]\n"				/* 30 */
"worker = \"parse\"\n"
"version = \"2\"\n"
"parts = [\"p\"]\n"
"[[queue.q.transition]]\n"
"from = \"new\"\nto = \"got\"\nwho = \"loop\"\nstep = \"fetch\"\n" /* 35.. */
"[[queue.q.transition]]\n"
"from = \"got\"\nto = \"done\"\nwho = \"loop\"\nstep = \"parse\"\n" /* 40.. */
"[[queue.q.transition]]\n"
"from = [\"new\", \"got\"]\nto = \"bad\"\nwho = \"loop\"\non = \"fail\"\n"
"[[queue.q.transition]]\n"
"from = [\"new\", \"got\"]\nto = \"dead\"\nwho = \"loop\"\n" /* 50 */
"on = \"give-up\"\n"
"[[queue.q.transition]]\n"
"from = \"bad\"\nto = \"new\"\nwho = \"loop\"\non = \"again\"\n" /* 55 */
"[[queue.q.transition]]\n"
"from = \"bad\"\nto = \"got\"\nwho = \"loop\"\non = \"again\"\n" /* 60 */
"[[queue.q.transition]]\n"
"from = \"done\"\nto = \"new\"\nwho = \"discovery\"\n"	/* 65 */
"[[queue.q.transition]]\n"
"from = \"done\"\nto = \"got\"\nwho = \"loop\"\non = \"stale\"\n" /* 69 */
"[[queue.q.transition]]\n"
"from = [\"new\", \"got\", \"bad\"]\nto = \"held\"\n"	/* 74 */
"who = \"person\"\naction = \"hold\"\n"
"[[queue.q.transition]]\n"
"from = [\"held\", \"dead\"]\nto = \"new\"\n"		/* 79 */
"who = \"person\"\naction = \"revive\"\n";

static const struct {
	const char *descr, *from, *to, *want;
} cases[] = {
	{ "a member that is none", "table = ", "tabel = ",
	    ":16:1: queue.q: unknown member \"tabel\"" },
	{ "no table", "table = \"q_items\"\n", "",
	    ":15:8: queue.q: \"table\" is missing" },
	{ "a table of the stores", "q_items", "queue_x",
	    ":16:1: queue.q: \"queue_x\": a name that the stores use" },
	{ "a table with rows", "q_items", "rows",
	    ":16:1: queue.q: \"rows\" is a table or view already" },
	{ "no key", "[\"id\", \"no\"]", "[]",
	    ":17:1: queue.q: key: 1 to 7 members" },
	{ "a key twice", "\"no\"]", "\"id\"]",
	    ":17:1: queue.q: key: \"id\" is a column of every item, or "
	    "occurs twice" },
	{ "a key of ours", "\"no\"]", "\"epoch\"]",
	    ":17:1: queue.q: key: \"epoch\" is a column of every item, or "
	    "occurs twice" },
	{ "a label of no member", "{no}", "{url}",
	    ":18:1: queue.q: label: {url} is no member of the key" },
	{ "a label that is cut", "{no}", "{no",
	    ":18:1: queue.q: label: {no} is no member of the key" },
	{ "a state twice", "\"held\"]", "\"dead\"]",
	    ":19:1: queue.q: \"dead\" occurs twice" },
	{ "one state", "[\"new\", \"got\", \"done\", \"bad\", \"dead\", "
	    "\"held\"]", "[\"new\"]", ":19:1: queue.q: 2 to 32 states" },
	{ "an unknown first state", "initial = \"new\"", "initial = \"nwe\"",
	    ":20:1: queue.q: initial: no state \"nwe\"" },
	{ "an unknown last state", "final = [\"done\"", "final = [\"don\"",
	    ":21:1: queue.q: final: no state \"don\"" },
	{ "no last state", "final = [\"done\", \"dead\"]", "final = []",
	    ":19:11: queue.q.states.1: from \"new\" nothing leads to a "
	    "final state" },
	{ "a dead end", "[\"held\", \"dead\"]\nto", "[\"dead\"]\nto",
	    ":19:48: queue.q.states.6: \"held\" is a dead end, and not in "
	    "\"final\"" },
	{ "one that is meant", "final = [\"done\", \"dead\"]",
	    "final = [\"done\", \"dead\", \"held\"]", NULL },
	{ "what cannot be reached", "to = \"held\"", "to = \"dead\"",
	    ":19:48: queue.q.states.6: \"held\" cannot be reached from "
	    "\"new\"" },
	{ "no tries", "tries = 4", "tries = 0",
	    ":22:11: queue.q.retry: \"tries\" is no integer from 1 to "
	    "1000000" },
	{ "more jitter than wait", "jitter = 0.5", "jitter = 1.5",
	    ":22:45: queue.q.retry: \"jitter\" is no number from 0 to 1" },
	{ "a share of what", "{ code = \"l\" }", "{ of = 9 }",
	    ":23:48: queue.q.breaker.share: \"code\" is missing" },
	{ "a fact of another type", "url = \"text\"", "url = \"json\"",
	    ":25:1: queue.q.facts: url: unknown type \"json\" (text, "
	    "integer, real, boolean)" },
	{ "a fact that all have", "url = \"text\"", "state = \"text\"",
	    ":25:1: queue.q.facts: every item has a column \"state\" "
	    "already" },
	{ "a fact of the key", "url = \"text\"", "no = \"text\"",
	    ":25:1: queue.q.facts: every item has a column \"no\" already" },
	{ "a step without a worker", "worker = \"fetch\"\n", "",
	    ":27:15: queue.q.step.fetch: \"worker\" is missing" },
	{ "a blank one", "worker = \"fetch\"", "worker = \" \"",
	    ":28:1: queue.q.step.fetch: worker: blank" },
	{ "rows of another kind of dataset", "\"no\"]\nlabel = \"thing {id} "
	    "no. {no}\"", "\"on\"]\nlabel = \"thing {id}\"",
	    ":33:1: queue.q.step.parse: parts: the datasets of \"p\" have "
	    "another key than the queue's items (source)" },
	{ "rows of no part", "parts = [\"p\"]", "parts = [\"q\"]",
	    ":33:1: queue.q.step.parse: parts: no part \"q\"" },
	{ "a state that there is not", "to = \"got\"", "to = \"gto\"",
	    ":36:1: queue.q.transition.1: to: no state \"gto\"" },
	{ "from where there is not", "[\"new\", \"got\"]\nto = \"bad\"",
	    "[\"new\", \"gto\"]\nto = \"bad\"",
	    ":45:1: queue.q.transition.3: from: no state \"gto\"" },
	{ "a step that there is not", "step = \"fetch\"", "step = \"fecth\"",
	    ":38:1: queue.q.transition.1: no step \"fecth\"" },
	{ "by nobody known", "who = \"discovery\"", "who = \"me\"",
	    ":67:1: queue.q.transition.7: who: unknown \"me\" (loop, "
	    "discovery, person)" },
	{ "an action of discovery", "who = \"discovery\"",
	    "who = \"discovery\"\naction = \"x\"",
	    ":68:1: queue.q.transition.7: unknown member \"action\"" },
	{ "on what", "on = \"stale\"", "on = \"old\"",
	    ":72:1: queue.q.transition.8: on: unknown \"old\" (fail, "
	    "give-up, again, stale)" },
	{ "a loop's without a reason", "who = \"loop\"\non = \"stale\"",
	    "who = \"loop\"", ":68:1: queue.q.transition.8: the loop's "
	    "needs one of \"step\", \"on\"" },
	{ "a person's without a name", "action = \"hold\"\n", "",
	    ":73:1: queue.q.transition.9: \"action\" is missing" },
	{ "nowhere else", "to = \"got\"\nwho", "to = \"new\"\nwho",
	    ":36:1: queue.q.transition.1: from a state to itself" },
	{ "twice", "[\"new\", \"got\"]\nto = \"bad\"",
	    "[\"new\", \"new\"]\nto = \"bad\"",
	    ":45:1: queue.q.transition.3: this transition is declared "
	    "twice" },
	{ "two ways to fail", "[\"new\", \"got\"]\nto = \"dead\"\n"
	    "who = \"loop\"\non = \"give-up\"", "[\"new\", \"got\"]\n"
	    "to = \"dead\"\nwho = \"loop\"\non = \"fail\"",
	    ":50:1: queue.q.transition.4: another one says where that "
	    "leads" },
	{ "two steps of one state", "from = \"got\"\nto = \"done\"",
	    "from = \"new\"\nto = \"done\"", ":40:1: queue.q.transition.2: "
	    "another step begins in this state" },
	{ "one step of two states", "from = \"got\"\nto = \"done\"",
	    "from = [\"got\", \"held\"]\nto = \"done\"",
	    ":40:1: queue.q.transition.2: the step begins in another "
	    "state" },
	{ "a step from the end", "final = [\"done\"", "final = [\"got\"",
	    ":40:1: queue.q.transition.2: a step begins in a final state" },
	{ "failing where nothing is done", "[\"new\", \"got\"]\nto = "
	    "\"bad\"", "[\"new\", \"got\", \"held\"]\nto = \"bad\"",
	    ":45:1: queue.q.transition.3: no step begins there that could "
	    "fail" },
	{ "no way to fail", "[\"new\", \"got\"]\nto = \"bad\"",
	    "[\"new\"]\nto = \"bad\"", ":30:15: queue.q.step.parse: on = "
	    "\"fail\" is missing: where an item goes from \"got\" that "
	    "failed" },
	{ "no way to give up", "[\"new\", \"got\"]\nto = \"dead\"",
	    "[\"got\"]\nto = \"dead\"", ":27:15: queue.q.step.fetch: on = "
	    "\"give-up\" is missing: where an item goes from \"new\" that "
	    "failed in too many runs" },
	{ "no way back", "from = \"bad\"\nto = \"got\"\nwho = \"loop\"\n"
	    "on = \"again\"", "from = \"bad\"\nto = \"dead\"\n"
	    "who = \"person\"\naction = \"x\"", ":30:15: queue.q.step.parse:"
	    " on = \"again\" is missing: from \"bad\" back to \"got\"" },
	{ "again what was never to do", "from = \"done\"\nto = \"got\"",
	    "from = \"done\"\nto = \"held\"",
	    ":70:1: queue.q.transition.8: no step begins there" },
	{ "a step that nothing makes", "[[queue.q.transition]]\n"
	    "from = \"new\"", "[queue.q.step.more]\nworker = \"x\"\n"
	    "[[queue.q.transition]]\nfrom = \"new\"", ":34:15: "
	    "queue.q.step.more: no transition is made by this step" },
};

/* The declaration with its first `from` replaced by `to`. */
static void
write_file(const char *file, const char *from, const char *to)
{
	const char *at = strstr(whole, from);
	char text[8192];

	if (at == NULL) {
		printf("Bail out! nothing like %s\n", from);
		exit(99);
	}
	snprintf(text, sizeof(text), "%s\n%.*s%s%s", head,
	    (int)(at - whole), whole, to, at + strlen(from));
	tmpdir_text(file, text);
}

static void
load(struct decl *d, const char *file)
{
	struct buf why;

	buf_init(&why, 4096);
	if (decl_load(d, file, &why) == -1) {
		printf("Bail out! %s\n", why.data);
		exit(99);
	}
	buf_release(&why);
}

static void
test_cases(void)
{
	struct decl_queues all;
	struct decl d;
	struct buf why;
	size_t i;
	int r;

	buf_init(&why, 4096);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		write_file("q.toml", cases[i].from, cases[i].to);
		load(&d, "q.toml");
		buf_clear(&why);
		r = decl_queues_read(&d, &all, &why);
		if (cases[i].want == NULL)
			tap_ok(r == 0, "%s", cases[i].descr);
		else
			tap_str(r == -1 && errno == EINVAL ?
			    why.data + strlen("q.toml") : NULL,
			    cases[i].want, cases[i].descr);
		decl_release(&d);
	}
	buf_release(&why);
}

static void
test_whole(void)
{
	const struct decl_transition *t;
	const struct decl_queue *q;
	struct decl_queues all;
	struct part key = { 0 };
	struct decl d;
	struct buf b;

	buf_init(&b, 4096);
	write_file("q.toml", "", "");
	load(&d, "q.toml");
	tap_ok(decl_queues_read(&d, &all, &b) == 0 && all.n == 1,
	    "a whole queue");
	tap_ok(decl_queue(&all, "p") == NULL, "no other");
	q = decl_queue(&all, "q");
	tap_ok(q->initial == 0 && q->final[2] && q->final[4] && !q->final[3],
	    "its states");
	tap_ok(q->n_steps == 2 && q->steps[0].from == 0 &&
	    q->steps[0].to == 1 && q->steps[0].in_flight == 8 &&
	    q->steps[0].workers == 1 && q->steps[0].timeout_ms == 180000 &&
	    q->steps[1].from == 1 && q->steps[1].to == 2, "its steps");
	tap_str(q->steps[1].version, "2", "a step's version");
	tap_ok(q->retry.max_attempts == 4 && q->retry.base_ms == 2000 &&
	    q->retry.cap_ms == 9000 && q->retry.jitter == 0.5, "retries");
	tap_ok(q->lease_ms == 60000 && q->max_attempts == 5, "what nobody "
	    "says");
	tap_ok(q->breaker.max_failures == 4 && q->breaker.n_halt_on == 1 &&
	    q->breaker.share_of == 20 && q->breaker.share_percent == 50,
	    "the breaker");
	tap_int((int64_t)q->n_transitions, 15, "several froms are several");
	t = decl_queue_move(q, DECL_AGAIN, DECL_NONE, NULL, 3, 1);
	tap_ok(t != NULL && t->number == 6, "one of two ways back");
	t = decl_queue_move(q, DECL_AGAIN, DECL_NONE, NULL, 3, DECL_NONE);
	tap_ok(t != NULL && t->to == 0, "the first of them");
	tap_ok(decl_queue_move(q, DECL_ACTION, DECL_NONE, "hold", 2,
	    DECL_NONE) == NULL, "no such way");
	tap_ok(decl_queue_begins(q, 1) == 1 &&
	    decl_queue_begins(q, 2) == DECL_NONE, "where steps begin");
	part_add(&key, "id", "7");
	part_add(&key, "no", "2");
	buf_clear(&b);
	decl_queue_label(q, &key, &b);
	tap_str(b.data, "thing 7 no. 2", "a label");
	decl_release(&d);
	write_file("q.toml", "label = \"thing {id} no. {no}\"\n", "");
	load(&d, "q.toml");
	decl_queues_read(&d, &all, &b);
	buf_clear(&b);
	decl_queue_label(&all.q[0], &key, &b);
	tap_str(b.data, "q 7/2", "one that nobody gave");
	decl_release(&d);
	buf_release(&b);
}

int
main(void)
{
	tools_in_path();
	tmpdir_enter();
	test_cases();
	test_whole();
	tmpdir_leave();
	return tap_done();
}
