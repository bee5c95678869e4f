/*
 * test-canon -- promote, history, gate and fence on small tables.
 *
 * Staging is the connection's own temporary schema, filled by SQL.  After
 * every promotion invariants() compares the canonical rows with the staged
 * ones and checks what must always hold.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "decl/ddl.h"
#include "store/canon.h"
#include "tap.h"

static const char declaration[] =
    "{\"source\":{\"name\":\"toy\",\"dataset_key\":[\"land\",\"town\"],"
    "\"part_member\":\"feed\"},"
    "\"part\":{\"goods\":{\"format\":\"json-array\",\"schema_version\":"
    "\"1\",\"required\":true},\"open\":{\"format\":\"json-array\","
    "\"schema_version\":\"1\",\"required\":true},"
    "\"news\":{\"format\":\"json-array\",\"schema_version\":\"1\"}},"
    "\"table\":{"
    "\"items\":{\"part\":\"goods\",\"rows\":\"\",\"key\":[\"code\"],"
    "\"columns\":{\"code\":\"/code\",\"name\":\"/name\","
    "\"n\":{\"at\":\"/n\",\"type\":\"integer\"},"
    "\"price\":{\"at\":\"/price\",\"type\":\"real\"},"
    "\"good\":{\"at\":\"/good\",\"type\":\"boolean\"}},"
    "\"indexes\":{\"idx_items_name\":\"name\"}},"
    "\"boxes\":{\"parent\":\"items\",\"rows\":\"/boxes\",\"key\":[\"box\"],"
    "\"columns\":{\"box\":\"/box\",\"code\":{\"parent\":true}}},"
    "\"slots\":{\"parent\":\"boxes\",\"rows\":\"/slots\","
    "\"key\":[\"box\",\"slot\"],\"null_key\":[\"slot\"],"
    "\"columns\":{\"box\":{\"parent\":true},\"slot\":\"/slot\","
    "\"note\":\"/note\"}}},"
    "\"gate\":{\"least_rows\":1,\"missing\":{\"young\":0.5,\"recovered\":"
    "0.5},\"growth\":{\"young\":1000,\"old\":1000,\"recovered\":1000},"
    "\"table\":{\"items\":{}}},"
    "\"view\":{\"vw_items\":\"SELECT * FROM items\"}}";

static struct canon canon;
static struct decl decl;
static char dir[] = "/tmp/test-canon.XXXXXX";
static char file[96], data[64];

/* Run SQL on the canonical connection; a failure ends the test. */
static void
sql(const char *text)
{
	if (db_exec(&canon.db, text) == -1) {
		printf("Bail out! %s\n# %s\n", canon_message(&canon), text);
		exit(1);
	}
}

static int64_t
number(const char *text)
{
	return db_int(&canon.db, text, -99);
}

/* --- staging ------------------------------------------------------------ */

static void
make_staging(void)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 16);
	buf_str(&b, "CREATE TEMP TABLE staging_meta (name, value);"
	    "CREATE TEMP TABLE staging_inputs (part, run, snapshot, sha256,"
	    " size_bytes, record_count, schema_version, fetched_at, path);"
	    "CREATE TEMP TABLE staging_tables (table_name, payload_rows,"
	    " \"rows\", quarantined);"
	    "CREATE TEMP TABLE findings (code, severity, table_name,"
	    " column_name, n, row_key, detail);");
	for (i = 0; i < decl.n_tables; i++) {
		buf_printf(&b, "CREATE TEMP TABLE \"%s\" (",
		    decl.tables[i].name);
		ddl_definitions(&b, &decl.tables[i]);
		buf_str(&b, ");");
	}
	sql(b.data);
	buf_release(&b);
	if (canon_stage(&canon, "temp") == -1)
		exit(1);
}

/* Empty staging, for the dataset land/town of this run. */
static void
stage(const char *run, const char *town)
{
	db_execf(&canon.db, "DELETE FROM temp.staging_meta;"
	    "DELETE FROM temp.staging_inputs;"
	    "DELETE FROM temp.items; DELETE FROM temp.boxes;"
	    "DELETE FROM temp.slots;"
	    "INSERT INTO temp.staging_meta VALUES ('source', 'toy'),"
	    " ('dataset', 'x/%s'), ('run', '%s'), ('map_sha256', 'm');"
	    "INSERT INTO temp.staging_inputs VALUES"
	    " ('goods', '%s', '%s:goods', 'of %s', 100, 3, '1', 'then', 'p'),"
	    " ('open', 'r0', 'r0:open', 'bb', 10, 1, '1', 'then', 'p')",
	    town, run, run, run, run);
}

