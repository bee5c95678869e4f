/* Events: what is one, which are wanted, what became of each task. */
#include "store/events.h"

#include "tap.h"
#include "tmpdir.h"

#define E(members) "{\"type\":\"event\"," members "}"
#define AT "\"at\":\"2026-11-20T22:31:14.123Z\""

static const struct {
	const char *descr, *line;
	int rows, skipped;
} lines[] = {
	{ "an event", E(AT ",\"event\":\"x\",\"run\":\"r\""), 1, 0 },
	{ "of the log's run, if it names none", E(AT ",\"event\":\"x\""),
	    1, 0 },
	{ "of another run", E(AT ",\"event\":\"x\",\"run\":\"q\""), 0, 0 },
	{ "a run that is no text", E(AT ",\"event\":\"x\",\"run\":7"), 1, 0 },
	{ "of another source", E(AT ",\"event\":\"x\",\"source\":\"t\""),
	    0, 0 },
	{ "of our source", E(AT ",\"event\":\"x\",\"source\":\"s\""), 1, 0 },
	{ "too early", E("\"at\":\"2026-11-20T22:30:59.999Z\",\"event\":"
	    "\"x\""), 0, 0 },
	{ "at that instant", E("\"at\":\"2026-11-20T22:31:00Z\",\"event\":"
	    "\"x\""), 1, 0 },
	{ "no instant", E("\"at\":\"soon\",\"event\":\"x\""), 0, 0 },
	{ "no event", E(AT), 0, 1 },
	{ "an event that is no text", E(AT ",\"event\":7"), 0, 1 },
	{ "no object", "[1]", 0, 1 },
	{ "no JSON", "x", 0, 1 },
	{ "nothing", "", 0, 1 },
	{ "torn, and the next one on it", "{\"type\":\"event\",\"at\":\"2"
	    E(AT ",\"event\":\"x\""), 1, 1 },
	{ "an event in a text", E(AT ",\"event\":\"x\",\"of\":\"{\\\"type\\\":"
	    "\\\"event\\\"\""), 1, 0 },
	{ "no UTF-8", E(AT ",\"event\":\"\xff\""), 0, 1 },
};

static void
check_line(size_t i)
{
	const struct events_filter only = { .source = "s", .run = "r",
	    .since = "2026-11-20T22:31:00.000Z" };
	FILE *fp = fopen("log", "w");
	struct events e;
	int done;

	fprintf(fp, "%s\n", lines[i].line);
	fclose(fp);
	done = events_open(&e, &only) == 0 && events_log(&e, "log", "r") == 0;
	tap_ok(done && db_int(&e.db, "SELECT count(*) FROM event", -1) ==
	    lines[i].rows && e.skipped == lines[i].skipped, "%s",
	    lines[i].descr);
	events_close(&e);
}

/* What a task's events in a run make of it. */
static const struct {
	const char *descr, *codes, *want;	/* attempt snapshot verdict */
} items[] = {
	{ "fetched only", "ok - -", "pending" },
	{ "sealed only", "ok sealed -", "pending" },
	{ "valid, and new", "ok sealed valid+", "changed" },
	{ "valid, as before", "unchanged - valid", "unchanged" },
	{ "the same bytes", "ok same_as valid", "unchanged" },
	{ "not fetched", "http_503 - -", "failed http_503" },
	{ "not sealed", "ok not_json -", "invalid not_json" },
	{ "not valid", "ok sealed count_mismatch", "invalid count_mismatch" },
};

static void
put_event(FILE *fp, const char *event, char *code)
{
	size_t n = strlen(code);
	int changed = n > 0 && code[n - 1] == '+';

	if (strcmp(code, "-") == 0)
		return;
	code[n - (size_t)changed] = '\0';
	fprintf(fp, E(AT ",\"event\":\"%s\",\"task\":\"t\",\"code\":\"%s\","
	    "\"changed\":%s") "\n", event, code, changed ? "true" : "false");
}

static void
check_item(size_t i)
{
	char code[3][32], got[100] = "";
	struct events e;
	sqlite3_stmt *s;
	FILE *fp = fopen("log", "w");

	sscanf(items[i].codes, "%31s %31s %31s", code[0], code[1], code[2]);
	put_event(fp, "attempt", code[0]);
	put_event(fp, "snapshot", code[1]);
	put_event(fp, "verdict", code[2]);
	fclose(fp);
	if (events_open(&e, NULL) == 0 && events_log(&e, "log", "r") == 0 &&
	    events_items(&e) == 0 && (s = db_prepare(&e.db, "SELECT outcome "
	    "|| iif(outcome IN ('failed', 'invalid'), ' ' || code, '') "
	    "FROM item WHERE run = 'r' AND task = 't'")) != NULL) {
		if (db_step(&e.db, s) == 1)
			snprintf(got, sizeof(got), "%s", db_text(s, 0));
		sqlite3_finalize(s);
	}
	tap_str(got, items[i].want, items[i].descr);
	events_close(&e);
}

/* A task is told run by run, and by the last events about it. */
static void
check_runs(void)
{
	struct events e;
	FILE *fp = fopen("log", "w");
	char fails[] = "http_503", ok[] = "ok", sealed[] = "sealed";
	char valid[] = "valid+";

	put_event(fp, "attempt", fails);
	put_event(fp, "attempt", ok);
	put_event(fp, "snapshot", sealed);
	put_event(fp, "verdict", valid);
	fclose(fp);
	tap_ok(events_open(&e, NULL) == 0 &&
	    events_log(&e, "log", "r1") == 0 &&
	    events_log(&e, "log", "r2") == 0 && events_items(&e) == 0 &&
	    db_int(&e.db, "SELECT count(*) FROM item WHERE outcome = "
	    "'changed'", -1) == 2, "retried within each of two runs");
	events_close(&e);
	tap_ok(events_open(&e, NULL) == 0 &&
	    events_log(&e, "none", "r") == -1 &&
	    db_status(&e.db) == EXIT_NOINPUT, "no such log");
	events_close(&e);
	tap_ok(events_open(&e, NULL) == 0 && events_logs(&e, ".") == 0 &&
	    events_versions(&e, "none.sqlite", "s") == 0,
	    "neither logs nor database: nothing happened");
	events_close(&e);
}

int
main(void)
{
	size_t i;

	tmpdir_enter();
	for (i = 0; i < TAP_COUNT(lines); i++)
		check_line(i);
	for (i = 0; i < TAP_COUNT(items); i++)
		check_item(i);
	check_runs();
	tmpdir_leave();
	return tap_done();
}
