/*
 * test-canon-item -- rows of item after item, against a naive model.
 *
 * The model keeps, for each item and table, the rows that came last; each
 * version's rows are written down when it is made.  At the end the tables
 * and every version must be those, and what was undone left no trace.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "store/canon_item.h"
#include "store/canon_rebuild.h"
#include "tap.h"
#include "tmpdir.h"

static const char declaration[] =
    "{\"source\":{\"name\":\"toy\",\"dataset_key\":[\"game\"],"
    "\"part_member\":\"page\"},"
    "\"dataset\":{\"round\":{\"key\":[\"game\",\"round\"]}},"
    "\"part\":{\"front\":{\"format\":\"bytes\",\"schema_version\":\"1\"},"
    "\"back\":{\"format\":\"bytes\",\"schema_version\":\"1\"},"
    "\"stats\":{\"format\":\"bytes\",\"schema_version\":\"1\","
    "\"dataset\":\"round\"}},"
    "\"table\":{"
    "\"games\":{\"part\":\"front\",\"key\":[\"k\"],\"columns\":{"
    "\"k\":{\"type\":\"integer\",\"required\":true},"
    "\"n\":{\"type\":\"integer\"},"
    "\"seen_at\":{\"provenance\":true}}},"
    "\"teams\":{\"part\":\"back\",\"key\":[\"k\"],\"columns\":{"
    "\"k\":{\"type\":\"integer\"},\"n\":{\"type\":\"integer\"},"
    "\"seen_at\":{\"provenance\":true}}},"
    "\"players\":{\"part\":\"stats\",\"key\":[\"k\"],\"columns\":{"
    "\"k\":{\"type\":\"integer\",\"required\":true},"
    "\"n\":{\"type\":\"integer\"},"
    "\"seen_at\":{\"provenance\":true}},\"checks\":{"
    "\"positive\":{\"severity\":\"error\",\"text\":\"n is below 0\","
    "\"sql\":\"n >= 0\"},"
    "\"small\":{\"severity\":\"warning\",\"text\":\"n is over 90\","
    "\"sql\":\"n <= 90\"}}},"
    "\"lines\":{\"part\":\"stats\",\"key\":[\"k\"],\"may_repeat\":true,"
    "\"columns\":{\"k\":{\"type\":\"integer\"},"
    "\"n\":{\"type\":\"integer\"},\"seen_at\":{\"provenance\":true}},"
    "\"checks\":{\"known\":{\"severity\":\"error\",\"text\":\"of a player "
    "that there is not\",\"sql\":\"k >= 100 OR EXISTS (SELECT 1 FROM "
    "players AS p WHERE p.k = lines.k)\"}}}}}";

#define TABLES 4
#define GAMES 3
#define ITEMS 9			/* games, then two rounds of each */
#define ROWS 12
#define STEPS 400

static const char *const tables[TABLES] = { "games", "teams", "players",
	"lines" };

struct row { int k, n; };
struct set { int n; struct row r[ROWS]; };
struct state { struct set t[ITEMS][TABLES]; };

/* What a version had. */
struct kept {
	char label[32], version[CANON_VERSION_BYTES];
	char rows[TABLES][1024];
};

static struct decl decl;
static struct canon canon;
static struct canon_item item;
static struct state now;
static struct kept kept[STEPS + 1];
static int n_kept;
static uint64_t seed = 11;

static void
bail(const char *what)
{
	printf("Bail out! %s: %s\n", what, canon_message(&canon));
	exit(99);
}

static void
open_all(void)
{
	if (canon_open(&canon, ".", &decl, CANON_WRITE, 1000) == -1 ||
	    canon_item_open(&item, &canon) == -1)
		bail("open");
}

static void
close_all(void)
{
	canon_item_close(&item);
	canon_close(&canon);
}

static void
sql(const char *text)
{
	if (db_exec(&canon.db, text) == -1)
		bail(text);
}

static int64_t
number(const char *text)
{
	return db_int(&canon.db, text, -99);
}

static int
below(int n)
{
	return (int)rng_below(&seed, (uint64_t)n);
}

/* --- items -------------------------------------------------------------- */

static struct part
part_of(int i)
{
	struct part p = { 0 };
	char text[16];

	snprintf(text, sizeof(text), "g%d", i < GAMES ? i : (i - GAMES) / 2);
	part_add(&p, "game", text);
	snprintf(text, sizeof(text), "%d", (i - GAMES) % 2 + 1);
	if (i >= GAMES)
		part_add(&p, "round", text);
	return p;
}

