/*
 * commit.h -- give many files their names without waiting for each.
 *
 * A file has its name when the disk has its bytes (outfile.h), and a disk
 * takes as long for one as for a hundred.  So a thread waits for it, and
 * nothing else is its own: who hands in files has them back with the
 * results, in the same order.
 *
 * The thread works in turns and takes in each whatever has been handed in
 * by then; it never waits for more.  One flush of the disk is for all of a
 * turn: for the bytes of the new files, and for the names that the turn
 * before gave.  A few files are synced one by one, so that little does not
 * wait for what others have written to the same disk.
 */
#ifndef COMMIT_H
#define COMMIT_H

#include "base/outfile.h"

/* A file on its way, owned by who handed it in; a member of something. */
struct commit {
	struct commit *next, *next_todo;
	struct outfile file;	/* ready; released afterwards */
	int done;		/* the thread has no more to do with it */
	int failed;		/* errno, if it has no name; or 0 */
};

struct committer;

/*
 * Start the thread, which calls wake when files are done.
 * Returns NULL with errno.
 */
struct committer *committer_new(void (*wake)(void *arg), void *arg);

/* End the thread; nothing may be on its way. */
void committer_free(struct committer *c);

/* Hand in a file; or what has none, only to keep its place in the order. */
void committer_add(struct committer *c, struct commit *file);
void committer_pass(struct committer *c, struct commit *no_file);

/*
 * Take the first one that was handed in, if it is done, or NULL.  wait: it
 * is waited for, and NULL says that there is none.
 */
struct commit *committer_take(struct committer *c, int wait);

#endif