static void
put(const char *table, const char *names, const char *values)
{
	if (db_execf(&canon.db, "INSERT INTO temp.%s (land, town, %s)"
	    " VALUES ('x', (SELECT substr(value, 3) FROM temp.staging_meta"
	    " WHERE name = 'dataset'), %s)", table, names, values) == -1) {
		printf("Bail out! %s\n", canon_message(&canon));
		exit(1);
	}
}

/* What stage-normalize does at the end: hashes and counts. */
static void
seal(void)
{
	sql("UPDATE temp.items SET row_hash = CAST(quote(name) || quote(n) ||"
	    " quote(price) || quote(good) || quote(extra) AS BLOB);"
	    "UPDATE temp.boxes SET row_hash = CAST(quote(code) AS BLOB);"
	    "UPDATE temp.slots SET row_hash = CAST(quote(note) AS BLOB);"
	    "DELETE FROM temp.staging_tables;"
	    "INSERT INTO temp.staging_tables"
	    " SELECT 'items', count(*), count(*), 0 FROM temp.items UNION ALL"
	    " SELECT 'boxes', count(*), count(*), 0 FROM temp.boxes UNION ALL"
	    " SELECT 'slots', count(*), count(*), 0 FROM temp.slots");
}

/* Three items, as most cases begin. */
static void
three(const char *run)
{
	stage(run, "a");
	put("items", "code, name, n, price, good", "'1', 'one', 1, 1.5, 1");
	put("items", "code, name, n, price, good", "'2', 'two', 2, 2.5, 0");
	put("items", "code, name, n, extra", "'3', NULL, 3, '{\"x\":[1]}'");
	put("boxes", "box, code, parent_occurrence", "'b', '1', 1");
	put("slots", "box, slot, note, occurrence", "'b', NULL, 'p', 1");
	put("slots", "box, slot, note, occurrence", "'b', NULL, 'q', 2");
	put("slots", "box, slot, note", "'b', 's', NULL");
}

/* --- promoting ---------------------------------------------------------- */

static struct canon_result result;

static struct part
town(const char *name)
{
	struct part p = { 0 };

	part_add(&p, "land", "x");
	part_add(&p, "town", name);
	return p;
}

/* Promote; returns the outcome, or -1. */
static int
promote_as(const char *name, const char *run, const char *accept)
{
	const struct canon_options o = { .run = run,
	    .now = "2026-11-20T00:00:00.000Z", .accept = accept,
	    .who = accept != NULL ? "me" : NULL };
	struct part p = town(name);

	if (canon_promote(&canon, &p, &o, &result) == -1) {
		printf("# %s\n", canon_message(&canon));
		return -1;
	}
	return (int)result.outcome;
}

static int
promote(const char *run)
{
	seal();
	return promote_as("a", run, NULL);
}

static void
counts(int64_t inserted, int64_t updated, int64_t deleted, const char *descr)
{
	tap_ok(result.inserted == inserted && result.updated == updated &&
	    result.deleted == deleted, "%s: +%lld ~%lld -%lld", descr,
	    (long long)result.inserted, (long long)result.updated,
	    (long long)result.deleted);
}

/* The columns of a table of the declaration, up to the hash. */
static const char *
columns(const char *table)
{
	if (strcmp(table, "items") == 0)
		return "land, town, code, name, n, price, good, occurrence,"
		    " extra, row_hash";
	if (strcmp(table, "boxes") == 0)
		return "land, town, box, code, parent_occurrence, occurrence,"
		    " extra, row_hash";
	return "land, town, box, slot, note, parent_occurrence, occurrence,"
	    " extra, row_hash";
}

/* Rows that one of two queries gives and the other does not. */
static int64_t
unequal(const char *one, const char *other)
{
	char q[2048];

	snprintf(q, sizeof(q), "SELECT count(*) FROM (SELECT * FROM (%s"
	    " EXCEPT %s) UNION ALL SELECT * FROM (%s EXCEPT %s))", one, other,
	    other, one);
	return number(q);
}

/* Rows that one of main and temp has and the other has not. */
static int64_t
differing(const char *table)
{
	char one[256], other[256];

	snprintf(one, sizeof(one), "SELECT * FROM temp.%s", table);
	snprintf(other, sizeof(other), "SELECT %s FROM main.%s"
	    " WHERE town = 'a'", columns(table), table);
	return unequal(one, other);
}

/* Intervals of one key that overlap, or are empty, or open twice. */
static int64_t
overlapping(const char *table, const char *key)
{
	char q[1024];

	snprintf(q, sizeof(q), "WITH i AS (SELECT land, town, %s AS k,"
	    " occurrence, valid_from, valid_to FROM main.%s_history UNION ALL"
	    " SELECT land, town, %s, occurrence, valid_from, NULL"
	    " FROM main.%s), l AS (SELECT *, lead(valid_from) OVER w AS after"
	    " FROM i WINDOW w AS (PARTITION BY land, town, k, occurrence"
	    " ORDER BY valid_from)) SELECT count(*) FROM l"
	    " WHERE valid_to <= valid_from OR valid_to > after"
	    " OR (valid_to IS NULL AND after IS NOT NULL)", key, table, key,
	    table);
	return number(q);
}