static void
label_of(int i, char out[32])
{
	if (i < GAMES)
		snprintf(out, 32, "g%d", i);
	else
		snprintf(out, 32, "g%d/%d", (i - GAMES) / 2,
		    (i - GAMES) % 2 + 1);
}

/* Is table t one of the item's kind? */
static int
is_of(int i, int t)
{
	return (i >= GAMES) == (t >= 2);
}

static void
begin(int i, int which)
{
	const struct decl_part *parts[2];
	struct part p = part_of(i);
	size_t n = 0;

	if (i >= GAMES)
		parts[n++] = decl_part(&decl, "stats");
	else if (which & 1)
		parts[n++] = decl_part(&decl, "front");
	if (i < GAMES && which & 2)
		parts[n++] = decl_part(&decl, "back");
	if (canon_item_begin(&item, &p, parts, n) == -1)
		bail("begin");
}

static int
put_json(const char *table, const char *json)
{
	yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
	int r = canon_item_row(&item, table, yyjson_doc_get_root(doc));

	yyjson_doc_free(doc);
	return r;
}

static void
put(int t, const struct row *row)
{
	char json[128];

	snprintf(json, sizeof(json), "{\"n\":%d,\"seen_at\":\"at %d\","
	    "\"k\":%d}", row->n, below(1000000), row->k);
	if (put_json(tables[t], json) == -1)
		bail("row");
}

static struct canon_item_result
promote(const char *run)
{
	struct canon_item_result r;

	if (canon_item_promote(&item, run, "2026-11-20T00:00:00.000Z", &r)
	    == -1)
		bail("promote");
	return r;
}

/* --- what is there ------------------------------------------------------ */

static int
row_cmp(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->k != y->k ? (x->k > y->k) - (x->k < y->k) :
	    (x->n > y->n) - (x->n < y->n);
}

static void
text_of(struct set s, char out[1024])
{
	int i, n = 0;

	qsort(s.r, (size_t)s.n, sizeof(s.r[0]), row_cmp);
	out[0] = '\0';
	for (i = 0; i < s.n; i++)
		n += snprintf(out + n, 1024 - (size_t)n, "%d:%d ", s.r[i].k,
		    s.r[i].n);
}

/* The same of a table, or of the view of a version. */
static void
read_rows(int i, int t, const char *as_of, char out[1024])
{
	struct part p = part_of(i);
	char text[512];
	sqlite3_stmt *s;
	int n = 0;

	snprintf(text, sizeof(text), "SELECT k, n FROM main.%s%s WHERE "
	    "game = ?1 AND %s AND %s ORDER BY k, n", tables[t],
	    as_of != NULL ? "_as_of" : "", i < GAMES ? "1" : "round = ?2",
	    as_of != NULL ? "as_of = ?3" : "1");
	if ((s = db_prepare(&canon.db, text)) == NULL)
		bail(text);
	db_bind(s, 1, p.m[0].value);
	db_bind(s, 2, p.n > 1 ? p.m[1].value : NULL);
	db_bind(s, 3, as_of);
	out[0] = '\0';
	while (db_step(&canon.db, s) == 1)
		n += snprintf(out + n, 1024 - (size_t)n, "%d:%d ",
		    sqlite3_column_int(s, 0), sqlite3_column_int(s, 1));
	sqlite3_finalize(s);
}

static int
is_as_modelled(void)
{
	char want[1024], got[1024];
	int i, t, same = 1;

	for (i = 0; i < ITEMS; i++)
		for (t = 0; t < TABLES; t++) {
			if (!is_of(i, t))
				continue;
			text_of(now.t[i][t], want);
			read_rows(i, t, NULL, got);
			if (strcmp(want, got) != 0) {
				printf("# item %d %s: %s# want %s\n", i,
				    tables[t], got, want);
				same = 0;
			}
		}
	return same;
}

/* --- random edits ------------------------------------------------------- */

static int
has_player(const struct set *s, int k)
{
	int i;

	for (i = 0; i < s->n; i++)
		if (s->r[i].k == k)
			return 1;
	return 0;
}

