/*
 * ask.h -- the task that asks for a partition, as its part declares.
 *
 * Where and how: url, request and paging of [part.NAME], or the address of
 * its page, if that belongs to no queue.  Else as it was asked for the last
 * time, which the ledger has from the answer (asked.h).
 */
#ifndef ASK_H
#define ASK_H

#include "decl/page.h"
#include "store/ledger.h"

struct ask {
	const char *run, *mode;		/* all borrowed */
	const char *data;
	struct db *ledger;	/* NULL: there is none, nothing is known */
	const struct decl *d;
	const struct pages *pages;	/* of d; or none at all */
	const char *base;	/* in front of an address with /; "" if it
				 * is not known */
};

/* Bytes of what ask_write() says. */
#define ASK_WHY 128

/*
 * Write the members of a task for the partition key of the part p; last is
 * what asked.h kept, as JSON text, or NULL.
 * Returns 0, or -1 with errno: EINVAL when nobody knows how, and in why the
 * reason; EIO when the ledger failed, as db_message() says; or as buf_add().
 */
int ask_task(const struct ask *a, const struct decl_part *p,
    const struct part *key, const char *last, struct jsonw *w,
    char why[ASK_WHY]);

#endif
