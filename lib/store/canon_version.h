/*
 * canon_version.h -- what a canonical database says about its versions.
 *
 * dataset_versions, their inputs, tables, findings and events, and the
 * gate's counts.  Every function works inside the transaction that its
 * caller holds, so that this never disagrees with the rows.  All return 0,
 * or -1 with the message in the database's.
 */
#ifndef CANON_VERSION_H
#define CANON_VERSION_H

#include "base/digest.h"
#include "decl/decl.h"
#include "store/diff.h"

/* Bytes of a version id (a run's, ".002" behind it) with its '\0'. */
#define CANON_VERSION_BYTES 128

#define VERSION_SQL_MAX 24	/* statements kept */

struct canon_version {
	struct db *db;			/* borrowed */
	const struct decl *d;		/* borrowed */
	char *schema;			/* owned; of staging, or NULL */
	sqlite3_stmt *s[VERSION_SQL_MAX];	/* owned */
};

/* Which version, made when and on whose behalf; all borrowed. */
struct version_ref {
	const struct part *dataset;
	const char *label;		/* "2026/A" */
	const char *version;
	const char *run;		/* that promotes */
	const char *staged;		/* the run that staged */
	const char *now;
};

/* The active version of a dataset; "" when there is none. */
struct version_active {
	char version[CANON_VERSION_BYTES];
	char run[CANON_VERSION_BYTES];		/* that promoted it */
	char verified[CANON_VERSION_BYTES];	/* the newest that agreed */
	char staged[CANON_VERSION_BYTES];	/* what that was staged by */
	char map[DIGEST_TEXT];
};

void canon_version_init(struct canon_version *v, struct db *db,
    const struct decl *d);
void canon_version_release(struct canon_version *v);
int canon_version_stage(struct canon_version *v, const char *schema);
void canon_version_reset(struct canon_version *v);

int version_active(struct canon_version *v, const char *label,
    struct version_active *a);

/*
 * The id that the next version of r->run gets: the run's, or RUN.002,
 * RUN.003, … when it made some already.  After 999 of them -1 with EINVAL.
 */
int version_next(struct canon_version *v, const struct version_ref *r,
    char id[CANON_VERSION_BYTES]);

/*
 * The id that the next version gets where runs take turns: the run's, or
 * if the dataset has that or a later one, the next after its last.
 * Likewise.
 */
int version_after(struct canon_version *v, const struct version_ref *r,
    char id[CANON_VERSION_BYTES]);

/*
 * The newest version of this status, "held" or "staged", that was made of
 * the very payloads that are staged: they are offered again.  "" for none.
 */
int version_offered(struct canon_version *v, const struct version_ref *r,
    const char *status, char id[CANON_VERSION_BYTES]);

/* The run of a version, "" if it is not known. */
int version_run(struct canon_version *v, const struct version_ref *r,
    char run[CANON_VERSION_BYTES]);

/*
 * Write the version down as staged on top of parent ("" for none), with
 * its inputs and findings.
 */
int version_note(struct canon_version *v, const struct version_ref *r,
    const char *parent);

/* The same with the event "ingest". */
int version_stage(struct canon_version *v, const struct version_ref *r,
    const char *parent);

/* The counts of one table, and what was or would be changed in it. */
int version_table(struct canon_version *v, const struct version_ref *r,
    const char *table, const struct diff_count *count);

/* Did it change rows of this table?  1, 0, or -1. */
int version_changed(struct canon_version *v, const struct version_ref *r,
    const char *table);

/* What it changed: rows added up, and in how many tables. */
int version_sums(struct canon_version *v, const struct version_ref *r,
    struct diff_count *sum, int64_t *tables);

/* It was not promoted; status "held" or "staged". */
int version_set_status(struct canon_version *v, const struct version_ref *r,
    const char *status);

/* It is the active one now, the next in seq; the one before is archived. */
int version_activate(struct canon_version *v, const struct version_ref *r);

/* The active version was found to be what the sources say. */
int version_verify(struct canon_version *v, const struct version_ref *r);

/* Staged and held versions of the dataset wait no more. */
int version_settle(struct canon_version *v, const struct version_ref *r);

/* Add an event; payload is a JSON object. */
int version_event(struct canon_version *v, const struct version_ref *r,
    const char *event, const char *payload);

/* A value of staging's staging_meta into out, "" if absent. */
int version_stage_meta(struct canon_version *v, const char *name, char *out,
    size_t size);

/* Is there a staged input of this part?  1, 0, or -1. */
int version_has_input(struct canon_version *v, const char *part);

/* Was the version made of this part, too?  1, 0, or -1. */
int version_had_input(struct canon_version *v, const struct version_ref *r,
    const char *part);

/* The rows that staging says the table has, or -1. */
int version_stage_rows(struct canon_version *v, const char *table,
    int64_t *rows);

/* Decoded bytes of all staged inputs. */
int version_stage_bytes(struct canon_version *v, int64_t *bytes);

#endif
