/*
 * gziphead.h -- skip the header of a gzip member as it arrives.
 *
 * ISA-L can do that as well, but when a header that has a checksum of its
 * own comes in pieces, it takes it for damaged (2.30).  That checksum is
 * not looked at here.
 */
#ifndef GZIPHEAD_H
#define GZIPHEAD_H

struct gziphead {
	int part;
	unsigned int left;	/* bytes of this part to come */
	unsigned int flags;
};

void gziphead_init(struct gziphead *h);

/*
 * Take one byte.  Returns 1 if it was the last one of the header, -1 if it
 * cannot be in one, else 0.
 * Source: RFC 1952 section 2.3.
 */
int gziphead_add(struct gziphead *h, unsigned char c);

#endif
