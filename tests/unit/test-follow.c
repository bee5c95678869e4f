/* Following versions: where to go on, what comes next, and no gap. */
#include "store/follow.h"

#include "tap.h"

/* Two datasets; of a the versions 1, 3, 4, of b 2 and 5; 6 was held. */
static const char versions[] =
"CREATE TABLE dataset_versions (version_id TEXT, dataset TEXT, status TEXT,"
"	seq INTEGER UNIQUE, parent TEXT, run TEXT, promoted_at TEXT);"
"CREATE TABLE version_tables (dataset TEXT, version_id TEXT,"
"	inserted INTEGER, updated INTEGER, deleted INTEGER);"
"INSERT INTO dataset_versions VALUES"
"	('r1', 'a', 'archived', 1, NULL, 'r1', '2026-11-20T01:00:00.000Z'),"
"	('r1', 'b', 'archived', 2, NULL, 'r1', '2026-11-20T01:00:00.000Z'),"
"	('r2', 'a', 'archived', 3, 'r1', 'r2', '2026-11-20T02:00:00.000Z'),"
"	('r3', 'a', 'active', 4, 'r2', 'r3', '2026-11-20T03:00:00.000Z'),"
"	('r3', 'b', 'active', 5, 'r1', 'r3', '2026-11-20T03:00:00.001Z'),"
"	('r4', 'b', 'held', NULL, 'r3', 'r4', NULL);"
"INSERT INTO version_tables VALUES ('a', 'r2', 1, 2, 3),"
"	('a', 'r2', 10, 20, 30);";

static const struct {
	const char *descr, *since, *label;
	int64_t want;		/* -1: there is none */
} sinces[] = {
	{ "the beginning", "0", NULL, 0 },
	{ "a seq", "3", NULL, 3 },
	{ "the last seq", "5", NULL, 5 },
	{ "a seq to come", "6", NULL, -1 },
	{ "a seq beyond all numbers", "9223372036854775807", NULL, -1 },
	{ "no number", "-1", NULL, -1 },
	{ "an instant", "2026-11-20T02:30:00Z", NULL, 3 },
	{ "that instant is known", "2026-11-20T03:00:00Z", NULL, 4 },
	{ "before all", "2026-11-19T00:00:00Z", NULL, 0 },
	{ "after all", "2027-01-01T00:00:00Z", NULL, 5 },
	{ "a version", "r1", NULL, 2 },
	{ "a version of a dataset", "r1", "a", 1 },
	{ "a version of another", "r2", "b", -1 },
	{ "a version that was held", "r4", NULL, -1 },
	{ "nothing", "", NULL, -1 },
	{ "SQL", "' OR 1 --", NULL, -1 },
};

static const struct {
	const char *descr, *gone;	/* what is not kept any more */
	const char *label;
	int64_t since;
	const char *want;		/* the seqs that come; ! for a gap */
} nexts[] = {
	{ "all", "0", NULL, 0, "1 2 3 4 5" },
	{ "some", "0", NULL, 3, "4 5" },
	{ "none", "0", NULL, 5, "" },
	{ "of a dataset", "0", "b", 0, "2 5" },
	{ "since the other's", "0", "b", 3, "5" },
	{ "of no dataset", "0", "c", 0, "" },
	{ "the first is gone", "1", NULL, 0, "2 !" },
	{ "but was known", "1", NULL, 1, "2 3 4 5" },
	{ "some are gone", "1, 3", NULL, 1, "2 !" },
	{ "and were known", "1, 2, 3", NULL, 3, "4 5" },
	{ "of a dataset that lacks none", "1, 3", "b", 0, "2 5" },
	{ "the parent is gone, and nothing after", "1, 2, 3, 4", "b", 4,
	    "5" },
	{ "the parent is gone, and it may be what is missing", "2, 3", "b",
	    1, "!" },
};

static void
open_versions(struct canon *c, const char *gone)
{
	*c = (struct canon){ .d = NULL };
	if (db_open(&c->db, ":memory:", DB_CREATE) == -1 ||
	    db_exec(&c->db, versions) == -1 || db_execf(&c->db,
	    "DELETE FROM dataset_versions WHERE seq IN (%s)", gone) == -1)
		printf("Bail out! %s\n", db_message(&c->db));
}

static void
check_since(size_t i)
{
	struct canon c;
	int64_t seq = -1;
	int r;

	open_versions(&c, "0");
	r = follow_since(&c, sinces[i].since, sinces[i].label, &seq);
	tap_ok(seq == sinces[i].want && r == (seq == -1 ? -1 : 0) &&
	    (r == 0 || canon_status(&c) == EXIT_NOINPUT), "since: %s",
	    sinces[i].descr);
	db_close(&c.db);
}

static void
check_next(size_t i)
{
	struct follow_version v = { .seq = nexts[i].since };
	struct arena arena;
	struct canon c;
	struct buf got;
	int r;

	open_versions(&c, nexts[i].gone);
	arena_init(&arena);
	buf_init(&got, 100);
	buf_str(&got, "");
	while ((r = follow_next(&c, nexts[i].label, nexts[i].since, v.seq,
	    &arena, &v)) == 1)
		buf_printf(&got, "%s%lld", got.len > 0 ? " " : "",
		    (long long)v.seq);
	if (r == -1 && canon_status(&c) == EXIT_NOINPUT)
		buf_printf(&got, "%s!", got.len > 0 ? " " : "");
	tap_str(got.data, nexts[i].want, nexts[i].descr);
	buf_release(&got);
	arena_release(&arena);
	db_close(&c.db);
}

static void
check_record(void)
{
	struct decl d = { .source = "s" };
	struct follow_version v;
	struct arena arena;
	struct canon c;
	struct jsonw w;
	struct buf b;

	open_versions(&c, "0");
	arena_init(&arena);
	buf_init(&b, 1000);
	tap_int(follow_next(&c, "a", 1, 1, &arena, &v), 1, "a version");
	jsonw_record(&w, &b, "version");
	follow_write(&w, &d, &v);
	jsonw_end(&w);
	tap_str(b.data, "{\"type\":\"version\",\"run\":\"r2\",\"source\":"
	    "\"s\",\"dataset\":\"a\",\"version\":\"r2\",\"seq\":3,\"parent\":"
	    "\"r1\",\"promoted_at\":\"2026-11-20T02:00:00.000Z\","
	    "\"inserted\":11,\"updated\":22,\"deleted\":33}\n",
	    "as a record, all its tables counted");
	buf_release(&b);
	arena_release(&arena);
	db_close(&c.db);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(sinces); i++)
		check_since(i);
	for (i = 0; i < TAP_COUNT(nexts); i++)
		check_next(i);
	check_record();
	return tap_done();
}
