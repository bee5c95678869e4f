/*
 * test-gate-model -- the gate against a naive model of its rules.
 *
 * A made-up source answers with lists of keys: it grows, shrinks, breaks,
 * recovers, says the same in other bytes; hours or seconds pass, people
 * accept and reject, promotions are left out or come twice.  The model has
 * arrays of sets and instants and shares no code with what it checks, that
 * is canon_promote() with a ledger beside it.
 *
 * SEED=n repeats a failure, SEQUENCES=n goes on for longer.
 */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "decl/ddl.h"
#include "store/canon.h"
#include "store/ledger.h"
#include "tap.h"
#include "tmpdir.h"

#define KEYS 100
#define STEPS 25
#define SEQUENCES 400
#define PARTS 2
#define CONTENTS (STEPS * 2 + 1)
#define START_MS ((int64_t)1790000000000)

static const char declaration[] =
    "{\"source\":{\"name\":\"toy\",\"dataset_key\":[\"town\"],"
    "\"part_member\":\"feed\"},"
    "\"part\":{\"goods\":{\"format\":\"json-array\",\"schema_version\":"
    "\"1\",\"required\":true},\"open\":{\"format\":\"json-array\","
    "\"schema_version\":\"1\",\"required\":true}},"
    "\"table\":{\"items\":{\"part\":\"goods\",\"rows\":\"\",\"key\":"
    "[\"code\"],\"columns\":{\"code\":\"/code\"}},"
    "\"shops\":{\"part\":\"open\",\"rows\":\"\",\"key\":[\"code\"],"
    "\"columns\":{\"code\":\"/code\"}}},"
    "\"gate\":{\"least_rows\":3,\"median_of\":5,"
    "\"lasting\":{\"difference\":0.05},"
    "\"table\":{\"items\":{},\"shops\":{\"empty_first\":true}}}}";

static const char *const parts[] = { "goods", "open" };
static const char *const tables[] = { "items", "shops" };

/* --- what the source says ------------------------------------------------ */

struct content {
	int keys[KEYS];
	int value;		/* of every row */
};

struct answer {
	int content;
	int64_t at;		/* seconds */
};

/* One part of the dataset of a sequence: the world, then the model. */
struct feed {
	struct content contents[CONTENTS];
	int n_contents;
	struct answer answers[STEPS];
	int n_answers;
	int staged;		/* the content that is staged */
	int64_t staged_at;

	int active, same;			/* contents, or -1 */
	uint64_t rejected;			/* one bit for each */
	int held, counted;			/* answers that were */
	int counts[STEPS * 4], n_counts;	/* accepted, oldest first */
	int64_t good_at;
	int first, last, n;			/* the series: contents */
	int fresh;				/* of n, those just counted */
	int64_t first_at, last_at;
};

static int
count(const struct content *c)
{
	int i, n = 0;

	for (i = 0; i < KEYS; i++)
		n += c->keys[i];
	return n;
}

/* Keys of a that b has not. */
static int
without(const struct content *a, const struct content *b)
{
	int i, n = 0;

	for (i = 0; i < KEYS; i++)
		n += a->keys[i] && !b->keys[i];
	return n;
}

static int
equal(const struct content *a, const struct content *b)
{
	return without(a, b) == 0 && without(b, a) == 0 &&
	    (a->value == b->value || count(a) == 0);
}

/* --- the model ------------------------------------------------------------- */

static int
max(int a, int b)
{
	return a > b ? a : b;
}

/* The least whole number of hundredths of n, and three at least. */
static int
limit(int hundredths, int n)
{
	return max((hundredths * n + 99) / 100, 3);
}

static int
median(const int *counts, int n)
{
	int i, j, below, upto;

	for (i = 0; i < n; i++) {
		for (below = upto = j = 0; j < n; j++) {
			below += counts[j] < counts[i];
			upto += counts[j] <= counts[i];
		}
		if (below <= (n - 1) / 2 && upto > (n - 1) / 2)
			return counts[i];
	}
	return 0;
}

static int
baseline(const struct feed *f)
{
	int n = f->n_counts < 5 ? f->n_counts : 5;
	const int *last = f->counts + f->n_counts - n;

	return n == 0 ? 0 : max(median(last, n), last[n - 1]);
}

