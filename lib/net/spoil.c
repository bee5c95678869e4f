#include "net/spoil.h"

#include <ctype.h>
#include <errno.h>

#include "record/split.h"

/* Latin-1's "o" with an acute accent: as UTF-8 it begins something that
 * does not go on. */
#define LATIN1 '\xf3'

struct half {
	struct buf *out;	/* borrowed */
	int64_t share, kept;
};

/* Keep element n if the share of the first n + 1 is one more than of n. */
static int
keep_some(char *text, size_t len, int64_t n, void *arg)
{
	struct half *h = arg;

	if ((n + 1) * h->share / 100 == n * h->share / 100)
		return 0;
	if (h->kept++ > 0 && buf_chr(h->out, ',') == -1)
		return -1;
	return buf_add(h->out, text, len);
}

static int
make_half(int64_t share, const char *text, size_t n, struct buf *out)
{
	struct half h = { out, share, 0 };
	enum split_result r;
	struct split s;

	if (buf_chr(out, '[') == -1)
		return -1;
	split_init(&s, LIMIT_ELEMENT_BYTES, keep_some, &h);
	errno = 0;
	if ((r = split_feed(&s, text, n)) == SPLIT_OK)
		r = split_end(&s);
	split_release(&s);
	if (r == SPLIT_OK)
		return buf_chr(out, ']');
	if (r != SPLIT_STOPPED)
		errno = EINVAL;
	return -1;
}

static int
make_latin1(const char *text, size_t n, struct buf *out)
{
	size_t at = n / 2;

	if (buf_add(out, text, n) == -1)
		return -1;
	while (at < n && !isalnum((unsigned char)text[at]))
		at++;
	if (at == n)
		return buf_chr(out, LATIN1);
	out->data[out->len - n + at] = LATIN1;
	return 0;
}

int
spoil_is_text(const struct fault *f)
{
	return f->kind >= FAULT_EMPTY && f->kind <= FAULT_UTF8;
}

int
spoil_text(const struct fault *f, const char *text, size_t n,
    struct buf *out)
{
	switch (f->kind) {
	case FAULT_EMPTY:
		return buf_str(out, "[]");
	case FAULT_HALF:
		return make_half(f->share, text, n, out);
	case FAULT_TRUNCATED:
		return buf_add(out, text, n * (size_t)f->share / 100);
	case FAULT_UTF8:
		return make_latin1(text, n, out);
	default:
		return buf_add(out, text, n);
	}
}
