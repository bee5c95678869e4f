#include "store/prune.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/stop.h"
#include "store/ledger.h"
#include "store/manifest.h"
#include "store/names.h"
#include "store/pointer.h"
#include "store/raw.h"
#include "store/storelock.h"

#define DAY_MS ((int64_t)86400 * 1000)

/* What is not said is NULL, and no number is over that. */
static const char keep_ddl[] =
"CREATE TEMP TABLE keep (source TEXT, now_run TEXT, raw_latest INTEGER,"
"    answers INTEGER, answers_play INTEGER, run_rows INTEGER,"
"    runs_play INTEGER, logs_before TEXT) STRICT;"
"CREATE TEMP VIEW ranked_run AS SELECT run_id AS run, now_run, run_rows,"
"    logs_before, row_number() OVER (ORDER BY run_id DESC) AS nth"
"    FROM runs JOIN keep USING (source);"
"CREATE TEMP VIEW old_run AS SELECT run FROM ranked_run"
"    WHERE nth > run_rows AND run IS NOT now_run;"
	/* Runs sort by time; what is not said keeps nothing. */
"CREATE TEMP VIEW old_log AS SELECT run FROM ranked_run"
"    WHERE coalesce(nth > run_rows, logs_before IS NOT NULL)"
"    AND ifnull(run < logs_before, 1) AND run IS NOT now_run"
"    AND run IN (SELECT run FROM logged)"
"    AND run NOT IN (SELECT run FROM open_run);";

/* A dataset's label is that of its partitions, without the last value. */
#define DATASET "rtrim(rtrim(part_path, replace(part_path, '/', '')), '/')"

/* Runs sort by time. */
static const char partitions_sql[] =
"CREATE TEMP TABLE doomed_partition AS"
" SELECT " DATASET " AS dataset, part_path, run, part, snapshot_id, path,"
"    sha256, stored_bytes"
" FROM (SELECT *, row_number() OVER"
"	(PARTITION BY part_path ORDER BY run DESC) AS nth"
"    FROM raw_snapshots JOIN keep USING (source)) AS s"
" WHERE nth > raw_latest AND snapshot_id NOT IN made_of"
"    AND run NOT IN (SELECT run FROM open_run)"
"    AND NOT EXISTS (SELECT 1 FROM partition_state p"
"	WHERE p.source = s.source AND p.part_path = s.part_path"
"	AND p.snapshot = s.snapshot_id)"
"    AND EXISTS (SELECT 1 FROM attempts a WHERE a.source = s.source"
"	AND a.part_path = s.part_path AND a.run = s.run"
"	AND a.kind = 'body')";

/*
 * Two answers stay of each content that does.  The latest one tells since
 * when it is not what the source says, or that it is: confirmed_at.  That
 * of the newest run is what no older run can overtake.
 */
static const char answers_sql[] =
"CREATE TEMP TABLE doomed_answer AS"
" SELECT seq, " DATASET " AS dataset FROM (SELECT seq, part_path,"
"	answers_play, count(*) OVER (PARTITION BY part_path) AS n"
"    FROM (SELECT a.*, k.answers, k.answers_play,"
"	    row_number() OVER (PARTITION BY a.part_path"
"		ORDER BY a.seq DESC) AS nth,"
"	    row_number() OVER (PARTITION BY a.part_path, a.outcome,"
"		a.sha256 ORDER BY a.at DESC, a.seq DESC) AS nth_at,"
"	    row_number() OVER (PARTITION BY a.part_path, a.outcome,"
"		a.sha256 ORDER BY a.run DESC, a.seq DESC) AS nth_run"
"	FROM attempts a JOIN keep k USING (source)) AS a"
"    WHERE nth > answers AND run NOT IN (SELECT run FROM open_run)"
"	AND NOT EXISTS (SELECT 1 FROM raw_snapshots s"
"	    WHERE s.source = a.source AND s.part_path = a.part_path"
"	    AND (s.run = a.run AND kind = 'body' OR s.sha256 = a.sha256"
"		AND outcome = 'ok' AND 1 IN (nth_at, nth_run))"
"	    AND s.snapshot_id NOT IN"
"		(SELECT snapshot_id FROM doomed_partition)))"
" WHERE n > answers_play";

