#include "net/judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void
judge_fail(struct fetch_answer *a, const char *code, enum exits blame,
    const char *fmt, ...)
{
	va_list ap;

	a->outcome = FETCH_FAILED;
	a->blame = blame;
	snprintf(a->code, sizeof(a->code), "%s", code);
	va_start(ap, fmt);
	vsnprintf(a->text, sizeof(a->text), fmt, ap);
	va_end(ap);
}

/* --- libcurl gave up ----------------------------------------------------- */

/* What that means; worth: another attempt. */
static const struct trouble {
	CURLcode rc;
	const char *code;
	int worth;
	enum exits blame;
} troubles[] = {
	{ CURLE_COULDNT_RESOLVE_PROXY, "dns", 1, EXIT_TEMP },
	{ CURLE_COULDNT_RESOLVE_HOST, "dns", 1, EXIT_TEMP },
	{ CURLE_COULDNT_CONNECT, "connect", 1, EXIT_TEMP },
	{ CURLE_OPERATION_TIMEDOUT, "timeout", 1, EXIT_TEMP },
	{ CURLE_PARTIAL_FILE, "bad_length", 1, EXIT_TEMP },
	{ CURLE_SSL_CONNECT_ERROR, "tls", 1, EXIT_TEMP },
	{ CURLE_PEER_FAILED_VERIFICATION, "tls", 0, EXIT_TEMP },
	{ CURLE_UNSUPPORTED_PROTOCOL, "bad_http", 0, EXIT_PROTO },
	{ CURLE_WEIRD_SERVER_REPLY, "bad_http", 0, EXIT_PROTO },
	{ CURLE_BAD_CONTENT_ENCODING, "bad_http", 0, EXIT_PROTO },
	/* nothing, a send or receive error, a broken HTTP/2 stream, ... */
	{ CURLE_OK, "reset", 1, EXIT_TEMP }
};

/*
 * Had the server said no when there was trouble?  Then that is it, however
 * its page ended.
 */
static int
has_refused(const struct fetch_answer *a)
{
	return a->status >= 200 && a->status != 304 &&
	    !transfer_has_body(a->status);
}

/* A header's line over libcurl's limit, for which it has no other code. */
static int
is_long_line(const struct transfer *t, CURLcode rc)
{
	curl_off_t us = 0;

	curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &us);
	return rc == CURLE_OUT_OF_MEMORY && us > 0;
}

static int
judge_trouble(const struct transfer *t, CURLcode rc, struct fetch_answer *a)
{
	const struct trouble *found = troubles;
	curl_off_t length = -1;

	while (found->rc != rc && found->rc != CURLE_OK)
		found++;
	judge_fail(a, found->code, found->blame, "%s",
	    t->why[0] != '\0' ? t->why : curl_easy_strerror(rc));
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
	    &length);
	if (rc == CURLE_PARTIAL_FILE && length == -1)
		judge_fail(a, "truncated", EXIT_TEMP,
		    "the connection ended before the body did");
	if (!is_long_line(t, rc))
		return found->worth;
	judge_fail(a, "bad_http", EXIT_PROTO, "a header that is too long");
	return 0;
}

/* --- we ended it, or it is over ------------------------------------------ */

/* What is wrong with a body; worth: another attempt. */
static const struct flaw {
	enum body_result result;
	const char *code, *text;
	int worth;
	enum exits blame;
} flaws[] = {
	{ BODY_TOO_BIG, "too_big", "more bytes than allowed", 0, EXIT_PROTO },
	{ BODY_BOMB, "bomb", "gzip that grows more than 200-fold", 0,
	    EXIT_PROTO },
	{ BODY_HTML, "html", "a page where JSON is promised", 0, EXIT_PROTO },
	{ BODY_BAD_GZIP, "bad_gzip", "the body is no sound gzip", 0,
	    EXIT_PROTO },
	{ BODY_TRUNCATED, "truncated", "the body ends in the middle", 1,
	    EXIT_TEMP },
	{ BODY_EXISTS, "exists", "its file holds other bytes already", 0,
	    EXIT_REFUSED },
};

