/*
 * robots.h -- what a site's robots.txt lets a robot ask for.
 *
 * Pure: bytes and an agent's name in, decisions out.  Any bytes are a
 * robots.txt; what is no rule says nothing.  Only the rules for one agent
 * are kept: those of all groups that name it, else those of all groups
 * for "*", else none.  Among the rules that match, the longest decides,
 * and of two equal ones the one that allows.
 * Source: RFC 9309; Crawl-delay is an old extension of some robots.
 */
#ifndef ROBOTS_H
#define ROBOTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Bytes of a robots.txt that count, all that RFC 9309 (2.5) asks for; a
 * line that ends behind them does not. */
#define ROBOTS_BYTES ((size_t)500 * 1024)

/* A longer delay is taken for this one, in ms. */
#define ROBOTS_DELAY_MAX ((int64_t)86400 * 1000)

struct robots_rule {
	size_t pattern;		/* where it is in text, '\0'-terminated */
	size_t weight;		/* octets, as RFC 9309 counts them */
	int allow;
};

struct robots {
	struct buf text;		/* patterns, normalized */
	struct robots_rule *rules;	/* owned; heaviest first */
	size_t n, cap;
	int64_t delay_ms;		/* Crawl-delay, or -1 */
};

/*
 * Read n bytes for the agent with this product token ("sluice"), which is
 * compared without regard to case.  Returns 0, and the caller owes
 * robots_release(); or -1 with errno ENOMEM and nothing to release.
 */
int robots_parse(struct robots *r, const char *bytes, size_t n,
    const char *agent);
void robots_release(struct robots *r);

/*
 * May this be asked for?  target is the path and query of a URL, as they
 * are requested; a fragment does not count.  /robots.txt always may be.
 * Returns 1 or 0; 0 also when the rules are so bad that deciding would
 * take for ever, and when memory is out.
 */
int robots_allows(const struct robots *r, const char *target);

#endif
