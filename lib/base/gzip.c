#define ZLIB_CONST		/* next_in points at bytes we may not change */

#include "base/gzip.h"

#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK 65536		/* bytes read, and decoded, at a time */

int
gzip_init(struct gzip *g, int64_t max, gzip_fn fn, void *arg)
{
	struct inflate_state *z = malloc(sizeof(*z));

	if (z == NULL)
		return -1;
	isal_inflate_init(z);
	z->crc_flag = ISAL_GZIP_NO_HDR_VER;	/* with the trailer, checked */
	*g = (struct gzip){ .z = z, .max = max, .place = GZIP_HEAD,
	    .fn = fn, .arg = arg };
	gziphead_init(&g->head);
	return 0;
}

void
gzip_release(struct gzip *g)
{
	free(g->z);
	g->z = NULL;
}

static enum gzip_result
deliver(struct gzip *g, const char *out, size_t n)
{
	if (n == 0)
		return GZIP_OK;
	if ((int64_t)n > g->max - g->out)
		return GZIP_TOO_BIG;
	g->out += (int64_t)n;
	return g->fn(out, n, g->arg) == 0 ? GZIP_OK : GZIP_STOPPED;
}

/* Take what is a header of the bytes from *p to end. */
static enum gzip_result
skip_head(struct gzip *g, const uint8_t **p, const uint8_t *end)
{
	/* A member starts with 1f 8b; all else is trailing. */
	if (g->place == GZIP_AFTER) {
		if (**p != 0x1f)
			return GZIP_TRAILING;
		gziphead_init(&g->head);
		isal_inflate_reset(g->z);
		g->place = GZIP_HEAD;
	}
	while (*p < end && g->place == GZIP_HEAD)
		switch (gziphead_add(&g->head, *(*p)++)) {
		case -1:
			return GZIP_CORRUPT;
		case 1:
			g->place = GZIP_CONTENT;
		}
	return GZIP_OK;
}

/* Decode what is content of them. */
static enum gzip_result
inflate_some(struct gzip *g, const uint8_t **p, const uint8_t *end)
{
	struct inflate_state *z = g->z;
	char out[CHUNK];
	enum gzip_result r;

	z->next_in = (uint8_t *)(uintptr_t)*p;	/* it only reads them */
	z->avail_in = (uint32_t)(end - *p);
	do {
		z->next_out = (uint8_t *)out;
		z->avail_out = sizeof(out);
		if (isal_inflate(z) != ISAL_DECOMP_OK)
			return GZIP_CORRUPT;
		r = deliver(g, out, sizeof(out) - z->avail_out);
		if (r != GZIP_OK)
			return r;
	} while (z->block_state != ISAL_BLOCK_FINISH &&
	    (z->avail_in > 0 || z->avail_out == 0));
	if (z->block_state == ISAL_BLOCK_FINISH)
		g->place = GZIP_AFTER;
	*p = end - z->avail_in;
	return GZIP_OK;
}

enum gzip_result
gzip_feed(struct gzip *g, const void *bytes, size_t n)
{
	const uint8_t *p = bytes, *end = p + n;
	enum gzip_result r = GZIP_OK;

	while (p < end && r == GZIP_OK)
		r = g->place == GZIP_CONTENT ? inflate_some(g, &p, end) :
		    skip_head(g, &p, end);
	return r;
}

enum gzip_result
gzip_end(struct gzip *g)
{
	return g->place == GZIP_AFTER ? GZIP_OK : GZIP_TRUNCATED;
}