static int
judge_body(struct fetch_answer *a, enum body_result r)
{
	size_t i;

	if (r == BODY_OK)
		a->outcome = FETCH_BODY;
	for (i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		if (flaws[i].result != r)
			continue;
		judge_fail(a, flaws[i].code, flaws[i].blame, "%s",
		    flaws[i].text);
		return flaws[i].worth;
	}
	return 0;
}

/* We ended the transfer ourselves. */
static int
judge_cut(const struct transfer *t, struct fetch_answer *a)
{
	if (t->inward) {
		judge_fail(a, "redirect_private", EXIT_PROTO,
		    "redirected into a private network: %s",
		    trail_url(t->trail));
		return 0;
	}
	if (t->slow) {
		judge_fail(a, "too_slow", EXIT_TEMP, "less than %lld bytes "
		    "a second", (long long)t->policy->min_rate);
		return 1;
	}
	if (!t->foreign)
		return judge_body(a, t->refused);
	judge_fail(a, "bad_encoding", EXIT_PROTO,
	    "an encoding that was not asked for");
	return 0;
}

static int
judge_whole(struct transfer *t, struct fetch_answer *a)
{
	/* No byte came, so nothing has opened it yet. */
	if (!t->body.open && transfer_begin_body(t) == -1)
		return judge_cut(t, a);
	a->encoding = t->body.coded ? "gzip" : "identity";
	a->size_bytes = t->body.size_bytes;
	a->stored_bytes = t->body.stored_bytes;
	t->refused = body_end(&t->body, a->sha256);
	if (t->refused == BODY_FAILED)
		t->failed = errno;
	return judge_body(a, t->refused);
}

/* The exchange went well for libcurl: see what the server said. */
static int
judge_status(struct transfer *t, struct fetch_answer *a)
{
	int worth = retry_status(a->status);
	char code[FETCH_CODE];

	if (transfer_has_body(a->status))
		return judge_whole(t, a);
	if (a->status == 304 && t->request->etag != NULL) {
		a->outcome = FETCH_UNCHANGED;
		return 0;
	}
	snprintf(code, sizeof(code), "http_%ld", a->status);
	judge_fail(a, code, worth ? EXIT_TEMP : EXIT_PROTO,
	    "the server answered with %ld", a->status);
	return worth;
}

/* --- all of it ----------------------------------------------------------- */

static int64_t
info_ms(CURL *easy, CURLINFO what)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, what, &us);
	return us / 1000;
}

static void
measure(struct transfer *t, struct fetch_answer *a)
{
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &a->status);
	transfer_header(t->easy, "etag", a->etag);
	transfer_header(t->easy, "last-modified", a->last_modified);
	transfer_header(t->easy, "content-type", a->content_type);
	a->connect_ms = info_ms(t->easy, CURLINFO_CONNECT_TIME_T);
	a->first_byte_ms = info_ms(t->easy, CURLINFO_STARTTRANSFER_TIME_T);
	a->total_ms = info_ms(t->easy, CURLINFO_TOTAL_TIME_T);
}

/* RFC 9110 section 9.2.2. */
static int
is_idempotent(const struct fetch_request *r)
{
	return r->safe || (r->method == NULL ?
	    r->upload == NULL && r->text == NULL :
	    strcmp(r->method, "POST") != 0 && strcmp(r->method, "PATCH") != 0);
}

/* What may have been done must not be done twice. */
static int
may_repeat(const struct transfer *t, const struct fetch_answer *a)
{
	if (is_idempotent(t->request))
		return 1;
	return a->status == 429 || a->status == 503 ||
	    strcmp(a->code, "connect") == 0 || strcmp(a->code, "dns") == 0;
}