/* Some rows of before, some of them changed, and some new ones. */
static struct set
edit(const struct set *old, int t)
{
	struct set s = { 0 };
	int i;

	for (i = 0; i < old->n; i++) {
		if (below(8) == 0)
			continue;
		s.r[s.n] = old->r[i];
		if (below(6) == 0)
			s.r[s.n].n = below(100);
		s.n++;
	}
	for (i = below(3); i > 0 && s.n < ROWS; i--) {
		struct row r = { below(20), below(100) };

		if (t == 3 || !has_player(&s, r.k))
			s.r[s.n++] = r;
	}
	for (i = s.n - 1; i > 0; i--) {
		int j = below(i + 1);
		struct row r = s.r[i];

		s.r[i] = s.r[j];
		s.r[j] = r;
	}
	return s;
}

/* What the checks leave: no player below 0, no line without its player. */
static struct set
good(const struct set *s, int t, const struct set *players)
{
	struct set out = { 0 };
	int i;

	for (i = 0; i < s->n; i++)
		if (t == 2 ? s->r[i].n >= 0 : t != 3 ||
		    has_player(players, s->r[i].k))
			out.r[out.n++] = s->r[i];
	return out;
}

/* One item; *aside gets how many rows cannot stay. */
static int
step(int i, struct canon_item_result *r, const char *run)
{
	int which = below(4), same = below(3) == 0, t, aside = 0;
	struct state next = now;

	begin(i, which);
	for (t = 0; t < TABLES; t++) {
		struct set s;
		int j;

		if (!is_of(i, t) || (t == 0 && !(which & 1)) ||
		    (t == 1 && !(which & 2)))
			continue;
		s = same ? now.t[i][t] : edit(&now.t[i][t], t);
		if (t == 2 && !same && s.n > 0 && below(4) == 0)
			s.r[below(s.n)].n = -1;
		next.t[i][t] = good(&s, t, &next.t[i][2]);
		aside += s.n - next.t[i][t].n;
		for (j = 0; j < s.n; j++)
			put(t, &s.r[j]);
	}
	*r = promote(run);
	now = next;
	return aside == r->quarantined;
}

static void
note_version(int i, const struct canon_item_result *r)
{
	struct kept *k = &kept[n_kept++];
	int t;

	label_of(i, k->label);
	strcpy(k->version, r->canon.version);
	for (t = 0; t < TABLES; t++)
		text_of(now.t[i][t], k->rows[t]);
}

static int
versions_are_kept(void)
{
	char label[32], got[1024];
	int i, j, t, same = 1;

	for (j = 0; j < n_kept; j++)
		for (i = 0; i < ITEMS; i++) {
			label_of(i, label);
			if (strcmp(label, kept[j].label) != 0)
				continue;
			for (t = 0; t < TABLES; t++) {
				if (!is_of(i, t))
					continue;
				read_rows(i, t, kept[j].version, got);
				if (strcmp(got, kept[j].rows[t]) != 0) {
					printf("# %s %s %s: %s# want %s\n",
					    label, kept[j].version, tables[t],
					    got, kept[j].rows[t]);
					same = 0;
				}
			}
		}
	return same;
}

/* Groups of items in one transaction; some items, and some groups, undone. */
static void
test_random(void)
{
	int n = 0, model = 1, aside = 1, ids = 1, undone = 0, i;
	char run[64], last[ITEMS][CANON_VERSION_BYTES] = { "" };

	while (n < STEPS) {
		struct state before = now;
		int of_before = n_kept, size = 1 + below(10);
		int lost = below(6) == 0;
		char were[ITEMS][CANON_VERSION_BYTES];

		memcpy(were, last, sizeof(were));
		if (db_begin(&canon.db) == -1)
			bail("begin");
		for (; size > 0 && n < STEPS; size--, n++) {
			struct canon_item_result r;
			struct state of_item = now;

			i = below(ITEMS);
			/* Two loops take turns: R1 and R2. */
			snprintf(run, sizeof(run), "R%d", 1 + below(2) +
			    n / 100);
			sql("SAVEPOINT item");
			aside &= step(i, &r, run);
			if (below(5) == 0) {
				sql("ROLLBACK TO item");
				now = of_item;
				undone++;
			} else if (r.canon.outcome == CANON_PROMOTED) {
				ids &= strcmp(r.canon.version, last[i]) > 0;
				strcpy(last[i], r.canon.version);
				note_version(i, &r);
			}
			sql("RELEASE item");
		}
		if (lost) {
			db_rollback(&canon.db);
			now = before;
			n_kept = of_before;
			memcpy(last, were, sizeof(last));
		} else if (db_commit(&canon.db) == -1) {
			bail("commit");
		}
		if (below(10) == 0) {
			close_all();
			open_all();
		}
		model &= is_as_modelled();
	}
	tap_ok(model, "the tables are the model's, after every group");
	tap_ok(aside, "as many rows are put aside as fail");
	tap_ok(ids, "ids of a dataset sort as they were made");
	tap_ok(n_kept > STEPS / 8 && undone > STEPS / 20,
	    "%d versions made, %d items undone", n_kept, undone);
	tap_int(number("SELECT count(*) FROM dataset_versions"), n_kept,
	    "what was undone made none");
	tap_ok(versions_are_kept(), "every version's rows are known");
	tap_int(number("SELECT count(*) FROM dataset_versions AS v LEFT JOIN "
	    "dataset_version_events AS e USING (dataset, version_id) "
	    "WHERE e.event IS NOT 'promote'"), 0, "one event a version");
}

