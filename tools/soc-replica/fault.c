#include "fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

/* Copy the field at *s up to stop or the end; -1 if it is too long. */
static int
field(const char **s, char stop, char *out, size_t size)
{
	size_t n = strcspn(*s, stop == ':' ? ":," : ",");

	if (n == 0 || n >= size || (stop == ':' && (*s)[n] != ':'))
		return -1;
	memcpy(out, *s, n);
	out[n] = '\0';
	*s += n + ((*s)[n] != '\0');
	return 0;
}

static int
parse_kind(struct fault *f, const char *kind)
{
	static const struct {
		const char *name;
		enum fault_kind kind;
	} kinds[] = {
		{ "html", FAULT_HTML },
		{ "empty", FAULT_EMPTY },
		{ "truncated", FAULT_TRUNCATED },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, kind) == 0) {
			f->kind = kinds[i].kind;
			return 0;
		}
	f->kind = FAULT_STATUS;
	return num_parse(kind, 400, 599, &f->status);
}

static int
parse_one(struct fault *f, const char **s)
{
	char endpoint[16], kind[16], count[24];
	int e;

	if (field(s, ':', endpoint, sizeof(endpoint)) == -1 ||
	    field(s, ':', f->campus, sizeof(f->campus)) == -1 ||
	    field(s, ':', kind, sizeof(kind)) == -1 ||
	    field(s, ',', count, sizeof(count)) == -1 ||
	    (e = endpoint_find(endpoint)) == -1)
		return -1;
	f->endpoint = (enum endpoint)e;
	if (parse_kind(f, kind) == -1)
		return -1;
	return num_parse(count, 1, 1000000, &f->left);
}

int
faults_init(struct faults *f, const char *spec)
{
	memset(f, 0, sizeof(*f));
	while (spec != NULL && *spec != '\0') {
		if (f->n == FAULTS_MAX ||
		    parse_one(&f->list[f->n], &spec) == -1) {
			errno = EINVAL;
			return -1;
		}
		f->n++;
	}
	pthread_mutex_init(&f->lock, NULL);
	return 0;
}

void
faults_release(struct faults *f)
{
	pthread_mutex_destroy(&f->lock);
}

enum fault_kind
faults_take(struct faults *f, const struct query *q, int *status)
{
	enum fault_kind kind = FAULT_NONE;
	int i;

	pthread_mutex_lock(&f->lock);
	for (i = 0; i < f->n && kind == FAULT_NONE; i++) {
		struct fault *one = &f->list[i];

		if (one->left == 0 || one->endpoint != q->endpoint ||
		    strcmp(one->campus, q->campus) != 0)
			continue;
		one->left--;
		kind = one->kind;
		*status = (int)one->status;
	}
	pthread_mutex_unlock(&f->lock);
	return kind;
}
