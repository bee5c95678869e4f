#include "store/asked.h"

#include <string.h>

/* What the row says, if there is one. */
struct before {
	int exists;
	int64_t failures;
	int same_task;		/* as the answer's, or it says none */
	int pending;
	int newer;		/* a newer run has failed */
};

static int
look(struct db *db, const struct asked_answer *a, struct before *b)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT failures, "
	    "?3 IS NULL OR task IS ?3, ifnull(failed_run > ?4, 0), "
	    "pending "
	    "FROM partition_asked WHERE source = ?1 AND part_path = ?2");
	int r;

	memset(b, 0, sizeof(*b));
	if (s == NULL)
		return -1;
	db_bind(s, 1, a->source);
	db_bind(s, 2, a->part_path);
	db_bind(s, 3, a->task);
	db_bind(s, 4, a->run);
	if ((r = db_step(db, s)) == 1) {
		b->exists = 1;
		b->failures = sqlite3_column_int64(s, 0);
		b->same_task = sqlite3_column_int(s, 1);
		b->newer = sqlite3_column_int(s, 2);
		b->pending = sqlite3_column_int(s, 3);
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

static int
write_row(struct db *db, const struct asked_answer *a, int64_t failures)
{
	const char *texts[] = { a->source, a->part_path, a->dataset, a->part,
	    a->task, failures > 0 ? a->code : NULL,
	    failures > 0 ? a->run : NULL, failures > 0 ? a->at : NULL };
	sqlite3_stmt *s = db_prepare(db, "INSERT INTO partition_asked AS q "
	    "(source, part_path, dataset, part, task, code, failed_run, "
	    "failed_at, failures, pending) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT (source, part_path) DO UPDATE SET "
	    "task = ifnull(excluded.task, q.task), code = excluded.code, "
	    "failed_run = excluded.failed_run, "
	    "failed_at = excluded.failed_at, failures = excluded.failures, "
	    "pending = excluded.pending");
	int i, r;

	if (s == NULL)
		return -1;
	for (i = 0; i < 8; i++)
		db_bind(s, i + 1, texts[i]);
	sqlite3_bind_int64(s, 9, failures);
	sqlite3_bind_int(s, 10, a->pending);
	r = db_run(db, s);
	sqlite3_finalize(s);
	return r;
}

int
asked_note(struct db *db, const struct asked_answer *a)
{
	struct before b;
	int64_t failures;

	if (look(db, a, &b) == -1)
		return -1;
	if (a->last == -1 ? b.newer || !a->counted : !a->last)
		return 0;
	failures = a->code == NULL ? 0 : b.failures + a->counted;
	if (a->code != NULL && failures == 0)
		failures = 1;
	if (b.exists && b.same_task && failures == b.failures &&
	    a->pending == b.pending)
		return 0;
	return write_row(db, a, failures);
}
