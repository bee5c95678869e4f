/*
 * body.h -- a response body on its way into a file.
 *
 * The bytes are stored as they came; a gzip body is decoded beside that,
 * only to hash and to count.  The file has its name when it is complete and
 * checked, but nobody waits for the disk: a body can be asked for again, and
 * who keeps it syncs it.  Memory stays flat.
 */
#ifndef BODY_H
#define BODY_H

#include <stdint.h>

#include "base/digest.h"
#include "base/gzip.h"
#include "base/outfile.h"

enum body_result {
	BODY_OK = 0,
	BODY_TOO_BIG,		/* more than max bytes, stored or decoded */
	BODY_BOMB,		/* gzip that grows beyond all measure */
	BODY_HTML,		/* a page where JSON was promised */
	BODY_BAD_GZIP,		/* corrupt, or followed by something else */
	BODY_TRUNCATED,		/* gzip or JSON that ends in the middle */
	BODY_ENOUGH,		/* as much as was wanted: to be ended */
	BODY_EXISTS,		/* its file holds other bytes already */
	BODY_FAILED		/* our machine; errno says what */
};

/* What the decoded bytes are promised to be. */
enum body_kind {
	BODY_ANY,
	BODY_JSON		/* an array or object */
};

struct body {
	struct outfile file;
	struct gzip gzip;
	struct digest digest;
	int open;		/* the three above are in use */
	int coded;		/* the bytes are gzip */
	enum body_kind kind;
	char first, last;	/* decoded bytes that are no blanks */
	enum body_result refused;	/* while decoding */
	int64_t max;
	int64_t enough;		/* decoded bytes that are; 0: all of them */
	int64_t stored_bytes;	/* as they came */
	int64_t size_bytes;	/* decoded */
};

/*
 * Start the file path, creating its folders; coded says that the bytes
 * will be gzip.  The caller may set b->enough then.  Of JSON only the first and the last byte are looked at:
 * whether it is sound is for those to say who read all of it.  Returns 0,
 * or -1 with errno and nothing to release.  After success the caller owes
 * one body_end() or body_abort().
 * b must not move until then.
 */
int body_open(struct body *b, const char *path, int coded,
    enum body_kind kind, int64_t max);

/*
 * Take n bytes.  After anything but BODY_OK the caller owes the abort, or
 * after BODY_ENOUGH the end.
 */
enum body_result body_add(struct body *b, const void *bytes, size_t n);

/*
 * The body is over: check it, give the file its name and write the SHA-256
 * of its decoded bytes.  b is released whatever the result is.
 */
enum body_result body_end(struct body *b, char sha256[DIGEST_TEXT]);

/* Forget what came.  Harmless when b is not open; errno is preserved. */
void body_abort(struct body *b);

#endif