/* Is c beyond limits, all in hundredths?  The verdict's name. */
static const char *
suspect(const struct feed *f, const struct content *c, int missing,
    int growth, int empty_first)
{
	const struct content *a;
	int gone, added, normal = baseline(f);

	if (f->active == -1)
		return count(c) == 0 && !empty_first ? "empty_first" : NULL;
	a = &f->contents[f->active];
	if (count(a) == 0)
		return NULL;
	gone = without(a, c);
	added = without(c, a);
	if (count(c) == 0)
		return "empty";
	if (gone == count(a))
		return "no_intersection";
	if (max(gone, normal - count(c)) >= limit(missing, normal))
		return "missing";
	return added >= limit(growth, normal) ? "growth" : NULL;
}

static int
agrees(const struct feed *f, int a, int b)
{
	const struct content *x = &f->contents[a], *y = &f->contents[b];

	return 100 * (without(x, y) + without(y, x)) <=
	    5 * max(count(x), count(y));
}

static int
is_good(const struct feed *f, int c)
{
	return c == f->active || c == f->same;
}

static void
sample(struct feed *f, int c, int64_t at, int afresh)
{
	if (afresh || f->n == 0 || !(c == f->last || agrees(f, f->first, c))) {
		f->n = f->fresh = 0;
		f->first = c;
		f->first_at = at;
	}
	f->n++;
	f->fresh++;
	f->last = c;
	f->last_at = at;
}

/* A good sample: what was held is over. */
static void
good(struct feed *f, int64_t at)
{
	f->counts[f->n_counts++] = count(&f->contents[f->active]);
	f->good_at = at;
	f->held = f->n = f->fresh = 0;
}

/*
 * Count the answers since: those that are good, and those of the series.
 * Of content that was never staged nobody knows what it was: it breaks a
 * series, once something known follows.
 */
static void
take_answers(struct feed *f)
{
	int i, c, broken = 0, known, last_counted = f->counted, of_series;
	int begun = 0, goods = 0;
	int o = f->staged;

	f->fresh = 0;
	for (i = f->counted; i < f->n_answers; i++) {
		c = f->answers[i].content;
		of_series = f->n > 0 && !broken && !begun && c == f->last;
		known = 1;
		if (is_good(f, c)) {
			good(f, f->answers[i].at);
			begun = 0;
			goods++;
		} else if (!(f->rejected >> c & 1) && (c == o || of_series)) {
			int n = f->n;

			sample(f, c, f->answers[i].at, broken);
			begun |= f->n == 1 || n == 0;
		} else {
			known = 0;
		}
		broken = known ? 0 : 1;
		if (known)
			last_counted = i + 1;
	}
	f->counted = last_counted;
	if (is_good(f, o)) {
		if (f->held && goods == 0)
			good(f, f->staged_at);
	} else if (!(f->rejected >> o & 1) && (f->n == 0 || f->last != o)) {
		sample(f, o, f->staged_at, broken);
	}
}

enum way { SAME, PASSES, IS_HELD };

/* Judge what is staged; verdict gets why it is or would be held. */
static enum way
judge(struct feed *f, int which, int accept, int reject,
    const char **verdict)
{
	const struct content *c = &f->contents[f->staged];
	int young;

	*verdict = NULL;
	if (f->active != -1 && equal(c, &f->contents[f->active])) {
		if (!f->held && is_good(f, f->staged))
			return SAME;
		f->same = f->staged == f->active ? f->same : f->staged;
		take_answers(f);
		f->rejected &= ~(1ULL << f->staged);
		return SAME;
	}
	take_answers(f);
	young = f->first_at - f->good_at < 3600;
	*verdict = f->held ? suspect(f, c, 5, 25, which == 1) :
	    young ? suspect(f, c, 10, 50, which == 1) :
	    suspect(f, c, 50, 200, which == 1);
	if (reject || ((f->rejected >> f->staged & 1) && !accept)) {
		*verdict = "rejected";
		return IS_HELD;
	}
	if (*verdict == NULL || accept)
		return PASSES;
	if ((strcmp(*verdict, "missing") == 0 ||
	    strcmp(*verdict, "growth") == 0) && f->n >= 3 &&
	    f->last_at - f->first_at >= 300)
		return PASSES;
	return IS_HELD;
}

static void
hold(struct feed *f, const char *verdict)
{
	f->held = 1;
	if (strcmp(verdict, "rejected") == 0) {
		f->rejected |= 1ULL << f->staged;
		f->n = 0;
	}
}

/* What came becomes what is normal, alone if it is out of the ordinary. */
static void
pass(struct feed *f, int which)
{
	const struct content *c = &f->contents[f->staged];
	int i, n = f->fresh > 0 ? f->fresh : 1;

	if (suspect(f, c, 10, 50, which == 1) != NULL)
		f->n_counts = 0;
	for (i = 0; i < n; i++)
		f->counts[f->n_counts++] = count(c);
	f->good_at = f->n > 0 ? f->last_at : f->staged_at;
	f->active = f->staged;
	f->same = -1;
	f->held = f->n = 0;
	f->rejected &= ~(1ULL << f->staged);
}

