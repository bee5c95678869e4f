/*
 * snapshot.h -- [snapshot] of a declaration: what readers are given.
 *
 *	[snapshot]
 *	files = ["fast", "detail"]    FILE.sqlite each; routes read the first
 *	folder = "snapshots"          below DATA, where they are
 *	take = "ready"                versions: "ready", or all "promoted"
 *	copy = "detail"               every canonical table goes there
 *	keep = 3                      snapshots, besides those linked
 *	keep_days = 14                and those that are younger
 *	stale_after_minutes = 1440    readers are told so; 0: never
 *	changes = { file = "detail", versions = 20, rows = 100000 }
 *
 *	[snapshot.values.NAME]        a small table of constants
 *	file, columns, rows
 *
 *	[snapshot.table.NAME]         a table of one of the files
 *	file, columns or fts5, sql, count, indexes
 *
 *	[snapshot.sample.NAME]        look-ups that must agree
 *	draw, want, got, n
 *
 * See sluice-snapshot(5).  What reads the files is [route], decl/route.h.
 */
#ifndef DECL_SNAPSHOT_H
#define DECL_SNAPSHOT_H

#include "decl/decl.h"

/* Files of one snapshot; SQLite attaches at most ten. */
#define SNAPSHOT_FILES_MAX 4

struct decl_values {		/* a table of constants, all text */
	const char *name;
	const char *file;	/* also kept there, or NULL */
	size_t n_columns, n_rows;
	const char **columns;
	const char **cells;	/* row by row */
};

struct decl_snapshot_table {
	const char *name, *file;
	const char *columns;	/* SQL definitions; NULL for fts5 */
	const char *fts5;	/* what stands in fts5(...), or NULL */
	const char *sql;	/* a SELECT; its columns are named alike */
	const char *count;	/* gives how many rows there must be, or NULL */
	size_t n_indexes;
	const struct decl_index *indexes;	/* columns: what follows ON t */
};

struct decl_lookup {
	const char *name;
	const char *draw;	/* canonical: what could be looked up */
	const char *want;	/* canonical, with the :columns of draw */
	const char *got;	/* the snapshot, likewise: the same rows */
	int64_t n;		/* drawn, at most */
};

struct decl_snapshot {
	size_t n_files;		/* 0: nothing is declared */
	const char **files;
	const char *folder;	/* "snapshots" if not said */
	int take_promoted;	/* whatever their reports say */
	const char *copy;	/* file that gets the canonical tables, or NULL */
	const char *changes;	/* file that gets what changed, or NULL */
	int64_t change_versions, change_rows;	/* of each dataset */
	int64_t keep;			/* 1 or more */
	int64_t keep_days;		/* 0 or more */
	int64_t stale_after_minutes;	/* 0: never */
	size_t n_values, n_tables, n_lookups;
	struct decl_values *values;	/* in d's arena, as the rest */
	struct decl_snapshot_table *tables;
	struct decl_lookup *lookups;
};

/*
 * Read the section of d, which keeps the memory; without one all of *out
 * is 0.  Returns 0; or -1 with errno EINVAL and in why one line
 * as decl_load()'s.
 */
int decl_snapshot_read(struct decl *d, struct decl_snapshot *out,
    struct buf *why);

#endif