static const char datasets_sql[] =
"SELECT dataset, sum(partitions), sum(bytes), sum(answers) FROM"
"    (SELECT dataset, 1 AS partitions, stored_bytes AS bytes, 0 AS answers"
"	FROM doomed_partition"
"    UNION ALL SELECT dataset, 0, 0, 1 FROM doomed_answer)"
" GROUP BY dataset ORDER BY dataset";

/* Should a partition have stayed after all, so does its answer. */
static const char forget_answers_sql[] =
"DELETE FROM attempts AS a WHERE seq IN"
"    (SELECT seq FROM doomed_answer WHERE dataset = ?)"
" AND NOT (kind = 'body' AND EXISTS (SELECT 1 FROM raw_snapshots s"
"    WHERE s.source = a.source AND s.part_path = a.part_path"
"    AND s.run = a.run))";

static const char forgotten_ddl[] =
"CREATE TEMP VIEW forgotten AS SELECT run FROM old_run"
" WHERE run NOT IN (SELECT run FROM logged)"
" AND run NOT IN (SELECT run FROM open_run)"
" AND run NOT IN versioned"
" AND run NOT IN (SELECT run FROM raw_snapshots)"
" AND run NOT IN (SELECT run FROM attempts)"
" AND run NOT IN (SELECT run FROM partition_state WHERE run IS NOT NULL)"
" AND run NOT IN (SELECT last_attempt_run FROM partition_state)";

const char *
prune_message(const struct prune *p)
{
	return db_message(&p->ledger);
}

enum exits
prune_status(const struct prune *p)
{
	return db_status(&p->ledger);
}

static int64_t
play(int64_t keep)
{
	return keep == -1 ? -1 : decl_retention_play(keep);
}

/* The ids of runs that began before that instant are less than this. */
static void
begun_before(int64_t wall_ms, char id[CLOCK_TEXT])
{
	char text[CLOCK_TEXT], *p;
	size_t n = 0;

	clock_format(wall_ms, text);
	for (p = text; *p != '\0'; p++)
		if (strchr("-:.", *p) == NULL)
			id[n++] = *p;
	id[n] = '\0';
}

