/*
 * gate.h -- [gate] of a declaration: what the gate lets pass.
 *
 *	[gate]                       all of it may be left out
 *	young_minutes = 60
 *	missing = { young = 0.10, old = 0.50, recovered = 0.05 }
 *	growth  = { young = 0.50, old = 2.0,  recovered = 0.25 }
 *	least_rows = 25
 *	median_of = 16
 *	lasting = { samples = 3, seconds = 300, difference = 0.01 }
 *
 *	[gate.table.NAME]            NAME is gated, by these rules where
 *	empty_first = true           they say something of their own
 *
 * What the rules mean is said in store/gate.h.
 */
#ifndef DECL_GATE_H
#define DECL_GATE_H

#include <stdint.h>

/* Rows as parts of the baseline, for three situations. */
struct decl_gate_limits {
	double young;		/* the baseline is younger than young_ms */
	double old;		/* it is as old or older */
	double recovered;	/* what is held may pass again */
};

struct decl_gate {
	int64_t young_ms;
	struct decl_gate_limits missing, growth;
	int64_t least_rows;	/* no limit is smaller; at least 1 */
	int64_t median_of;	/* accepted counts, 1 to GATE_MEDIAN_MAX */
	int64_t lasting_samples, lasting_ms;
	double lasting_difference;	/* of the larger set of keys, 0 to 1 */
	int empty_first;	/* a first answer may be empty */
};

/* As many counts of a table are kept, at most. */
#define GATE_MEDIAN_MAX 100

struct decl;
struct reader;

/*
 * Read [gate] of d->root into d's tables, which are known already.
 * Returns 0, or -1 after saying why.  Internal to lib/decl.
 */
int gate_read(const struct reader *r, struct decl *d);

#endif
