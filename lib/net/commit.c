#include "net/commit.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct committer {
	pthread_mutex_t lock;	/* of all below */
	pthread_cond_t grew, done;
	struct commit *first, **last;	/* all that was handed in */
	struct commit *todo, **todo_last;	/* of them, for the threads */
	int ending;
	void (*wake)(void *);
	void *arg;
	pthread_t threads[COMMIT_THREADS];
	int n_threads;
};

/* Wait for a file to give its name to; NULL at the end. */
static struct commit *
next_file(struct committer *c)
{
	struct commit *f;

	pthread_mutex_lock(&c->lock);
	while (c->todo == NULL && !c->ending)
		pthread_cond_wait(&c->grew, &c->lock);
	f = c->todo;
	if (f != NULL && (c->todo = f->next_todo) == NULL)
		c->todo_last = &c->todo;
	pthread_mutex_unlock(&c->lock);
	return f;
}

static void
hand_back(struct committer *c, struct commit *f, int failed)
{
	pthread_mutex_lock(&c->lock);
	f->failed = failed;
	f->done = 1;
	pthread_cond_signal(&c->done);
	pthread_mutex_unlock(&c->lock);
	c->wake(c->arg);
}

static void *
work(void *arg)
{
	struct committer *c = arg;
	struct commit *f;

	while ((f = next_file(c)) != NULL) {
		int r = outfile_publish(&f->file);

		hand_back(c, f, r == 0 ? 0 : errno);
	}
	return NULL;
}

static int
start_threads(struct committer *c, int n)
{
	pthread_attr_t attr;
	int r = 0;

	if ((errno = pthread_attr_init(&attr)) != 0)
		return -1;
	pthread_attr_setstacksize(&attr, (size_t)128 << 10);
	while (r == 0 && c->n_threads < n)
		if ((r = pthread_create(&c->threads[c->n_threads], &attr,
		    work, c)) == 0)
			c->n_threads++;
	pthread_attr_destroy(&attr);
	errno = r;
	return c->n_threads > 0 ? 0 : -1;
}

struct committer *
committer_new(int n, void (*wake)(void *), void *arg)
{
	struct committer *c = calloc(1, sizeof(*c));
	sigset_t all, old;
	int r;

	if (c == NULL)
		return NULL;
	c->wake = wake;
	c->arg = arg;
	c->last = &c->first;
	c->todo_last = &c->todo;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->grew, NULL);
	pthread_cond_init(&c->done, NULL);
	/* Signals are for the thread that waits for the network. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = start_threads(c, n);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r == 0)
		return c;
	committer_free(c);
	return NULL;
}

void
committer_free(struct committer *c)
{
	int saved = errno, i;

	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->ending = 1;
	pthread_cond_broadcast(&c->grew);
	pthread_mutex_unlock(&c->lock);
	for (i = 0; i < c->n_threads; i++)
		pthread_join(c->threads[i], NULL);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->grew);
	pthread_cond_destroy(&c->done);
	free(c);
	errno = saved;
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
		*c->todo_last = f;
		c->todo_last = &f->next_todo;
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
