/*
 * raw.h -- the raw store: sealed, immutable partitions.
 *
 *	DATA/raw/SOURCE/K=V/.../run_id=RUN/payload.json.gz
 *	                                   metadata.json
 *
 * payload.jsonl.gz instead if it is JSON lines, payload.gz if it need not
 * be JSON.
 *
 * metadata.json is written last: it is the seal.  Without it there is no
 * partition, whatever else the folder holds.  A sealed partition is never
 * rewritten.  The payload is gzip, as the server sent it or packed by us;
 * hash, size and count are of the decoded bytes.
 *
 * Paths named path are relative to DATA; data is the DATA folder.
 */
#ifndef RAW_H
#define RAW_H

#include <stdint.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/limits.h"
#include "record/finding.h"
#include "record/part.h"
#include "record/payload.h"

#define RAW_METADATA "metadata.json"

/* Bytes of it: real ones have 700; what it is made from came in a record. */
#define RAW_METADATA_BYTES LIMIT_RECORD_BYTES

/* What the seal says; sluice-store(5).  Absent texts are NULL, but that of
 * schema_version is "". */
struct raw_meta {
	const char *source, *run, *url, *fetched_at;
	const char *etag, *last_modified, *content_type;
	const char *sha256, *schema_version;
	struct payload_form form;
	yyjson_val *request;	/* what was asked, if more than a GET */
	struct part part;
	int64_t status;		/* of HTTP, or -1 */
	int64_t size_bytes, stored_bytes, record_count;
	yyjson_doc *doc;	/* owned; what the texts point into */
};

/* What names a partition.  All borrowed. */
struct raw_key {
	const char *source, *run;
	const struct part *part;
};

/* Append "raw/SOURCE/K=V/.../run_id=RUN".  0, or -1 as buf_add(). */
int raw_path(const char *source, const struct part *part, const char *run,
    struct buf *b);

/* DATA/PATH/NAME in memory of the caller's, or NULL with errno. */
char *raw_file(const char *data, const char *path, const char *name);

/* Append a snapshot's id, "RUN:2026/A/items".  As raw_path(). */
int raw_snapshot_id(const struct part *part, const char *run, struct buf *b);

/*
 * Read the seal of the partition at path.  Returns 0, and the caller owes
 * raw_meta_release(); or -1 with errno ENOENT (not sealed), EBADMSG (not
 * such metadata) or what reading said, and nothing to release.
 */
int raw_meta_read(struct raw_meta *m, const char *data, const char *path);
void raw_meta_release(struct raw_meta *m);

/* Is the partition at path sealed, with a payload of the sealed size? */
int raw_present(const char *data, const char *path);

/* The name of a payload's file in its folder, static. */
const char *raw_payload_name(enum payload_format format);

/*
 * Open the stored payload of the partition at path for reading, whatever
 * its name.  Returns the descriptor, or -1 with errno.
 */
int raw_open(const char *data, const char *path);

/*
 * Hand each element of the payload of the partition at path, which has
 * this form, to fn, as payload_each() does.  PAYLOAD_FAILED also when it
 * cannot be opened.
 */
enum payload_result raw_each(const char *data, const char *path,
    const struct payload_form *form, payload_fn fn, void *arg, struct payload_facts *facts,
    struct finding *f);

/* What a partition is declared to be. */
struct raw_want {
	const char *schema_version;
	size_t n_require;
	const char *const *require;	/* pointers that each element has */
};

/*
 * Check the partition that key names whole: sealed, metadata readable, its
 * key that of the path, schema version as wanted, payload readable, what is
 * required in each element, and size, stored size, count and hash as sealed.
 * Returns PAYLOAD_OK, PAYLOAD_BAD with the finding, or PAYLOAD_FAILED with
 * errno.  m->doc is NULL if not even the seal could be read; the caller
 * owes raw_meta_release() in any case.
 */
enum payload_result raw_check(const char *data, const struct raw_key *key,
    const struct raw_want *want, struct raw_meta *m, struct finding *f);

enum raw_result {
	RAW_SEALED = 0,		/* now, with m's stored_bytes set */
	RAW_AGAIN,		/* was sealed with these bytes already */
	RAW_REFUSED,		/* is sealed with other bytes, or damaged */
	RAW_FAILED		/* errno is set; not sealed */
};

/*
 * Seal the checked file incoming (its path, and fd open on it) as the
 * partition that m names; leftovers of a writer that died are replaced.
 * A gzip file is linked in as it is, a plain one is packed with a fixed
 * header.  The caller holds the lock of "raw" (storelock.h).  Everything is
 * on disk afterwards; incoming itself stays.  m->stored_bytes is set.
 */
enum raw_result raw_seal(const char *data, struct raw_meta *m,
    const char *incoming, int fd, enum payload_coding coding);

#endif
