#define _GNU_SOURCE		/* syncfs(), sync_file_range() */

#include "net/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many files are not worth a flush of everything on the disk. */
#define FEW 3

/* Files that go through a turn together; linked by next_todo. */
struct group {
	struct commit *first, **last;
	int n;
};

struct committer {
	pthread_mutex_t lock;	/* of what follows */
	pthread_cond_t grew, done;
	struct commit *first, **last;	/* all that was handed in */
	struct group todo;		/* of them, for the thread */
	int ending;
	void (*wake)(void *);
	void *arg;
	pthread_t thread;
};

static void
group_init(struct group *g)
{
	*g = (struct group){ .last = &g->first };
}

/* --- the disk ------------------------------------------------------------ */

static int
is_on(const struct commit *f, dev_t device)
{
	struct stat st;

	return fstat(outfile_fd(&f->file), &st) == 0 && st.st_dev == device;
}

/*
 * Have all that is on the file system of f written.  Returns 1 and sets
 * *device to it; 0 if that is not to be had.
 */
static int
sync_all(const struct commit *f, dev_t *device)
{
	struct stat st;

	if (fstat(outfile_fd(&f->file), &st) == -1 ||
	    syncfs(outfile_fd(&f->file)) == -1)
		return 0;
	*device = st.st_dev;
	return 1;
}

/* After sync_all() there is nothing to wait for, but errors to be told. */
static int
check_synced(const struct commit *f)
{
	return sync_file_range(outfile_fd(&f->file), 0, 0,
	    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
	    SYNC_FILE_RANGE_WAIT_AFTER);
}

/*
 * One turn: see to it that the disk has the bytes of the new files, whose
 * names they get then, and the names that the turn before gave.
 */
static void
take_turn(struct group *new, struct group *named)
{
	struct commit *f = new->first != NULL ? new->first : named->first;
	dev_t device;
	int all = new->n + named->n > FEW && sync_all(f, &device), r;

	for (f = named->first; f != NULL; f = f->next_todo) {
		if (f->failed != 0)
			continue;
		if (all && is_on(f, device))
			outfile_settled(&f->file);
		else if (outfile_settle(&f->file) == -1)
			f->failed = errno;
	}
	for (f = new->first; f != NULL; f = f->next_todo) {
		r = all && is_on(f, device) ? check_synced(f) :
		    fsync(outfile_fd(&f->file));
		if (r == -1) {
			f->failed = errno;
			outfile_abort(&f->file);
		} else if (outfile_name(&f->file) == -1) {
			f->failed = errno;
		}
	}
}

/* --- the thread ---------------------------------------------------------- */

/* Take what has been handed in; wait: until there is something, or an end. */
static struct group
take_new(struct committer *c, int wait)
{
	struct group g;

	group_init(&g);
	pthread_mutex_lock(&c->lock);
	while (wait && c->todo.first == NULL && !c->ending)
		pthread_cond_wait(&c->grew, &c->lock);
	if (c->todo.first != NULL) {
		g = c->todo;
		group_init(&c->todo);
	}
	pthread_mutex_unlock(&c->lock);
	return g;
}

static void
hand_back(struct committer *c, const struct group *g)
{
	struct commit *f;

	pthread_mutex_lock(&c->lock);
	for (f = g->first; f != NULL; f = f->next_todo)
		f->done = 1;
	pthread_cond_signal(&c->done);
	pthread_mutex_unlock(&c->lock);
	c->wake(c->arg);
}

static void *
work(void *arg)
{
	struct committer *c = arg;
	struct group new, named;

	group_init(&named);
	for (;;) {
		new = take_new(c, named.first == NULL);
		if (new.first == NULL && named.first == NULL)
			return NULL;
		take_turn(&new, &named);
		if (named.first != NULL)
			hand_back(c, &named);
		named = new;
	}
}

/* Signals are for the thread that waits for the network. */
static int
start_thread(struct committer *c)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	errno = pthread_create(&c->thread, NULL, work, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return errno == 0 ? 0 : -1;
}

/* --- its owner ----------------------------------------------------------- */

static void
release(struct committer *c)
{
	int saved = errno;

	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->grew);
	pthread_cond_destroy(&c->done);
	free(c);
	errno = saved;
}

struct committer *
committer_new(void (*wake)(void *), void *arg)
{
	struct committer *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->wake = wake;
	c->arg = arg;
	c->last = &c->first;
	group_init(&c->todo);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->grew, NULL);
	pthread_cond_init(&c->done, NULL);
	if (start_thread(c) == 0)
		return c;
	release(c);
	return NULL;
}

void
committer_free(struct committer *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->ending = 1;
	pthread_cond_signal(&c->grew);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	release(c);
}

static void
hand_in(struct committer *c, struct commit *f, int done)
{
	f->next = f->next_todo = NULL;
	f->failed = 0;
	f->done = done;
	pthread_mutex_lock(&c->lock);
	*c->last = f;
	c->last = &f->next;
	if (!done) {
		*c->todo.last = f;
		c->todo.last = &f->next_todo;
		c->todo.n++;
		pthread_cond_signal(&c->grew);
	}
	pthread_mutex_unlock(&c->lock);
}

void
committer_add(struct committer *c, struct commit *file)
{
	hand_in(c, file, 0);
}

void
committer_pass(struct committer *c, struct commit *no_file)
{
	hand_in(c, no_file, 1);
}

struct commit *
committer_take(struct committer *c, int wait)
{
	struct commit *f;

	pthread_mutex_lock(&c->lock);
	while ((f = c->first) != NULL && !f->done && wait)
		pthread_cond_wait(&c->done, &c->lock);
	if (f != NULL && !f->done)
		f = NULL;
	if (f != NULL && (c->first = f->next) == NULL)
		c->last = &c->first;
	pthread_mutex_unlock(&c->lock);
	return f;
}
