/* Ledger, manifest and pointers, and what they make of leftovers. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/ledger.h"
#include "store/manifest.h"
#include "store/pointer.h"
#include "tap.h"
#include "tmpdir.h"

#define MANIFEST "d/raw/manifest.jsonl"
#define POINTER "d/ptr/s/d/p"

static struct db db;

/* --- runs ------------------------------------------------------------------- */

static const struct {
	const char *descr;
	int64_t at_ms;
	int exact;
	uint32_t salt;
	const char *want;
} runs[] = {
	{ "the epoch", 0, 0, 0, "19700101T000000000Z-000000" },
	{ "the same instant again", 0, 0, 0x1000001,
	    "19700101T000000001Z-000001" },
	{ "a clock that went back", -5000, 0, 0xffffff,
	    "19700101T000000002Z-ffffff" },
	{ "an instant asked for", -5000, 1, 7, "19691231T235955000Z-000007" },
	{ "and once more", -5000, 1, 7, "19691231T235955000Z-000008" },
	{ "it does not lead the others back", 1, 0, 0,
	    "19700101T000000003Z-000000" },
	{ "time goes on", 1000, 0, 0, "19700101T000001000Z-000000" },
};

static void
test_runs(void)
{
	struct ledger_run r = { .source = "s", .host = "h" };
	char id[LEDGER_RUN_TEXT];
	size_t i;

	for (i = 0; i < TAP_COUNT(runs); i++) {
		r.at_ms = runs[i].at_ms;
		r.exact = runs[i].exact;
		r.salt = runs[i].salt;
		if (ledger_run_new(&db, &r, id) == -1)
			exit(99);
		tap_str(id, runs[i].want, runs[i].descr);
	}
}

/* --- snapshots and the manifest ------------------------------------------------ */

static void
add_snapshot(const char *run, const char *sha256)
{
	struct raw_meta m = { .source = "s", .run = run, .sha256 = sha256,
	    .schema_version = "1", .status = -1, .size_bytes = 1,
	    .stored_bytes = 2, .record_count = 3 };
	struct ledger_snapshot s = { &m, "d", "now", -1 };

	part_add(&m.part, "k", "d");
	part_add(&m.part, "l", "p");
	if (ledger_snapshot_add(&db, &s) == -1)
		exit(99);
}

#define LINE(run) "{\"snapshot_id\":\"" run ":d/p\",\"run\":\"" run "\"," \
    "\"source\":\"s\",\"dataset\":\"d\",\"part\":{\"k\":\"d\",\"l\":\"p\"}," \
    "\"path\":\"raw/s/k=d/l=p/run_id=" run "\",\"sha256\":\"A\"," \
    "\"size_bytes\":1,\"stored_bytes\":2,\"record_count\":3," \
    "\"schema_version\":\"1\"}\n"

static const struct {
	const char *descr, *before, *after;
} manifests[] = {
	{ "none yet", NULL, LINE("R1") LINE("R2") },
	{ "complete", LINE("R1") LINE("R2"), LINE("R1") LINE("R2") },
	{ "one line behind", LINE("R1"), LINE("R1") LINE("R2") },
	{ "torn in the second", LINE("R1") "{\"snapshot_id\":\"R2:d/p",
	    LINE("R1") LINE("R2") },
	{ "torn in the first", "{\"snap", LINE("R1") LINE("R2") },
	{ "a line of another ledger", LINE("R0"),
	    LINE("R0") LINE("R1") LINE("R2") },
	{ "a strange last line", LINE("R1") LINE("R2") "# mine\n",
	    LINE("R1") LINE("R2") "# mine\n" },
	{ "a strange last line, one behind", LINE("R1") "# mine\n",
	    LINE("R1") "# mine\n" LINE("R2") },
};

static void
test_manifest(void)
{
	size_t i;

	path_mkdirs("d/raw");
	add_snapshot("R1", "A");
	add_snapshot("R2", "A");
	add_snapshot("R2", "A");	/* a second time is nothing new */
	for (i = 0; i < TAP_COUNT(manifests); i++) {
		unlink(MANIFEST);
		if (manifests[i].before != NULL)
			tmpdir_text(MANIFEST, manifests[i].before);
		if (manifest_update(&db, "d") == -1)
			printf("# %s\n", db_message(&db));
		tap_str(tmpdir_read(MANIFEST), manifests[i].after,
		    manifests[i].descr);
	}
}

/* --- authority as read, and the pointers ------------------------------------------ */

static void
set_current(const char *run, const char *sha256)
{
	db_execf(&db, "INSERT OR REPLACE INTO partition_state (source, "
	    "part_path, dataset, part, status, run, snapshot, sha256, "
	    "schema_version, last_attempt, last_attempt_run, attempts, "
	    "updated_at, seq) VALUES ('s', 'd/p', 'd', "
	    "'{\"k\":\"d\",\"l\":\"p\"}', 'valid', '%s', '%s:d/p', '%s', "
	    "'1', 'ok', '%s', 1, 'now', 1)", run, run, sha256, run);
}

static void
test_current(void)
{
	struct ledger_current c;
	struct arena a;

	arena_init(&a);
	tap_int(ledger_current(&db, "s", "d/p", &a, &c), 0, "pending");
	tap_str(ledger_status(&db, "s", "d/p"), "pending", "it is said");
	set_current("R1", "A");
	tap_int(ledger_current(&db, "s", "d/p", &a, &c), 1, "valid");
	tap_str(c.path, "raw/s/k=d/l=p/run_id=R1", "where it is");
	tap_ok(c.etag == NULL && c.record_count == -1, "what is not known");
	tap_int(ledger_known(&db, "d", "s", "d/p", "1", &a, &c), 0,
	    "not known without its payload");
	tap_int(ledger_current(&db, "t", "d/p", &a, &c), 0,
	    "nothing of another source");
	tap_int(ledger_attempt_ok(&db, "R1", "s", "d/p"), 0,
	    "no attempt of that run");
	db_exec(&db, "UPDATE partition_state SET status = 'invalid'");
	tap_int(ledger_current(&db, "s", "d/p", &a, &c), 0, "invalid");
	tap_str(ledger_status(&db, "s", "d/p"), "invalid", "it is said");
	arena_release(&a);
}