/* --- the real thing ---------------------------------------------------------- */

static struct decl decl;
static struct canon canon;
static struct db ledger;
static struct canon_result result;
static uint64_t rng;
static int64_t now_s;
static char town[16];

static void
die(const char *what)
{
	printf("Bail out! %s: %s %s\n", what, canon_message(&canon),
	    db_message(&ledger));
	exit(99);
}

static void
sql(const char *text)
{
	if (db_exec(&canon.db, text) == -1)
		die(text);
}

static void
make_schema(const char *schema)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 16);
	buf_printf(&b, "ATTACH ':memory:' AS %s;"
	    "CREATE TABLE %s.staging_meta (name, value);"
	    "CREATE TABLE %s.staging_inputs (part, run, snapshot, sha256,"
	    " size_bytes, record_count, schema_version, fetched_at, path);"
	    "CREATE TABLE %s.staging_tables (table_name, payload_rows,"
	    " \"rows\", quarantined);"
	    "CREATE TABLE %s.findings (code, severity, table_name,"
	    " column_name, n, row_key, detail);", schema, schema, schema,
	    schema, schema);
	for (i = 0; i < decl.n_tables; i++) {
		buf_printf(&b, "CREATE TABLE %s.\"%s\" (", schema,
		    decl.tables[i].name);
		ddl_definitions(&b, &decl.tables[i]);
		buf_str(&b, ");");
	}
	sql(b.data);
	buf_release(&b);
}

/* Stage one content of each part. */
static void
stage(const char *schema, const struct feed *f, const int which[PARTS],
    const char *run)
{
	struct buf b;
	char at[CLOCK_TEXT];
	int p, i;

	buf_init(&b, 1 << 20);
	buf_printf(&b, "DELETE FROM %s.staging_meta; INSERT INTO "
	    "%s.staging_meta VALUES ('source', 'toy'), ('dataset', '%s'), "
	    "('run', '%s'), ('map_sha256', 'm');"
	    "DELETE FROM %s.staging_inputs; DELETE FROM %s.staging_tables;",
	    schema, schema, town, run, schema, schema);
	for (p = 0; p < PARTS; p++) {
		const struct content *c = &f[p].contents[which[p]];

		clock_format(START_MS + f[p].staged_at * 1000, at);
		buf_printf(&b, "INSERT INTO %s.staging_inputs VALUES ('%s', "
		    "'r', 's%d', 'c%d', 1, %d, '1', '%s', 'p');"
		    "INSERT INTO %s.staging_tables VALUES ('%s', %d, %d, 0);"
		    "DELETE FROM %s.%s;", schema, parts[p], which[p],
		    which[p], count(c), at, schema, tables[p], count(c),
		    count(c), schema, tables[p]);
		for (i = 0; i < KEYS; i++)
			if (c->keys[i])
				buf_printf(&b, "INSERT INTO %s.%s (town, "
				    "code, occurrence, row_hash) VALUES "
				    "('%s', '%03d', 1, x'%02x');", schema,
				    tables[p], town, i, (unsigned)c->value);
	}
	sql(b.data);
	buf_release(&b);
}

static void
tell_ledger(int p, int content)
{
	static int64_t n;
	char at[CLOCK_TEXT];

	clock_format(START_MS + now_s * 1000, at);
	n++;
	if (db_execf(&ledger, "INSERT INTO attempts (source, part_path, run, "
	    "at, kind, outcome, sha256, answer) VALUES ('toy', '%s/%s', 'R', "
	    "'%s', 'body', 'ok', 'c%d', 'a%lld')", town, parts[p], at,
	    content, (long long)n) == -1)
		die("attempts");
}

/* Do the active rows have the keys and the value of this content? */
static int
rows_are(const struct feed *f, int p)
{
	struct content got = { .value = 0 };
	sqlite3_stmt *s;
	char q[128];
	int r;

	snprintf(q, sizeof(q), "SELECT code, hex(row_hash) FROM main.%s "
	    "WHERE town = '%s'", tables[p], town);
	s = db_prepare(&canon.db, q);
	while ((r = db_step(&canon.db, s)) == 1) {
		got.keys[atoi(db_text(s, 0))] = 1;
		got.value = (int)strtol(db_text(s, 1), NULL, 16);
	}
	sqlite3_finalize(s);
	if (f->active == -1)
		return r == 0 && count(&got) == 0;
	return r == 0 && equal(&got, &f->contents[f->active]);
}

