#include "base/gziphead.h"

#define FIXED_BYTES 10
#define RESERVED 0xe0		/* flags that mean nothing yet */

enum { FIXED, EXTRA_LOW, EXTRA_HIGH, EXTRA, NAME, COMMENT, CHECKSUM, OVER };

void
gziphead_init(struct gziphead *h)
{
	*h = (struct gziphead){ FIXED, FIXED_BYTES, 0 };
}

/* Go on to the next part that this header has. */
static void
go_on(struct gziphead *h)
{
	static const unsigned char flag[] = { [EXTRA_LOW] = 4,
	    [EXTRA_HIGH] = 4, [EXTRA] = 4, [NAME] = 8, [COMMENT] = 16,
	    [CHECKSUM] = 2 };

	do
		h->part++;
	while (h->part != OVER && (h->flags & flag[h->part]) == 0);
	if (h->part == CHECKSUM)
		h->left = 2;
}

/* Magic number, method and flags; the rest may be anything. */
static int
add_fixed(struct gziphead *h, unsigned char c)
{
	static const unsigned char magic[] = { 0x1f, 0x8b, 8 };
	unsigned int i = FIXED_BYTES - h->left;

	if (i < sizeof(magic) && c != magic[i])
		return -1;
	if (i == sizeof(magic))
		h->flags = c;
	if (h->flags & RESERVED)
		return -1;
	if (--h->left == 0)
		go_on(h);
	return h->part == OVER;
}

int
gziphead_add(struct gziphead *h, unsigned char c)
{
	switch (h->part) {
	case FIXED:
		return add_fixed(h, c);
	case EXTRA_LOW:
		h->left = c;
		go_on(h);
		break;
	case EXTRA_HIGH:
		h->left |= (unsigned int)c << 8;
		go_on(h);
		if (h->left == 0)
			go_on(h);
		break;
	case NAME:
	case COMMENT:
		if (c == '\0')
			go_on(h);
		break;
	default:
		if (--h->left == 0)
			go_on(h);
	}
	return h->part == OVER;
}
