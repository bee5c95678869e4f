/*
 * intake.h -- a fetched body on its way into the raw store.
 *
 * The body is read once, which checks everything, before anything is
 * written.  Then it is sealed, registered in the ledger, listed in the
 * manifest, and only then taken out of incoming; so whoever dies anywhere
 * in between is repeated, and leaves the same store.  A bad body is sealed
 * nowhere and stays there, with ".bad" added to its name.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include "record/unit.h"
#include "store/ledger.h"

enum intake_result {
	INTAKE_SEALED,		/* a new partition */
	INTAKE_AGAIN,		/* was sealed already, with these bytes */
	INTAKE_SAME_AS,		/* the authoritative partition has them */
	INTAKE_BAD,		/* the payload is bad; see finding */
	INTAKE_DIFFERS,		/* not the file its record says; finding */
	INTAKE_REFUSED,		/* the run has sealed other bytes here */
	INTAKE_FAILED		/* errno and db_message() say what */
};

struct intake {
	/* what the record says */
	const char *data, *dataset;	/* borrowed */
	struct raw_meta meta;		/* borrowed of the record */
	int64_t attempt;		/* of the fetch, or -1 */
	enum payload_coding coding;
	struct buf file;		/* DATA/incoming/... */
	struct buf path;		/* of the partition, below DATA */
	/* what became of it: where the bytes are */
	const char *same_as;		/* that run, in the arena, or NULL */
	const char *sealed_path;	/* borrowed of path or the arena */
	struct buf snapshot;
	struct finding finding;
};

/*
 * Take what a body record says; the record and u are borrowed until
 * intake_release().  Returns NULL, or a static text, what is wrong with
 * the record; intake_release() is owed in both cases.
 */
const char *intake_read(struct intake *in, const char *data,
    const struct record *r, const struct unit *u);
void intake_release(struct intake *in);

/*
 * Do it.  now is for sealed_at.  After the first three results
 * meta.record_count and meta.stored_bytes are set too.
 */
enum intake_result intake_body(struct intake *in, struct db *ledger,
    struct arena *a, const char *now);

/*
 * Catch up on what a writer that died left undone: the manifest.  Returns
 * 0, or -1 with errno and db_message().
 */
int intake_recover(const char *data, struct db *ledger);

#endif
