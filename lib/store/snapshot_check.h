/*
 * snapshot_check.h -- is a snapshot what it should be?
 *
 * Counts and look-ups are compared with the canonical tables while those
 * stand still; integrity, indexes and the statements of every route are
 * looked at in the finished files.  Nothing wrong is passed over: the first
 * thing that is makes the call fail.
 */
#ifndef SNAPSHOT_CHECK_H
#define SNAPSHOT_CHECK_H

#include "decl/route.h"
#include "store/snapshot_fill.h"

/* How many of each kind there were. */
struct snapshot_checks {
	int64_t counts, lookups, indexes, files, routes;
};

/*
 * Counts and look-ups, in the transaction that filled the tables.  0, or -1
 * with e: EXIT_DATA when something is wrong, EXIT_USAGE when declared SQL
 * is.
 */
int snapshot_check_rows(const struct snapshot_fill *f,
    struct snapshot_checks *n);

/* Integrity and indexes of the finished files.  Likewise. */
int snapshot_check_files(const struct snapshot_fill *f,
    struct snapshot_checks *n);

/* Every statement of every route, once there is metadata.  Likewise. */
int snapshot_check_routes(const struct snapshot_fill *f,
    const struct decl_routes *routes, struct snapshot_checks *n);

#endif
