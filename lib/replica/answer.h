/*
 * answer.h -- an answer, and what is to go wrong with it.
 *
 * A request that is right in itself is answered as the site says; then the
 * fault script has its say.
 */
#ifndef REPLICA_ANSWER_H
#define REPLICA_ANSWER_H

#include "replica/packed.h"
#include "replica/site.h"

/* What a site has for one request; all borrowed. */
struct answer {
	struct reply_form form;
	const char *method;	/* the only one; NULL: GET and HEAD */
	/* A page of that status instead, out of the script's reach; 0: no. */
	unsigned int status;
	const char *why;	/* on that page, or NULL */
	/*
	 * The body at a tick, for the caller to let go of; as names another
	 * key whose body is asked for, or is NULL.  Returns NULL with errno,
	 * ENOENT meaning a 404.
	 */
	struct packed *(*find)(void *arg, const char *as, int64_t tick);
	void *arg;
};

/*
 * Answer q, whose key is set, with a; another method than a's is 405.
 * Returns the status, or -1: close it.
 */
int answer_send(const struct replica *r, struct MHD_Connection *c,
    struct visit *q, const struct answer *a);

#endif
