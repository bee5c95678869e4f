/*
 * canon_version_sql.h -- the statements of canon_version.c.
 *
 * Internal to it.  Prepared when first asked for, and kept until the
 * staging schema changes.
 */
#ifndef CANON_VERSION_SQL_H
#define CANON_VERSION_SQL_H

#include "store/canon_version.h"

/* Parameters after the dataset's key; the last ones as comments say. */
enum param {
	PARAM_VERSION = LIMIT_PART_MEMBERS + 1,	/* ?9 */
	PARAM_LABEL,				/* ?10, "2026/A" */
	PARAM_NOW,				/* ?11 */
	PARAM_A,				/* ?12 … */
	PARAM_B,
	PARAM_C,
	PARAM_D,
	PARAM_E
};

enum version_sql {
	SQL_ACTIVE,
	SQL_RUN_OF,
	SQL_LAST_OF_RUN,
	SQL_LAST,
	SQL_OFFERED,
	SQL_CREATE,
	SQL_INPUTS,
	SQL_FINDINGS,
	SQL_TABLE,
	SQL_CHANGED,
	SQL_SUMS,
	SQL_SET_STATUS,
	SQL_ARCHIVE,
	SQL_ACTIVATE,
	SQL_VERIFY,
	SQL_SETTLE,
	SQL_EVENT,
	SQL_META,
	SQL_HAS_INPUT,
	SQL_HAD_INPUT,
	SQL_STAGE_ROWS,
	SQL_STAGE_BYTES,
	SQL_INGEST,
	SQL_COUNT
};

/* The statement, or NULL: preparing failed. */
sqlite3_stmt *version_sql(struct canon_version *v, enum version_sql which);

/* The same with what every statement has; r outlives the step. */
sqlite3_stmt *version_sql_bound(struct canon_version *v,
    enum version_sql which, const struct version_ref *r);

/* Run it, with nothing else bound.  0 or -1. */
int version_sql_run(struct canon_version *v, enum version_sql which,
    const struct version_ref *r);

#endif
