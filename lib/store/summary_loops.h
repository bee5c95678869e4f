/*
 * summary_loops.h -- what job loops did in a run, told from its log.
 *
 * Internal to summary.c.  The events are those of record/runlog.h; the
 * last word about an item at a step counts.
 */
#ifndef SUMMARY_LOOPS_H
#define SUMMARY_LOOPS_H

/* Tables and views beside those of summary.c: loop_totals (one row; trouble
 * is 1 if something failed or stopped), loop_json (one row, or none). */
extern const char summary_loops_ddl[];

/* A section of the text: left out if it has no rows; the last has no
 * title. */
struct summary_section {
	const char *title, *sql;
};
extern const struct summary_section summary_loops[];

#endif