static const struct {
	const char *descr, *before, *run, *sha256;
	int want;
	const char *after;
} pointers[] = {
	{ "none yet", NULL, "R1", "A", 1, "R1\n" },
	{ "right", "R1\n", "R1", "A", 0, "R1\n" },
	{ "a run with the same content", "R1\n", "R2", "A", 0, "R1\n" },
	{ "a run with other content", "R1\n", "R3", "B", 1, "R3\n" },
	{ "ahead of the ledger", "R3\n", "R1", "A", 1, "R1\n" },
	{ "a run that nobody knows", "R9\n", "R1", "A", 1, "R1\n" },
	{ "empty", "", "R1", "A", 1, "R1\n" },
	{ "torn", "R", "R1", "A", 1, "R1\n" },
};

static void
test_pointers(void)
{
	size_t i;

	add_snapshot("R3", "B");
	path_mkdirs("d/ptr/s/d");
	tmpdir_text("d/ptr/s/d/.p-abcdef", "left behind");
	for (i = 0; i < TAP_COUNT(pointers); i++) {
		unlink(POINTER);
		if (pointers[i].before != NULL)
			tmpdir_text(POINTER, pointers[i].before);
		set_current(pointers[i].run, pointers[i].sha256);
		tap_int(pointer_update(&db, "d", "s", "d/p"),
		    pointers[i].want, pointers[i].descr);
		tap_str(tmpdir_read(POINTER), pointers[i].after, "says");
	}
	tap_ok(access("d/ptr/s/d/.p-abcdef", F_OK) == -1,
	    "leftovers are gone");
	unlink(POINTER);
	tap_int(pointer_update_all(&db, "d", "other"), 0,
	    "all of another source");
	tap_str(tmpdir_read(POINTER), "(none)", "leaves this one");
	tap_int(pointer_update_all(&db, "d", "s"), 0, "all of this one");
	tap_str(tmpdir_read(POINTER), "R1\n", "writes it");
	tap_int(pointer_update(&db, "d", "s", "d/q"), 0,
	    "without authority there is nothing to write");
}

/* --- answers ----------------------------------------------------------------- */

static void
add_answer(int64_t seq, const char *path, const char *at, const char *outcome,
    const char *sha256)
{
	if (db_execf(&db, "INSERT INTO attempts (seq, source, part_path, run,"
	    " at, kind, outcome, sha256, answer) VALUES (%lld, 's', '%s', 'R',"
	    " '%s', 'unchanged', '%s', nullif('%s', ''), 'answer %lld')",
	    (long long)seq, path, at, outcome, sha256, (long long)seq) == -1)
		exit(99);
}

static int
note_answer(int64_t seq, int64_t at_ms, const char *sha256, void *arg)
{
	buf_printf(arg, "%lld@%lld=%s ", (long long)seq, (long long)at_ms,
	    sha256);
	return seq == 9 ? -1 : 0;
}

static const struct {
	const char *descr, *path;
	int64_t since;
	int done;
	const char *want;
} answers[] = {
	{ "in their order, failures and others left out", "d/p", 0, 0,
	    "1@1000=A 4@4000=B 5@3000=A " },
	{ "since the first", "d/p", 1, 0, "4@4000=B 5@3000=A " },
	{ "since the last", "d/p", 8, 0, "" },
	{ "a number of another ledger", "d/p", 99, 0,
	    "1@1000=A 4@4000=B 5@3000=A " },
	{ "a reader that fails", "d/r", 0, -1, "9@0=C " },
	{ "none", "d/x", 0, 0, "" },
};

static void
test_answers(void)
{
	struct buf b;
	size_t i;

	add_answer(1, "d/p", "1970-01-01T00:00:01Z", "ok", "A");
	add_answer(2, "d/p", "1970-01-01T00:00:02Z", "failed", "A");
	add_answer(3, "d/q", "1970-01-01T00:00:03Z", "ok", "A");
	add_answer(4, "d/p", "1970-01-01T00:00:04Z", "ok", "B");
	add_answer(5, "d/p", "1970-01-01T00:00:03Z", "ok", "A");
	add_answer(6, "d/p", "yesterday", "ok", "A");
	add_answer(7, "d/p", "1970-01-01T00:00:07Z", "ok", "");
	add_answer(9, "d/r", "1970-01-01T00:00:00Z", "ok", "C");
	add_answer(10, "d/r", "1970-01-01T00:00:01Z", "ok", "C");
	buf_init(&b, 4096);
	for (i = 0; i < TAP_COUNT(answers); i++) {
		buf_clear(&b);
		tap_int(ledger_answers(&db, "s", answers[i].path,
		    answers[i].since, note_answer, &b), answers[i].done,
		    answers[i].descr);
		tap_str(b.data != NULL ? b.data : "", answers[i].want,
		    "those");
	}
	buf_release(&b);
}

int
main(void)
{
	tmpdir_enter();
	if (ledger_open(&db, "d", DB_CREATE) == -1)
		exit(99);
	test_runs();
	test_manifest();
	test_current();
	test_pointers();
	test_answers();
	db_close(&db);
	tmpdir_leave();
	return tap_done();
}