/* What must hold whenever a promotion is over; staged: rows are staging's. */
static int
invariants(int staged)
{
	if (staged && (differing("items") != 0 || differing("boxes") != 0 ||
	    differing("slots") != 0))
		return 0;
	return number("SELECT count(*) FROM main.dataset_versions WHERE"
	    " dataset = 'x/a' AND status = 'active'") <= 1 &&
	    number("SELECT count(*) FROM main.items WHERE valid_from NOT IN"
	    " (SELECT version_id FROM main.dataset_versions)") == 0 &&
	    overlapping("items", "code") == 0;
}

/* Does the database hold together? */
static int
sound(void)
{
	return number("SELECT count(*) FROM pragma_foreign_key_check") == 0 &&
	    number("SELECT integrity_check = 'ok'"
	    " FROM pragma_integrity_check") == 1;
}

/* --- changes as text ---------------------------------------------------- */

static struct buf said;

static int
say(const struct change *c, void *arg)
{
	struct jsonw w;

	(void)arg;
	jsonw_record(&w, &said, "change");
	change_write(&w, c, 0);
	return jsonw_end(&w);
}

static const char *
changes(const char *version)
{
	struct part p = town("a");

	buf_clear(&said);
	if (canon_changes(&canon, &p, version, say, NULL) == -1)
		return canon_message(&canon);
	return said.len > 0 ? said.data : "";
}

#define CHANGE(version, op, table) CHANGE_BY(version, version, op, table)
#define CHANGE_BY(run, version, op, table) \
	"{\"type\":\"change\",\"run\":\"" run "\",\"source\":\"toy\"," \
	"\"dataset\":\"x/a\",\"version\":\"" version "\"," \
	"\"op\":\"" op "\",\"table\":\"" table "\"," \
	"\"key\":{\"land\":\"x\",\"town\":\"a\","

/* --- the cases ---------------------------------------------------------- */

static void
test_life(void)
{
	three("r1");
	tap_int(promote("r1"), CANON_PROMOTED, "first load");
	counts(7, 0, 0, "first load");
	tap_ok(invariants(1), "rows are those staged");
	tap_int(number("SELECT count(*) FROM main.vw_items"), 3, "view");
	tap_int(promote("r1"), CANON_REPEATED, "the same run again");

	three("r2");
	tap_int(promote("r2"), CANON_UNCHANGED, "same content, newer run");
	tap_int(number("SELECT count(*) FROM main.dataset_versions"), 1,
	    "no new version");
	tap_int(number("SELECT last_verified_run = 'r2'"
	    " FROM main.dataset_versions"), 1, "but it was verified");

	three("r3");
	sql("UPDATE temp.items SET name = 'uno' WHERE code = '1';"
	    "DELETE FROM temp.items WHERE code = '3'");
	put("items", "code, name", "'4', 'four'");
	tap_int(promote("r3"), CANON_PROMOTED, "insert, update, delete");
	counts(1, 1, 1, "each once");
	tap_ok(invariants(1), "rows are those staged");
	tap_str(changes("r3"),
	    CHANGE("r3", "update", "items") "\"code\":\"1\","
	    "\"occurrence\":1},\"old\":{\"name\":\"one\"},"
	    "\"new\":{\"name\":\"uno\"}}\n"
	    CHANGE("r3", "delete", "items") "\"code\":\"3\","
	    "\"occurrence\":1},\"old\":{\"code\":\"3\",\"n\":3,"
	    "\"occurrence\":1,\"extra\":{\"x\":[1]}}}\n"
	    CHANGE("r3", "insert", "items") "\"code\":\"4\","
	    "\"occurrence\":1},\"new\":{\"code\":\"4\",\"name\":\"four\","
	    "\"occurrence\":1}}\n", "the changes");

	three("r4");
	tap_int(promote("r4"), CANON_PROMOTED, "the deleted comes back");
	tap_ok(invariants(1), "rows are those staged");
	tap_int(number("SELECT count(*) FROM main.items_history"
	    " WHERE code = '3' AND valid_from = 'r1' AND valid_to = 'r3'"), 1,
	    "its absence is remembered");
	tap_int(number("SELECT count(*) FROM main.items WHERE code = '3'"
	    " AND valid_from = 'r4'"), 1, "and its return");
	tap_ok(strstr(changes("r3"), "\"op\":\"insert\"") != NULL,
	    "changes of a version that is history");
	tap_int(number("SELECT count(*) FROM main.dataset_versions"
	    " WHERE status = 'archived' AND parent = 'r1'"), 1,
	    "its parent is known");
}