/* Put what is kept where SQL finds it. */
static int
note_keep(struct prune *p)
{
	const struct decl_retention *keep = &p->keep;
	char before[CLOCK_TEXT];
	sqlite3_stmt *s = db_prepare(&p->ledger,
	    "INSERT INTO keep VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, p->source);
	db_bind(s, 2, p->now_run);
	db_bind_count(s, 3, keep->raw_latest);
	db_bind_count(s, 4, keep->attempts);
	db_bind_count(s, 5, play(keep->attempts));
	db_bind_count(s, 6, keep->runs);
	db_bind_count(s, 7, play(keep->runs));
	if (keep->log_days != -1)
		begun_before(p->now_ms - keep->log_days * DAY_MS, before);
	db_bind(s, 8, keep->log_days != -1 ? before : NULL);
	r = db_run(&p->ledger, s);
	sqlite3_finalize(s);
	return r;
}

int
prune_open(struct prune *p)
{
	p->next = NULL;
	if (ledger_open(&p->ledger, p->data, DB_WRITE) == -1 ||
	    names_runs(&p->ledger, p->data) == -1 ||
	    db_exec(&p->ledger, keep_ddl) == -1)
		return -1;
	return note_keep(p);
}

void
prune_close(struct prune *p)
{
	sqlite3_finalize(p->next);
	db_close(&p->ledger);
}

/* --- quarantine and logs ------------------------------------------------ */

/* Remove DATA/FOLDER/NAME, whatever it is. */
static int
remove_name(struct prune *p, const char *folder, const char *name)
{
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	r = buf_printf(&path, "%s/%s/%s", p->data, folder, name);
	if (r == 0)
		r = path_remove_tree(path.data);
	if (r == -1)
		db_fail_errno(&p->ledger, path.data != NULL ? path.data : name);
	buf_release(&path);
	return r;
}

/* Remove all files of a folder that the query names. */
static int
remove_files(struct prune *p, const char *folder, const char *select)
{
	sqlite3_stmt *s = db_prepare(&p->ledger, select);
	int r;

	while ((r = db_step(&p->ledger, s)) == 1)
		if (remove_name(p, folder, db_text(s, 0)) == -1)
			break;
	sqlite3_finalize(s);
	return r == 0 ? 0 : -1;
}

int
prune_quarantine(struct prune *p, int64_t *runs)
{
	*runs = db_int(&p->ledger, "SELECT count(DISTINCT run) FROM open_run "
	    "WHERE run IN old_run", -1);
	if (*runs <= 0)
		return (int)*runs;
	if (!p->dry && remove_files(p, "incoming", "SELECT file FROM open_run "
	    "WHERE run IN old_run ORDER BY file") == -1)
		return -1;
	return db_exec(&p->ledger, "DELETE FROM open_run WHERE run IN old_run");
}

/* How many runs a view names, or 0 if that is within the play; or -1. */
static int64_t
count_runs(struct prune *p, const char *select)
{
	int64_t n = db_int(&p->ledger, select, -1);

	return n > 0 && n <= play(p->keep.runs) ? 0 : n;
}

int
prune_logs(struct prune *p, int64_t *runs)
{
	*runs = count_runs(p, "SELECT count(*) FROM old_log");
	if (*runs <= 0 || p->dry)
		return *runs == -1 ? -1 : 0;
	return remove_files(p, "logs", "SELECT file FROM logged "
	    "WHERE run IN old_log ORDER BY file");
}

/* --- partitions and answers --------------------------------------------- */

/* Is the pointer's run another one than counts, as after mending? */
static int
keep_pointed(struct prune *p, const char *part_path)
{
	char run[POINTER_RUN_BYTES];
	sqlite3_stmt *s;
	int r;

	if (pointer_read(&p->ledger, p->data, p->source, part_path, run)
	    == -1)
		return -1;
	s = db_prepare(&p->ledger, "DELETE FROM doomed_partition "
	    "WHERE part_path = ? AND run = ?");
	if (s == NULL)
		return -1;
	db_bind(s, 1, part_path);
	db_bind(s, 2, run);
	r = db_run(&p->ledger, s);
	sqlite3_finalize(s);
	return r;
}

static int
keep_all_pointed(struct prune *p)
{
	sqlite3_stmt *s = db_prepare(&p->ledger, "SELECT part_path "
	    "FROM partition_state JOIN keep USING (source) "
	    "WHERE part_path IN (SELECT part_path FROM doomed_partition)");
	int r;

	while ((r = db_step(&p->ledger, s)) == 1)
		if (keep_pointed(p, db_text(s, 0)) == -1)
			break;
	sqlite3_finalize(s);
	return r == 0 ? 0 : -1;
}

int
prune_choose(struct prune *p)
{
	if (names_versions(&p->ledger, p->data, p->source) == -1 ||
	    db_exec(&p->ledger, partitions_sql) == -1 ||
	    keep_all_pointed(p) == -1)
		return -1;
	return db_exec(&p->ledger, answers_sql);
}

int
prune_next(struct prune *p, const char **dataset, struct prune_count *n)
{
	int r;

	if (p->next == NULL)
		p->next = db_prepare(&p->ledger, datasets_sql);
	if ((r = db_step(&p->ledger, p->next)) != 1)
		return r;
	*dataset = db_text(p->next, 0);
	n->partitions = sqlite3_column_int64(p->next, 1);
	n->bytes = sqlite3_column_int64(p->next, 2);
	n->answers = sqlite3_column_int64(p->next, 3);
	return 1;
}

/* Break the seal, and see to it that the disk knows, before all else. */
static int
remove_folder(const char *folder)
{
	struct buf seal;
	int r = -1;

	buf_init(&seal, PATH_BYTES_MAX);
	if (buf_printf(&seal, "%s/" RAW_METADATA, folder) == -1)
		goto out;
	if (unlink(seal.data) == 0)
		r = path_sync_parent(seal.data);
	else
		r = errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	if (r == 0 && (r = path_remove_tree(folder)) == 0 &&
	    (r = path_sync_parent(folder)) == -1 && errno == ENOENT)
		r = 0;
out:
	buf_release(&seal);
	return r;
}

/* The folder of a partition, as its key says. */
static int
folder_of(struct prune *p, const struct prune_partition *gone,
    struct buf *folder)
{
	struct part part;

	if (part_parse(&part, gone->part) == -1 ||
	    buf_printf(folder, "%s/", p->data) == -1)
		return -1;
	return raw_path(p->source, &part, gone->run, folder);
}

/* Run a statement with one text bound.  Returns its rows, 0 or 1; or -1. */
static int
with_text(struct prune *p, const char *sql, const char *text)
{
	sqlite3_stmt *s = db_prepare(&p->ledger, sql);
	int r;

	if (s != NULL)
		db_bind(s, 1, text);
	r = db_step(&p->ledger, s);
	sqlite3_finalize(s);
	return r;
}

/* With the lock held.  It may have come to count since it was chosen. */
static int
remove_partition(struct prune *p, const struct prune_partition *gone)
{
	struct buf folder;
	int r = with_text(p, "SELECT 1 FROM partition_state "
	    "WHERE snapshot = ?", gone->snapshot);

	if (r != 0)
		return r;
	buf_init(&folder, PATH_BYTES_MAX);
	if (folder_of(p, gone, &folder) == -1 ||
	    remove_folder(folder.data) == -1)
		r = db_fail_errno(&p->ledger, gone->path);
	buf_release(&folder);
	return r == -1 ? -1 : with_text(p, "DELETE FROM raw_snapshots "
	    "WHERE snapshot_id = ?", gone->snapshot);
}

/* 0 if it went, 1 if it stays after all, or -1. */
static int
remove_locked(struct prune *p, const struct prune_partition *gone)
{
	struct lock l;
	int r;

	if (p->dry)
		return 0;
	if (stop_requested()) {
		errno = EINTR;
		return db_fail_errno(&p->ledger, gone->path);
	}
	if (storelock_take(&l, p->data, "raw", &p->ledger) == -1)
		return -1;
	r = remove_partition(p, gone);
	lock_release(&l);
	return r;
}

static int
remove_partitions(struct prune *p, sqlite3_stmt *s, prune_fn fn, void *arg)
{
	struct prune_partition gone;
	int r, kept;

	while ((r = db_step(&p->ledger, s)) == 1) {
		gone = (struct prune_partition){ db_text(s, 0), db_text(s, 1),
		    db_text(s, 2), db_text(s, 3), db_text(s, 4),
		    sqlite3_column_int64(s, 5) };
		if ((kept = remove_locked(p, &gone)) == -1)
			return -1;
		if (kept == 0 && (r = fn(&gone, arg)) != 0)
			return r;
	}
	return r;
}

/* One transaction of its own. */
static int
forget_answers(struct prune *p, const char *dataset)
{
	if (p->dry)
		return 0;
	return with_text(p, forget_answers_sql, dataset);
}

int
prune_dataset(struct prune *p, const char *dataset, prune_fn fn, void *arg)
{
	sqlite3_stmt *s = db_prepare(&p->ledger, "SELECT run, part, "
	    "snapshot_id, path, sha256, stored_bytes FROM doomed_partition "
	    "WHERE dataset = ? ORDER BY part_path, run");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, dataset);
	r = remove_partitions(p, s, fn, arg);
	sqlite3_finalize(s);
	return r != 0 ? r : forget_answers(p, dataset);
}

/* --- at the end --------------------------------------------------------- */

int
prune_runs(struct prune *p, int64_t *runs)
{
	if (db_exec(&p->ledger, forgotten_ddl) == -1)
		return -1;
	*runs = count_runs(p, "SELECT count(*) FROM forgotten");
	if (*runs <= 0 || p->dry)
		return *runs == -1 ? -1 : 0;
	return db_exec(&p->ledger, "DELETE FROM runs "
	    "WHERE run_id IN forgotten");
}

int
prune_manifest(struct prune *p)
{
	struct lock l;
	int r;

	if (p->dry || (r = manifest_fits(&p->ledger, p->data)) == 1)
		return 0;
	if (r == -1 || storelock_take(&l, p->data, "raw", &p->ledger) == -1)
		return -1;
	r = manifest_rewrite(&p->ledger, p->data);
	lock_release(&l);
	return r;
}
