/*
 * transfer.h -- one HTTP exchange of the fetch engine.
 *
 * fetch.c decides when, judge.c what came of it; this says what is asked
 * and takes the answer's bytes.  A transfer is used again for the next
 * request, its connection is the multi handle's.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include <curl/curl.h>
#include <stdio.h>

#include "net/body.h"
#include "net/fetch.h"
#include "net/trail.h"

struct transfer {
	const struct fetch_policy *policy;	/* borrowed */
	const struct fetch_request *request;	/* borrowed while running */
	const struct trail *trail;		/* the same; where it stands */
	CURL *easy;				/* owned */
	struct curl_slist *headers;		/* owned */
	FILE *upload;				/* owned; or NULL */
	char why[CURL_ERROR_SIZE];		/* libcurl's own words */
	struct body body;
	int64_t mark_ms, mark_bytes;	/* where the rate is measured from */
	int64_t page_bytes;		/* of an error's page */
	enum body_result refused;	/* why the body was cut off */
	int foreign;			/* an encoding we did not ask for */
	int inward;			/* a redirect that led too far inside */
	int slow;			/* below policy.min_rate */
	int failed;			/* errno of our own trouble */
};

/* Returns 0, or -1 with errno ENOMEM.  t must not move afterwards. */
int transfer_init(struct transfer *t, const struct fetch_policy *policy);
void transfer_release(struct transfer *t);

/*
 * Set t->easy up to ask for request where trail stands; user is what
 * CURLINFO_PRIVATE will say.  Returns 0, or -1 with errno: ENOMEM, or what
 * is wrong with the file to upload.
 */
int transfer_prepare(struct transfer *t, const struct fetch_request *request,
    const struct trail *trail, void *user);

/* Trust whom the environment says, by the names curl(1) has, instead of
 * whom the system does. */
void transfer_trust(CURL *easy);

/* Does the status promise a whole body?  Part of one (206) was not asked
 * for. */
int transfer_has_body(long status);

/* The headers are in: open the file.  -1 says that it is not to be. */
int transfer_begin_body(struct transfer *t);

/*
 * Is the body coming at less than policy.min_rate?  To be asked again and
 * again; t->slow keeps a yes.
 */
int transfer_is_slow(struct transfer *t, int64_t now_ms);

/* How far inside lies the server that answered? */
enum addr_scope transfer_scope(const struct transfer *t);

/* A response header if it is one short line of plain text, else "". */
void transfer_header(CURL *easy, const char *name, char out[FETCH_HEADER]);

/* Let go of a half body, if there is one. */
void transfer_abort(struct transfer *t);

#endif