static void
test_null_update(void)
{
	three("r5");
	sql("UPDATE temp.items SET good = NULL, price = 2 WHERE code = '1';"
	    "UPDATE temp.slots SET note = 'z' WHERE slot = 's'");
	tap_int(promote("r5"), CANON_PROMOTED, "values come and go");
	tap_str(changes("r5"),
	    CHANGE("r5", "update", "items") "\"code\":\"1\","
	    "\"occurrence\":1},\"old\":{\"price\":1.5,\"good\":true},"
	    "\"new\":{\"price\":2,\"good\":null}}\n"
	    CHANGE("r5", "update", "slots") "\"box\":\"b\",\"slot\":\"s\","
	    "\"occurrence\":1},\"old\":{\"note\":null},"
	    "\"new\":{\"note\":\"z\"}}\n", "null where there is none");
	three("r6");
	promote("r6");
}

static void
test_twins(void)
{
	three("t1");
	put("items", "code, name, occurrence", "'1', 'twin', 2");
	put("boxes", "box, code, parent_occurrence, occurrence",
	    "'b', '1', 2, 2");
	put("slots", "box, slot, parent_occurrence, occurrence",
	    "'b', NULL, 2, 3");
	tap_int(promote("t1"), CANON_PROMOTED, "twins at every level");
	counts(3, 0, 0, "twins");
	tap_ok(invariants(1) && sound(), "rows are those staged");
	three("t2");
	put("items", "code, name, occurrence", "'1', 'twin', 2");
	put("boxes", "box, code, parent_occurrence, occurrence",
	    "'b', '1', 2, 2");
	put("slots", "box, slot, parent_occurrence, occurrence",
	    "'b', NULL, 1, 3");
	tap_int(promote("t2"), CANON_PROMOTED, "a child changes its parent");
	counts(0, 1, 0, "which is neither in key nor hash");
	tap_ok(invariants(1), "rows are those staged");
	three("t3");
	put("slots", "box, slot", "'nobody', 's'");
	tap_int(promote("t3"), -1, "a child without a parent is refused");
	tap_int(canon_status(&canon), EXIT_DATA, "as bad data");
	tap_ok(invariants(0), "and changed nothing");
	three("t4");
	put("slots", "box, slot, note, occurrence", "'b', NULL, 'p', 1");
	tap_int(promote("t4"), -1, "a key twice is refused");
	tap_int(canon_status(&canon), EXIT_DATA, "as bad data");
	tap_ok(invariants(0), "and changed nothing");
	three("t5");
	tap_int(promote("t5"), CANON_PROMOTED, "the twins go");
	counts(0, 0, 3, "at every level");
	tap_ok(invariants(1), "rows are those staged");
}

static void
test_contract(void)
{
	three("u1");
	seal();
	sql("UPDATE temp.staging_tables SET \"rows\" = 9");
	tap_int(promote_as("a", "u1", NULL), -1, "rows were lost");
	tap_int(canon_status(&canon), EXIT_DATA, "status 65");
	seal();
	tap_int(promote_as("b", "u1", NULL), -1, "another dataset's staging");
	tap_int(canon_status(&canon), EXIT_DATA, "status 65");
	sql("DELETE FROM temp.staging_meta WHERE name = 'run'");
	tap_int(promote_as("a", "u1", NULL), -1, "staging of no run");
	tap_int(promote_as("a", "t0", NULL), -1, "the same once more");
}

static void
test_fence(void)
{
	three("s9");
	tap_int(promote("s9"), CANON_FENCED, "an older run");
	tap_str(result.newer, "t5", "what is newer");
	three("t5");
	put("items", "code", "'5'");
	seal();
	tap_int(promote_as("a", "t4", NULL), CANON_FENCED,
	    "a run older than what is staged");
	three("v2");
	tap_int(promote("v2"), CANON_UNCHANGED, "a newer run agrees");
	three("v1");
	put("items", "code", "'5'");
	tap_int(promote("v1"), CANON_FENCED, "older than one that agreed");
	tap_str(result.newer, "v2", "what is newer");
	three("t5");
	tap_int(promote("t5"), CANON_REPEATED, "repeating is no fence's case");
	put("items", "code", "'5'");
	tap_int(promote("t5"), CANON_FENCED, "unless it has become more");
	tap_ok(invariants(0), "nothing was changed");
}

