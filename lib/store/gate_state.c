#include "store/gate_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/column.h"

const char gate_state_ddl[] =
    "CREATE TABLE gate_parts (\n"
    "  dataset TEXT NOT NULL,\n"
    "  part TEXT NOT NULL,\n"
    "  state TEXT NOT NULL CHECK (state IN ('open', 'held')),\n"
    "  verdict TEXT NOT NULL,\n"
    "  table_name TEXT,\n"
    "  version TEXT,\n"
    "  held_since TEXT,\n"
    "  sha256 TEXT,\n"
    "  samples INTEGER NOT NULL,\n"
    "  first_at TEXT,\n"
    "  last_at TEXT,\n"
    "  same_sha256 TEXT,\n"
    "  rejected TEXT,\n"
    "  reason TEXT,\n"
    "  who TEXT,\n"
    "  at TEXT,\n"
    "  last_seq INTEGER NOT NULL,\n"
    "  PRIMARY KEY (dataset, part)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE gate_samples (\n"
    "  dataset TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  n INTEGER NOT NULL,\n"
    "  at TEXT NOT NULL,\n"
    "  seq INTEGER,\n"
    "  \"rows\" INTEGER NOT NULL,\n"
    "  missing INTEGER NOT NULL,\n"
    "  added INTEGER NOT NULL,\n"
    "  verdict TEXT NOT NULL,\n"
    "  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),\n"
    "  answers INTEGER NOT NULL,\n"
    "  PRIMARY KEY (dataset, table_name, n)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE gate_keys (\n"
    "  dataset TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  \"key\" TEXT NOT NULL,\n"
    "  PRIMARY KEY (dataset, table_name, \"key\")\n"
    ") STRICT, WITHOUT ROWID;\n";

/* A statement about a dataset's part or table; NULL on failure. */
static sqlite3_stmt *
about(struct db *db, const char *sql, const char *dataset, const char *what)
{
	sqlite3_stmt *s = db_prepare(db, sql);

	if (s != NULL) {
		db_bind(s, 1, dataset);
		db_bind(s, 2, what);
	}
	return s;
}

