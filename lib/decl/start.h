/*
 * start.h -- the declaration of a tool that is starting.
 *
 * What tools do with -c and with the datasets on their command line.  As
 * opt_parse(), these say what is wrong and exit: nothing has been touched
 * yet.
 */
#ifndef DECL_START_H
#define DECL_START_H

#include "decl/queue.h"
#include "decl/route.h"
#include "decl/snapshot.h"

/* Load file, or exit with 64 (it is wrong), 66 (it is not there), .... */
void decl_start(struct decl *d, const char *file);

/* The dataset that label names ("2026/A"), or exit with 64. */
struct part decl_start_dataset(const struct decl *d, const char *label);

/*
 * The same for what is done to payloads and versions made of them: also 64
 * for a dataset whose rows come item by item, which has none.
 */
struct part decl_start_staged(const struct decl *d, const char *label);

/* Read these sections of d, of which there may be none, or exit with 64. */
void decl_start_snapshot(struct decl *d, struct decl_snapshot *out);
void decl_start_routes(struct decl *d, struct decl_routes *out);
void decl_start_any_queues(struct decl *d, struct decl_queues *all);

/* The queues of d; exit with 64 also if there is none. */
void decl_start_queues(struct decl *d, struct decl_queues *all);

/* The queue of that name, of NULL the only one; or exit with 64. */
const struct decl_queue *decl_start_queue(const struct decl *d,
    const struct decl_queues *all, const char *name);

/*
 * The option --base, else $BASE, else "": what comes in front of addresses
 * (page.h), without a slash at its end.  The caller owes free(); or exit
 * with 64 if it is no URL.
 */
char *decl_start_base(const char *option);

/* Exit with what errno asks for after a section was found wrong. */
_Noreturn void decl_start_failed(const struct buf *why);

#endif
