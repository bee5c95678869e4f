/*
 * payload.h -- read a payload, in most cases a JSON array, one element at
 * a time.
 *
 * One pass does everything: gzip, UTF-8, JSON, the array's shape, counts,
 * size and hash of the decoded bytes.  Memory is that of the largest
 * element, whatever the file's size.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stdint.h>
#include <yyjson.h>

#include "base/digest.h"
#include "record/finding.h"

/* How the bytes of a file are stored. */
enum payload_coding {
	PAYLOAD_PLAIN,		/* as they are */
	PAYLOAD_GZIP		/* gzip, and nothing else */
};

/* What a payload has to be. */
enum payload_format {
	PAYLOAD_ARRAY,		/* "json-array" */
	PAYLOAD_JSON,		/* "json": one value, of any kind */
	PAYLOAD_BYTES		/* "bytes": anything, even nothing */
};

/* What is known after a whole pass. */
struct payload_facts {
	int64_t size_bytes;		/* decoded */
	int64_t record_count;		/* elements; 1 if no array */
	char sha256[DIGEST_TEXT];	/* of the decoded bytes, lower hex */
};

enum payload_result {
	PAYLOAD_OK = 0,
	PAYLOAD_BAD,		/* the finding says how */
	PAYLOAD_STOPPED,	/* the callback said so */
	PAYLOAD_FAILED		/* reading or memory; errno is set */
};

/*
 * Takes element n (from 0), borrowed for the call.  Returns 0 to go on;
 * anything else stops.
 */
typedef int (*payload_fn)(yyjson_val *element, int64_t n, void *arg);

/*
 * Read all of fd from its beginning and hand each element to fn (NULL:
 * only check).  facts, unless NULL, is filled after PAYLOAD_OK; f after
 * PAYLOAD_BAD: its offset is the byte in the decoded payload, where is
 * "element N" if it is inside one.  At most LIMIT_PAYLOAD_BYTES decoded.
 */
enum payload_result payload_each(int fd, enum payload_coding coding,
    payload_fn fn, void *arg, struct payload_facts *facts,
    struct finding *f);

/*
 * Read all of fd and check that it is what format says: what payload_each()
 * does for an array without a callback.  One JSON value has at most
 * LIMIT_ELEMENT_BYTES.
 */
enum payload_result payload_check(int fd, enum payload_coding coding,
    enum payload_format format, struct payload_facts *facts,
    struct finding *f);

/* The format of that name in *out; returns 0, or -1 if there is none. */
int payload_format_parse(const char *name, enum payload_format *out);
const char *payload_format_text(enum payload_format format);

#endif
