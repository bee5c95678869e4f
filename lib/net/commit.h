/*
 * commit.h -- give many files their names without waiting for each.
 *
 * A file has its name when the disk has its bytes (outfile.h), and a disk
 * takes as long for one as for a dozen.  So threads wait for it, and nothing
 * else is theirs: who hands in files has them back with the results, in the
 * same order.
 */
#ifndef COMMIT_H
#define COMMIT_H

#include "base/outfile.h"

/* Files that are waited for at a time, at most: a thread each. */
#define COMMIT_THREADS 64

/* A file on its way, owned by who handed it in; a member of something. */
struct commit {
	struct commit *next, *next_todo;
	struct outfile file;	/* ready; released afterwards */
	int done;		/* the threads have no more to do with it */
	int failed;		/* errno of outfile_publish(), or 0 */
};

struct committer;

/*
 * Start n threads, 1 to COMMIT_THREADS, or fewer if the machine has no more
 * to give.  wake is called in one of them when a file is done.
 * Returns NULL with errno.
 */
struct committer *committer_new(int n, void (*wake)(void *arg), void *arg);

/* End the threads; nothing may be on its way. */
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
