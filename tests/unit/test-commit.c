/* Files that have their names in order, waited for together: commit.h. */
#include "net/commit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"
#include "tmpdir.h"

#define FILES 200

static void
wake(void *arg)
{
	(void)!write(*(int *)arg, "", 1);
}

/* Hand in file number i of that text. */
static void
hand_in(struct committer *c, struct commit *f, int i, const char *text)
{
	char path[16];

	snprintf(path, sizeof(path), "f%d", i);
	if (outfile_open(&f->file, path, OUTFILE_NEW) == -1 ||
	    fputs(text, f->file.fp) == EOF || outfile_ready(&f->file) == -1)
		exit(99);
	committer_add(c, f);
}

int
main(void)
{
	static struct commit files[FILES], none, late, other;
	struct committer *c;
	int i, order = 1, failed = 0, named = 0, fds[2];
	struct commit *f;
	char byte;

	tmpdir_enter();
	if (pipe(fds) == -1 || (c = committer_new(wake, &fds[1])) == NULL)
		return 99;
	tap_ok(committer_take(c, 0) == NULL && committer_take(c, 1) == NULL,
	    "nothing in, nothing out");
	for (i = 0; i < FILES; i++)
		hand_in(c, &files[i], i, "text");
	committer_pass(c, &none);
	for (i = 0; i < FILES; i++) {
		f = committer_take(c, 1);
		order &= f == &files[i];
		failed += f->failed != 0;
	}
	tap_ok(order, "they come back in order");
	tap_int(failed, 0, "with their names");
	tap_ok(committer_take(c, 0) == &none, "what is no file keeps its place");
	tap_ok(committer_take(c, 1) == NULL, "and that is all");
	for (i = 0; i < FILES; i++) {
		char path[16];

		snprintf(path, sizeof(path), "f%d", i);
		named += strcmp(tmpdir_read(path), "text") == 0;
	}
	tap_int(named, FILES, "each is there");
	tap_ok(read(fds[0], &byte, 1) == 1, "and we are woken");
	hand_in(c, &late, 0, "text");
	hand_in(c, &other, 1, "other text");
	tap_ok(committer_take(c, 1) == &late && late.failed == 0,
	    "the same bytes again are fine");
	tap_ok(committer_take(c, 1) == &other && other.failed == EEXIST,
	    "others are refused");
	tap_str(tmpdir_read("f1"), "text", "and change nothing");
	committer_free(c);
	tmpdir_leave();
	return tap_done();
}
