/*
 * canon_gate.h -- the gate of one promotion, part by part.
 *
 * Internal to canon.  A gated table belongs to a part, and each part is
 * judged apart: what came of one does not stop what came of another.
 * canon_gate_judge() only reads; what it found is then kept in the
 * transaction that the rows are changed in, and nothing is written when
 * nothing was found.
 */
#ifndef CANON_GATE_H
#define CANON_GATE_H

#include "store/canon.h"
#include "store/gate_state.h"

struct canon_work;

/* What the gate says about one part that is staged. */
struct canon_gate {
	const struct decl_part *part;
	int staged;		/* it has a payload; else nothing follows */
	int had;		/* so has the active version */
	int changed;		/* it would change rows */
	int known;		/* nothing came that is not on record */
	int saved;		/* there is something to tell */
	const char *accept, *reject;	/* a person's reason, of this call */
	enum canon_gate_way {
		CANON_GATE_SAME,	/* nothing changes */
		CANON_GATE_OPEN,	/* it may pass */
		CANON_GATE_RECOVERED,	/* it was held, and may pass again */
		CANON_GATE_LASTED,	/* it would be held, but lasted */
		CANON_GATE_ACCEPTED,	/* it would be, but a person said yes */
		CANON_GATE_HELD
	} way;
	struct gate_part before, now;	/* its row of gate_parts */
	struct gate_walk walk;		/* the answers since */
	char active[DIGEST_TEXT], offered[DIGEST_TEXT];
	int64_t fetched_ms;		/* of what is offered */
	int64_t records;		/* that it has */
	int64_t good_ms;		/* of the last good sample */
	size_t table;			/* that decided, if any was gated */
};

/* What it says about one gated table of such a part. */
struct canon_gated {
	struct gate_sample sample;
	enum gate_limits limits;	/* that it was judged by */
	enum gate_verdict verdict;
	enum gate_verdict young;	/* by those of a young baseline */
};

/* Is the content that is held the one that was held before? */
int canon_gate_again(const struct canon_gate *g);

/*
 * Judge every part of the staging that the counts of w->c were taken from,
 * into its gates and gated.  0 or -1.
 */
int canon_gate_judge(struct canon_work *w);

/*
 * Keep what was found, as w->r->outcome asks for, while staging is what
 * was judged; then tell it as events of w->ref.  0 or -1.
 */
int canon_gate_save(struct canon_work *w);
int canon_gate_tell(struct canon_work *w);

/*
 * Hold a part of a dataset by a person's word: its content of this digest
 * will not pass but by another word, nor will what was rejected before; a
 * changed payload is judged against what is active then, which version
 * names and which is of the digest wanted, or NULL.  Within the caller's
 * transaction.  0 or -1.
 */
int canon_gate_hold(struct db *db, const struct decl *d, const char *label,
    const char *part, const char *version, const char *sha256,
    const char *wanted, const struct gate_word *word);

/* --- between the files of this module ----------------------------------- */

/* A key as one text; of the row t, as canon_table.h says. */
#define CANON_GATE_KEY "json_array({key})"

/* Does a declared table take its rows from this part? */
int canon_gate_is_of(const struct canon_gate *g, const struct decl_table *t);

/*
 * Run a template of canon_table.h for table t; ?9 is the dataset, ?10 the
 * table's name.  Returns the integer that it gives, 0 for none, or -1.
 */
int64_t canon_gate_sql(struct canon_work *w, size_t t, const char *text);

#endif
