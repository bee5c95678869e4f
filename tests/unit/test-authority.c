/* Answers in a row, and what the ledger says after each. */
#include <stdlib.h>

#include "store/authority.h"
#include "tap.h"
#include "tmpdir.h"

#define BODY AUTHORITY_BODY
#define UNCHANGED AUTHORITY_UNCHANGED
#define SAME_AS AUTHORITY_SAME_AS
#define ERROR AUTHORITY_ERROR

/* Each line is an answer; "new" begins with an empty ledger. */
static const struct {
	const char *descr;
	enum authority_kind kind;
	const char *run, *sha256, *code, *etag, *at;
	/* status run sha256 last_attempt last_error last_attempt_run
	 * attempts confirmed_at etag; "" when there is no row */
	const char *want;
	const char *verdict;	/* its code; NULL: good */
} steps[] = {
	{ "new: a good partition", BODY, "R5", "A", NULL, "e1", "10",
	    "valid R5 A ok - R5 1 10 e1", NULL },
	{ "a later one with other bytes", BODY, "R6", "B", NULL, "e2", "20",
	    "valid R6 B ok - R6 2 20 e2", NULL },
	{ "an older one ends late", BODY, "R4", "C", NULL, "e3", "30",
	    "valid R6 B ok - R6 3 20 e2", NULL },
	{ "an older one with the same bytes confirms", BODY, "R3", "B", NULL,
	    "e4", "31", "valid R6 B ok - R6 4 31 e4", NULL },
	{ "an older one fails late", BODY, "R4", "C", "not_json", NULL, "32",
	    "valid R6 B ok - R6 5 31 e4", "not_json" },
	{ "a later one fails", BODY, "R7", "D", "not_json", NULL, "33",
	    "valid R6 B failed not_json R7 6 31 e4", "not_json" },
	{ "a late older success clears no newer failure", BODY, "R5", "A",
	    NULL, "e1", "34", "valid R6 B failed not_json R7 7 31 e4",
	    NULL },
	{ "the same run tries again", BODY, "R7", "D", NULL, "e5", "40",
	    "valid R7 D ok - R7 8 40 e5", NULL },
	{ "a 304 without an ETag", UNCHANGED, "R8", "D", NULL, NULL, "50",
	    "valid R7 D ok - R8 9 50 e5", NULL },
	{ "a 304 with another ETag", UNCHANGED, "R9", "D", NULL, "e6", "60",
	    "valid R7 D ok - R9 10 60 e6", NULL },
	{ "same bytes without an ETag: none to send", SAME_AS, "S1", "D",
	    NULL, NULL, "70", "valid R7 D ok - S1 11 70 -", NULL },
	{ "a 304 of what is gone", UNCHANGED, "S2", "B", NULL, "e7", "80",
	    "valid R7 D failed hash_mismatch S2 12 70 -", "hash_mismatch" },
	{ "a 304 whose payload is gone", UNCHANGED, "S3", "D",
	    "missing_file", "e7", "81",
	    "valid R7 D failed missing_file S3 13 70 -", "missing_file" },
	{ "an error", ERROR, "S4", NULL, "http_503", NULL, "90",
	    "valid R7 D failed http_503 S4 14 70 -", "http_503" },
	{ "the current one looked at again is fine", BODY, "R7", "D", NULL,
	    "e5", "40", "valid R7 D failed http_503 S4 14 70 -", NULL },
	{ "the current one is found damaged", BODY, "R7", "D", "truncated",
	    NULL, "40", "invalid - - failed http_503 S4 15 - -",
	    "truncated" },
	{ "an invalid one has nothing to confirm", SAME_AS, "S5", "D", NULL,
	    "e8", "100", "invalid - - failed hash_mismatch S5 16 - -",
	    "hash_mismatch" },
	{ "any good one cures it, an older run too", BODY, "R6", "B", NULL,
	    "e2", "20", "valid R6 B failed hash_mismatch S5 16 20 e2",
	    NULL },
	{ "new: a good one that a newer run will confirm", BODY, "R1", "A",
	    NULL, "e1", "10", "valid R1 A ok - R1 1 10 e1", NULL },
	{ "confirmed by a newer run", UNCHANGED, "R3", "A", NULL, NULL, "30",
	    "valid R1 A ok - R3 2 30 e1", NULL },
	{ "a run between them ends late", BODY, "R2", "B", NULL, "e2", "20",
	    "valid R1 A ok - R3 3 30 e1", NULL },
	{ "the newest one replaces it", BODY, "R4", "B", NULL, "e4", "40",
	    "valid R4 B ok - R4 4 40 e4", NULL },
	{ "new: an error only", ERROR, "R1", NULL, "timeout", NULL, "1", "",
	    "timeout" },
	{ "then a confirmation only", UNCHANGED, "R2", "A", NULL, "e", "2",
	    "", "hash_mismatch" },
	{ "then a bad partition", BODY, "R3", "A", "bad_utf8", "e", "3",
	    "invalid - - failed bad_utf8 R3 3 - -", "bad_utf8" },
	{ "another error", ERROR, "R4", NULL, "reset", NULL, "4",
	    "invalid - - failed reset R4 4 - -", "reset" },
	{ "a good one", BODY, "R5", "A", NULL, "e1", "5",
	    "valid R5 A ok - R5 5 5 e1", NULL },
	{ "an id that is no number compares as text", BODY, "R10", "Z", NULL,
	    "e", "6", "valid R5 A ok - R5 6 5 e1", NULL },
};

