/*
 * judge.h -- what came of an exchange: a body, the same as before, or a
 * failure with its code; and whether another attempt is worth it.
 *
 * The codes are part of the interface: the manual lists them.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "base/breaker.h"
#include "base/msg.h"
#include "net/pace.h"
#include "net/transfer.h"

/*
 * Fill a with what came of t; rc is libcurl's word.  Returns 1 if another
 * attempt is worth it, else 0, or -1 with errno when it is this machine that
 * failed.
 */
int judge(struct transfer *t, CURLcode rc, struct fetch_answer *a);

/*
 * See whether the failure a is a redirect, and let trail, where t stood,
 * follow it.  Returns 1 if it is to be followed; 0 if not, and a says why
 * when it was one; -1 with errno ENOMEM.
 */
int judge_redirect(const struct transfer *t, struct trail *trail,
    struct fetch_answer *a);

/*
 * A redirect leads to url, and a fetch_lead_fn said so about that.  Returns
 * 1 if it may be followed, else 0, and a says why.
 */
int judge_lead(struct fetch_answer *a, int said, const char *url);

/*
 * For how many ms from now its host is to be left alone: Retry-After, or
 * after 429 without one the policy's pause; else 0.
 */
int64_t judge_pause(const struct transfer *t, const struct fetch_answer *a);

/* What an answer says about the haste of asking, and about the server. */
enum pace_news judge_pace(const struct fetch_answer *a);
enum breaker_news judge_health(const struct fetch_answer *a);

/*
 * Fill a for a request that is left: it was interrupted in that attempt
 * (from 1), or has failed (not NULL) before, or was not asked, and why.
 */
void judge_left(struct fetch_answer *a, const struct fetch_answer *failed,
    int64_t attempt, const char *why);

/* Make a failure of a.  code and text are copied. */
void judge_fail(struct fetch_answer *a, const char *code, enum exits blame,
    const char *fmt, ...) MSG_FMT(4, 5);

#endif
