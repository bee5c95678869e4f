/*
 * rules.h -- who says what may be asked of a site, seen from the fetcher.
 *
 * The rules of a site are themselves fetched: a fetcher that is told to ask
 * first holds back what is for that site until it has learnt them.
 */
#ifndef RULES_H
#define RULES_H

#include <stdint.h>

#include "net/fetch.h"

enum rules_word {
	RULES_MAY,
	RULES_NO,		/* they forbid it */
	RULES_LATER,		/* they cannot be had: not now */
	RULES_ASK,		/* they are not known: fetch them first */
	RULES_FAILED		/* this machine; errno is set */
};

struct rules {
	/*
	 * What is known about url.  With RULES_MAY, *interval_ms is what
	 * the site wants between two starts, or 0.
	 */
	enum rules_word (*may)(const char *url, int64_t *interval_ms,
	    void *arg);
	/*
	 * After RULES_ASK: fill q with what to fetch, but for its arg.  Its
	 * texts stay until learn().  Returns 0, or -1 with errno.
	 */
	int (*ask)(const char *url, struct fetch_request *q, void *arg);
	/* Take the last answer to that.  Returns 0, or -1 with errno. */
	int (*learn)(const struct fetch_answer *a, void *arg);
	void *arg;
};

#endif
