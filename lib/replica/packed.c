#define ZLIB_CONST		/* next_in points at bytes we may not change */

#include "replica/packed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zlib.h>

/* Fast enough for the first byte within half a second, 5 % larger. */
#define LEVEL 4

#define GZIP_WRAPPER (15 + 16)	/* windowBits that mean gzip in zlib */
#define GZIP_LEAST 18		/* bytes of header and trailer */
#define CHUNK 65536

struct packed *
packed_ref(struct packed *p)
{
	atomic_fetch_add(&p->refs, 1);
	return p;
}

void
packed_unref(struct packed *p)
{
	if (p == NULL || atomic_fetch_sub(&p->refs, 1) > 1)
		return;
	buf_release(&p->gz);
	free(p);
}

/* Take over gz; hash becomes the ETag, as the servlet's hash code does. */
static struct packed *
packed_new(struct buf *gz, int64_t size, uint64_t hash, const char *salt)
{
	struct packed *p = malloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	p->gz = *gz;
	buf_init(gz, PACKED_GZIP_MAX);
	p->size = size;
	p->status = 0;
	hash = XXH64(salt, strlen(salt), hash);
	snprintf(p->etag, sizeof(p->etag), "%u",
	    (unsigned)(hash & 0x7fffffff));
	atomic_init(&p->refs, 1);
	return p;
}

/* The decoded size modulo 2^32 stands little-endian at the very end. */
static int64_t
trailer_size(const struct buf *gz)
{
	const unsigned char *t = (const unsigned char *)gz->data + gz->len - 4;

	return (int64_t)t[0] | (int64_t)t[1] << 8 | (int64_t)t[2] << 16 |
	    (int64_t)t[3] << 24;
}

struct packed *
packed_from_gzip(struct buf *gz, const char *salt)
{
	if (gz->len < GZIP_LEAST || memcmp(gz->data, "\x1f\x8b", 2) != 0) {
		errno = EINVAL;
		return NULL;
	}
	return packed_new(gz, trailer_size(gz),
	    XXH64(gz->data, gz->len, 0), salt);
}

int
packed_writer_init(struct packed_writer *w)
{
	z_stream *z = calloc(1, sizeof(*z));

	memset(w, 0, sizeof(*w));
	w->hash = XXH64_createState();
	if (z == NULL || w->hash == NULL || deflateInit2(z, LEVEL, Z_DEFLATED,
	    GZIP_WRAPPER, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
		XXH64_freeState(w->hash);
		free(z);
		errno = ENOMEM;
		return -1;
	}
	w->z = z;
	XXH64_reset(w->hash, 0);
	buf_init(&w->text, PACKED_TEXT_MAX);
	buf_init(&w->gz, PACKED_GZIP_MAX);
	return 0;
}

static void
compress_text(struct packed_writer *w, int flush)
{
	z_stream *z = w->z;
	int r = Z_OK;

	z->next_in = (const Bytef *)w->text.data;
	z->avail_in = (uInt)w->text.len;
	do {
		if (buf_reserve(&w->gz, CHUNK) == -1) {
			w->failed = errno;
			return;
		}
		z->next_out = (Bytef *)w->gz.data + w->gz.len;
		z->avail_out = CHUNK;
		r = deflate(z, flush);
		w->gz.len += CHUNK - z->avail_out;
	} while (r == Z_OK && z->avail_out == 0);
}

void
packed_writer_drain(struct packed_writer *w)
{
	if (w->failed != 0 || w->text.len == 0)
		return;
	XXH64_update(w->hash, w->text.data, w->text.len);
	w->size += (int64_t)w->text.len;
	compress_text(w, Z_NO_FLUSH);
	buf_clear(&w->text);
}

struct packed *
packed_writer_end(struct packed_writer *w, const char *salt)
{
	struct packed *p = NULL;

	packed_writer_drain(w);
	if (w->failed == 0)
		compress_text(w, Z_FINISH);
	if (w->failed == 0)
		p = packed_new(&w->gz, w->size, XXH64_digest(w->hash), salt);
	if (w->failed != 0)
		errno = w->failed;
	deflateEnd(w->z);
	free(w->z);
	XXH64_freeState(w->hash);
	buf_release(&w->text);
	buf_release(&w->gz);
	return p;
}

struct packed *
packed_from_text(const char *text, size_t n, const char *salt)
{
	struct packed_writer w;

	if (packed_writer_init(&w) == -1)
		return NULL;
	if (buf_add(&w.text, text, n) == -1)
		w.failed = errno;
	return packed_writer_end(&w, salt);
}

struct packed_reader *
packed_reader_new(struct packed *p)
{
	struct packed_reader *r = malloc(sizeof(*r));
	z_stream *z = calloc(1, sizeof(*z));

	if (r == NULL || z == NULL ||
	    inflateInit2(z, GZIP_WRAPPER) != Z_OK) {
		free(r);
		free(z);
		errno = ENOMEM;
		return NULL;
	}
	z->next_in = (const Bytef *)p->gz.data;
	z->avail_in = (uInt)p->gz.len;
	*r = (struct packed_reader){ packed_ref(p), z };
	return r;
}

void
packed_reader_free(struct packed_reader *r)
{
	if (r == NULL)
		return;
	inflateEnd(r->z);
	free(r->z);
	packed_unref(r->packed);
	free(r);
}

ssize_t
packed_read(struct packed_reader *r, char *out, size_t n)
{
	z_stream *z = r->z;
	int result;

	z->next_out = (Bytef *)out;
	z->avail_out = (uInt)n;
	result = inflate(z, Z_NO_FLUSH);
	if (z->avail_out < n)
		return (ssize_t)(n - z->avail_out);
	return result == Z_STREAM_END ? 0 : -1;
}

int
packed_decode(struct packed *p, struct buf *out)
{
	struct packed_reader *r = packed_reader_new(p);
	ssize_t n = -1;

	if (r == NULL)
		return -1;
	errno = EILSEQ;
	while (buf_reserve(out, CHUNK) == 0 &&
	    (n = packed_read(r, out->data + out->len, CHUNK)) > 0)
		out->len += (size_t)n;
	packed_reader_free(r);
	return n == 0 ? 0 : -1;
}
