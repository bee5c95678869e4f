#include "net/body.h"

#include <errno.h>
#include <stdio.h>

#include "base/path.h"

static int
count(const char *bytes, size_t n, void *arg)
{
	struct body *b = arg;

	digest_add(&b->digest, bytes, n);
	b->size_bytes += (int64_t)n;
	return 0;
}

int
body_open(struct body *b, const char *path, int coded, int64_t max)
{
	*b = (struct body){ .coded = coded, .max = max };
	if (path_mkparents(path) == -1 || digest_init(&b->digest) == -1)
		return -1;
	if (coded && gzip_init(&b->gzip, max, count, b) == -1)
		goto fail;
	if (outfile_open(&b->file, path, OUTFILE_NEW) == -1)
		goto fail;
	b->open = 1;
	return 0;
fail:
	gzip_release(&b->gzip);
	digest_release(&b->digest);
	return -1;
}

static enum body_result
decode_result(enum gzip_result r)
{
	switch (r) {
	case GZIP_OK:
		return BODY_OK;
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
		return decode_result(gzip_feed(&b->gzip, bytes, n));
	count(bytes, n, b);
	return BODY_OK;
}

enum body_result
body_commit(struct body *b, char sha256[DIGEST_TEXT])
{
	enum body_result r = BODY_OK;

	if (b->coded)
		r = decode_result(gzip_end(&b->gzip));
	if (r != BODY_OK) {
		body_abort(b);
		return r;
	}
	digest_finish(&b->digest, sha256);
	gzip_release(&b->gzip);
	b->open = 0;
	if (outfile_commit(&b->file) == -1)
		return errno == EEXIST ? BODY_EXISTS : BODY_FAILED;
	return BODY_OK;
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
