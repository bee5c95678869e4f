/*
 * payload.h -- read a payload, in most cases a JSON array, one element at
 * a time.
 *
 * JSON lines are values, one a line, which an API that answers page by page
 * gives: the elements are the lines, or the items of an array that each
 * line has at the same place.
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
	PAYLOAD_BYTES,		/* "bytes": anything, even nothing */
	PAYLOAD_LINES		/* "json-lines": values, one a line */
};

struct payload_form {
	enum payload_format format;
	/* Of lines: where the array of elements is in each, a JSON pointer;
	 * NULL: a line is one.  Borrowed. */
	const char *rows;
};

/* What elements have that are read one by one without more being said. */
extern const struct payload_form payload_array;

/* What is known after a whole pass. */
struct payload_facts {
	int64_t size_bytes;		/* decoded */
	int64_t record_count;		/* elements; 1 if there are none */
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
 * Read all of fd, an array or lines, from its beginning and hand each
 * element to fn (NULL: only check).  A line that has no array, or null, at
 * its rows has no element.  facts, unless NULL, is filled after PAYLOAD_OK;
 * f after PAYLOAD_BAD: its offset is the byte in the decoded payload, where
 * is "element N" or "line N" if it is inside one.  At most
 * LIMIT_PAYLOAD_BYTES decoded.
 */
enum payload_result payload_each(int fd, enum payload_coding coding,
    const struct payload_form *form, payload_fn fn, void *arg,
    struct payload_facts *facts, struct finding *f);

/*
 * Read all of fd and check that it is what form says: what payload_each()
 * does for elements without a callback.  One JSON value has at most
 * LIMIT_ELEMENT_BYTES.
 */
enum payload_result payload_check(int fd, enum payload_coding coding,
    const struct payload_form *form, struct payload_facts *facts,
    struct finding *f);

/* Has a payload of that format elements? */
int payload_has_elements(enum payload_format format);

/* The format of that name in *out; returns 0, or -1 if there is none. */
int payload_format_parse(const char *name, enum payload_format *out);
const char *payload_format_text(enum payload_format format);

#endif
