/*
 * retention.h -- [retention] of a declaration: how much of the past stays.
 *
 *	[retention]
 *	archived_days = 30	versions that are active no more
 *	raw_latest = 10		sealed partitions, of each partition's key
 *	attempts = 100		answers in the ledger, of each of them
 *	runs = 100		runs: logs, quarantine, rows of the ledger
 *	log_days = 30		logs of runs that began since then
 *
 * These are the least that stays; what something else still rests on stays
 * besides.  Where nothing is said, nothing of that kind is ever removed.
 */
#ifndef DECL_RETENTION_H
#define DECL_RETENTION_H

#include "decl/decl.h"

/* The gate looks back over so many answers; sluice-pipeline(5). */
#define RETENTION_ATTEMPTS_MIN 16

struct decl_retention {		/* -1: not said */
	int64_t archived_days;	/* 0 or more, since something replaced it */
	int64_t raw_latest;	/* 1 or more */
	int64_t attempts;	/* RETENTION_ATTEMPTS_MIN or more */
	int64_t runs;		/* 1 or more */
	int64_t log_days;	/* 0 or more, since the run began */
};

/*
 * Read the section of d.  Returns 0; or -1 with errno EINVAL and in why
 * one line as decl_load()'s.
 */
int decl_retention_read(struct decl *d, struct decl_retention *out,
    struct buf *why);

/*
 * How many small things (answers, runs) that could go may be there besides
 * the keep ones: removing them is no work for every refresh.
 */
int64_t decl_retention_play(int64_t keep);

#endif
