/*
 * canon.h -- the only writer of canonical data.
 *
 * DATA/SOURCE.sqlite holds, for each declared table, the rows of each
 * dataset's active version, and in TABLE_history the rows they replaced.
 * canon_promote() makes what a staging schema holds the active version of
 * one dataset: rows, history, version, gate and events in one transaction.
 * The same call serves a dataset of 80,000 rows and one of a single row.
 *
 * A version's id is the run that promotes it; when that run promotes the
 * dataset again, because it was continued or a person let something pass,
 * the next id is RUN.002.  Ids sort as they were made.  What was promoted
 * is never changed afterwards.  A run that was overtaken, or whose staging
 * was, changes nothing.
 */
#ifndef CANON_H
#define CANON_H

#include "base/exits.h"
#include "store/canon_rows.h"
#include "store/canon_version.h"
#include "store/change.h"
#include "store/gate_hold.h"

enum canon_mode {
	CANON_READ,		/* the file must exist; nothing is written */
	CANON_WRITE,		/* created if missing */
	CANON_CHANGE,		/* written, but the file must exist */
	CANON_MEMORY		/* an empty one for a preview, no file */
};

struct canon {
	struct db db;
	const struct decl *d;		/* borrowed */
	struct canon_rows rows;
	struct canon_version versions;
	/* Of the last call; owned. */
	struct diff_count *counts;	/* per table */
	struct canon_gated *gated;	/* per table; canon_gate.h */
	struct canon_gate *gates;	/* per part */
	struct gate_hold *holds;	/* of those that are held */
	int mixed;			/* canon_attach_mix() was called */
};

enum canon_outcome {
	CANON_PROMOTED,		/* it is the active version now */
	CANON_UNCHANGED,	/* it equals the active version */
	CANON_REPEATED,		/* it is the active version already */
	CANON_WAITING,		/* a part that it needs is not valid */
	CANON_HELD,		/* the gate held it; a person may let it pass */
	CANON_MIX,		/* nothing was done: parts of it are held, and
				 * the others need canon_mix.h first */
	CANON_FENCED		/* a newer run was here before */
};

struct canon_options {
	const char *run;	/* on whose behalf; not older than staging */
	const char *now;	/* RFC 3339 */
	const char *accept;	/* the reason to pass the gate, or NULL */
	const char *reject;	/* the reason not to, whatever comes, or NULL */
	const char *who;	/* the person who gives it, or NULL */
	const char *part;	/* that the reason is about; NULL: all */
	struct db *ledger;	/* whose answers are samples, or NULL: what is
				 * staged is one */
};

struct canon_result {
	enum canon_outcome outcome;
	char version[CANON_VERSION_BYTES];	/* made, offered or active */
	char staged[CANON_VERSION_BYTES];	/* the run that staged */
	char active[CANON_VERSION_BYTES];	/* before; "" for none */
	char newer[CANON_VERSION_BYTES];	/* CANON_FENCED: what is */
	int64_t inserted, updated, deleted;	/* rows, made or not */
	int64_t tables;				/* with any of them */
	int64_t rows;				/* staged */
	int64_t bytes;				/* decoded, of all inputs */
	int64_t ms;
	const char *missing_part;		/* CANON_WAITING */
	int heard;				/* a person's word was about
						 * something */
	size_t held;				/* parts, also if the others
						 * were promoted */
	struct gate_hold hold;			/* the first of them, or the
						 * one that was accepted */
	const struct gate_hold *more;		/* the others that are held;
						 * the canon's */
};

/*
 * Open the canonical database of declaration d (borrowed) below the folder
 * data, waiting up to wait_ms whenever others have it locked (db.h).
 * Returns 0, or -1 with errno ENOENT (no such file), EPROTO (made by
 * another declaration) or another; canon_message() says it, and c still
 * needs canon_close().
 */
int canon_open(struct canon *c, const char *data, const struct decl *d,
    enum canon_mode mode, int64_t wait_ms);
void canon_close(struct canon *c);

/* The same for a file of any name. */
int canon_open_file(struct canon *c, const char *path, const struct decl *d,
    enum canon_mode mode, int64_t wait_ms);

/* What went wrong last, and the status to exit with. */
const char *canon_message(const struct canon *c);
enum exits canon_status(const struct canon *c);

/* Attach the staging database path as "stage", to be promoted from.  0 or
 * -1. */
int canon_attach(struct canon *c, const char *path);

/*
 * Attach another staging database of the same dataset as "mix": what is
 * offered is judged, and something else applied.  canon_stage() chooses,
 * also within a transaction.  0 or -1.
 */
int canon_attach_mix(struct canon *c, const char *path);

/*
 * Read staging from the schema of this name from now on: "stage", "mix",
 * "temp".  Costs preparing the statements again if it is another.  0 or
 * -1.
 */
int canon_stage(struct canon *c, const char *schema);

/* Let what was attached go, for others of the same names.  0 or -1. */
int canon_detach(struct canon *c);

/*
 * Promote what is staged of dataset.  Returns 0 with r set, whatever the
 * outcome; or -1: nothing was changed.
 */
int canon_promote(struct canon *c, const struct part *dataset,
    const struct canon_options *o, struct canon_result *r);

/*
 * Make what is staged the active version again that it once was, with the
 * id it had: nothing is asked, and no event is written.  Within the
 * caller's transaction.  0 or -1.
 */
int canon_restore(struct canon *c, const struct part *dataset,
    const struct canon_options *o, const char *version,
    struct canon_result *r);

/*
 * Judge as canon_promote() would, write nothing, and hand each change that
 * it would make to fn, table by table, in key order.  0 or -1.
 */
int canon_preview(struct canon *c, const struct part *dataset,
    const struct canon_options *o, struct canon_result *r, change_fn fn,
    void *arg);

/*
 * Hand each change to fn that what is staged would still make, as one of
 * version: after canon_promote() held a part of it, what was kept back.
 * 0 or -1.
 */
int canon_kept(struct canon *c, const struct part *dataset,
    const struct canon_options *o, const char *version, change_fn fn,
    void *arg);

/*
 * Hand each change that version made to fn, in the same order; also long
 * after, since the history knows.  0 or -1.
 */
int canon_changes(struct canon *c, const struct part *dataset,
    const char *version, change_fn fn, void *arg);

#endif
