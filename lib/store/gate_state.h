/*
 * gate_state.h -- what the gate remembers, in the canonical database.
 *
 *	gate_parts    per dataset and part: open or held, why, since when,
 *	              the series of samples that are held, what a person said
 *	gate_samples  per gated table: its last samples, those that were
 *	              accepted and others
 *	gate_keys     per gated table of a held part: the keys of the first
 *	              sample of the series
 *
 * Every call works inside the transaction that its caller holds.  All
 * return 0, or -1 with the message in the database's.
 */
#ifndef GATE_STATE_H
#define GATE_STATE_H

#include "base/clock.h"
#include "decl/decl.h"
#include "store/db.h"
#include "store/gate.h"
#include "store/gate_series.h"

/* Bytes of a table's, part's or version's name that is kept, with '\0'. */
#define GATE_NAME_BYTES 128

/* Samples kept of each table: accepted ones, and others. */
#define GATE_SAMPLES_KEPT GATE_MEDIAN_MAX

/* A row of gate_parts; texts are "" where nothing is said. */
struct gate_part {
	int held;
	enum gate_verdict verdict;		/* the last one */
	char table[GATE_NAME_BYTES];		/* that it was given for */
	char version[GATE_NAME_BYTES];		/* that is held, or was */
	char held_since[CLOCK_TEXT];		/* its first sample */
	char same[DIGEST_TEXT];	/* other bytes of the active content */
	char rejected[GATE_REJECTED_BYTES];	/* gate_series.h */
	struct gate_series series;		/* what is held */
	int64_t seq;			/* of the last answer counted */
};

/* What a person said about a part; borrowed. */
struct gate_word {
	const char *reason, *who, *at;
};

/* Samples of a table that were judged at once. */
struct gate_row {
	int64_t at_ms, seq;		/* of the last of them; seq 0: none */
	int64_t rows, missing, added;
	enum gate_verdict verdict;
	int accepted;			/* they count for the baseline */
	int64_t answers;		/* how many */
};

/* The tables, for the schema of a canonical database. */
extern const char gate_state_ddl[];

/* A part that is not known is open. */
int gate_part_load(struct db *db, const char *dataset, const char *part,
    struct gate_part *p);

/* Save it; word may be NULL: what was said last stays. */
int gate_part_save(struct db *db, const char *dataset, const char *part,
    const struct gate_part *p, const struct gate_word *word);

/*
 * The baseline of a gated table: of the counts that were accepted, and of
 * good more samples since, which had rows rows each; *n is how many counts
 * it is made of, *at_ms when the last one on record was, or 0.
 */
int gate_baseline_now(struct db *db, const char *dataset,
    const struct decl_table *t, int64_t good, int64_t rows,
    int64_t *baseline, size_t *n, int64_t *at_ms);

/* Add samples, and forget those that are too old to count. */
int gate_row_add(struct db *db, const char *dataset, const char *table,
    const struct gate_row *row);

/* None of the counts so far says what is normal any more. */
int gate_counts_forget(struct db *db, const char *dataset,
    const char *table);

/* Forget the keys of a table's held series. */
int gate_keys_forget(struct db *db, const char *dataset, const char *table);

#endif
