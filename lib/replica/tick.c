#include "replica/tick.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/outfile.h"
#include "base/path.h"

int
tick_load(const char *file, int64_t *now)
{
	char line[32] = "";
	FILE *fp = fopen(file, "r");

	if (fp == NULL)
		return -1;
	if (fgets(line, sizeof(line), fp) == NULL)
		line[0] = '\0';
	fclose(fp);
	line[strcspn(line, "\n")] = '\0';
	return num_parse(line, 0, TICK_MAX, now);
}

static int
record(const char *file, int64_t now)
{
	struct outfile o;

	if (file == NULL)
		return 0;
	if (path_mkparents(file) == -1 ||
	    outfile_open(&o, file, OUTFILE_REPLACE) == -1)
		return -1;
	fprintf(o.fp, "%" PRId64 "\n", now);
	return outfile_commit(&o);
}

int
tick_init(struct tick *t, int64_t start, const char *file)
{
	t->file = file;
	t->now = start == -1 ? 0 : start;
	if (start == -1 && file != NULL && tick_load(file, &t->now) == -1 &&
	    errno != ENOENT)
		return -1;
	if (record(file, t->now) == -1)
		return -1;
	pthread_mutex_init(&t->lock, NULL);
	return 0;
}

void
tick_release(struct tick *t)
{
	pthread_mutex_destroy(&t->lock);
}

int64_t
tick_now(struct tick *t)
{
	int64_t now;

	pthread_mutex_lock(&t->lock);
	now = t->now;
	pthread_mutex_unlock(&t->lock);
	return now;
}

int64_t
tick_advance(struct tick *t)
{
	int64_t next = -1;

	pthread_mutex_lock(&t->lock);
	if (t->now >= TICK_MAX)
		errno = ERANGE;
	else if (record(t->file, t->now + 1) == 0)
		next = ++t->now;
	pthread_mutex_unlock(&t->lock);
	return next;
}