int
judge(struct transfer *t, CURLcode rc, struct fetch_answer *a)
{
	int worth;

	measure(t, a);
	if (t->refused == BODY_ENOUGH)
		worth = judge_whole(t, a);
	else if (t->foreign || t->inward || t->slow || t->refused != BODY_OK)
		worth = judge_cut(t, a);
	else if (rc != CURLE_OK && !has_refused(a))
		worth = judge_trouble(t, rc, a);
	else
		worth = judge_status(t, a);
	body_abort(&t->body);
	if (rc == CURLE_OUT_OF_MEMORY && !is_long_line(t, rc))
		t->failed = ENOMEM;
	if (t->failed == 0)
		return worth && may_repeat(t, a);
	errno = t->failed;
	return -1;
}

int
judge_redirect(const struct transfer *t, struct trail *trail,
    struct fetch_answer *a)
{
	const char *next = NULL, *why;

	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &next);
	if (next == NULL)
		return 0;
	why = trail_follow(trail, a->status, next, transfer_scope(t));
	if (why == NULL)
		return 1;
	if (why[0] == '\0')
		return -1;
	judge_fail(a, why, EXIT_PROTO, "redirected to %s", next);
	return 0;
}

int
judge_lead(struct fetch_answer *a, int said, const char *url)
{
	if (said == 0)
		judge_fail(a, "robots", EXIT_PROTO, "its site forbids where "
		    "it was redirected to: %s", url);
	else if (said == -1 && is_idempotent(a->request))
		a->moved = url;
	else if (said == -1)
		judge_fail(a, "robots_unknown", EXIT_PROTO, "it cannot be "
		    "asked twice, and the robots.txt of where it was "
		    "redirected to is not known: %s", url);
	return said == 1;
}

void
judge_left(struct fetch_answer *a, const struct fetch_answer *failed,
    int64_t attempt, const char *why)
{
	memset(a, 0, sizeof(*a));
	if (attempt == 0 && failed != NULL) {
		*a = *failed;
		a->before = 1;
		return;
	}
	a->encoding = "";
	a->attempt = attempt;
	if (attempt > 0)
		judge_fail(a, "interrupted", EXIT_TEMP, "interrupted");
	else
		judge_fail(a, "not_asked", EXIT_TEMP, "not asked: %s", why);
}

int64_t
judge_pause(const struct transfer *t, const struct fetch_answer *a)
{
	char after[FETCH_HEADER], date[FETCH_HEADER];
	int64_t ms;

	transfer_header(t->easy, "retry-after", after);
	transfer_header(t->easy, "date", date);
	ms = retry_after(after, date, clock_wall_ms() / 1000);
	if (ms == -1)
		ms = a->status == 429 ? t->policy->pause_ms : 0;
	return ms;
}

enum pace_news
judge_pace(const struct fetch_answer *a)
{
	if (a->outcome != FETCH_FAILED)
		return PACE_GOOD;
	if (a->status == 429 || a->status == 503 || a->status == 504 ||
	    strcmp(a->code, "timeout") == 0 ||
	    strcmp(a->code, "too_slow") == 0)
		return PACE_STRAIN;
	return PACE_BAD;
}

/*
 * A plain no to this item, or trouble with its file, says nothing about
 * the next one; that we are not let in (any more) does.
 */
enum breaker_news
judge_health(const struct fetch_answer *a)
{
	if (a->outcome != FETCH_FAILED)
		return BREAKER_GOOD;
	if (a->blame == EXIT_REFUSED)
		return BREAKER_NEUTRAL;
	switch (a->status) {
	case 401:
		return a->request->renewable ? BREAKER_NEUTRAL : BREAKER_BAD;
	case 403:
	case 407:
	case 408:
	case 429:
		return BREAKER_BAD;
	default:
		return a->status >= 400 && a->status <= 499 ?
		    BREAKER_NEUTRAL : BREAKER_BAD;
	}
}
