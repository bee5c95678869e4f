#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>

int
digest_init(struct digest *d)
{
	if ((d->ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1) {
		digest_release(d);
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void
digest_add(struct digest *d, const void *bytes, size_t n)
{
	EVP_DigestUpdate(d->ctx, bytes, n);
}

void
digest_finish(struct digest *d, char hex[DIGEST_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int i, n = 0;

	EVP_DigestFinal_ex(d->ctx, raw, &n);
	for (i = 0; i < n; i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[2 * n] = '\0';
	digest_release(d);
}

void
digest_release(struct digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
}
