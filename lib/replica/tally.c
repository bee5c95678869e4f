#include "replica/tally.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/msg.h"

void
tally_init(struct tally *t, int log)
{
	memset(t, 0, sizeof(*t));
	t->log = log;
	t->gap_min_ms = -1;
	pthread_mutex_init(&t->lock, NULL);
}

void
tally_release(struct tally *t)
{
	pthread_mutex_destroy(&t->lock);
}

int64_t
tally_connection(struct tally *t)
{
	int64_t number;

	pthread_mutex_lock(&t->lock);
	number = ++t->connections;
	pthread_mutex_unlock(&t->lock);
	return number;
}

struct visit *
visit_new(const char *target)
{
	struct visit *q = calloc(1, sizeof(*q));

	if (q == NULL || (q->target = strdup(target)) == NULL) {
		free(q);
		return NULL;
	}
	buf_init(&q->body, VISIT_BODY_MAX);
	return q;
}

void
visit_free(struct visit *q)
{
	if (q == NULL)
		return;
	free(q->target);
	buf_release(&q->body);
	free(q);
}

void
tally_start(struct tally *t, struct visit *q)
{
	int64_t gap, now;

	pthread_mutex_lock(&t->lock);
	q->counted = 1;
	q->at_ms = clock_wall_ms();
	now = clock_mono_ms();
	gap = now - t->last_ms;
	if (t->requests > 0 && (t->gap_min_ms == -1 || gap < t->gap_min_ms))
		t->gap_min_ms = gap;
	q->mono_ms = t->last_ms = now;
	t->requests++;
	if (++t->parallel > t->parallel_max)
		t->parallel_max = t->parallel;
	pthread_mutex_unlock(&t->lock);
}

/* One line, in one write: lines of parallel requests never mix. */
static void
log_request(const struct tally *t, const struct visit *q, int status)
{
	char at[CLOCK_TEXT];
	struct jsonw j;
	struct buf b;

	clock_format(q->at_ms, at);
	buf_init(&b, LIMIT_RECORD_BYTES);
	jsonw_record(&j, &b, "request");
	jsonw_str(&j, "at", at);
	jsonw_int(&j, "mono_ms", q->mono_ms);
	jsonw_int(&j, "connection", q->connection);
	jsonw_str(&j, "method", q->method);
	jsonw_strn(&j, "path", q->target,
	    jsonw_utf8(q->target, strlen(q->target)));
	jsonw_opt(&j, "key", q->key[0] != '\0' ? q->key : NULL);
	if (status != 0)
		jsonw_int(&j, "status", status);
	jsonw_opt(&j, "fault", q->fault);
	if (jsonw_end(&j) == -1 ||
	    write(t->log, b.data, b.len) != (ssize_t)b.len)
		msg_error_errno("request log");
	buf_release(&b);
}

void
tally_answer(struct tally *t, struct visit *q, int status)
{
	if (!q->counted || q->told)
		return;
	q->told = 1;
	pthread_mutex_lock(&t->lock);
	if (status <= 0)
		t->unanswered++;
	else if (status == 304)
		t->not_modified++;
	else
		t->by_class[status / 100]++;
	t->faults += q->fault != NULL;
	pthread_mutex_unlock(&t->lock);
	if (t->log != -1)
		log_request(t, q, status > 0 ? status : 0);
}

void
tally_end(struct tally *t, struct visit *q)
{
	if (!q->counted)
		return;
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
	jsonw_int(j, "status_3xx", t->by_class[3]);
	jsonw_int(j, "status_4xx", t->by_class[4]);
	jsonw_int(j, "status_5xx", t->by_class[5]);
	jsonw_int(j, "unanswered", t->unanswered);
	jsonw_int(j, "faults", t->faults);
	jsonw_int(j, "connections", t->connections);
	jsonw_int(j, "parallel_max", t->parallel_max);
	jsonw_int(j, "gap_min_ms", t->gap_min_ms);
	pthread_mutex_unlock(&t->lock);
}
