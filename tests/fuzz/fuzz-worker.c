/*
 * fuzz-worker.c -- what a worker may say: worker_hear().
 *
 * "make fuzz" runs it by libFuzzer.  What must hold, whatever comes: each
 * item that was given is with the worker still or finished, once; a done
 * one has as many records as its last one says, and each can be read; what
 * is refused has a reason; and it makes no difference in which pieces the
 * bytes come.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/worker.h"

#define ITEMS 3

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
fuzz_fail(const char *what)
{
	fprintf(stderr, "fuzz-worker: %s\n", what);
	abort();
}

static void
fuzz_give_all(struct worker *w)
{
	char record[80];
	int i;

	for (i = 1; i <= ITEMS; i++) {
		snprintf(record, sizeof(record), "{\"type\":\"item\","
		    "\"part\":{\"id\":\"%d\"}}\n", i);
		worker_give(w, work_new(record, strlen(record), NULL, NULL));
	}
}

static int
fuzz_count(const struct record *r, void *arg)
{
	if (!record_is(r, "row") && !record_is(r, "item"))
		fuzz_fail("an item has a record that is no row and no item");
	++*(int64_t *)arg;
	return 0;
}

static void
fuzz_check(const struct work *w)
{
	int64_t n = 0;

	if (work_each(w, fuzz_count, &n) != 0 || n != w->n)
		fuzz_fail("another number of records than counted");
	if (w->end == WORK_DONE && w->closing == NULL)
		fuzz_fail("done, and by no record");
	if (w->end != WORK_OPEN && w->end != WORK_DONE && w->code[0] == '\0')
		fuzz_fail("failed, and it is not said how");
}

/* What became of it all, as text. */
static void
fuzz_tell(struct worker *w, int got, struct buf *b)
{
	struct work *i;
	int64_t has = 0;
	int seen[ITEMS] = { 0 }, k;

	for (i = w->first; i != NULL; i = i->next, has++) {
		fuzz_check(i);
		seen[i->key[7] - '1']++;
	}
	if (has != w->n)
		fuzz_fail("it has another number of items than it says");
	while ((i = worker_take(w)) != NULL) {
		fuzz_check(i);
		seen[i->key[7] - '1']++;
		buf_printf(b, "%s %d %s %s %.*s\n", i->key, i->end, i->code,
		    i->text, (int)i->lines.len, i->lines.data);
		work_free(i);
	}
	for (k = 0; k < ITEMS; k++)
		if (seen[k] != 1)
			fuzz_fail("an item is lost, or there twice");
	if ((got == -1) != (w->fault != NULL))
		fuzz_fail("refused without a reason, or the other way round");
	buf_printf(b, "%d %s %s", w->over, w->fault != NULL ? w->fault : "",
	    w->text);
}

/* It says them in pieces of at most that many bytes. */
static void
fuzz_say(const unsigned char *data, size_t n, size_t piece, struct buf *b)
{
	struct worker w;
	size_t at, some;
	char *bytes;
	int got = 0;

	worker_init(&w, NULL, NULL);
	fuzz_give_all(&w);
	for (at = 0; got == 0 && at < n; at += some) {
		some = n - at < piece ? n - at : piece;
		/* Its own memory: what is behind must not be read. */
		if ((bytes = malloc(some)) == NULL)
			fuzz_fail("no memory");
		memcpy(bytes, data + at, some);
		got = worker_hear(&w, bytes, some);
		free(bytes);
	}
	fuzz_tell(&w, got, b);
	worker_release(&w);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	struct buf whole, pieces;

	buf_init(&whole, (size_t)64 << 20);
	buf_init(&pieces, (size_t)64 << 20);
	fuzz_say(data, n, n, &whole);
	fuzz_say(data, n, n % 13 + 1, &pieces);
	if (strcmp(whole.data, pieces.data) != 0)
		fuzz_fail("in pieces it means something else");
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
