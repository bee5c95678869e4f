/*
 * ready.h -- may readers use the active version of a dataset, or what there
 * is of a source as a whole?
 *
 * One read-only connection: the canonical database is main, the ledger is
 * attached as ledger.  Its temporary tables are what declared SQL builds on
 * and where the results wait for the report:
 *
 *	ready          one row: the dataset's key columns, source, dataset,
 *	               version, parent, run, made_at, seed
 *	ready_input    per part: part, run, snapshot, sha256, path,
 *	               size_bytes, record_count, carried, confirmed_at (the
 *	               latest answer with this content)
 *	ready_table    per declared table: table_name, "rows" (counted now),
 *	               valid_from (the newest)
 *	ready_sample   elements drawn at random from the payloads that the
 *	               version was made from: sample, n (from 0), element
 *	ready_result   per check: name, severity, text, n (rows it found)
 *	ready_example  the first of them: name, row_key, detail
 *	ready_version  created_at, promoted_at, last_verified_at
 *	ready_change   per table what the version changed: table_name,
 *	               payload_rows, quarantined, inserted, updated, deleted
 *	ready_finding  what staging found: code, severity, table_name,
 *	               column_name, n, row_key, detail
 *
 * Of a whole source, version is the one promoted last, what changed is of
 * all versions of its run, and dataset and parent are NULL; there are no
 * inputs.
 *
 * A check is a SELECT that finds what is wrong: row_key and detail; a
 * sample's finds row_key, field, expected and actual.  No row: passed.  A
 * query that fails on the data it meets has found something.
 */
#ifndef READY_H
#define READY_H

#include "decl/ready.h"
#include "store/canon.h"

/* What failed: name, text, and an example or "". */
#define READY_FAILED_SQL						\
	"SELECT name, text, ifnull((SELECT row_key || ': ' || detail "	\
	"FROM ready_example e WHERE e.name = r.name LIMIT 1), '') "	\
	"FROM ready_result r WHERE severity = 'error' AND n > 0"

struct ready_options {
	const char *data;		/* all borrowed */
	const struct part *dataset;	/* without members: all of them */
	const char *label;		/* "2026/A", or "" */
	const char *run;		/* on whose behalf */
	const char *now;		/* RFC 3339 */
	int64_t seed;
	int64_t sample_size;
};

struct ready {
	struct canon canon;
	const struct decl *d;			/* borrowed */
	const struct decl_ready *rules;		/* borrowed */
	const struct ready_options *o;		/* borrowed */
	char version[CANON_VERSION_BYTES];	/* the active one */
	struct buf message;	/* what went wrong, if not the database */
	enum exits status;	/* and what it asks for */
};

/*
 * Open the databases and find the active version.  Returns 0; or -1, with
 * ready_message() and ready_status(), which is EXIT_NOINPUT without an
 * active version.  r needs ready_close() in either case.
 */
int ready_open(struct ready *r, const struct decl *d,
    const struct decl_ready *rules, const struct ready_options *o);
void ready_close(struct ready *r);

/* Is it about the source as a whole? */
int ready_is_whole(const struct ready *r);

const char *ready_message(const struct ready *r);
enum exits ready_status(const struct ready *r);

/*
 * Draw the samples and run every check, the latter on one state of the
 * database, which stays for the report until ready_end(): writers wait.
 * 0 or -1: EXIT_USAGE when declared SQL is wrong, EXIT_TEMP when another
 * version was promoted meanwhile.
 */
int ready_check(struct ready *r);
int ready_end(struct ready *r);

/* Prepare declared SQL, which must only read; NULL on failure. */
sqlite3_stmt *ready_query(struct ready *r, const char *sql);

/*
 * Declared SQL failed: if it is wrong, say where it stands.  Returns -1.
 */
int ready_declared_failed(struct ready *r, const char *section,
    const char *name);

/* How many checks of a severity ("error", "warning") found something. */
int64_t ready_count(struct ready *r, const char *severity);

#endif
