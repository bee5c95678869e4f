/* Reservoir sampling: places, repeatability, fairness. */
#include "record/sample.h"

#include "tap.h"

#define ELEMENTS 50
#define ROUNDS 20000
#define PLACES 10

/* Which elements are in the sample at the end. */
static void
draw(uint64_t seed, int places, int64_t out[PLACES])
{
	struct sample s;
	int64_t i, place;

	sample_init(&s, places, seed);
	for (i = 0; i < ELEMENTS; i++)
		if ((place = sample_place(&s)) != -1)
			out[place] = i;
}

static void
check_fair(void)
{
	int64_t got[PLACES] = { 0 }, hits[ELEMENTS] = { 0 };
	int64_t expected = (int64_t)ROUNDS * PLACES / ELEMENTS;
	int i, j, worst = 0, off;

	for (i = 0; i < ROUNDS; i++) {
		draw((uint64_t)i, PLACES, got);
		for (j = 0; j < PLACES; j++)
			hits[got[j]]++;
	}
	for (i = 0; i < ELEMENTS; i++) {
		off = (int)(hits[i] - expected);
		off = off < 0 ? -off : off;
		worst = off > worst ? off : worst;
	}
	/* 4000 expected, standard deviation 57: five of them. */
	tap_ok(worst < 285, "every element has the same chance (%d off)",
	    worst);
}

int
main(void)
{
	int64_t a[PLACES], b[PLACES];
	struct sample s;
	int i, same = 1, differs = 0;

	sample_init(&s, 3, 7);
	for (i = 0; i < 3; i++)
		tap_int(sample_place(&s), i, "a short stream is all taken");
	draw(42, PLACES, a);
	draw(42, PLACES, b);
	for (i = 0; i < PLACES; i++)
		same &= a[i] == b[i];
	tap_ok(same, "the same seed, the same sample");
	draw(43, PLACES, b);
	for (i = 0; i < PLACES; i++)
		differs |= a[i] != b[i];
	tap_ok(differs, "another seed, another sample");
	sample_init(&s, 1, 0);
	for (i = 0; i < 100000; i++)
		if (sample_place(&s) > 0)
			break;
	tap_int(i, 100000, "one place is place 0");
	check_fair();
	return tap_done();
}
