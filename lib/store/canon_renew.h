/*
 * canon_renew.h -- empty tables for another declaration, where rows come
 * item by item.
 *
 * Such rows are no function of payloads that could be mapped again here:
 * workers make them of sealed pages, as the queue asks them to.  So the
 * canonical tables with their history and versions are made anew, empty,
 * in one transaction; whatever else the database holds, the queue above
 * all, stays as it is.
 */
#ifndef CANON_RENEW_H
#define CANON_RENEW_H

#include "store/canon.h"

/*
 * Do it in the database at path, waiting up to wait_ms for others, or with
 * dry_run see only whether it is one.  Returns EXIT_OK, or the status to
 * exit with and in why the reason.
 */
enum exits canon_renew(const struct decl *d, const char *path, int dry_run,
    int64_t wait_ms, struct buf *why);

#endif
