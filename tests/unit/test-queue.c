/* Queues: leases, epochs, fencing, dead owners, failures, transitions. */
#include "store/queue_schema.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/owner.h"
#include "tap.h"
#include "tmpdir.h"
#include "tools.h"

#define DECL(facts, more) \
"[source]\nname = \"s\"\ndataset_key = [\"id\"]\npart_member = \"page\"\n" \
"[part.p]\nformat = \"json-array\"\nschema_version = \"1\"\n" \
"[table.rows]\npart = \"p\"\nrows = \"\"\nkey = [\"x\"]\n" \
"[table.rows.columns]\nx = \"/x\"\n" \
"[queue.q]\ntable = \"jobs\"\nkey = [\"id\", \"no\"]\n" \
"states = [\"new\", \"got\", \"done\", \"bad\", \"dead\", \"held\"]\n" \
"initial = \"new\"\nfinal = [\"done\", \"dead\"]\nmax_attempts = 2\n" \
"retry = { tries = 2, base_s = 10, cap_s = 100 }\n" \
"[queue.q.facts]\n" facts "\n" \
"[queue.q.step.fetch]\nworker = \"f\"\n" \
"[queue.q.step.parse]\nworker = \"p\"\nversion = \"1\"\n" \
"[[queue.q.transition]]\nfrom = \"new\"\nto = \"got\"\nwho = \"loop\"\n" \
"step = \"fetch\"\n" \
"[[queue.q.transition]]\nfrom = \"got\"\nto = \"done\"\nwho = \"loop\"\n" \
"step = \"parse\"\n" \
"[[queue.q.transition]]\nfrom = [\"new\", \"got\"]\nto = \"bad\"\n" \
"who = \"loop\"\non = \"fail\"\n" \
"[[queue.q.transition]]\nfrom = [\"new\", \"got\"]\nto = \"dead\"\n" \
"who = \"loop\"\non = \"give-up\"\n" \
"[[queue.q.transition]]\nfrom = \"bad\"\nto = \"new\"\nwho = \"loop\"\n" \
"on = \"again\"\n" \
"[[queue.q.transition]]\nfrom = \"bad\"\nto = \"got\"\nwho = \"loop\"\n" \
"on = \"again\"\n" \
"[[queue.q.transition]]\nfrom = \"done\"\nto = \"got\"\nwho = \"loop\"\n" \
"on = \"stale\"\n" \
"[[queue.q.transition]]\nfrom = \"done\"\nto = \"new\"\n" \
"who = \"discovery\"\n" \
"[[queue.q.transition]]\nfrom = [\"new\", \"got\", \"bad\"]\n" \
"to = \"held\"\nwho = \"person\"\naction = \"hold\"\n" \
"[[queue.q.transition]]\nfrom = [\"held\", \"dead\"]\nto = \"new\"\n" \
"who = \"person\"\naction = \"revive\"\n" \
"[[queue.q.transition]]\nfrom = \"held\"\nto = \"got\"\n" \
"who = \"person\"\naction = \"revive\"\n" more

#define FACTS "url = \"text\"\nsize = \"integer\"\nbig = \"boolean\"\n" \
	"rate = \"real\""

/* One declaration, its queue and the database. */
struct at {
	struct decl d;
	struct decl_queues all;
	struct db db;
	struct queue q;
	char owner[OWNER_TEXT];
};

static struct queue_actor actor = { "r1", NULL, NULL, 1000000 };

static void
bail(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(99);
}

static void
declare(struct at *t, const char *text)
{
	struct buf why;

	tmpdir_text("q.toml", text);
	buf_init(&why, 4096);
	if (decl_load(&t->d, "q.toml", &why) == -1 ||
	    decl_queues_read(&t->d, &t->all, &why) == -1)
		bail("q.toml", why.data);
	buf_release(&why);
}

static void
start(struct at *t, const char *file)
{
	struct owner o;

	declare(t, DECL(FACTS, ""));
	if (db_open(&t->db, file, DB_CREATE) == -1 ||
	    queue_open(&t->q, &t->db, &t->all.q[0], 1) == -1)
		bail(file, db_message(&t->db));
	owner_self(&o, "test");
	owner_format(&o, t->owner);
}

static void
stop(struct at *t)
{
	queue_close(&t->q);
	db_close(&t->db);
	decl_release(&t->d);
}

