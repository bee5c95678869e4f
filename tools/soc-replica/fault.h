/*
 * fault.h -- answers that go wrong on purpose, as --fail lists them.
 *
 * A list is ENDPOINT:CAMPUS:KIND:COUNT[,...]; the first COUNT requests for
 * that endpoint and campus get what KIND says: an HTTP status from 400 to
 * 599, html (a page with status 200), empty (200 and []), or truncated
 * (half the bytes).
 */
#ifndef FAULT_H
#define FAULT_H

#include <pthread.h>

#include "source.h"

#define FAULTS_MAX 32

enum fault_kind { FAULT_NONE, FAULT_STATUS, FAULT_HTML, FAULT_EMPTY,
    FAULT_TRUNCATED };

struct fault {
	enum endpoint endpoint;
	char campus[CAMPUS_TEXT];
	enum fault_kind kind;
	int64_t status;		/* FAULT_STATUS only */
	int64_t left;		/* answers still to spoil */
};

struct faults {
	pthread_mutex_t lock;
	struct fault list[FAULTS_MAX];
	int n;
};

/* Parse spec (NULL: no faults).  Returns 0, or -1 with errno EINVAL. */
int faults_init(struct faults *f, const char *spec);
void faults_release(struct faults *f);

/* What to do to this request; *status is set for FAULT_STATUS. */
enum fault_kind faults_take(struct faults *f, const struct query *q,
    int *status);

#endif
