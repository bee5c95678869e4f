/*
 * ready.h -- [ready] and [report] of a declaration: what a report needs.
 *
 *	[ready]
 *	sample_size = 20              elements of each sampled part
 *	stale_after_minutes = 1440    a warning from then on; 0: never
 *
 *	[ready.sample.NAME]           elements of a part against the tables
 *	part, text, sql
 *
 *	[report.NAME]                 a table of the report
 *	title, sql
 *	bar = ["open", "sections"]    on the page, the one of the other
 *	page_only = true              too long for the text
 *
 * The checks themselves are decl.checks.  Which tables their SQL may use is
 * said in store/ready.h.
 */
#ifndef DECL_READY_H
#define DECL_READY_H

#include "decl/decl.h"

/* The least and the most elements a sample may have. */
#define READY_SAMPLE_MIN 10
#define READY_SAMPLE_MAX 1000

struct decl_sample {
	const char *name, *part, *text, *sql;
};

struct decl_report {
	const char *name, *title, *sql;
	const char *bar, *of;	/* columns, or NULL */
	int page_only;
};

struct decl_ready {
	int64_t sample_size;		/* 20 if not said */
	int64_t stale_after_minutes;	/* 0 if not said */
	size_t n_samples, n_reports;
	struct decl_sample *samples;	/* in d's arena, as the rest */
	struct decl_report *reports;
};

/*
 * Read the sections of d, which keeps the memory.  Returns 0; or -1 with
 * errno EINVAL and in why one line as decl_load()'s.
 */
int decl_ready_read(struct decl *d, struct decl_ready *out,
    struct buf *why);

#endif