/* Add the item of that record; what came of it, or -1. */
static int
add(struct at *t, const char *json, int again)
{
	yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
	enum queue_added out = QUEUE_NEW;
	struct part key;
	struct buf why;
	int r = -1;

	buf_init(&why, 4096);
	if (queue_item_read(t->q.d, yyjson_doc_get_root(doc), &key, &why)
	    == 0 && db_begin(&t->db) == 0) {
		r = queue_add(&t->q, &actor, &key, yyjson_doc_get_root(doc),
		    again, &out);
		if (r == -1 || db_commit(&t->db) == -1)
			bail(json, db_message(&t->db));
	}
	buf_release(&why);
	yyjson_doc_free(doc);
	return r == -1 ? -1 : (int)out;
}

static int
claim(struct at *t, size_t step, struct queue_item *items, size_t max)
{
	const struct queue_claim c = { step, t->owner, actor.now_ms, 60000 };

	return queue_claim(&t->q, &c, items, max);
}

/* The first column of the first row, as text. */
static const char *
ask(struct at *t, const char *sql)
{
	static char text[256];
	sqlite3_stmt *s = db_prepare(&t->db, sql);

	text[0] = '\0';
	if (db_step(&t->db, s) == 1 && db_text(s, 0) != NULL)
		snprintf(text, sizeof(text), "%s", db_text(s, 0));
	sqlite3_finalize(s);
	return text;
}

static int
finish(struct at *t, const struct queue_item *item, const char *owner)
{
	int r;

	if (db_begin(&t->db) == -1)
		return -1;
	r = queue_holds(&t->q, item, owner);
	if (r == 1)
		r = queue_finish(&t->q, &actor, item, owner, DECL_NONE);
	if (r == -1 || db_commit(&t->db) == -1)
		db_rollback(&t->db);
	return r;
}

static int
fail(struct at *t, const struct queue_item *item, const char *code,
    int temporary)
{
	const struct queue_failure f = { code, "why", temporary };
	int r;

	if (db_begin(&t->db) == -1)
		return -1;
	r = queue_fail(&t->q, &actor, item, t->owner, &f);
	if (r == -1 || db_commit(&t->db) == -1)
		bail(code, db_message(&t->db));
	return r;
}

#define ITEM(id, no) "\"part\":{\"id\":\"" id "\",\"no\":\"" no "\"}"

static void
test_adding(void)
{
	struct at t;
	struct part key = { 0 };

	start(&t, "add.sqlite");
	tap_int(add(&t, "{" ITEM("1", "1") ",\"url\":\"u\",\"size\":5}", 0),
	    QUEUE_NEW, "a new item");
	actor.now_ms += 1000;
	tap_int(add(&t, "{" ITEM("1", "1") ",\"size\":6}", 0), QUEUE_KNOWN,
	    "a known one");
	tap_str(ask(&t, "SELECT url || size || state || (seen_at > added_at)"
	    " FROM jobs"), "u6new1", "its new facts, and when it was seen");
	tap_int(add(&t, "{" ITEM("1", "1") "}", 1), QUEUE_KNOWN,
	    "again: nothing leads from there");
	tap_int(add(&t, "{\"part\":{\"no\":\"1\",\"id\":\"1\"}}", 0), -1,
	    "a key in another order");
	tap_int(add(&t, "{\"part\":{\"id\":\"1\"}}", 0), -1,
	    "half of a key");
	tap_int(add(&t, "{\"size\":1}", 0), -1, "no key");
	tap_int(add(&t, "{" ITEM("2", "1") ",\"size\":\"x\"}", 0), -1,
	    "a fact of another type");
	tap_int(add(&t, "{" ITEM("2", "1") ",\"priority\":1.5}", 0), -1,
	    "half a priority");
	part_add(&key, "id", "1");
	part_add(&key, "no", "1");
	tap_int(queue_known(&t.q, &key), 1, "it is known");
	key.n = 1;
	part_add(&key, "no", "7");
	tap_int(queue_known(&t.q, &key), 0, "another is not");
	stop(&t);
}

