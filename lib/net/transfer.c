#include "net/transfer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/url.h"

int
transfer_init(struct transfer *t, const struct fetch_policy *policy)
{
	*t = (struct transfer){ .policy = policy };
	if ((t->easy = curl_easy_init()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void
transfer_release(struct transfer *t)
{
	body_abort(&t->body);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
}

void
transfer_abort(struct transfer *t)
{
	body_abort(&t->body);
}

/* A response header if it is one short line of plain text, else "". */
static void
header_get(CURL *easy, const char *name, char out[FETCH_HEADER])
{
	struct curl_header *h;
	const char *s;

	out[0] = '\0';
	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK || strlen(h->value) >= FETCH_HEADER)
		return;
	for (s = h->value; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			return;
	memcpy(out, h->value, strlen(h->value) + 1);
}

static long
http_status(CURL *easy)
{
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* A whole answer: part of one (206) was never asked for. */
static int
has_body(long status)
{
	return status >= 200 && status <= 299 && status != 206;
}

/* The headers are in: open the file.  -1 stops the transfer. */
static int
begin_body(struct transfer *t)
{
	char coding[FETCH_HEADER];
	curl_off_t length = -1;
	int coded;

	header_get(t->easy, "content-encoding", coding);
	coded = strcasecmp(coding, "gzip") == 0 ||
	    strcasecmp(coding, "x-gzip") == 0;
	if (!coded && coding[0] != '\0' &&
	    strcasecmp(coding, "identity") != 0) {
		t->foreign = 1;
		return -1;
	}
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
	    &length);
	if (length > t->policy->max_bytes) {
		t->refused = BODY_TOO_BIG;
		return -1;
	}
	if (body_open(&t->body, t->request->file, coded,
	    t->policy->max_bytes) == -1) {
		t->failed = errno;
		return -1;
	}
	return 0;
}

static size_t
on_body(char *bytes, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;

	if (!has_body(http_status(t->easy)))
		return one * n;		/* an error page: nobody reads it */
	if (!t->body.open && begin_body(t) == -1)
		return 0;
	t->refused = body_add(&t->body, bytes, one * n);
	if (t->refused == BODY_FAILED)
		t->failed = errno;
	return t->refused == BODY_OK ? one * n : 0;
}

static int
add_header(struct transfer *t, const char *name, const char *value)
{
	struct curl_slist *more;
	struct buf line;

	buf_init(&line, 65536);
	if (buf_printf(&line, "%s: %s", name, value) == -1) {
		buf_release(&line);
		return -1;
	}
	more = curl_slist_append(t->headers, line.data);
	buf_release(&line);
	if (more == NULL) {
		errno = ENOMEM;
		return -1;
	}
	t->headers = more;
	return 0;
}

static void
set_options(struct transfer *t, const char *url)
{
	const struct fetch_policy *p = t->policy;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_USERAGENT, p->agent);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->why);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)p->timeout_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)p->connect_ms);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	if (url_is_loopback(url))
		curl_easy_setopt(e, CURLOPT_PROXY, "");
}

int
transfer_prepare(struct transfer *t, const char *url,
    const struct fetch_request *request, void *user)
{
	t->request = request;
	t->refused = BODY_OK;
	t->foreign = t->failed = 0;
	t->why[0] = '\0';
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	/* Not CURLOPT_ACCEPT_ENCODING: libcurl would decode the body. */
	if (add_header(t, "Accept-Encoding", "gzip") == -1 ||
	    (request->etag != NULL &&
	    add_header(t, "If-None-Match", request->etag) == -1))
		return -1;
	curl_easy_reset(t->easy);
	set_options(t, url);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, user);
	return 0;
}

void
transfer_fail(struct fetch_answer *a, const char *code, enum exits blame,
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

/* What it means that libcurl gave up; worth: another attempt. */
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
	{ CURLE_PARTIAL_FILE, "truncated", 1, EXIT_TEMP },
	{ CURLE_SSL_CONNECT_ERROR, "tls", 1, EXIT_TEMP },
	{ CURLE_PEER_FAILED_VERIFICATION, "tls", 0, EXIT_TEMP },
	{ CURLE_UNSUPPORTED_PROTOCOL, "bad_http", 0, EXIT_PROTO },
	{ CURLE_WEIRD_SERVER_REPLY, "bad_http", 0, EXIT_PROTO },
	{ CURLE_BAD_CONTENT_ENCODING, "bad_http", 0, EXIT_PROTO },
	/* nothing, a send or receive error, a broken HTTP/2 stream, ... */
	{ CURLE_OK, "reset", 1, EXIT_TEMP }
};

static int
judge_trouble(const struct transfer *t, CURLcode rc, struct fetch_answer *a)
{
	const struct trouble *found = troubles;

	while (found->rc != rc && found->rc != CURLE_OK)
		found++;
	transfer_fail(a, found->code, found->blame, "%s",
	    t->why[0] != '\0' ? t->why : curl_easy_strerror(rc));
	return found->worth;
}

