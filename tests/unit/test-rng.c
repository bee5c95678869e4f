/* The same seed gives the same numbers, and all of a range. */
#include "base/rng.h"

#include "tap.h"

int
main(void)
{
	/* The first numbers of seed 0 in the reference implementation. */
	static const uint64_t want[] = { 0xe220a8397b1dcdaf,
	    0x6e789e6aa1b965f4, 0x06c45d188009454f };
	uint64_t state = 0;
	int seen[7] = { 0 };
	size_t i;

	for (i = 0; i < TAP_COUNT(want); i++)
		tap_ok(rng_next(&state) == want[i], "splitmix64");
	for (i = 0; i < 7000; i++)
		seen[rng_below(&state, 7)]++;
	for (i = 0; i < 7; i++)
		tap_ok(seen[i] > 850 && seen[i] < 1150, "each of seven");
	tap_ok(rng_below(&state, 1) == 0, "one of one");
	tap_ok(rng_below(&state, UINT64_MAX) < UINT64_MAX, "of very many");
	return tap_done();
}