static int
is_held(int p)
{
	char q[128];

	snprintf(q, sizeof(q), "SELECT state = 'held' FROM main.gate_parts "
	    "WHERE dataset = '%s' AND part = '%s'", town, parts[p]);
	return (int)db_int(&canon.db, q, 0);
}

static void
promote(const struct feed *f, const enum way ways[PARTS], const char *run,
    int accept, int reject)
{
	char at[CLOCK_TEXT];
	struct canon_options o = { .run = run, .now = at,
	    .accept = accept ? "yes" : NULL, .reject = reject ? "no" : NULL,
	    .who = "me", .ledger = &ledger };
	struct part dataset = { 0 };
	int mix[PARTS], p;

	clock_format(START_MS + now_s * 1000, at);
	part_add(&dataset, "town", town);
	if (canon_promote(&canon, &dataset, &o, &result) == -1)
		die("promote");
	if (result.outcome != CANON_MIX)
		return;
	for (p = 0; p < PARTS; p++)
		mix[p] = ways[p] == IS_HELD ? f[p].active : f[p].staged;
	stage("mix", f, mix, run);
	if (canon_promote(&canon, &dataset, &o, &result) == -1)
		die("promote a mix");
}

/* --- sequences ------------------------------------------------------------------ */

static int
below(int n)
{
	return (int)rng_below(&rng, (uint64_t)n);
}

static void
drop(struct content *c, int hundredths)
{
	int i;

	for (i = 0; i < KEYS; i++)
		if (below(100) < hundredths)
			c->keys[i] = 0;
}

static void
add(struct content *c, int hundredths)
{
	int i;

	for (i = 0; i < KEYS; i++)
		if (below(100) < hundredths)
			c->keys[i] = 1;
}

/* What the source says next, made of what it said last. */
static int
next_content(struct feed *f)
{
	int last = f->n_answers > 0 ?
	    f->answers[f->n_answers - 1].content : -1;
	struct content *c = &f->contents[f->n_contents];
	int kind = below(20);

	if (last == -1) {
		*c = (struct content){ .value = 1 };
		add(c, below(10) == 0 ? 0 : 10 + below(60));
		return f->n_contents++;
	}
	if (kind < 7 || (f->held && below(2) == 0))
		return last;
	if (kind < 9 && f->active != -1)
		return f->active;
	*c = f->contents[kind < 14 && f->active != -1 ? f->active : last];
	switch (kind) {
	case 9: case 10:
		drop(c, 3);
		break;
	case 11: case 12:
		drop(c, 5 + below(60));
		break;
	case 13:
		add(c, 5 + below(60));
		break;
	case 14:
		c->value = below(3);
		break;
	case 15: case 16:
		drop(c, 2);
		add(c, 1);
		break;
	case 17:
		drop(c, 100);
		break;
	case 18:
		drop(c, 100);
		add(c, 20);
		break;
	default:	/* the same in other bytes */
		break;
	}
	return f->n_contents++;
}

/* Seconds; two of 150 are just what lasts. */
static const int pauses[] = { 0, 1, 30, 100, 149, 150, 150, 150, 150, 151,
    300, 1000, 3599, 3600, 3601, 90000 };

static void
answer(struct feed *f, int p)
{
	int c = next_content(f);

	f->answers[f->n_answers++] = (struct answer){ c, now_s };
	tell_ledger(p, c);
}

static void
refresh(struct feed *f)
{
	const struct answer *a = &f->answers[f->n_answers - 1];

	f->staged = a->content;
	f->staged_at = a->at;
}

/* What the model says must come of it. */
static enum canon_outcome
expect(struct feed f[PARTS], enum way ways[PARTS], int accept, int reject,
    const char **verdict)
{
	struct feed before[PARTS];
	const char *why[PARTS];
	int p, held = 0, passing = 0, stuck = 0;

	memcpy(before, f, sizeof(before));
	for (p = 0; p < PARTS; p++) {
		ways[p] = judge(&f[p], p, accept, reject, &why[p]);
		held += ways[p] == IS_HELD;
		passing += ways[p] == PASSES;
		stuck += ways[p] == IS_HELD && f[p].active == -1;
	}
	*verdict = held == 0 ? NULL : ways[0] == IS_HELD ? why[0] : why[1];
	for (p = 0; p < PARTS; p++)
		if (ways[p] == IS_HELD)
			hold(&f[p], why[p]);
		else if (ways[p] == PASSES && stuck > 0)
			f[p] = before[p];
		else if (ways[p] == PASSES)
			pass(&f[p], p);
		else if (passing > 0 && stuck == 0)
			f[p].active = f[p].staged;	/* its bytes */
	if (held > 0 && (passing == 0 || stuck > 0))
		return CANON_HELD;
	return passing > 0 ? CANON_PROMOTED : CANON_UNCHANGED;
}