/* --- one thing at a time ------------------------------------------------ */

/* Run a group of one. */
static struct canon_item_result
commit(const char *run, const char *at)
{
	struct canon_item_result r = { 0 };

	if (db_begin(&canon.db) == -1 || canon_item_promote(&item, run, at,
	    &r) == -1 || db_commit(&canon.db) == -1)
		bail("commit");
	return r;
}

static void
test_unchanged(void)
{
	struct canon_item_result r;

	begin(0, 3);
	tap_ok(put_json("games", "{\"k\":1,\"n\":2,\"seen_at\":\"a\"}") == 0 &&
	    commit("R1", "2026-01-01T00:00:00.000Z").canon.outcome ==
	    CANON_PROMOTED, "a first row");
	begin(0, 3);
	put_json("games", "{\"seen_at\":\"b\",\"n\":2,\"k\":1}");
	r = commit("R2", "2026-01-02T00:00:00.000Z");
	tap_ok(r.canon.outcome == CANON_UNCHANGED &&
	    strcmp(r.canon.version, "R1") == 0,
	    "another provenance is no change");
	tap_int(number("SELECT count(*) FROM main.games WHERE seen_at = 'a' AND "
	    "valid_from = 'R1'"), 1, "nor is it kept");
	tap_int(number("SELECT count(*) FROM dataset_versions WHERE "
	    "promoted_at = '2026-01-01T00:00:00.000Z' AND last_verified_at = "
	    "'2026-01-02T00:00:00.000Z'"), 1, "last_verified_at moves");
	begin(0, 2);
	put_json("teams", "{\"k\":1}");
	commit("R3", "2026-01-03T00:00:00.000Z");
	tap_int(number("SELECT count(*) FROM main.games, main.teams"), 1,
	    "tables of other parts stay");
	begin(1, 3);
	r = commit("R3", "2026-01-03T00:00:00.000Z");
	tap_ok(r.canon.outcome == CANON_UNCHANGED &&
	    r.canon.version[0] == '\0' && number("SELECT count(*) FROM "
	    "dataset_versions WHERE dataset = 'g1'") == 0,
	    "an item without rows leaves nothing");
	begin(0, 3);
	r = commit("R4", "2026-01-04T00:00:00.000Z");
	tap_ok(r.canon.deleted == 2 && number("SELECT count(*) FROM "
	    "games_history WHERE seen_at = 'a' AND valid_to = 'R4'") == 1,
	    "rows that came no more, with their provenance");
}

static void
test_odd_rows(void)
{
	struct canon_item_result r;

	begin(0, 1);
	tap_ok(put_json("nothing", "{}") == -1 && errno == EINVAL &&
	    strstr(canon_message(&canon), "no such table") != NULL,
	    "a table that there is not");
	tap_ok(put_json("teams", "{\"k\":1}") == -1 && errno == EINVAL,
	    "a table of another part");
	tap_ok(put_json("players", "{\"k\":1}") == -1 && errno == EINVAL,
	    "a table of other datasets");
	tap_ok(put_json("games", "[1]") == -1 && errno == EINVAL &&
	    canon_status(&canon) == EXIT_DATA, "no values");
	put_json("games", "{\"k\":7,\"n\":\"many\",\"what\":[1]}");
	put_json("games", "{\"n\":1}");
	r = commit("R5", "2026-01-05T00:00:00.000Z");
	tap_ok(r.canon.inserted == 1 && r.quarantined == 1,
	    "one without its key is put aside");
	tap_int(number("SELECT count(*) FROM main.games WHERE k = 7 AND n IS NULL "
	    "AND extra = '{\"n\":\"many\",\"what\":[1]}'"), 1,
	    "what fits nowhere is in extra");
	tap_ok(canon_item_findings(&item)->n == 3 && number("SELECT count(*) "
	    "FROM version_findings WHERE version_id = 'R5' AND code IN "
	    "('wrong_type', 'unknown_member', 'missing_key')") == 3,
	    "and a finding of the version");
	tap_int(number("SELECT count(*) FROM main.quarantine WHERE dataset = 'g0' "
	    "AND table_name = 'games' AND row_key = '[]' AND code = "
	    "'missing_key' AND reason = 'k is blank' AND place = 'front row 2'"
	    " AND \"row\" = '{\"n\":1}' AND run = 'R5' AND resolved_at IS "
	    "NULL"), 1, "quarantine says all of it");
}

