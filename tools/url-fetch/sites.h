/*
 * sites.h -- what the robots.txt of each site says, kept for a day.
 *
 *	DATA/cache/robots/SITE
 *
 * One line of JSON (site, fetched_at, status), then the bytes, decoded and
 * at most ROBOTS_BYTES.  All runs share it; each file is replaced whole.
 * What cannot be had is not kept: the next run asks again.
 */
#ifndef SITES_H
#define SITES_H

#include "net/rules.h"

/* The product token that a robots.txt names us by. */
#define SITES_AGENT "sluice"

/* A file is good for so long, in ms.  RFC 9309, section 2.4. */
#define SITES_AGE_MS ((int64_t)86400 * 1000)

struct site;

struct sites {
	const char *data;	/* borrowed */
	struct site *first;	/* owned */
};

void sites_init(struct sites *s, const char *data);
void sites_release(struct sites *s);

/* s as what a fetcher asks. */
struct rules sites_rules(struct sites *s);

#endif