/* Run it, and be done with it. */
static int
finish(struct db *db, sqlite3_stmt *s)
{
	int r = s == NULL ? -1 : db_run(db, s);

	sqlite3_finalize(s);
	return r;
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* --- parts -------------------------------------------------------------- */

static void
take_part(sqlite3_stmt *s, struct gate_part *p)
{
	p->held = sqlite3_column_int(s, 0);
	p->verdict = gate_verdict(db_text(s, 1));
	column_copy(s, 2, p->table, sizeof(p->table));
	column_copy(s, 3, p->version, sizeof(p->version));
	column_copy(s, 4, p->held_since, sizeof(p->held_since));
	column_copy(s, 5, p->series.sha256, sizeof(p->series.sha256));
	p->series.samples = sqlite3_column_int64(s, 6);
	p->series.first_ms = column_instant(s, 7, 0);
	p->series.last_ms = column_instant(s, 8, 0);
	column_copy(s, 9, p->same, sizeof(p->same));
	column_copy(s, 10, p->rejected, sizeof(p->rejected));
	p->seq = sqlite3_column_int64(s, 11);
}

int
gate_part_load(struct db *db, const char *dataset, const char *part,
    struct gate_part *p)
{
	sqlite3_stmt *s = about(db, "SELECT state = 'held', verdict, "
	    "table_name, version, held_since, sha256, samples, first_at, "
	    "last_at, same_sha256, rejected, last_seq FROM main.gate_parts "
	    "WHERE dataset = ?1 AND part = ?2", dataset, part);
	int r;

	memset(p, 0, sizeof(*p));
	if (s == NULL)
		return -1;
	if ((r = db_step(db, s)) == 1)
		take_part(s, p);
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

int
gate_part_save(struct db *db, const char *dataset, const char *part,
    const struct gate_part *p, const struct gate_word *word)
{
	char first[CLOCK_TEXT] = "", last[CLOCK_TEXT] = "";
	sqlite3_stmt *s = about(db, "INSERT INTO main.gate_parts AS p "
	    "(dataset, part, state, verdict, table_name, version, "
	    "held_since, sha256, first_at, last_at, same_sha256, rejected, "
	    "reason, who, at, samples, last_seq) VALUES (?1, ?2, ?3, ?4, ?5, "
	    "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) "
	    "ON CONFLICT (dataset, part) DO UPDATE SET "
	    "state = excluded.state, verdict = excluded.verdict, "
	    "table_name = excluded.table_name, version = excluded.version, "
	    "held_since = excluded.held_since, sha256 = excluded.sha256, "
	    "first_at = excluded.first_at, last_at = excluded.last_at, "
	    "same_sha256 = excluded.same_sha256, "
	    "rejected = excluded.rejected, "
	    "reason = ifnull(excluded.reason, p.reason), "
	    "who = iif(excluded.reason IS NULL, p.who, excluded.who), "
	    "at = iif(excluded.reason IS NULL, p.at, excluded.at), "
	    "samples = excluded.samples, last_seq = excluded.last_seq",
	    dataset, part);
	const char *texts[] = { p->held ? "held" : "open",
	    gate_name(p->verdict), or_null(p->table), or_null(p->version),
	    or_null(p->held_since), or_null(p->series.sha256), NULL, NULL,
	    or_null(p->same), or_null(p->rejected),
	    word != NULL ? word->reason : NULL,
	    word != NULL ? word->who : NULL, word != NULL ? word->at : NULL };
	int i;

	if (s == NULL)
		return -1;
	if (p->series.samples > 0) {
		clock_format(p->series.first_ms, first);
		clock_format(p->series.last_ms, last);
		texts[6] = first;
		texts[7] = last;
	}
	for (i = 0; i < 13; i++)
		db_bind(s, i + 3, texts[i]);
	sqlite3_bind_int64(s, 16, p->series.samples);
	sqlite3_bind_int64(s, 17, p->seq);
	return finish(db, s);
}

/* --- tables ------------------------------------------------------------- */

/* One row stands for several answers: each of them is a count. */
static size_t
repeat(int64_t counts[], size_t n, size_t max, int64_t rows,
    int64_t answers)
{
	while (answers-- > 0 && n < max)
		counts[n++] = rows;
	return n;
}

static void
reverse(int64_t counts[], size_t n)
{
	size_t i;
	int64_t c;

	for (i = 0; i < n / 2; i++) {
		c = counts[i];
		counts[i] = counts[n - 1 - i];
		counts[n - 1 - i] = c;
	}
}

/* The newest accepted counts, max at most, the newest one first. */
static int
read_counts(struct db *db, const char *dataset, const char *table,
    int64_t counts[], size_t max, size_t *n, int64_t *at_ms)
{
	sqlite3_stmt *s = about(db, "SELECT \"rows\", answers, at "
	    "FROM main.gate_samples WHERE dataset = ?1 AND table_name = ?2 "
	    "AND accepted ORDER BY n DESC", dataset, table);
	int r = 0;

	*at_ms = 0;
	if (s == NULL)
		return -1;
	while ((*n < max || *at_ms == 0) && (r = db_step(db, s)) == 1) {
		if (*at_ms == 0)
			*at_ms = column_instant(s, 2, 0);
		*n = repeat(counts, *n, max, sqlite3_column_int64(s, 0),
		    sqlite3_column_int64(s, 1));
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

int
gate_baseline_now(struct db *db, const char *dataset,
    const struct decl_table *t, int64_t good, int64_t rows,
    int64_t *baseline, size_t *n, int64_t *at_ms)
{
	int64_t counts[GATE_MEDIAN_MAX];
	size_t max = (size_t)t->gate.median_of;

	*n = repeat(counts, 0, max, rows, good);
	if (read_counts(db, dataset, t->name, counts, max, n, at_ms) == -1)
		return -1;
	/* Nothing is on record: what is active is what is known. */
	if (*n == 0)
		*n = repeat(counts, 0, max, rows, 1);
	reverse(counts, *n);
	*baseline = gate_baseline(counts, *n);
	return 0;
}

/* The newest accepted ones stay, however many others came since. */
static int
forget_old(struct db *db, const char *dataset, const char *table)
{
	sqlite3_stmt *s = about(db, "DELETE FROM main.gate_samples "
	    "WHERE dataset = ?1 AND table_name = ?2 AND n IN "
	    "(SELECT n FROM (SELECT n, row_number() OVER "
	    "(PARTITION BY accepted ORDER BY n DESC) AS age "
	    "FROM main.gate_samples WHERE dataset = ?1 AND table_name = ?2) "
	    "WHERE age > ?3)", dataset, table);

	if (s != NULL)
		sqlite3_bind_int(s, 3, GATE_SAMPLES_KEPT);
	return finish(db, s);
}

int
gate_row_add(struct db *db, const char *dataset, const char *table,
    const struct gate_row *row)
{
	char at[CLOCK_TEXT];
	sqlite3_stmt *s = about(db, "INSERT INTO main.gate_samples (dataset, "
	    "table_name, n, at, verdict, seq, \"rows\", missing, added, "
	    "accepted, answers) SELECT ?1, ?2, ifnull(max(n), 0) + 1, ?3, "
	    "?4, nullif(?5, 0), ?6, ?7, ?8, ?9, ?10 FROM main.gate_samples "
	    "WHERE dataset = ?1 AND table_name = ?2", dataset, table);

	if (s == NULL)
		return -1;
	clock_format(row->at_ms, at);
	db_bind(s, 3, at);
	db_bind(s, 4, gate_name(row->verdict));
	sqlite3_bind_int64(s, 5, row->seq);
	sqlite3_bind_int64(s, 6, row->rows);
	sqlite3_bind_int64(s, 7, row->missing);
	sqlite3_bind_int64(s, 8, row->added);
	sqlite3_bind_int(s, 9, row->accepted);
	sqlite3_bind_int64(s, 10, row->answers);
	return finish(db, s) == -1 ? -1 : forget_old(db, dataset, table);
}

int
gate_counts_forget(struct db *db, const char *dataset, const char *table)
{
	return finish(db, about(db, "UPDATE main.gate_samples "
	    "SET accepted = 0 WHERE dataset = ?1 AND table_name = ?2 "
	    "AND accepted", dataset, table));
}

int
gate_keys_forget(struct db *db, const char *dataset, const char *table)
{
	return finish(db, about(db, "DELETE FROM main.gate_keys "
	    "WHERE dataset = ?1 AND table_name = ?2", dataset, table));
}