/* A run that is continued stages more, and promotes once more. */
static void
test_continued(void)
{
	three("w1");
	sql("UPDATE temp.items SET name = 'half' WHERE code = '2'");
	put("items", "code", "'6'");
	tap_int(promote("w1"), CANON_PROMOTED, "a run interrupted");
	three("w1");
	sql("UPDATE temp.items SET name = 'whole' WHERE code = '2'");
	put("items", "code", "'7'");
	tap_int(promote("w1"), CANON_PROMOTED, "and continued");
	tap_str(result.version, "w1.002", "is another version");
	counts(1, 1, 1, "on top of its own");
	tap_ok(invariants(1), "rows are those staged");
	tap_int(number("SELECT parent = 'w1' AND run = 'w1'"
	    " AND staged_run = 'w1' FROM main.dataset_versions"
	    " WHERE version_id = 'w1.002'"), 1, "what is known of it");
	tap_str(changes("w1.002"),
	    CHANGE_BY("w1", "w1.002", "update", "items") "\"code\":\"2\","
	    "\"occurrence\":1},\"old\":{\"name\":\"half\"},"
	    "\"new\":{\"name\":\"whole\"}}\n"
	    CHANGE_BY("w1", "w1.002", "delete", "items") "\"code\":\"6\","
	    "\"occurrence\":1},\"old\":{\"code\":\"6\","
	    "\"occurrence\":1}}\n"
	    CHANGE_BY("w1", "w1.002", "insert", "items") "\"code\":\"7\","
	    "\"occurrence\":1},\"new\":{\"code\":\"7\","
	    "\"occurrence\":1}}\n", "its changes");
	tap_ok(strstr(changes("w1"), "half") != NULL,
	    "what the first changed stays told");
	tap_int(promote("w1"), CANON_REPEATED, "repeated, it is the last one");
	tap_str(result.version, "w1.002", "that is told");
	three("w1");
	tap_int(promote("w1"), CANON_PROMOTED, "back to the rows before");
	tap_str(result.version, "w1.003", "is a third");
	tap_ok(invariants(1), "rows are those staged");
	stage("w1", "a");
	put("items", "code", "'zzz'");
	tap_int(promote("w1"), CANON_HELD, "the gate judges that too");
	tap_int(number("SELECT count(*) FROM main.items"), 3,
	    "the rows stay");
	tap_int(number("SELECT status = 'active' FROM main.dataset_versions"
	    " WHERE version_id = 'w1.003'"), 1, "and so does the version");
	tap_int(number("SELECT count(DISTINCT seq) = count(*) AND"
	    " max(seq) = count(*) FROM main.dataset_versions"
	    " WHERE promoted_at IS NOT NULL"), 1, "seq counts promotions");
}

static void
test_gate(void)
{
	stage("x1", "a");
	tap_int(promote("x1"), CANON_HELD, "empty after non-empty");
	tap_int(result.hold.verdict, GATE_EMPTY, "verdict");
	tap_int(number("SELECT count(*) FROM main.items"), 3, "rows stay");
	tap_int(number("SELECT count(*) FROM main.dataset_version_events"
	    " WHERE version_id = 'x1'"), 4, "ingest, diff, gate, abort");
	promote("x2");
	tap_str(result.version, "x1", "offered again it is no other version");
	tap_int(number("SELECT count(*) FROM main.dataset_version_events"
	    " WHERE version_id >= 'x1'"), 4, "said once");
	stage("x2", "a");
	put("items", "code", "'8'");
	put("items", "code", "'9'");
	tap_int(promote("x2"), CANON_HELD, "no row in common");
	tap_int(result.hold.verdict, GATE_NO_INTERSECTION, "verdict");
	stage("x3", "a");
	put("items", "code", "'1'");
	tap_int(promote("x3"), CANON_HELD, "two of three are missing");
	tap_int(result.hold.verdict, GATE_MISSING, "verdict");
	tap_int(result.hold.sample.gone, 2, "how many");
	tap_int(promote_as("a", "x3", "summer break"), CANON_PROMOTED,
	    "a person lets it pass");
	tap_ok(invariants(1), "rows are those staged");
	tap_str(result.version, "x3.002", "the held one is not changed");
	tap_int(number("SELECT count(*) FROM main.dataset_version_events"
	    " WHERE version_id = 'x3.002' AND event = 'accept'"
	    " AND payload ->> 'reason' = 'summer break'"
	    " AND payload ->> 'who' = 'me'"), 1, "reason and name are kept");
	tap_int(number("SELECT count(*) FROM main.dataset_versions"
	    " WHERE status = 'held'"), 0, "older ones wait no more");
	tap_int(number("SELECT \"rows\" FROM main.gate_samples"
	    " WHERE table_name = 'items' AND dataset = 'x/a' AND accepted"),
	    1,
	    "the count accepted");
	stage("x4", "b");
	seal();
	tap_int(promote_as("b", "x4", NULL), CANON_HELD, "a first empty one");
	tap_int(result.hold.verdict, GATE_EMPTY_FIRST, "verdict");
	tap_int(promote_as("b", "x4", "new town"), CANON_PROMOTED,
	    "accepted");
}

