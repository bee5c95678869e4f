/*
 * snapshot_meta.h -- write metadata.json; sluice-snapshot(5).
 */
#ifndef SNAPSHOT_META_H
#define SNAPSHOT_META_H

#include "store/snapshot_check.h"

/* What the files are, added up. */
struct snapshot_size {
	int64_t rows, bytes;
};

/* The hash of a file and its size.  0, or -1 with errno. */
int snapshot_file_sha256(const char *path, char hex[DIGEST_TEXT],
    int64_t *bytes);

/*
 * Make the files of f read-only, put them on disk, and write the metadata
 * beside them; n is NULL when they were not checked.  0 or -1 with e.
 */
int snapshot_meta_write(const struct snapshot_fill *f,
    const struct snapshot_checks *n, struct snapshot_size *size);

#endif