static int
judge_body(struct fetch_answer *a, enum body_result r)
{
	switch (r) {
	case BODY_OK:
		a->outcome = FETCH_BODY;
		return 0;
	case BODY_TOO_BIG:
		transfer_fail(a, "too_big", EXIT_PROTO,
		    "more bytes than allowed");
		return 0;
	case BODY_BAD_GZIP:
		transfer_fail(a, "bad_gzip", EXIT_PROTO,
		    "the body is no sound gzip");
		return 0;
	case BODY_TRUNCATED:
		transfer_fail(a, "truncated", EXIT_TEMP,
		    "the gzip body ends in the middle");
		return 1;
	case BODY_EXISTS:
		transfer_fail(a, "exists", EXIT_REFUSED,
		    "%s holds other bytes already", a->request->file);
		return 0;
	case BODY_FAILED:
		break;
	}
	return -1;
}

/* We ended the transfer ourselves, in begin_body() or on_body(). */
static int
judge_cut(const struct transfer *t, struct fetch_answer *a)
{
	if (!t->foreign)
		return judge_body(a, t->refused);
	transfer_fail(a, "bad_encoding", EXIT_PROTO,
	    "an encoding that was not asked for");
	return 0;
}

static int
judge_whole(struct transfer *t, struct fetch_answer *a)
{
	/* No byte came, so nothing has opened it yet. */
	if (!t->body.open && begin_body(t) == -1)
		return judge_cut(t, a);
	a->encoding = t->body.coded ? "gzip" : "identity";
	a->size_bytes = t->body.size_bytes;
	a->stored_bytes = t->body.stored_bytes;
	t->refused = body_commit(&t->body, a->sha256);
	if (t->refused == BODY_FAILED)
		t->failed = errno;
	return judge_body(a, t->refused);
}

/* The exchange went well for libcurl: see what the server said. */
static int
judge_status(struct transfer *t, struct fetch_answer *a)
{
	char code[sizeof(a->code)];

	if (has_body(a->status))
		return judge_whole(t, a);
	if (a->status == 304 && t->request->etag != NULL) {
		a->outcome = FETCH_UNCHANGED;
		return 0;
	}
	snprintf(code, sizeof(code), "http_%ld", a->status);
	/* 206, or 304 out of the blue: an answer to no question of ours. */
	transfer_fail(a, code, a->status < 400 ? EXIT_PROTO : EXIT_TEMP,
	    "the server answered with %ld", a->status);
	return retry_status(a->status);
}

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
	a->status = http_status(t->easy);
	header_get(t->easy, "etag", a->etag);
	header_get(t->easy, "last-modified", a->last_modified);
	header_get(t->easy, "content-type", a->content_type);
	a->connect_ms = info_ms(t->easy, CURLINFO_CONNECT_TIME_T);
	a->first_byte_ms = info_ms(t->easy, CURLINFO_STARTTRANSFER_TIME_T);
	a->total_ms = info_ms(t->easy, CURLINFO_TOTAL_TIME_T);
}

int
transfer_judge(struct transfer *t, CURLcode rc, struct fetch_answer *a)
{
	int worth;

	measure(t, a);
	if (t->foreign || t->refused != BODY_OK)
		worth = judge_cut(t, a);
	else if (rc != CURLE_OK)
		worth = judge_trouble(t, rc, a);
	else
		worth = judge_status(t, a);
	body_abort(&t->body);
	if (rc == CURLE_OUT_OF_MEMORY)
		t->failed = ENOMEM;
	if (t->failed == 0)
		return worth;
	errno = t->failed;
	return -1;
}

/* May a redirect lead from url to next: never out of https, and only to
 * what is a URL. */
static int
may_lead(const char *url, const char *next)
{
	char *host = url_host(next);
	int yes = host != NULL && (url_has_scheme(next, "https") ||
	    url_has_scheme(url, "http"));

	free(host);
	return yes;
}

int
transfer_redirect(struct transfer *t, const char *url, int hops,
    struct fetch_answer *a, char **to)
{
	const char *next = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &next);
	if (next == NULL)
		return 0;
	if (hops < FETCH_HOPS && may_lead(url, next)) {
		*to = strdup(next);
		return *to != NULL ? 1 : -1;
	}
	transfer_fail(a, "redirect", EXIT_PROTO, "redirected %sto %s",
	    hops < FETCH_HOPS ? "" : "too often, now ", next);
	return 0;
}

int64_t
transfer_pause(struct transfer *t)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds > RETRY_WAIT_MAX / 1000)
		return RETRY_WAIT_MAX;
	return seconds > 0 ? seconds * 1000 : 0;
}