static void
test_waiting(void)
{
	stage("y1", "c");
	put("items", "code", "'1'");
	sql("DELETE FROM temp.staging_inputs WHERE part = 'open'");
	seal();
	tap_int(promote_as("c", "y1", NULL), CANON_WAITING,
	    "a required part is missing");
	tap_str(result.missing_part, "open", "which");
	promote_as("c", "y1", NULL);
	tap_int(number("SELECT count(*) FROM main.dataset_version_events"
	    " WHERE version_id = 'y1'"), 2, "ingest, abort; said once");
	tap_int(number("SELECT status = 'staged' FROM main.dataset_versions"
	    " WHERE version_id = 'y1'"), 1, "it stays staged");
	stage("y2", "c");
	put("items", "code", "'1'");
	seal();
	tap_int(promote_as("c", "y2", NULL), CANON_PROMOTED, "then it came");
	stage("y3", "c");
	put("items", "code, name", "'1', 'new'");
	seal();
	tap_int(promote_as("c", "y3", NULL), CANON_PROMOTED,
	    "one feed stands alone");
	tap_int(number("SELECT group_concat(part || carried) ="
	    " 'goods0,open1' FROM (SELECT * FROM main.version_inputs"
	    " WHERE version_id = 'y3' ORDER BY part)"), 1,
	    "what was carried over");
	stage("y4", "c");
	put("items", "code, name", "'1', 'newer'");
	sql("INSERT INTO temp.staging_inputs VALUES ('news', 'y4', 'y4:news',"
	    " 'cc', 10, 1, '1', 'then', 'p')");
	seal();
	tap_int(promote_as("c", "y4", NULL), CANON_PROMOTED,
	    "a part that nothing waits for");
	stage("y5", "c");
	put("items", "code, name", "'1', 'newest'");
	seal();
	tap_int(promote_as("c", "y5", NULL), CANON_WAITING,
	    "but once it was there, it is needed");
	tap_str(result.missing_part, "news", "which");
	tap_int(number("SELECT count(*) FROM main.items WHERE town = 'c'"
	    " AND name = 'newer'"), 1, "the rows stay");
}

static void
test_preview(void)
{
	struct part p = town("a");
	const struct canon_options o = { .run = "z1",
	    .now = "2026-11-20T00:00:00.000Z" };
	int64_t before = number("SELECT total_changes()");
	struct buf first;

	buf_init(&first, 1 << 16);
	stage("z1", "a");
	put("items", "code, name", "'1', 'seen'");
	put("items", "code", "'2'");
	seal();
	before = number("SELECT total_changes()");
	buf_clear(&said);
	tap_int(canon_preview(&canon, &p, &o, &result, say, NULL), 0,
	    "preview");
	tap_int(result.outcome, CANON_PROMOTED, "would be promoted");
	tap_int(number("SELECT total_changes()") - before, 0,
	    "nothing is written");
	buf_str(&first, said.data);
	promote("z1");
	tap_str(changes("z1"), first.data, "and that is what happens");
	buf_release(&first);
}

static const char *const tables[] = { "items", "boxes", "slots" };

static uint32_t
dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % sides;
}

/* Items that come and go and change, some with a box, some of those with
 * slots that are twins. */
static void
random_rows(uint32_t *seed)
{
	char v[64];
	uint32_t i, n;

	for (i = 0; i < 12; i++) {
		if (dice(seed, 4) == 0)
			continue;
		snprintf(v, sizeof(v), "'%u', 'n%u'", (unsigned)i,
		    (unsigned)dice(seed, 3));
		put("items", "code, name", v);
		if (dice(seed, 3) == 0)
			continue;
		snprintf(v, sizeof(v), "'b%u', '%u', 1", (unsigned)i,
		    (unsigned)i);
		put("boxes", "box, code, parent_occurrence", v);
		for (n = dice(seed, 3); n > 0; n--) {
			snprintf(v, sizeof(v), "'b%u', NULL, 'p%u', %u",
			    (unsigned)i, (unsigned)dice(seed, 2),
			    (unsigned)n);
			put("slots", "box, slot, note, occurrence", v);
		}
	}
}

/* Remember what is staged as what this version has to be for good. */
static void
remember(const char *version)
{
	size_t t;

	for (t = 0; t < 3; t++)
		db_execf(&canon.db, "INSERT INTO temp.was_%s"
		    " SELECT '%s', * FROM temp.%s", tables[t], version,
		    tables[t]);
	db_execf(&canon.db, "INSERT INTO temp.was VALUES ('%s')", version);
}