static void
test_quarantine(void)
{
	const int i = GAMES;
	struct canon_item_result r;

	begin(i, 0);
	put_json("players", "{\"k\":1,\"n\":-5,\"seen_at\":\"a\"}");
	put_json("players", "{\"k\":2,\"n\":95}");
	put_json("players", "{\"k\":3}");
	put_json("lines", "{\"k\":1,\"n\":1}");
	put_json("lines", "{\"k\":2,\"n\":1}");
	put_json("lines", "{\"k\":2,\"n\":1}");
	r = commit("R6", "2026-01-06T00:00:00.000Z");
	tap_ok(r.quarantined == 2 && r.warnings == 1 &&
	    r.canon.inserted == 4, "an error goes, a warning and NULL stay");
	tap_int(number("SELECT count(*) FROM main.quarantine WHERE dataset = 'g0/1'"
	    " AND code = 'known' AND row_key = '[1]'"), 1,
	    "what refers to a row that was put aside goes, too");
	tap_int(number("SELECT count(*) FROM version_findings WHERE "
	    "version_id = 'R6' AND (code, severity, n, row_key) IN (VALUES "
	    "('positive', 'error', 1, '[1]'), ('small', 'warning', 1, '[2]'),"
	    " ('known', 'error', 1, '[1]'))"), 3, "each is a finding");
	tap_int(number("SELECT max(occurrence) FROM main.lines"), 2, "twins");
	begin(i, 0);
	put_json("players", "{\"k\":1,\"n\":-5,\"seen_at\":\"a\"}");
	put_json("players", "{\"k\":2,\"n\":95}");
	put_json("players", "{\"k\":3}");
	put_json("lines", "{\"k\":2,\"n\":1}");
	put_json("lines", "{\"k\":2,\"n\":1}");
	r = commit("R7", "2026-01-07T00:00:00.000Z");
	tap_ok(r.canon.outcome == CANON_UNCHANGED && r.quarantined == 1 &&
	    number("SELECT count(*) FROM main.quarantine WHERE dataset = 'g0/1'")
	    == 2, "the same bad row is no news");
	tap_int(number("SELECT count(*) FROM main.quarantine WHERE code = 'known' "
	    "AND resolution = 'gone' AND resolved_run = 'R7'"), 1,
	    "one that came no more is over");
	begin(i, 0);
	put_json("players", "{\"k\":1,\"n\":5}");
	put_json("players", "{\"k\":2,\"n\":95}");
	r = commit("R8", "2026-01-08T00:00:00.000Z");
	tap_ok(r.quarantined == 0 && number("SELECT count(*) FROM main.quarantine "
	    "WHERE code = 'positive' AND resolution = 'good' AND resolved_at ="
	    " '2026-01-08T00:00:00.000Z'") == 1,
	    "a good row of the same key resolves it");
}

/* What an item that failed left staged is not the next one's. */
static void
test_undone(void)
{
	struct canon_item_result r;

	if (db_begin(&canon.db) == -1)
		bail("begin");
	sql("SAVEPOINT item");
	begin(1, 1);
	put_json("games", "{\"k\":1}");
	promote("R9");
	sql("ROLLBACK TO item");
	begin(2, 1);
	put_json("games", "{\"k\":2}");
	begin(2, 1);
	put_json("games", "{\"k\":3}");
	r = promote("R9");
	sql("RELEASE item");
	if (db_commit(&canon.db) == -1)
		bail("commit");
	tap_ok(r.canon.inserted == 1 && number("SELECT k FROM games "
	    "WHERE game = 'g2'") == 3 && number("SELECT count(*) FROM "
	    "dataset_versions WHERE dataset = 'g1'") == 0,
	    "an item undone, and one that was begun anew");
	tap_int(number("SELECT count(*) FROM main.games WHERE game = 'g1'"), 0,
	    "nothing is left of it");
}

