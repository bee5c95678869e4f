/*
 * Random histories in two ledgers, one of which is pruned now and then, as
 * far as can be: authority is the same in both.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "store/authority.h"
#include "store/prune.h"
#include "tap.h"
#include "tmpdir.h"

#define HISTORIES 10
#define ANSWERS 50

struct history {
	uint64_t rng;
	struct db whole, pruned;
	struct part part;
	int n;			/* answers so far */
	int64_t gone;		/* partitions that went, of all histories */
	char content[9];	/* of each run's partition, 0: not sealed */
	char run[3], sha256[2], id[16], at[CLOCK_TEXT], snapshot[32];
};

static int
has_row(struct db *db, const char *column, const char *text)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM raw_snapshots "
	    "WHERE %s = '%s'", column, text);
	return db_int(db, sql, 0) > 0;
}

/* Register the partition that a body sealed. */
static int
seal(struct db *db, const struct history *h)
{
	struct raw_meta m = { .source = "s", .run = h->run, .part = h->part,
	    .sha256 = h->sha256, .schema_version = "1", .status = 200 };
	struct ledger_snapshot s = { &m, "D", h->at, 1 };

	return ledger_snapshot_add(db, &s);
}

static int
answer(struct db *db, const struct history *h, enum authority_kind kind,
    const char *code)
{
	struct authority_answer a = { .kind = kind, .id = h->id,
	    .source = "s", .dataset = "D", .run = h->run, .part = &h->part,
	    .code = code, .at = h->at, .now = h->at, .sha256 = h->sha256,
	    .schema_version = "1", .snapshot = h->snapshot, .size_bytes = -1,
	    .stored_bytes = -1, .record_count = -1 };
	struct authority_verdict v;
	struct arena arena;
	int r;

	if (kind == AUTHORITY_BODY && seal(db, h) == -1)
		return -1;
	arena_init(&arena);
	r = authority_judge(db, &a, &arena, &v);
	arena_release(&arena);
	return r;
}

static int
count_gone(const struct prune_partition *gone, void *arg)
{
	int64_t *n = arg;

	(void)gone;
	++*n;
	return 0;
}

static int
prune(struct history *h)
{
	struct prune p = { .data = "pruned", .source = "s",
	    .keep = { -1, 1, 1, 1, -1 } };
	struct prune_count n;
	const char *dataset;
	int64_t runs;
	int r = -1;

	if (prune_open(&p) == 0 && prune_choose(&p) == 0) {
		while ((r = prune_next(&p, &dataset, &n)) == 1)
			if (prune_dataset(&p, dataset, count_gone, &h->gone)
			    != 0)
				break;
		if (r == 0)
			r = prune_runs(&p, &runs);
	}
	if (r != 0)
		printf("# %s\n", prune_message(&p));
	prune_close(&p);
	return r;
}

/*
 * Can the run have sealed a partition?  Only with one content.  If it went,
 * it is not looked at again, and no older run brings its content back.
 */
static int
can_seal(struct history *h)
{
	size_t run = (size_t)(h->run[1] - '1'), i;
	char *content = &h->content[run];

	if (*content != '\0') {
		h->sha256[0] = *content;
		return has_row(&h->pruned, "snapshot_id", h->snapshot);
	}
	for (i = run + 1; i < sizeof(h->content); i++)
		if (h->content[i] != '\0' &&
		    memchr(h->content, h->sha256[0], sizeof(h->content))
		    != NULL && !has_row(&h->pruned, "sha256", h->sha256))
			return 0;
	*content = h->sha256[0];
	return 1;
}

/*
 * The next answer: of a run among nine, with a content among three.  The
 * first is a good one: before there is a state nothing counts answers.
 */