/* Rows of any version remembered that the view of the past tells wrong. */
static int64_t
misremembered(const char *table)
{
	char one[256], other[256];

	snprintf(one, sizeof(one), "SELECT * FROM temp.was_%s", table);
	snprintf(other, sizeof(other), "SELECT as_of, %s FROM main.%s_as_of"
	    " WHERE town = 'a' AND as_of IN (SELECT version FROM temp.was)",
	    columns(table), table);
	return unequal(one, other);
}

/*
 * Random edits, also by a run that promotes again: whatever was promoted
 * can be told for good.
 */
static void
test_random(uint32_t seed)
{
	uint32_t first = seed;
	char run[32];
	int i, good = 1, n = getenv("SLUICE_VALGRIND") != NULL ? 20 : 80;

	sql("CREATE TEMP TABLE IF NOT EXISTS was (version);"
	    "CREATE TEMP TABLE IF NOT EXISTS was_items AS"
	    " SELECT '' AS version, * FROM temp.items WHERE 0;"
	    "CREATE TEMP TABLE IF NOT EXISTS was_boxes AS"
	    " SELECT '' AS version, * FROM temp.boxes WHERE 0;"
	    "CREATE TEMP TABLE IF NOT EXISTS was_slots AS"
	    " SELECT '' AS version, * FROM temp.slots WHERE 0");
	for (i = 0; i < n; i++) {
		snprintf(run, sizeof(run), "~%u.%04d", (unsigned)first,
		    i - i % 3);
		stage(run, "a");
		random_rows(&seed);
		seal();
		if (promote_as("a", run, "any") == CANON_PROMOTED)
			remember(result.version);
		else if (result.outcome != CANON_UNCHANGED &&
		    result.outcome != CANON_REPEATED)
			good = 0;
		good &= invariants(1);
	}
	tap_ok(good && sound(), "seed %u: every version is what was staged",
	    (unsigned)first);
	tap_int(misremembered("items") + misremembered("boxes") +
	    misremembered("slots"), 0, "and stays so, as of every version");
	tap_int(overlapping("items", "code") + overlapping("boxes", "box") +
	    overlapping("slots", "box || '/' || ifnull(slot, '')"), 0,
	    "intervals are disjoint, and one is open at most");
}

static void
test_small(void)
{
	/* valgrind is 30 times as slow. */
	int many = getenv("SLUICE_VALGRIND") != NULL ? 100 : 1000;
	char name[32];
	int i, good = 1;

	for (i = 0; i < many; i++) {
		snprintf(name, sizeof(name), "t%04d", i);
		stage("r1", name);
		put("items", "code, n", "'only', 1");
		seal();
		good &= promote_as(name, "r1", NULL) == CANON_PROMOTED &&
		    result.inserted == 1;
	}
	tap_ok(good, "%d datasets of one row", many);
	tap_int(number("SELECT count(*) FROM main.items WHERE code = 'only'"),
	    many, "their rows");
	tap_ok(invariants(0) && sound(), "and the invariants hold");
}

static void
test_other_declaration(void)
{
	struct canon other;
	struct decl changed;
	struct buf why, text;
	char *at, path[96];
	FILE *f;

	buf_init(&why, 4096);
	buf_init(&text, 65536);
	buf_str(&text, declaration);
	if ((at = strstr(text.data, "SELECT * FROM items")) != NULL)
		memcpy(at, "SELECT 1  AS one   ", 19);
	snprintf(path, sizeof(path), "%s/other.json", dir);
	f = fopen(path, "w");
	fputs(text.data, f);
	fclose(f);
	tap_int(decl_load(&changed, path, &why), 0, "another view");
	tap_int(canon_open(&other, data, &changed, CANON_WRITE, 0), 0,
	    "is followed");
	tap_int(db_int(&other.db, "SELECT one FROM vw_items", -1), 1,
	    "by the database");
	canon_close(&other);
	decl_release(&changed);
	if ((at = strstr(text.data, "\"price\"")) != NULL)
		memcpy(at, "\"prize\"", 7);
	f = fopen(path, "w");
	fputs(text.data, f);
	fclose(f);
	tap_int(decl_load(&changed, path, &why), 0, "another column");
	tap_int(canon_open(&other, data, &changed, CANON_WRITE, 0), -1,
	    "is refused");
	tap_int(canon_status(&other), EXIT_REFUSED, "with status 73");
	printf("# %s\n", canon_message(&other));
	canon_close(&other);
	decl_release(&changed);
	buf_release(&text);
	buf_release(&why);
}

/* --- two processes ------------------------------------------------------ */

