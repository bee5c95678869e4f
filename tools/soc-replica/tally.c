#include "tally.h"

#include <string.h>

#include "base/clock.h"

void
tally_init(struct tally *t)
{
	memset(t, 0, sizeof(*t));
	t->gap_min_ms = -1;
	pthread_mutex_init(&t->lock, NULL);
}

void
tally_release(struct tally *t)
{
	pthread_mutex_destroy(&t->lock);
}

void
tally_connection(struct tally *t)
{
	pthread_mutex_lock(&t->lock);
	t->connections++;
	pthread_mutex_unlock(&t->lock);
}

void
tally_start(struct tally *t)
{
	int64_t gap, now;

	pthread_mutex_lock(&t->lock);
	now = clock_mono_ms();
	gap = now - t->last_ms;
	if (t->requests > 0 && (t->gap_min_ms == -1 || gap < t->gap_min_ms))
		t->gap_min_ms = gap;
	t->last_ms = now;
	t->requests++;
	if (++t->parallel > t->parallel_max)
		t->parallel_max = t->parallel;
	pthread_mutex_unlock(&t->lock);
}

void
tally_answer(struct tally *t, int status)
{
	pthread_mutex_lock(&t->lock);
	if (status == 304)
		t->not_modified++;
	else if (status > 0)
		t->by_class[status / 100]++;
	pthread_mutex_unlock(&t->lock);
}

void
tally_end(struct tally *t)
{
	pthread_mutex_lock(&t->lock);
	t->parallel--;
	pthread_mutex_unlock(&t->lock);
}

void
tally_write(struct tally *t, struct jsonw *j)
{
	pthread_mutex_lock(&t->lock);
	jsonw_int(j, "requests", t->requests);
	jsonw_int(j, "status_2xx", t->by_class[2]);
	jsonw_int(j, "status_304", t->not_modified);
	jsonw_int(j, "status_4xx", t->by_class[4]);
	jsonw_int(j, "status_5xx", t->by_class[5]);
	jsonw_int(j, "connections", t->connections);
	jsonw_int(j, "parallel_max", t->parallel_max);
	jsonw_int(j, "gap_min_ms", t->gap_min_ms);
	pthread_mutex_unlock(&t->lock);
}