/* Fill at least two bytes if there are two, to see the magic number. */
static ssize_t
read_head(int fd, char *in)
{
	ssize_t n, have = 0;

	while (have < 2) {
		n = read(fd, in + have, CHUNK - (size_t)have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += n;
	}
	return have;
}

static enum gzip_result
read_all(struct gzip *g, int fd, int coded, char *in, ssize_t n)
{
	enum gzip_result r = GZIP_OK;

	while (n > 0 && r == GZIP_OK) {
		r = coded ? gzip_feed(g, in, (size_t)n) :
		    deliver(g, in, (size_t)n);
		if (r != GZIP_OK)
			return r;
		do
			n = read(fd, in, CHUNK);
		while (n == -1 && errno == EINTR);
	}
	if (n == -1)
		return GZIP_IO;
	return coded ? gzip_end(g) : GZIP_OK;
}

enum gzip_result
gzip_read(int fd, int64_t max, gzip_fn fn, void *arg)
{
	struct gzip g;
	enum gzip_result r;
	char in[CHUNK];
	ssize_t n;
	int coded;

	if ((n = read_head(fd, in)) == -1)
		return GZIP_IO;
	coded = n >= 2 && (unsigned char)in[0] == 0x1f &&
	    (unsigned char)in[1] == 0x8b;
	if (gzip_init(&g, max, fn, arg) == -1)
		return GZIP_IO;
	r = read_all(&g, fd, coded, in, n);
	gzip_release(&g);
	return r;
}

/* Deflate the n bytes at in, or the end of the input, to out. */
static int
pack(z_stream *z, const char *in, size_t n, int flush, FILE *out)
{
	char chunk[CHUNK];
	size_t have;

	z->next_in = (const Bytef *)in;
	z->avail_in = (uInt)n;
	do {
		z->next_out = (Bytef *)chunk;
		z->avail_out = sizeof(chunk);
		deflate(z, flush);
		have = sizeof(chunk) - z->avail_out;
		if (fwrite(chunk, 1, have, out) != have)
			return -1;
	} while (z->avail_out == 0);
	return 0;
}

int
gzip_pack(int fd, FILE *out)
{
	z_stream z = { .zalloc = Z_NULL };
	char in[CHUNK];
	ssize_t n = -1;
	int r;

	if (lseek(fd, 0, SEEK_SET) == -1)
		return -1;
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK) {
		errno = ENOMEM;
		return -1;
	}
	do {
		do
			n = read(fd, in, sizeof(in));
		while (n == -1 && errno == EINTR);
		r = n == -1 ? -1 : pack(&z, in, (size_t)n,
		    n == 0 ? Z_FINISH : Z_NO_FLUSH, out);
	} while (r == 0 && n > 0);
	deflateEnd(&z);
	return r;
}

/* What stays as it is needs no more room than this in front and between. */
#define QUICK_ROOM(n) ((n) + (n) / 64 + 1024)

int
gzip_quick(const void *bytes, size_t n, struct buf *out)
{
	union { const void *in; void *out; } u = { bytes };
	struct isal_zstream *z;
	int r = -1;

	if (n > UINT32_MAX / 2) {
		errno = E2BIG;
		return -1;
	}
	if (buf_reserve(out, QUICK_ROOM(n)) == -1 ||
	    (z = malloc(sizeof(*z))) == NULL)
		return -1;
	isal_deflate_stateless_init(z);
	z->gzip_flag = IGZIP_GZIP;
	z->end_of_stream = 1;
	z->next_in = u.out;
	z->avail_in = (uint32_t)n;
	z->next_out = (uint8_t *)out->data + out->len;
	z->avail_out = (uint32_t)QUICK_ROOM(n);
	if (isal_deflate_stateless(z) == COMP_OK) {
		out->len += z->total_out;
		out->data[out->len] = '\0';
		r = 0;
	} else {
		errno = EINVAL;
	}
	free(z);
	return r;
}

const char *
gzip_text(enum gzip_result r)
{
	switch (r) {
	case GZIP_OK:
		return "complete";
	case GZIP_STOPPED:
		return "stopped";
	case GZIP_CORRUPT:
		return "corrupt gzip";
	case GZIP_TRUNCATED:
		return "truncated gzip";
	case GZIP_TRAILING:
		return "bytes after the gzip stream";
	case GZIP_TOO_BIG:
		return "more decoded bytes than allowed";
	case GZIP_IO:
		return "cannot be read";
	}
	return "unknown";
}
