/*
 * gzip.h -- decode gzip as it arrives, read files that may be gzip, pack.
 *
 * Push style: bytes go in as they come, decoded bytes come out through a
 * callback, memory stays flat.  Multi-member streams are decoded whole.
 * Bytes after the last member, a bad checksum and an end in the middle are
 * errors: a torn answer must never look complete.
 */
#ifndef GZIP_H
#define GZIP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/gziphead.h"

/* Takes n decoded bytes.  Returns 0 to go on; anything else stops. */
typedef int (*gzip_fn)(const char *bytes, size_t n, void *arg);

enum gzip_result {
	GZIP_OK = 0,
	GZIP_STOPPED,		/* the callback said so */
	GZIP_CORRUPT,		/* bad header, block or checksum */
	GZIP_TRUNCATED,		/* ended inside a member (gzip_end only) */
	GZIP_TRAILING,		/* bytes after the last member */
	GZIP_TOO_BIG,		/* more than max decoded bytes */
	GZIP_IO			/* reading failed, errno is set (file only) */
};

/* Where in a member the next byte is. */
enum gzip_place {
	GZIP_AFTER,		/* behind it */
	GZIP_HEAD,
	GZIP_CONTENT		/* and what is behind that, to its end */
};

struct gzip {
	void *z;		/* owned */
	int64_t max, out;	/* decoded bytes: limit, and so far */
	struct gziphead head;
	enum gzip_place place;
	gzip_fn fn;
	void *arg;		/* borrowed */
};

/* Decode at most max bytes into fn.  Returns 0, or -1 with ENOMEM. */
int gzip_init(struct gzip *g, int64_t max, gzip_fn fn, void *arg);
void gzip_release(struct gzip *g);
enum gzip_result gzip_feed(struct gzip *g, const void *bytes, size_t n);

/* Say that the input is over. */
enum gzip_result gzip_end(struct gzip *g);

/*
 * Read all of fd, decoding it if it starts with gzip's magic number, else
 * as it is.  At most max decoded bytes.
 */
enum gzip_result gzip_read(int fd, int64_t max, gzip_fn fn, void *arg);

/*
 * Write all of fd, from its beginning, to out as one gzip member with a
 * fixed header (no name, no time): equal input, equal bytes.
 * Returns 0, or -1 with errno.
 */
int gzip_pack(int fd, FILE *out);

/*
 * Append n bytes as one gzip member with a fixed header, made quickly
 * rather than small: for what is sent once.  Returns 0, or -1 with errno.
 */
int gzip_quick(const void *bytes, size_t n, struct buf *out);

/* A short text for a result ("truncated gzip"), static. */
const char *gzip_text(enum gzip_result r);

#endif
