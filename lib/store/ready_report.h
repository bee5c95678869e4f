/*
 * ready_report.h -- the report that ready.h's checks make.
 *
 *	DATA/report/SOURCE/DATASET/ready_report_VERSION.json
 *	                           ready_report_VERSION.md
 *	                           ready_report_VERSION.html, ready_page.h
 *
 * (without DATASET for a whole source)
 * and a row of the table version_reports, which this module owns.  A
 * version that is reported again gets another row, and the newest counts;
 * its files are replaced.
 */
#ifndef READY_REPORT_H
#define READY_REPORT_H

#include "store/ready.h"

/* The judgement of a version. */
struct ready_verdict {
	int ready;		/* no check of severity "error" found a row */
	int64_t passed, failures;	/* checks */
	int64_t warnings;	/* checks, and findings of staging */
	const char *accepted;	/* why a person takes it anyway, or NULL */
};

/*
 * Does the newest report of the whole source say that it is ready, or was
 * it accepted, and was nothing promoted since?  0 also on failure.
 */
int ready_standing(struct ready *r);

/* What the results amount to.  0 or -1. */
int ready_judge(struct ready *r, struct ready_verdict *v);

/* Append the report.  0 or -1 with errno. */
int ready_json(struct ready *r, const struct ready_verdict *v,
    struct buf *b);
int ready_markdown(struct ready *r, const struct ready_verdict *v,
    struct buf *b);

/*
 * What both forms for people say: paragraphs, one a row, and tables with
 * their titles, the last one NULL.
 */
struct ready_section {
	const char *title, *sql;
};
const char *ready_paragraphs(void);
const struct ready_section *ready_sections(void);

/* Append "report/SOURCE/DATASET/ready_report_VERSION".  0 or -1. */
int ready_name(const struct ready *r, struct buf *b);

/*
 * Write the row, in a transaction of its own on a connection of its own.
 * Returns 0; or -1 with what went wrong in db, which needs db_close() in
 * either case.
 */
int ready_record(struct db *db, const struct ready *r,
    const struct ready_verdict *v);

#endif
