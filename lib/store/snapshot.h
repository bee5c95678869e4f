/*
 * snapshot.h -- where snapshots are, and what one says of itself.
 *
 *	ROOT/ID/FILE.sqlite, ROOT/ID/metadata.json
 *	ROOT/current -> ID, ROOT/previous -> ID, ROOT/verified.json
 *
 * See sluice-snapshot(5).  Folders under way have names that begin with a
 * dot, so no id does.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <yyjson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/exits.h"
#include "base/lock.h"
#include "decl/snapshot.h"
#include "store/canon_version.h"

/* Bytes of an id: a version's, a hyphen and 12 digits, and its '\0'. */
#define SNAPSHOT_ID_BYTES (CANON_VERSION_BYTES + 16)

/* application_id "slcS" and user_version of the files. */
#define SNAPSHOT_APPLICATION_ID 0x736c6353
#define SNAPSHOT_SCHEMA 1

/* Bytes of a metadata.json: 10,000 datasets make 3 MB. */
#define SNAPSHOT_META_BYTES ((size_t)64 << 20)

struct snapshot_meta {
	const char *id, *source, *version, *generated_at;	/* of doc */
	int partial, validated;
	yyjson_val *datasets, *files;	/* arrays */
	yyjson_doc *doc;		/* owned */
};

/* What a failed call says, and the status to exit with. */
struct snapshot_error {
	struct buf text;
	enum exits status;
};

void snapshot_error_init(struct snapshot_error *e);
void snapshot_error_release(struct snapshot_error *e);

/* Say why; returns -1 with errno EINVAL. */
int snapshot_fail(struct snapshot_error *e, enum exits status,
    const char *fmt, ...) MSG_FMT(3, 4);

/* Say what errno is about; returns -1, errno kept. */
int snapshot_fail_errno(struct snapshot_error *e, const char *path);

/*
 * Append the root of a source's snapshots: root if that is given, else the
 * declared folder of data.  0, or -1 with errno.
 */
int snapshot_root(const char *root, const char *data,
    const struct decl_snapshot *s, struct buf *b);

/*
 * Read folder/metadata.json.  Returns 0; or -1 with errno (ENOENT: there is
 * none; EINVAL: it is none of ours) and in why one line "FILE: what".
 */
int snapshot_meta_read(struct snapshot_meta *m, const char *folder,
    struct buf *why);
void snapshot_meta_release(struct snapshot_meta *m);

/* Is it what an id can be?  A folder's name that does not begin with '.'. */
int snapshot_is_id(const char *name);

/*
 * The id that the link ROOT/NAME ("current", "previous") points at.
 * Returns 1, 0 with "" if there is no link, or -1 with errno (EINVAL: it
 * points at something else).
 */
int snapshot_link(const char *root, const char *name,
    char id[SNAPSHOT_ID_BYTES]);

/*
 * Hold the root for who changes it, waiting up to wait_ms.  0 or -1 with e
 * set, EXIT_TEMP when another one has it.
 */
int snapshot_lock(struct lock *l, const char *root, const char *tool,
    int64_t wait_ms, struct snapshot_error *e);

#endif
