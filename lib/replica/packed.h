/*
 * packed.h -- one answer body, kept compressed and shared by requests.
 *
 * 20 MB of JSON are under 2 MB as gzip, so bodies are written through a
 * compressor and never exist decoded; who wants them decoded gets a reader
 * that inflates piece by piece.
 */
#ifndef REPLICA_PACKED_H
#define REPLICA_PACKED_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* A compressed body is 1 to 2 MB; more bytes than this are no answer. */
#define PACKED_GZIP_MAX ((size_t)64 << 20)

/* A decoded one is 20 MB. */
#define PACKED_TEXT_MAX ((size_t)1 << 30)

/* Bytes of an ETag with its '\0': a bare decimal below 2^31. */
#define PACKED_ETAG 11

struct packed {
	struct buf gz;		/* owned; a whole gzip stream */
	int64_t size;		/* decoded bytes */
	char etag[PACKED_ETAG];
	unsigned int status;	/* of the answer it is; 0: 200 */
	atomic_int refs;
};

/* Share p, and let go of it; the last one frees. */
struct packed *packed_ref(struct packed *p);
void packed_unref(struct packed *p);

/*
 * Take over a gzip stream as it is (gz is emptied).  The ETag is made of
 * its bytes and of salt: the same bytes have another ETag at each address.
 * Returns NULL with errno: EINVAL for bytes that are no gzip stream.
 */
struct packed *packed_from_gzip(struct buf *gz, const char *salt);

/* Compress text as it is made.  The caller fills b->text and drains it. */
struct packed_writer {
	struct buf text;	/* decoded bytes not compressed yet */
	struct buf gz;		/* owned until packed_writer_end() */
	void *z, *hash;		/* owned */
	int64_t size;
	int failed;		/* errno of the first failure, or 0 */
};

/* Returns 0, or -1 with errno ENOMEM and nothing to release. */
int packed_writer_init(struct packed_writer *w);

/* Compress and clear w->text.  The first failure sticks. */
void packed_writer_drain(struct packed_writer *w);

/* Finish and release w.  Returns the body, or NULL with errno. */
struct packed *packed_writer_end(struct packed_writer *w,
    const char *salt);

/* A body of n bytes of text.  Returns NULL with errno. */
struct packed *packed_from_text(const char *text, size_t n,
    const char *salt);

/* Append p decoded to out.  Returns 0, or -1 with errno. */
int packed_decode(struct packed *p, struct buf *out);

/* Inflate a body from its start. */
struct packed_reader {
	struct packed *packed;	/* shared */
	void *z;			/* owned */
};

/* A new reader that shares p, or NULL with errno ENOMEM. */
struct packed_reader *packed_reader_new(struct packed *p);
void packed_reader_free(struct packed_reader *r);

/*
 * Up to n decoded bytes into out.  Returns how many, 0 at the end, -1 if
 * the stream is broken or cut.
 */
ssize_t packed_read(struct packed_reader *r, char *out, size_t n);

#endif
