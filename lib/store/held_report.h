/*
 * held_report.h -- what the gate holds, in reports.
 *
 *	DATA/report/SOURCE/DATASET/ready_report_VERSION.json and .md
 *
 * also for a version that was held whole: it is not ready, says why and
 * what would release it, and gets its row in version_reports, once.  In
 * the report of an active version, the parts of the dataset that are held
 * are a section.
 */
#ifndef HELD_REPORT_H
#define HELD_REPORT_H

#include "store/gate_tell.h"
#include "store/ready_report.h"

/* The parts of one dataset; all borrowed. */
struct held {
	struct db *db;			/* canonical, as main */
	const struct decl *d;
	const struct part *dataset;
	const char *label;		/* "2026/A" */
	struct gate_tell tell;
	int64_t now_ms;
};

/* The array "held", a gate record's members each.  0 or -1. */
int held_members(const struct held *h, struct jsonw *w);

/* A section "Held", or nothing.  0 or -1. */
int held_section(const struct held *h, struct buf *b);

/*
 * The newest version of the dataset that is held whole, "" if there is
 * none, or it has its report already.  0 or -1.
 */
int held_version(const struct held *h, char version[CANON_VERSION_BYTES]);

/*
 * Is there nothing to say of an active version?  HELD_ONLY: there is none,
 * but a part that is held; HELD_REPORTED: with missing, it has its report.
 */
enum held_rest {
	HELD_FAILED = -1,
	HELD_GO_ON,
	HELD_ONLY,
	HELD_REPORTED
};
enum held_rest held_rest(const struct held *h, int missing);

/* Append the report of that version.  0 or -1. */
int held_json(const struct held *h, const char *version, struct buf *b);
int held_markdown(const struct held *h, const char *version, struct buf *b);

#endif
