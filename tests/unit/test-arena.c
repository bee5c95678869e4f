/* Many small allocations: aligned, apart, kept over a clear. */
#include "base/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>

#include "tap.h"

/* Fill n blocks of growing size, then see whether each kept its bytes. */
static int
keep_apart(struct arena *a, size_t n)
{
	unsigned char *p[600];
	size_t i, j;

	for (i = 0; i < n; i++) {
		if ((p[i] = arena_alloc(a, i)) == NULL ||
		    (uintptr_t)p[i] % alignof(max_align_t) != 0)
			return 0;
		memset(p[i], (int)(i % 251), i);
	}
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (p[i][j] != i % 251)
				return 0;
	return 1;
}

static void
test_sizes(void)
{
	struct arena a;
	char *big, *small, *first;

	arena_init(&a);
	tap_ok(keep_apart(&a, 600), "600 sizes, aligned and apart");
	big = arena_alloc(&a, 1 << 20);
	tap_ok(big != NULL, "more than a block");
	memset(big, 'x', 1 << 20);
	small = arena_alloc(&a, 1);
	tap_ok(small != NULL && (small < big || small >= big + (1 << 20)),
	    "a small one after it");
	arena_clear(&a);
	first = arena_alloc(&a, 16);
	arena_clear(&a);
	tap_ok(arena_alloc(&a, 16) == first, "clear hands out the same again");
	tap_ok(keep_apart(&a, 600), "and all of it");
	arena_release(&a);
	arena_release(&a);
	arena_clear(&a);
	tap_ok(arena_alloc(&a, 8) != NULL, "usable after release");
	arena_release(&a);
}

static void
test_overflow(void)
{
	static const struct {
		size_t n, size;
	} cases[] = {
		{ SIZE_MAX, 1 }, { SIZE_MAX / 2, 2 }, { SIZE_MAX / 2 + 2, 2 },
		{ 1, SIZE_MAX }, { SIZE_MAX - 8, 1 }, { SIZE_MAX, SIZE_MAX },
	};
	struct arena a;
	size_t i;

	arena_init(&a);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		errno = 0;
		tap_ok(arena_calloc(&a, cases[i].n, cases[i].size) == NULL &&
		    errno == ENOMEM, "calloc %zu * %zu", cases[i].n,
		    cases[i].size);
	}
	errno = 0;
	tap_ok(arena_alloc(&a, SIZE_MAX) == NULL && errno == ENOMEM,
	    "alloc SIZE_MAX");
	errno = 0;
	tap_ok(arena_memdup(&a, "x", SIZE_MAX) == NULL && errno == ENOMEM,
	    "memdup SIZE_MAX");
	tap_ok(arena_calloc(&a, 0, 8) != NULL, "calloc of nothing");
	arena_release(&a);
}

static void
test_copies(void)
{
	struct arena a;
	char *p;
	size_t i;
	int zero = 1;

	arena_init(&a);
	p = arena_alloc(&a, 100);
	memset(p, 'x', 100);
	arena_clear(&a);
	p = arena_calloc(&a, 10, 10);
	for (i = 0; i < 100; i++)
		zero &= p[i] == 0;
	tap_ok(zero, "calloc is zero, where memory was used before");
	tap_str(arena_strdup(&a, "abc"), "abc", "strdup");
	tap_str(arena_strdup(&a, ""), "", "strdup of nothing");
	p = arena_memdup(&a, "a\0b", 3);
	tap_ok(memcmp(p, "a\0b", 4) == 0, "memdup keeps NUL, and adds one");
	arena_release(&a);
}

int
main(void)
{
	test_sizes();
	test_overflow();
	test_copies();
	return tap_done();
}
