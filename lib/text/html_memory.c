#include "text/html_memory.h"

#include <libxml/parser.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define STEP 16			/* sizes of small pieces, up to: */
#define SMALL 1024		/* above, powers of two */
#define CLASSES 128

/* In front of each piece. */
struct head {
	alignas(max_align_t) size_t size;	/* of what follows */
	size_t class;		/* 0: it is malloc()'s */
};

struct piece {
	struct piece *next;
};

/* The library's allocators are called with nothing of ours. */
static struct {
	int installed, open;
	struct arena arena;
	struct piece *freed[CLASSES];
} page;

/* The class of n bytes, from 1, which it makes the size of the class. */
static size_t
class_of(size_t *n)
{
	size_t class = (*n + STEP - 1) / STEP, size = SMALL;

	if (*n <= SMALL) {
		class += class == 0;
		*n = class * STEP;
		return class;
	}
	for (class = SMALL / STEP; size < *n; class++)
		size *= 2;
	*n = size;
	return class;
}

static void *
take(size_t n)
{
	size_t class = 0;
	struct head *h;
	void *p;

	if (n > SIZE_MAX / 4)
		return NULL;
	if (page.open) {
		class = class_of(&n);
		if ((p = page.freed[class]) != NULL) {
			page.freed[class] = page.freed[class]->next;
			return p;
		}
	}
	h = page.open ? arena_alloc(&page.arena, sizeof(*h) + n) :
	    malloc(sizeof(*h) + n);
	if (h == NULL)
		return NULL;
	*h = (struct head){ n, class };
	return h + 1;
}

static void
give_back(void *p)
{
	struct piece *freed = p;
	struct head *h;

	if (p == NULL)
		return;
	h = (struct head *)p - 1;
	if (h->class == 0) {
		free(h);
		return;
	}
	freed->next = page.freed[h->class];
	page.freed[h->class] = freed;
}

/* What malloc() gave stays malloc()'s. */
static void *
resize_other(struct head *h, size_t n)
{
	if (n > SIZE_MAX / 4 || (h = realloc(h, sizeof(*h) + n)) == NULL)
		return NULL;
	h->size = n;
	return h + 1;
}

static void *
resize(void *p, size_t n)
{
	struct head *h;
	void *larger;

	if (p == NULL)
		return take(n);
	h = (struct head *)p - 1;
	if (h->class == 0)
		return resize_other(h, n);
	if (n <= h->size)
		return p;
	if ((larger = take(n)) == NULL)
		return NULL;
	memcpy(larger, p, h->size);
	give_back(p);
	return larger;
}

static char *
duplicate(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = take(n);

	if (p != NULL)
		memcpy(p, s, n);
	return p;
}

void
html_memory_init(void)
{
	page.installed = xmlMemSetup(give_back, take, resize, duplicate) == 0;
	arena_init(&page.arena);
	xmlInitParser();
}

void
html_memory_begin(void)
{
	page.open = page.installed;
}

void
html_memory_end(void)
{
	if (!page.open)
		return;
	xmlResetLastError();		/* the library keeps its text */
	page.open = 0;
	memset(page.freed, 0, sizeof(page.freed));
	arena_clear(&page.arena);
}

int
html_memory_is_page(void)
{
	return page.open;
}