/* Is it as the model says?  If not, say what differs. */
static int
compare(const struct feed f[PARTS], int n, enum canon_outcome want,
    const char *verdict)
{
	const char *got = gate_name(result.hold.verdict);
	int p, same = result.outcome == want &&
	    (verdict == NULL || strcmp(got, verdict) == 0);

	for (p = 0; p < PARTS; p++)
		if (is_held(p) != f[p].held || !rows_are(&f[p], p))
			same = 0;
	if (!same)
		printf("# town %s step %d: outcome %d, want %d; %s, want %s; "
		    "held %d %d, want %d %d\n", town, n,
		    (int)result.outcome, (int)want, got,
		    verdict != NULL ? verdict : "-", is_held(0), is_held(1),
		    f[0].held, f[1].held);
	return same;
}

/* What is staged is promoted, by the model and in truth. */
static int
offer(struct feed f[PARTS], int n, int run_number)
{
	struct feed before[PARTS];
	enum way ways[PARTS];
	enum canon_outcome want;
	const char *verdict;
	char run[32];
	int p, accept = below(20) == 0, staged[PARTS];
	int reject = !accept && below(25) == 0;

	for (p = 0; p < PARTS; p++)
		staged[p] = f[p].staged;
	snprintf(run, sizeof(run), "r%09d", run_number);
	stage("stage", f, staged, run);
	memcpy(before, f, sizeof(before));
	want = expect(f, ways, accept, reject, &verdict);
	promote(before, ways, run, accept, reject);
	return compare(f, n, want, verdict);
}

/* Time passes, answers come, and most of the time they are looked at. */
static int
step(struct feed f[PARTS], int n, int run_number)
{
	int p;

	now_s += pauses[below(TAP_COUNT(pauses))];
	for (p = 0; p < PARTS; p++)
		if (n == 0 || below(3) > 0)
			answer(&f[p], p);
	if (n > 0 && below(5) == 0)
		return 1;
	if (n == 0 || below(8) > 0)
		for (p = 0; p < PARTS; p++)
			refresh(&f[p]);
	return offer(f, n, run_number);
}

static int
sequence(int number)
{
	static struct feed f[PARTS];
	int n, p;

	snprintf(town, sizeof(town), "t%d", number);
	for (p = 0; p < PARTS; p++) {
		memset(&f[p], 0, sizeof(f[p]));
		f[p].active = f[p].same = -1;
	}
	for (n = 0; n < STEPS; n++)
		if (!step(f, n, number * STEPS + n))
			return 0;
	return 1;
}

static void
open_all(void)
{
	struct buf why;

	tmpdir_enter();
	tmpdir_text("toy.json", declaration);
	buf_init(&why, 4096);
	if (decl_load(&decl, "toy.json", &why) == -1) {
		printf("Bail out! %s\n", why.data);
		exit(99);
	}
	buf_release(&why);
	if (ledger_open(&ledger, "d", DB_CREATE) == -1 ||
	    canon_open(&canon, "d", &decl, CANON_WRITE, 0) == -1)
		die("open");
	sql("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
	if (db_exec(&ledger, "PRAGMA synchronous = OFF; "
	    "PRAGMA journal_mode = MEMORY") == -1)
		die("ledger");
	make_schema("stage");
	make_schema("mix");
	canon.mixed = 1;
	if (canon_stage(&canon, "stage") == -1)
		die("stage");
}

int
main(void)
{
	const char *seed = getenv("SEED"), *many = getenv("SEQUENCES");
	int i, n = many != NULL ? atoi(many) :
	    getenv("SLUICE_VALGRIND") != NULL ? SEQUENCES / 20 : SEQUENCES;
	uint64_t start = seed != NULL ? strtoull(seed, NULL, 10) :
	    (uint64_t)time(NULL);

	printf("# SEED=%llu\n", (unsigned long long)start);
	open_all();
	for (i = 0; i < n; i++) {
		rng = start + (uint64_t)i;
		if (!sequence(i))
			break;
	}
	tap_ok(i == n, "%d sequences of %d steps, seed %llu: all as the "
	    "model says", n, STEPS, (unsigned long long)start);
	canon_close(&canon);
	db_close(&ledger);
	decl_release(&decl);
	tmpdir_leave();
	return tap_done();
}