static struct db db;
static struct arena arena;
static struct part part;

static void
fresh(void)
{
	db_close(&db);
	unlink("ledger.sqlite");
	if (ledger_open(&db, ".", DB_CREATE) == -1)
		exit(99);
}

/* The row, and by the way its seq. */
static void
read_state(char *text, size_t size, int64_t *seq)
{
	sqlite3_stmt *s = db_prepare(&db, "SELECT status || ' ' || "
	    "ifnull(run, '-') || ' ' || ifnull(sha256, '-') || ' ' || "
	    "last_attempt || ' ' || ifnull(last_error, '-') || ' ' || "
	    "last_attempt_run || ' ' || attempts || ' ' || "
	    "ifnull(confirmed_at, '-') || ' ' || ifnull(etag, '-'), seq "
	    "FROM partition_state");

	text[0] = '\0';
	*seq = 0;
	if (db_step(&db, s) == 1) {
		snprintf(text, size, "%s", db_text(s, 0));
		*seq = sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
}

static int
judge(size_t i, struct authority_verdict *v)
{
	char id[256], snapshot[64];
	struct authority_answer a = { .kind = steps[i].kind, .id = id,
	    .source = "s", .dataset = "d", .run = steps[i].run,
	    .part = &part, .code = steps[i].code, .at = steps[i].at,
	    .now = "now", .sha256 = steps[i].sha256, .schema_version = "1",
	    .etag = steps[i].etag, .fetched_at = steps[i].at,
	    .snapshot = snapshot, .size_bytes = 1, .stored_bytes = 2,
	    .record_count = 3 };

	/* What makes an answer another one is not what was found. */
	snprintf(id, sizeof(id), "%d %s %s %s", (int)a.kind, a.run,
	    a.sha256 != NULL ? a.sha256 : "", a.at);
	snprintf(snapshot, sizeof(snapshot), "%s:p", a.run);
	arena_clear(&arena);
	return authority_judge(&db, &a, &arena, v);
}

static int
same_code(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Do two states begin with the same status, run and content? */
static int
same_counts(const char *a, const char *b)
{
	int spaces = 0;

	for (; *a == *b && *a != '\0'; a++, b++)
		if (*a == ' ' && ++spaces == 3)
			return 1;
	return *a == *b;
}

static void
test_steps(void)
{
	char text[512], again[512], counted[512] = "";
	int64_t seq, seq_again, before = 0;
	struct authority_verdict v;
	size_t i;

	for (i = 0; i < TAP_COUNT(steps); i++) {
		if (strncmp(steps[i].descr, "new:", 4) == 0) {
			fresh();
			before = 0;
			counted[0] = '\0';
		}
		if (judge(i, &v) == -1) {
			tap_ok(0, "%s: %s", steps[i].descr, db_message(&db));
			continue;
		}
		read_state(text, sizeof(text), &seq);
		tap_str(text, steps[i].want, steps[i].descr);
		tap_ok(same_code(v.code, steps[i].verdict), "its code");
		tap_ok(same_counts(text, counted) ? seq == before :
		    seq > before, "a new seq if and only if other content counts");
		snprintf(counted, sizeof(counted), "%s", text);
		before = seq;
		tap_ok(judge(i, &v) == 0 && !v.counted, "again: not counted");
		read_state(again, sizeof(again), &seq_again);
		tap_ok(strcmp(text, again) == 0 && seq == seq_again,
		    "and nothing moves");
	}
}

int
main(void)
{
	tmpdir_enter();
	arena_init(&arena);
	buf_init(&db.message, 1);
	part_add(&part, "k", "d");
	part_add(&part, "l", "p");
	test_steps();
	db_close(&db);
	arena_release(&arena);
	tmpdir_leave();
	return tap_done();
}
