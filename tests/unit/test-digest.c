/* SHA-256: the vectors of FIPS 180, whole and in pieces. */
#include "base/digest.h"

#include "tap.h"

static const struct {
	const char *descr, *in;
	size_t n, times;
	const char *want;
} cases[] = {
	{ "nothing", "", 0, 1, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855" },
	{ "abc", "abc", 3, 1, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ "two blocks",
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, 1,
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
	{ "a million a", "aaaaaaaaaa", 10, 100000,
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0" },
	{ "NUL bytes", "\0\0\0\0", 4, 1, "df3f619804a92fdb4057192dc43dd748"
	    "ea778adc52bc498ce80524c014b81119" },
};

int
main(void)
{
	char hex[DIGEST_TEXT];
	struct digest d;
	size_t i, j;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		digest_init(&d);
		for (j = 0; j < cases[i].times; j++)
			digest_add(&d, cases[i].in, cases[i].n);
		digest_finish(&d, hex);
		tap_str(hex, cases[i].want, cases[i].descr);
	}
	digest_init(&d);
	for (i = 0; i < 3; i++) {
		digest_add(&d, cases[1].in + i, 1);
		digest_add(&d, NULL, 0);
	}
	digest_finish(&d, hex);
	tap_str(hex, cases[1].want, "byte by byte");
	digest_release(&d);
	tap_ok(digest_init(&d) == 0, "release after finish, and again");
	digest_release(&d);
	return tap_done();
}
