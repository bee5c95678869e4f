/*
 * digest.h -- SHA-256 of a stream, by libcrypto.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>

/* Bytes of the lower-case hex form with its '\0'. */
#define DIGEST_TEXT 65

struct digest {
	void *ctx;		/* owned */
};

/* Start.  Returns 0, or -1 with errno ENOMEM. */
int digest_init(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t n);

/* Write the hex form of all bytes so far and release d. */
void digest_finish(struct digest *d, char hex[DIGEST_TEXT]);

/* Release without a result.  Safe after digest_finish(). */
void digest_release(struct digest *d);

#endif