static void
test_claims(void)
{
	struct queue_item items[8], one;
	struct at t;
	struct jsonw w;
	struct buf b;

	start(&t, "claim.sqlite");
	add(&t, "{" ITEM("3", "1") "}", 0);
	actor.now_ms += 10;
	add(&t, "{" ITEM("2", "1") "}", 0);
	add(&t, "{" ITEM("1", "2") ",\"url\":\"u\",\"big\":true,\"rate\":2}",
	    0);
	add(&t, "{" ITEM("1", "1") ",\"priority\":-1}", 0);
	add(&t, "{" ITEM("9", "9") ",\"priority\":5}", 0);
	tap_int(claim(&t, 1, items, 8), 0, "nothing is due for that step");
	tap_int(claim(&t, 0, items, 1), 1, "one is claimed");
	tap_str(items[0].part.m[0].value, "9", "the highest priority");
	tap_ok(items[0].epoch == 1 && items[0].attempt == 1, "its epoch");
	tap_int(claim(&t, 0, items, 8), 4, "the others");
	tap_ok(strcmp(items[0].part.m[0].value, "3") == 0 &&
	    strcmp(items[1].part.m[1].value, "2") == 0 &&
	    strcmp(items[2].part.m[0].value, "2") == 0 &&
	    strcmp(items[3].part.m[1].value, "1") == 0,
	    "by priority, then due time, then key");
	tap_int(claim(&t, 0, &one, 1), 0, "none twice");
	buf_init(&b, 4096);
	jsonw_record(&w, &b, "item");
	queue_facts(&t.q, &items[1], &w);
	jsonw_end(&w);
	tap_str(b.data, "{\"type\":\"item\",\"url\":\"u\",\"big\":true,"
	    "\"rate\":2}\n", "facts as members");
	buf_clear(&b);
	jsonw_record(&w, &b, "item");
	queue_facts(&t.q, &items[3], &w);
	jsonw_end(&w);
	tap_str(b.data, "{\"type\":\"item\",\"priority\":-1}\n",
	    "and a priority");
	buf_release(&b);
	actor.now_ms -= 10;
	add(&t, "{" ITEM("4", "1") ",\"priority\":7}", 0);
	actor.now_ms += 5;
	tap_ok(db_exec(&t.db, "UPDATE jobs SET due_at = '9999' "
	    "WHERE priority = 7") == 0, "one that is not yet due");
	add(&t, "{" ITEM("4", "2") "}", 0);
	tap_int(claim(&t, 0, &one, 1), 1, "does not hide");
	tap_str(one.part.m[1].value, "2", "one that is, of lower priority");
	stop(&t);
}

/* The line of a process that is gone. */
static void
dead_owner(char line[OWNER_TEXT])
{
	struct owner o;
	int pipes[2], status;
	pid_t pid = -1;

	if (pipe(pipes) == -1 || (pid = fork()) == -1)
		bail("fork", strerror(errno));
	if (pid == 0) {
		owner_self(&o, "dead");
		owner_format(&o, line);
		_exit(write(pipes[1], line, OWNER_TEXT) == -1);
	}
	if (read(pipes[0], line, OWNER_TEXT) < 1)
		bail("read", strerror(errno));
	waitpid(pid, &status, 0);
	close(pipes[0]);
	close(pipes[1]);
}

static void
test_leases(void)
{
	struct queue_item a, b, again;
	char dead[OWNER_TEXT], live[OWNER_TEXT];
	int64_t freed;
	struct at t;

	start(&t, "lease.sqlite");
	dead_owner(dead);
	memcpy(live, t.owner, sizeof(live));
	add(&t, "{" ITEM("1", "1") "}", 0);
	add(&t, "{" ITEM("2", "1") "}", 0);
	claim(&t, 0, &a, 1);
	memcpy(t.owner, dead, sizeof(dead));
	claim(&t, 0, &b, 1);
	tap_ok(queue_free(&t.q, actor.now_ms, &freed) == 0 && freed == 1,
	    "a dead owner's lease ends at once");
	tap_str(ask(&t, "SELECT outcome || step || epoch FROM jobs_attempts"),
	    "lostfetch1", "an attempt that was lost");
	tap_int(finish(&t, &b, dead), QUEUE_OVERTAKEN, "he was overtaken");
	memcpy(t.owner, live, sizeof(live));
	tap_ok(claim(&t, 0, &again, 1) == 1 && again.id == b.id &&
	    again.epoch == 2, "it is claimed again, with the next epoch");
	tap_int(finish(&t, &b, live), QUEUE_OVERTAKEN, "an old epoch");
	tap_int(finish(&t, &again, live), QUEUE_DONE, "the new one");
	tap_str(ask(&t, "SELECT state || epoch || (owner IS NULL) FROM jobs "
	    "WHERE id = '2'"), "got21", "it went on");
	tap_str(ask(&t, "SELECT group_concat(outcome) FROM jobs_attempts"),
	    "lost,ok", "its attempts");
	tap_str(ask(&t, "SELECT group_concat(from_state || to_state || role "
	    "|| run || step || epoch) FROM jobs_events"),
	    "newgotloopr1fetch2", "its event");
	actor.now_ms += 40000;
	tap_ok(queue_renew(&t.q, live, actor.now_ms + 60000) == 0 &&
	    queue_free(&t.q, actor.now_ms + 59999, &freed) == 0 &&
	    freed == 0, "a lease that is renewed");
	tap_ok(queue_free(&t.q, actor.now_ms + 60000, &freed) == 0 &&
	    freed == 1, "one that is over");
	tap_int(finish(&t, &a, live), QUEUE_OVERTAKEN,
	    "over, though nobody else has it");
	tap_int(db_int(&t.db, "SELECT count(*) FROM jobs_events", -1), 1,
	    "and nothing changed");
	stop(&t);
}

