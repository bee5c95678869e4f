/*
 * stage.h -- from sealed partitions to a staging database.
 *
 * What counts is what the ledger calls valid at the moment it is asked;
 * the ledger is not held open while payloads are read.  Or it is what a
 * version, or another staging database, was made of, each part by itself:
 * so a version can be made again, and another of parts of two.  A part
 * without an input is left out: its tables are empty, and staging_inputs
 * lacks it.
 */
#ifndef STAGE_H
#define STAGE_H

#include "store/load.h"

struct stage_input {
	int present;
	struct staging_input in;	/* if present; in the arena */
};

struct stage {
	const struct decl *decl;	/* borrowed */
	const char *data;		/* borrowed: DATA */
	struct part dataset;
	struct stage_input *inputs;	/* [n_parts], in the arena, or NULL */
	struct arena arena;
	int64_t bytes;			/* decoded, of all payloads */
	struct buf message;		/* why inputs or writing failed */
};

void stage_init(struct stage *st, const struct decl *d, const char *data,
    const struct part *dataset);
void stage_release(struct stage *st);

/*
 * Ask the ledger what is authoritative for each part.  Returns EXIT_OK;
 * EXIT_NOINPUT when it is for none, or there is no ledger; or what else
 * st->message says.
 */
enum exits stage_inputs(struct stage *st);

/*
 * Make the input of part number i the one that a version of the dataset,
 * known to the canonical database db, was made of; or that of the staging
 * database which is attached to db as schema.  Parts that were not asked
 * for have no input.  Returns 1, 0 when it has none of this part (then the
 * part has no input), or -1 with db_message() of db.
 */
int stage_input_of_version(struct stage *st, struct db *db,
    const char *version, size_t i);
int stage_input_of_staging(struct stage *st, struct db *db,
    const char *schema, size_t i);

/*
 * The same from the first row of a query whose ?1 is the part's name and
 * whose columns are STAGE_INPUT_COLUMNS; s, which may be NULL (failed), is
 * finalised.
 */
#define STAGE_INPUT_COLUMNS "run, snapshot, sha256, schema_version," \
	" fetched_at, path, size_bytes, record_count"
int stage_input_of_query(struct stage *st, struct db *db, sqlite3_stmt *s,
    size_t i);

/*
 * Load every payload into s, an open staging database of the dataset, and
 * note it as an input.  A payload that is not there any more, that has
 * other bytes than were sealed, or another schema version than the
 * declaration, fails with 66 or 65.  Returns 0, or -1 as staging.h says.
 */
int stage_load(struct stage *st, struct staging *s);

/*
 * All of it: make the staging database path of the inputs, complete and
 * under its name, on behalf of run.  Returns EXIT_OK, or the status to
 * exit with, and st->message.
 */
enum exits stage_write(struct stage *st, const char *path, const char *run,
    const char *now);

/*
 * DATA/staging/SOURCE/2026/.A.WHAT.sqlite: a second staging database of
 * the dataset, which is nobody else's.  0, or -1 as buf_add().
 */
int stage_path(struct buf *b, const struct stage *st, const char *what);

#endif
