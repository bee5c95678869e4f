/*
 * transfer.h -- one HTTP exchange of the fetch engine, and what it was.
 *
 * fetch.c decides when; this decides what an answer means.  A transfer is
 * used again for the next request, its connection is the multi handle's.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include <curl/curl.h>

#include "base/buf.h"
#include "base/msg.h"
#include "net/body.h"
#include "net/fetch.h"

struct transfer {
	const struct fetch_policy *policy;	/* borrowed */
	const struct fetch_request *request;	/* borrowed while running */
	CURL *easy;				/* owned */
	struct curl_slist *headers;		/* owned */
	char why[CURL_ERROR_SIZE];		/* libcurl's own words */
	struct body body;
	enum body_result refused;	/* why the body was cut off */
	int foreign;			/* an encoding we did not ask for */
	int failed;			/* errno of our own trouble */
};

/* Returns 0, or -1 with errno ENOMEM.  t must not move afterwards. */
int transfer_init(struct transfer *t, const struct fetch_policy *policy);
void transfer_release(struct transfer *t);

/*
 * Set t->easy up to ask url for request; user is what CURLINFO_PRIVATE
 * will say.  Returns 0, or -1 with errno ENOMEM.
 */
int transfer_prepare(struct transfer *t, const char *url,
    const struct fetch_request *request, void *user);

/*
 * Fill a with what came of it; rc is libcurl's word.  A whole body has its
 * name afterwards.  Returns 1 if another attempt is worth it, else 0, or
 * -1 with errno when it is this machine that failed.
 */
int transfer_judge(struct transfer *t, CURLcode rc, struct fetch_answer *a);

/* Let go of a half body, if there is one. */
void transfer_abort(struct transfer *t);

/*
 * See whether the failure a is a redirect.  Returns 1 and sets *to, which
 * the caller owes a free(), if it is to be followed from url after hops
 * others; 0 if not, and a says why when it was one; -1 with errno ENOMEM.
 */
int transfer_redirect(struct transfer *t, const char *url, int hops,
    struct fetch_answer *a, char **to);

/* The pause in ms that the answer asks for (Retry-After), at most
 * RETRY_WAIT_MAX; 0 without. */
int64_t transfer_pause(struct transfer *t);

/* Make a failure of a.  code and text are copied. */
void transfer_fail(struct fetch_answer *a, const char *code,
    enum exits blame, const char *fmt, ...) MSG_FMT(4, 5);

#endif