static void
test_failures(void)
{
	struct queue_item item;
	int64_t failed, stale;
	struct at t;

	start(&t, "fail.sqlite");
	add(&t, "{" ITEM("1", "1") "}", 0);
	claim(&t, 0, &item, 1);
	finish(&t, &item, t.owner);
	claim(&t, 1, &item, 1);
	tap_int(fail(&t, &item, "http", 1), QUEUE_LATER, "temporary");
	tap_int(claim(&t, 1, &item, 1), 0, "not due at once");
	actor.now_ms += 9999;
	tap_int(claim(&t, 1, &item, 1), 0, "nor a moment before");
	actor.now_ms += 1;
	tap_ok(claim(&t, 1, &item, 1) == 1 && item.attempt == 2,
	    "but when the schedule says so");
	tap_int(fail(&t, &item, "http", 1), QUEUE_FAILED,
	    "too often in this run");
	tap_str(ask(&t, "SELECT state || resume || tries || failed_runs "
	    "|| code FROM jobs"), "badgot01http", "it failed");
	tap_ok(queue_again(&t.q, &actor, &failed, &stale) == 0 &&
	    failed == 0, "not again in the same run");
	actor.run = "r2";
	tap_ok(queue_again(&t.q, &actor, &failed, &stale) == 0 &&
	    failed == 1, "but in the next one");
	tap_str(ask(&t, "SELECT state FROM jobs"), "got", "where it failed");
	claim(&t, 1, &item, 1);
	tap_int(fail(&t, &item, "layout", 0), QUEUE_DEAD, "given up");
	tap_str(ask(&t, "SELECT group_concat(outcome || ifnull(code, '')) "
	    "FROM jobs_attempts"), "ok,againhttp,failedhttp,deadlayout",
	    "all attempts");
	tap_str(ask(&t, "SELECT group_concat(to_state) FROM jobs_events"),
	    "got,bad,got,dead", "all events");
	actor.run = "r3";
	tap_ok(queue_again(&t.q, &actor, &failed, &stale) == 0 &&
	    failed == 0, "what is dead stays so");
	actor.run = "r1";
	stop(&t);
}

static void
test_versions(void)
{
	struct queue_item item;
	int64_t failed, stale;
	struct at t;

	start(&t, "stale.sqlite");
	add(&t, "{" ITEM("1", "1") "}", 0);
	claim(&t, 0, &item, 1);
	finish(&t, &item, t.owner);
	claim(&t, 1, &item, 1);
	finish(&t, &item, t.owner);
	tap_str(ask(&t, "SELECT state || version FROM jobs"), "done1",
	    "made by a version");
	tap_ok(queue_again(&t.q, &actor, &failed, &stale) == 0 &&
	    stale == 0, "which is the declared one");
	t.all.q[0].steps[1].version = "2";
	tap_ok(queue_again(&t.q, &actor, &failed, &stale) == 0 &&
	    stale == 1, "and is not any more");
	tap_str(ask(&t, "SELECT state FROM jobs"), "got", "due for the step");
	claim(&t, 1, &item, 1);
	finish(&t, &item, t.owner);
	tap_int(add(&t, "{" ITEM("1", "1") "}", 0), QUEUE_KNOWN,
	    "discovered once more");
	tap_str(ask(&t, "SELECT state || version FROM jobs"), "done2",
	    "never another state");
	tap_int(add(&t, "{" ITEM("1", "1") "}", 1), QUEUE_TAKEN_UP,
	    "unless it is asked for");
	tap_str(ask(&t, "SELECT role || state FROM jobs, jobs_events "
	    "ORDER BY event_id DESC"), "discoverynew", "by discovery");
	stop(&t);
}