/* Killed after the rows, before the commit. */
static void
test_killed(void)
{
	pid_t pid;
	int status;

	close_all();
	if ((pid = fork()) == 0) {
		open_all();
		if (db_begin(&canon.db) == -1)
			bail("begin");
		begin(1, 1);
		put_json("games", "{\"k\":1}");
		promote("R9");
		_exit(0);
	}
	waitpid(pid, &status, 0);
	open_all();
	tap_ok(status == 0 && number("SELECT (SELECT count(*) FROM main.games"
	    " WHERE game = 'g1') + (SELECT count(*) FROM dataset_versions "
	    "WHERE dataset = 'g1')") == 0, "killed before the commit");
	begin(1, 1);
	put_json("games", "{\"k\":1}");
	tap_ok(commit("R9", "2026-01-09T00:00:00.000Z").canon.inserted == 1,
	    "and done again");
}

static void
test_wrong_check(void)
{
	struct buf why;
	struct decl d;
	char *text = strdup(declaration);
	char *at = strstr(text, "n >= 0");

	memcpy(at, "m >= 0", 6);
	tmpdir_text("wrong.json", text);
	free(text);
	close_all();
	buf_init(&why, 4096);
	if (decl_load(&d, "wrong.json", &why) == -1)
		bail(why.data);
	tap_ok(canon_open(&canon, ".", &d, CANON_WRITE, 1000) == 0 &&
	    canon_item_open(&item, &canon) == -1 &&
	    canon_status(&canon) == EXIT_USAGE && strstr(canon_message(&canon),
	    "table.players.checks.positive: sql: no such column: m") != NULL,
	    "a check that is no SQL");
	printf("# %s\n", canon_message(&canon));
	close_all();
	decl_release(&d);
	buf_release(&why);
	open_all();
}

/* Other columns: the tables are made anew, and the queue stays. */
static void
test_renewed(void)
{
	char *no_labels[] = { NULL }, *text = strdup(declaration);
	const struct rebuild_options o = { .data = ".", .run = "R9",
	    .now = "2026-01-09T00:00:00.000Z", .datasets = no_labels,
	    .wait_ms = 1000 };
	struct rebuild_result r;
	struct buf why;
	struct decl d;

	sql("CREATE TABLE main.jobs (id INTEGER PRIMARY KEY, state TEXT);"
	    "INSERT INTO main.jobs VALUES (1, 'complete');"
	    "CREATE TRIGGER main.jobs_state BEFORE UPDATE ON jobs BEGIN "
	    "SELECT RAISE(ABORT, 'no'); END");
	close_all();
	memcpy(strstr(text, "\"n\":{"), "\"m\":{", 5);
	tmpdir_text("other.json", text);
	free(text);
	buf_init(&why, 4096);
	if (decl_load(&d, "other.json", &why) == -1)
		bail(why.data);
	tap_ok(canon_open(&canon, ".", &d, CANON_WRITE, 1000) == -1 &&
	    errno == EPROTO, "tables of another declaration are refused");
	canon_close(&canon);
	tap_ok(canon_rebuild(&d, &o, &r, &why) == EXIT_OK && r.renewed &&
	    canon_open(&canon, ".", &d, CANON_WRITE, 1000) == 0 &&
	    canon_item_open(&item, &canon) == 0, "a rebuild makes its own");
	tap_ok(number("SELECT count(m) FROM main.games") == 0 &&
	    number("SELECT count(*) FROM dataset_versions") == 0 &&
	    number("SELECT count(*) FROM main.quarantine") == 0,
	    "which are empty");
	tap_ok(number("SELECT count(*) FROM jobs WHERE state = 'complete'")
	    == 1 && db_exec(&canon.db, "UPDATE jobs SET state = 'x'") == -1,
	    "the queue is as it was");
	close_all();
	decl_release(&d);
	buf_release(&why);
}

int
main(void)
{
	struct buf why;

	tmpdir_enter();
	tmpdir_text("toy.json", declaration);
	buf_init(&why, 4096);
	if (decl_load(&decl, "toy.json", &why) == -1) {
		printf("Bail out! %s\n", why.data);
		return 99;
	}
	open_all();
	test_unchanged();
	test_odd_rows();
	test_quarantine();
	test_undone();
	test_killed();
	test_wrong_check();
	close_all();
	remove("toy.sqlite");
	open_all();
	test_random();
	test_renewed();
	decl_release(&decl);
	buf_release(&why);
	tmpdir_leave();
	return tap_done();
}
