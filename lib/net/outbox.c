#include "net/outbox.h"

#include <stdlib.h>

int
outbox_init(struct outbox *o, void (*wake)(void *), void *arg)
{
	o->n = 0;
	o->committer = committer_new(wake, arg);
	return o->committer != NULL ? 0 : -1;
}

void
outbox_release(struct outbox *o)
{
	struct last *l;

	if (o->committer == NULL)
		return;
	while ((l = outbox_take(o, 1)) != NULL) {
		job_free(l->job);
		free(l);
	}
	committer_free(o->committer);
	o->committer = NULL;
}

int
outbox_put(struct outbox *o, struct job *j, const struct fetch_answer *a,
    struct outfile *file)
{
	struct last *l = malloc(sizeof(*l));

	if (l == NULL) {
		if (file != NULL)
			outfile_abort(file);
		job_free(j);
		return -1;
	}
	l->job = j;
	l->answer = *a;
	o->n++;
	if (file != NULL) {
		l->commit.file = *file;
		committer_add(o->committer, &l->commit);
	} else {
		committer_pass(o->committer, &l->commit);
	}
	return 0;
}

struct last *
outbox_take(struct outbox *o, int wait)
{
	/* Its first member. */
	struct last *l = (struct last *)committer_take(o->committer, wait);

	o->n -= l != NULL;
	return l;
}