static int
step(struct history *h)
{
	static const enum authority_kind kinds[] = { AUTHORITY_BODY,
	    AUTHORITY_BODY, AUTHORITY_UNCHANGED, AUTHORITY_SAME_AS,
	    AUTHORITY_ERROR };
	enum authority_kind kind = kinds[h->n == 0 ? 0 :
	    rng_below(&h->rng, 5)];
	const char *code = kind == AUTHORITY_ERROR ||
	    (h->n > 0 && rng_below(&h->rng, 6) == 0) ? "timeout" : NULL;

	h->run[0] = 'R';
	h->run[1] = (char)('1' + rng_below(&h->rng, 9));
	h->sha256[0] = (char)('A' + rng_below(&h->rng, 3));
	snprintf(h->snapshot, sizeof(h->snapshot), "%s:D/p", h->run);
	snprintf(h->id, sizeof(h->id), "%d", h->n);
	clock_format((int64_t)rng_below(&h->rng, 1000) * 1000, h->at);
	h->n++;
	if (kind == AUTHORITY_BODY && !can_seal(h))
		return 0;
	if (answer(&h->whole, h, kind, code) == -1 ||
	    answer(&h->pruned, h, kind, code) == -1)
		return -1;
	return rng_below(&h->rng, 3) == 0 ? prune(h) : 0;
}

/* All that is known about the one partition. */
static void
state(struct db *db, struct buf *b)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT json_array(status, run, snapshot, "
	    "sha256, confirmed_at, last_attempt, last_error, "
	    "last_attempt_run, attempts, seq) FROM partition_state");

	buf_clear(b);
	buf_str(b, db_step(db, s) == 1 ? db_text(s, 0) : "pending");
	sqlite3_finalize(s);
}

/* Are the authoritative partition and each unjudged one still there? */
static int
complete(struct history *h)
{
	return db_int(&h->pruned, "SELECT count(*) FROM partition_state "
	    "WHERE status = 'valid' AND snapshot NOT IN "
	    "(SELECT snapshot_id FROM raw_snapshots)", -1) == 0;
}

/* How many answers of a history are told alike by both ledgers. */
static int
play_history(struct history *h)
{
	struct buf whole, pruned;
	int alike = 0;

	buf_init(&whole, 4096);
	buf_init(&pruned, 4096);
	for (h->n = 0; h->n < ANSWERS && step(h) == 0; alike++) {
		state(&h->whole, &whole);
		state(&h->pruned, &pruned);
		if (!complete(h) || strcmp(whole.data, pruned.data) != 0) {
			printf("# %s\n# %s\n", whole.data, pruned.data);
			break;
		}
	}
	buf_release(&whole);
	buf_release(&pruned);
	return alike;
}

static void
begin(struct history *h, uint64_t seed)
{
	static const char *const paths[] = { "whole", "pruned" };
	struct db *dbs[] = { &h->whole, &h->pruned };
	size_t i;

	h->rng = seed;
	memset(h->content, '\0', sizeof(h->content));
	for (i = 0; i < 2; i++)
		if (ledger_open(dbs[i], paths[i], DB_CREATE) == -1 ||
		    db_exec(dbs[i], "PRAGMA synchronous = OFF; "
		    "DELETE FROM attempts; DELETE FROM raw_snapshots; "
		    "DELETE FROM partition_state") == -1) {
			printf("# %s\n", db_message(dbs[i]));
			exit(99);
		}
}

int
main(void)
{
	struct history h = { .gone = 0 };
	int64_t answers;
	uint64_t seed;

	tmpdir_enter();
	part_add(&h.part, "dataset", "D");
	part_add(&h.part, "part", "p");
	for (seed = 1; seed <= HISTORIES; seed++) {
		begin(&h, seed);
		tap_ok(play_history(&h) == ANSWERS,
		    "history %d: the same authority", (int)seed);
		prune(&h);
		answers = db_int(&h.pruned, "SELECT count(*) FROM attempts",
		    -1);
		tap_ok(answers <= 1 + 9 + 2 * 3, "of %d answers stay %d", ANSWERS,
		    (int)answers);
		db_close(&h.whole);
		db_close(&h.pruned);
	}
	tap_ok(h.gone > HISTORIES, "partitions went: %d", (int)h.gone);
	tmpdir_leave();
	return tap_done();
}
