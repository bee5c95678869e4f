/*
 * snapshot_build.h -- make the snapshot of the present versions.
 *
 * In the folder ROOT/.building, which gets its name, the id, when all is
 * filled, checked, read-only and on disk: there is no half snapshot, and
 * one that is there is never touched.
 */
#ifndef SNAPSHOT_BUILD_H
#define SNAPSHOT_BUILD_H

#include "store/snapshot_check.h"

struct snapshot_build {
	const char *data, *root;	/* all borrowed */
	const struct decl *d;
	const struct decl_snapshot *s;
	const struct decl_routes *routes;
	char *const *only;	/* labels of datasets; empty: all */
	int unchecked;		/* leave validation out */
};

struct snapshot_built {
	char id[SNAPSHOT_ID_BYTES];
	int there;		/* it was there already */
	int partial;
	size_t datasets;	/* with a version for readers */
	size_t withheld;	/* of which the newest version is not that */
	int64_t rows, bytes;	/* of all tables, of all files; 0 if there */
	int64_t ms;
};

/*
 * Make it.  The caller holds the root (snapshot_lock()).  Returns 0; or -1
 * with e set: EXIT_DATA when validation failed, EXIT_NOINPUT when there is
 * no version for readers, EXIT_USAGE when declared SQL is wrong.
 */
int snapshot_build(const struct snapshot_build *b, struct snapshot_built *r,
    struct snapshot_error *e);

/*
 * The id of what snapshot_build() would make, without making it.  0 or -1.
 */
int snapshot_build_id(const struct snapshot_build *b,
    char id[SNAPSHOT_ID_BYTES], struct snapshot_error *e);

#endif