static int
move(struct at *t, const char *action, int64_t id)
{
	struct queue_way way;
	int r;

	if (db_begin(&t->db) == -1)
		return -1;
	r = queue_move(&t->q, &actor, action, id, &way);
	if (r == -1 || db_commit(&t->db) == -1)
		bail(action, db_message(&t->db));
	return r;
}

static void
test_persons(void)
{
	struct queue_item item;
	struct at t;

	start(&t, "person.sqlite");
	actor.who = "me";
	actor.why = "so";
	add(&t, "{" ITEM("1", "1") "}", 0);
	claim(&t, 0, &item, 1);
	finish(&t, &item, t.owner);
	claim(&t, 1, &item, 1);
	tap_int(move(&t, "hold", item.id), 1, "a person holds it");
	tap_int(finish(&t, &item, t.owner), QUEUE_OVERTAKEN,
	    "who worked at it was overtaken");
	tap_str(ask(&t, "SELECT role || who || why || from_state || to_state"
	    " FROM jobs_events ORDER BY event_id DESC"), "personmesogotheld",
	    "with a reason");
	tap_int(move(&t, "hold", item.id), 0, "not from there");
	tap_int(move(&t, "revive", item.id), 1, "and lets it go");
	tap_str(ask(&t, "SELECT state FROM jobs"), "got",
	    "back to where it was");
	tap_int(move(&t, "hold", 99), 0, "no such item");
	actor.who = actor.why = NULL;
	stop(&t);
}

/* Each is refused. */
static const char *const refused[] = {
	"UPDATE jobs SET state = 'bad'",
	"UPDATE jobs SET state = 'nowhere'",
	"UPDATE OR REPLACE jobs SET state = 'done'",
	"UPDATE jobs SET id = '7'",
	"UPDATE jobs SET item_id = 7",
	"UPDATE jobs SET epoch = epoch + 1",
	"UPDATE jobs SET owner = 'x', lease_until = '9'",
	"UPDATE jobs SET owner = 'x', lease_until = '9', epoch = epoch + 2",
	"UPDATE jobs SET owner = 'x', epoch = epoch + 1",
	"DELETE FROM jobs",
	"INSERT OR REPLACE INTO jobs SELECT * FROM jobs",
	"REPLACE INTO jobs (id, no, state, due_at, changed_at, added_at,"
	" seen_at) VALUES ('1', '1', 'new', '', '', '', '')",
	"INSERT INTO jobs (id, no, state, due_at, changed_at, added_at,"
	" seen_at) VALUES ('2', '1', 'done', '', '', '', '')",
	"INSERT INTO jobs (id, no, state, due_at, changed_at, added_at,"
	" seen_at) VALUES ('', '1', 'new', '', '', '', '')",
	"DELETE FROM jobs_events",
	"UPDATE jobs_events SET who = 'x'",
	"INSERT INTO queue_actor (one, role, at) VALUES (1, 'loop', 'x')",
	"INSERT INTO queue_actor (one, role, at) VALUES (2, 'loop', 'x')",
};

static void
test_refusals(void)
{
	struct at t;
	size_t i;

	start(&t, "refuse.sqlite");
	add(&t, "{" ITEM("1", "1") "}", 0);
	db_exec(&t.db, "UPDATE jobs SET state = 'held'");
	for (i = 0; i < TAP_COUNT(refused); i++)
		tap_ok(db_exec(&t.db, refused[i]) == -1, "refused: %s",
		    refused[i]);
	tap_str(ask(&t, "SELECT count(*) || state || epoch FROM jobs"),
	    "1held0", "nothing changed");
	tap_ok(db_begin(&t.db) == 0 && db_exec(&t.db, "INSERT INTO "
	    "queue_actor (one, role, at) VALUES (1, 'loop', 'x')") == 0 &&
	    db_commit(&t.db) == -1, "nobody stays who he was");
	db_rollback(&t.db);
	tap_ok(db_begin(&t.db) == 0 && db_exec(&t.db, "UPDATE jobs SET "
	    "state = 'new'; INSERT INTO queue_actor (one, role, at) VALUES "
	    "(1, 'loop', 'x')") == 0 && db_exec(&t.db,
	    "UPDATE jobs SET state = 'got'") == -1,
	    "no loop without a lease");
	db_rollback(&t.db);
	stop(&t);
}

