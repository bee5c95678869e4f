/*
 * payload.h -- one answer body, kept compressed and shared by requests.
 *
 * 20 MB of courses are under 2 MB as gzip, so bodies are written through a
 * compressor and never exist decoded; who wants them decoded gets a reader
 * that inflates piece by piece.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* A compressed body is 1 to 2 MB; more bytes than this are no answer. */
#define PAYLOAD_GZIP_MAX ((size_t)64 << 20)

/* A decoded one is 20 MB. */
#define PAYLOAD_TEXT_MAX ((size_t)1 << 30)

/* Bytes of an ETag with its '\0': a bare decimal below 2^31. */
#define PAYLOAD_ETAG 11

struct payload {
	struct buf gz;		/* owned; a whole gzip stream */
	int64_t size;		/* decoded bytes */
	char etag[PAYLOAD_ETAG];
	atomic_int refs;
};

/* Share p, and let go of it; the last one frees. */
struct payload *payload_ref(struct payload *p);
void payload_unref(struct payload *p);

/*
 * Take over a gzip stream as it is (gz is emptied).  The ETag is made of
 * its bytes and of salt: the same list has another ETag on each campus.
 * Returns NULL with errno: EINVAL for bytes that are no gzip stream.
 */
struct payload *payload_from_gzip(struct buf *gz, const char *salt);

/* Compress text as it is made.  The caller fills b->text and drains it. */
struct payload_writer {
	struct buf text;	/* decoded bytes not compressed yet */
	struct buf gz;		/* owned until payload_writer_end() */
	void *z, *hash;		/* owned */
	int64_t size;
	int failed;		/* errno of the first failure, or 0 */
};

/* Returns 0, or -1 with errno ENOMEM and nothing to release. */
int payload_writer_init(struct payload_writer *w);

/* Compress and clear w->text.  The first failure sticks. */
void payload_writer_drain(struct payload_writer *w);

/* Finish and release w.  Returns the payload, or NULL with errno. */
struct payload *payload_writer_end(struct payload_writer *w,
    const char *salt);

/* One payload of n bytes of text.  Returns NULL with errno. */
struct payload *payload_from_text(const char *text, size_t n,
    const char *salt);

/* Append p decoded to out.  Returns 0, or -1 with errno. */
int payload_decode(struct payload *p, struct buf *out);

/* Inflate a payload from its start. */
struct payload_reader {
	struct payload *payload;	/* shared */
	void *z;			/* owned */
};

/* A new reader that shares p, or NULL with errno ENOMEM. */
struct payload_reader *payload_reader_new(struct payload *p);
void payload_reader_free(struct payload_reader *r);

/*
 * Up to n decoded bytes into out.  Returns how many, 0 at the end, -1 if
 * the stream is broken or cut.
 */
ssize_t payload_read(struct payload_reader *r, char *out, size_t n);

#endif
