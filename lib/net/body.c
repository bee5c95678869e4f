#include "net/body.h"

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/path.h"

/* Blank before and after JSON, a byte order mark included. */
static int
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' ||
	    c == '\xef' || c == '\xbb' || c == '\xbf';
}

static void
look(struct body *b, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; b->first == '\0' && i < n; i++)
		if (!is_blank(bytes[i]))
			b->first = bytes[i];
	for (i = n; i > 0 && is_blank(bytes[i - 1]); i--)
		;
	if (i > 0)
		b->last = bytes[i - 1];
}

/* Take decoded bytes: gzip_fn. */
static int
count(const char *bytes, size_t n, void *arg)
{
	struct body *b = arg;

	digest_add(&b->digest, bytes, n);
	b->size_bytes += (int64_t)n;
	if (b->kind == BODY_JSON) {
		look(b, bytes, n);
		if (b->first == '<')
			b->refused = BODY_HTML;
	}
	if (b->size_bytes > LIMIT_BOMB_BYTES &&
	    b->size_bytes / LIMIT_BOMB_RATIO > b->stored_bytes)
		b->refused = BODY_BOMB;
	if (b->enough > 0 && b->size_bytes >= b->enough &&
	    b->refused == BODY_OK)
		b->refused = BODY_ENOUGH;
	return b->refused == BODY_OK ? 0 : -1;
}

/* JSON that began as an array or object has to end as one. */
static int
is_cut(const struct body *b)
{
	return (b->first == '[' && b->last != ']') ||
	    (b->first == '{' && b->last != '}');
}

/* The folders are mostly there. */
static int
open_file(struct body *b, const char *path)
{
	if (outfile_open(&b->file, path, OUTFILE_NEW) == 0)
		return 0;
	if (errno != ENOENT || path_mkparents(path) == -1)
		return -1;
	return outfile_open(&b->file, path, OUTFILE_NEW);
}

int
body_open(struct body *b, const char *path, int coded, enum body_kind kind,
    int64_t max)
{
	*b = (struct body){ .coded = coded, .kind = kind, .max = max };
	if (digest_init(&b->digest) == -1)
		return -1;
	if (coded && gzip_init(&b->gzip, max, count, b) == -1)
		goto fail;
	if (open_file(b, path) == -1)
		goto fail;
	b->open = 1;
	return 0;
fail:
	gzip_release(&b->gzip);
	digest_release(&b->digest);
	return -1;
}

static enum body_result
decode_result(const struct body *b, enum gzip_result r)
{
	switch (r) {
	case GZIP_OK:
		return BODY_OK;
	case GZIP_STOPPED:
		return b->refused;
	case GZIP_TOO_BIG:
		return BODY_TOO_BIG;
	case GZIP_TRUNCATED:
		return BODY_TRUNCATED;
	default:
		return BODY_BAD_GZIP;
	}
}

enum body_result
body_add(struct body *b, const void *bytes, size_t n)
{
	if ((int64_t)n > b->max - b->stored_bytes)
		return BODY_TOO_BIG;
	b->stored_bytes += (int64_t)n;
	if (fwrite(bytes, 1, n, b->file.fp) != n)
		return BODY_FAILED;
	if (b->coded)
		return decode_result(b, gzip_feed(&b->gzip, bytes, n));
	count(bytes, n, b);
	return b->refused;
}

enum body_result
body_end(struct body *b, char sha256[DIGEST_TEXT])
{
	enum body_result r = BODY_OK;

	if (b->coded && b->refused != BODY_ENOUGH)
		r = decode_result(b, gzip_end(&b->gzip));
	if (r == BODY_OK && b->refused == BODY_OK && b->kind == BODY_JSON &&
	    is_cut(b))
		r = BODY_TRUNCATED;
	if (r != BODY_OK) {
		body_abort(b);
		return r;
	}
	digest_finish(&b->digest, sha256);
	gzip_release(&b->gzip);
	b->open = 0;
	if (outfile_commit_loose(&b->file) == 0)
		return BODY_OK;
	return errno == EEXIST ? BODY_EXISTS : BODY_FAILED;
}

void
body_abort(struct body *b)
{
	int saved = errno;

	if (!b->open)
		return;
	b->open = 0;
	outfile_abort(&b->file);
	gzip_release(&b->gzip);
	digest_release(&b->digest);
	errno = saved;
}