static void
test_halts(void)
{
	struct queue_halt h;
	struct at t;

	start(&t, "halt.sqlite");
	tap_int(queue_halted(&t.q, 0, &h), 0, "no run was halted");
	queue_halt(&t.q, &actor, 0, "failures", "3 in a row");
	tap_ok(queue_halted(&t.q, 0, &h) == 1 && strcmp(h.run, "r1") == 0 &&
	    strcmp(h.reason, "3 in a row") == 0, "one was");
	tap_int(queue_halted(&t.q, 1, &h), 0, "not at the other step");
	queue_clear_halt(&t.q, 0, actor.now_ms);
	tap_int(queue_halted(&t.q, 0, &h), 0, "until something succeeds");
	tap_int(db_int(&t.db, "SELECT count(*) FROM queue_halts WHERE "
	    "cleared_at IS NOT NULL", -1), 1, "and it is on record");
	stop(&t);
}

/* Open the queue of another declaration in the same file. */
static void
reopen(const char *descr, const char *text, int want)
{
	struct at t;
	int r;

	declare(&t, text);
	if (db_open(&t.db, "follow.sqlite", DB_WRITE) == -1)
		bail("follow.sqlite", db_message(&t.db));
	r = queue_open(&t.q, &t.db, &t.all.q[0], 1);
	tap_ok(r == want && (r == 0 || db_status(&t.db) == EXIT_REFUSED),
	    "%s: %s", descr, db_message(&t.db));
	if (r == 0)
		tap_ok(queue_open(&t.q, &t.db, &t.all.q[0], 0) == 0 &&
		    !t.q.absent, "%s: and read", descr);
	stop(&t);
}

static void
test_following(void)
{
	struct at t;

	start(&t, "follow.sqlite");
	add(&t, "{" ITEM("1", "1") "}", 0);
	db_exec(&t.db, "UPDATE jobs SET state = 'held'");
	stop(&t);
	reopen("the same", DECL(FACTS, ""), 0);
	reopen("a new fact", DECL(FACTS "\nmore = \"text\"", ""), 0);
	reopen("one of another type", DECL("url = \"real\"", ""), -1);
	reopen("new transitions", DECL(FACTS, "[[queue.q.transition]]\n"
	    "from = \"held\"\nto = \"dead\"\nwho = \"person\"\n"
	    "action = \"skip\"\n"), 0);
	start(&t, "follow.sqlite");
	tap_ok(db_exec(&t.db, "UPDATE jobs SET state = 'dead'") == -1,
	    "the triggers follow, also back");
	stop(&t);
}

/* What a rebuilt database gets of the old one. */
static void
test_carrying(void)
{
	struct at t, old;

	start(&old, "old.sqlite");
	add(&old, "{" ITEM("1", "1") ",\"url\":\"u\"}", 0);
	db_exec(&old.db, "UPDATE jobs SET state = 'held'");
	stop(&old);
	declare(&t, DECL(FACTS, ""));
	if (db_open(&t.db, "carried.sqlite", DB_CREATE) == -1 ||
	    db_attach(&t.db, "old.sqlite", "old", DB_READ) == -1)
		bail("carried.sqlite", db_message(&t.db));
	tap_ok(db_begin(&t.db) == 0 && queue_carry(&t.db) == 0 &&
	    queue_carry(&t.db) == 0 && db_commit(&t.db) == 0,
	    "it is carried over, once: %s", db_message(&t.db));
	db_exec(&t.db, "DETACH old");
	tap_ok(queue_open(&t.q, &t.db, &t.all.q[0], 0) == 0 && !t.q.absent,
	    "a queue like any");
	tap_str(ask(&t, "SELECT state || url || to_state FROM jobs "
	    "JOIN jobs_events USING (item_id)"), "helduheld",
	    "its items and events");
	tap_ok(db_exec(&t.db, "UPDATE jobs SET state = 'done'") == -1,
	    "its rules");
	stop(&t);
}

int
main(void)
{
	tools_in_path();
	tmpdir_enter();
	test_adding();
	test_claims();
	test_leases();
	test_failures();
	test_versions();
	test_persons();
	test_refusals();
	test_halts();
	test_following();
	test_carrying();
	tmpdir_leave();
	return tap_done();
}