/* Hold a query open on the database for ms, after saying so on fd. */
static void
read_for(int fd, unsigned int ms)
{
	struct db db;
	sqlite3_stmt *s;
	char path[96];

	snprintf(path, sizeof(path), "%s/toy.sqlite", data);
	if (db_open(&db, path, DB_READ) == -1)
		_exit(1);
	s = db_prepare(&db, "SELECT code FROM items");
	if (db_step(&db, s) != 1)
		_exit(2);
	if (write(fd, "x", 1) != 1)
		_exit(3);
	usleep(ms * 1000);
	if (write(fd, "y", 1) != 1)
		_exit(4);
	sqlite3_finalize(s);
	db_close(&db);
	_exit(0);
}

/* A connection must not be carried over a fork: part before, meet after. */
static void
part_ways(void)
{
	fflush(stdout);
	canon_close(&canon);
}

static void
meet_again(void)
{
	if (canon_open(&canon, data, &decl, CANON_WRITE,
	    DB_BUSY_MS) == -1) {
		printf("Bail out! %s\n", canon_message(&canon));
		exit(1);
	}
	make_staging();
}

static void
test_reader(void)
{
	struct pollfd said_more;
	int pipes[2], status = -1;
	pid_t pid;
	char c;

	part_ways();
	if (pipe(pipes) == -1 || (pid = fork()) == -1)
		exit(1);
	if (pid == 0)
		read_for(pipes[1], 1000);
	if (read(pipes[0], &c, 1) != 1)
		exit(1);
	meet_again();
	stage("~~1", "a");
	put("items", "code, name", "'1', 'while read'");
	seal();
	tap_int(promote_as("a", "~~1", "any"), CANON_PROMOTED,
	    "a reader costs the writer a wait, not a failure");
	/* What the reader says before it lets go was said before that. */
	said_more = (struct pollfd){ .fd = pipes[0], .events = POLLIN };
	tap_int(poll(&said_more, 1, 0), 1, "it did wait");
	waitpid(pid, &status, 0);
	tap_int(status, 0, "and the reader was served");
	close(pipes[0]);
	close(pipes[1]);
}

/* In a process of its own: promote one row into each of n datasets. */
static void
write_many(const char *prefix, int n)
{
	char name[32];
	int i;

	meet_again();
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s%d", prefix, i);
		stage("r1", name);
		put("items", "code", "'w'");
		seal();
		if (promote_as(name, "r1", NULL) != CANON_PROMOTED)
			_exit(2);
	}
	canon_close(&canon);
	_exit(0);
}

static void
test_writers(void)
{
	int status, bad = 0, i;

	part_ways();
	for (i = 0; i < 2; i++)
		if (fork() == 0)
			write_many(i == 0 ? "p" : "q", 50);
	while (wait(&status) != -1)
		bad |= status;
	tap_int(bad, 0, "two processes promote at once");
	meet_again();
	tap_int(number("SELECT count(*) FROM main.items WHERE code = 'w'"),
	    100, "nothing is lost");
	/* Events of one promotion are consecutive: one after the other. */
	tap_int(number("SELECT count(*) FROM dataset_version_events AS e"
	    " JOIN dataset_version_events AS n ON n.event_id = e.event_id + 1"
	    " WHERE e.event IN ('ingest', 'diff')"
	    " AND e.dataset <> n.dataset"), 0, "they are serial");
}

int
main(void)
{
	struct buf why;
	FILE *f;

	buf_init(&why, 4096);
	buf_init(&said, 1 << 20);
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(file, sizeof(file), "%s/toy.json", dir);
	snprintf(data, sizeof(data), "%s/data", dir);
	if ((f = fopen(file, "w")) == NULL)
		return 1;
	fputs(declaration, f);
	fclose(f);
	if (decl_load(&decl, file, &why) == -1) {
		printf("Bail out! %s\n", why.data);
		return 1;
	}
	tap_int(canon_open(&canon, data, &decl, CANON_READ, 0), -1,
	    "no database yet");
	tap_int(canon_status(&canon), EXIT_NOINPUT, "status 66");
	canon_close(&canon);
	if (canon_open(&canon, data, &decl, CANON_WRITE,
	    DB_BUSY_MS) == -1) {
		printf("Bail out! %s\n", canon_message(&canon));
		return 1;
	}
	make_staging();
	test_life();
	test_null_update();
	test_twins();
	test_contract();
	test_fence();
	test_continued();
	test_gate();
	test_waiting();
	test_preview();
	test_random(1);
	test_random(2);
	test_random(3);
	test_small();
	test_reader();
	test_other_declaration();
	test_writers();
	canon_close(&canon);
	decl_release(&decl);
	buf_release(&why);
	buf_release(&said);
	snprintf(file, sizeof(file), "%s/other.json", dir);
	unlink(file);
	snprintf(file, sizeof(file), "%s/toy.json", dir);
	unlink(file);
	snprintf(file, sizeof(file), "%s/toy.sqlite", data);
	unlink(file);
	rmdir(data);
	rmdir(dir);
	return tap_done();
}
