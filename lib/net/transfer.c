#include "net/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "net/url.h"

/* Of an error's page, which nobody reads, so much is let pass, so that its
 * connection can be used again. */
#define PAGE_MAX ((int64_t)64 << 10)

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

static void
close_upload(struct transfer *t)
{
	if (t->upload != NULL)
		fclose(t->upload);
	t->upload = NULL;
}

void
transfer_release(struct transfer *t)
{
	body_abort(&t->body);
	close_upload(t);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
}

void
transfer_abort(struct transfer *t)
{
	body_abort(&t->body);
	close_upload(t);
}

void
transfer_header(CURL *easy, const char *name, char out[FETCH_HEADER])
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

/* --- where it may connect ------------------------------------------------ */

/* Then the addresses that we see are the proxy's, and say nothing. */
static int
may_be_proxied(const char *url)
{
	static const char *const names[] = { "http_proxy", "https_proxy",
	    "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	size_t i;

	if (url_is_loopback(url))
		return 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getenv(names[i]) != NULL)
			return 1;
	return 0;
}

/* A new connection. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct transfer *t = arg;

	(void)purpose;
	if (!trail_allows(t->trail, addr_scope(&a->addr))) {
		t->inward = 1;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* A connection is chosen, perhaps one that another request has opened. */
static int
on_connected(void *arg, char *peer, char *own, int peer_port, int own_port)
{
	struct transfer *t = arg;

	(void)own;
	(void)peer_port;
	(void)own_port;
	if (trail_allows(t->trail, addr_text_scope(peer)))
		return CURL_PREREQFUNC_OK;
	t->inward = 1;
	return CURL_PREREQFUNC_ABORT;
}

static void
guard_addresses(struct transfer *t)
{
	if (t->trail->hops == 0 || may_be_proxied(trail_url(t->trail)))
		return;
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(t->easy, CURLOPT_PREREQDATA, t);
}

enum addr_scope
transfer_scope(const struct transfer *t)
{
	const char *peer = NULL;

	if (may_be_proxied(trail_url(t->trail)))
		return url_scope(trail_url(t->trail));
	curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &peer);
	return peer != NULL ? addr_text_scope(peer) : ADDR_PUBLIC;
}

/* --- the answer's body --------------------------------------------------- */

int
transfer_has_body(long status)
{
	return status >= 200 && status <= 299 && status != 206;
}

int
transfer_begin_body(struct transfer *t)
{
	char coding[FETCH_HEADER];
	curl_off_t length = -1;
	int coded;

	transfer_header(t->easy, "content-encoding", coding);
	coded = strcasecmp(coding, "gzip") == 0 ||
	    strcasecmp(coding, "x-gzip") == 0;
	if (!coded && coding[0] != '\0' &&
	    strcasecmp(coding, "identity") != 0) {
		t->foreign = 1;
		return -1;
	}
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
	    &length);
	if (length > t->policy->max_bytes && t->request->enough_bytes == 0) {
		t->refused = BODY_TOO_BIG;
		return -1;
	}
	if (body_open(&t->body, t->request->file, coded, t->request->kind,
	    t->policy->max_bytes) == -1) {
		t->failed = errno;
		return -1;
	}
	t->body.enough = t->request->enough_bytes;
	t->mark_ms = clock_mono_ms();
	return 0;
}

static size_t
pass(struct transfer *t, size_t n)
{
	t->page_bytes += (int64_t)n;
	return t->page_bytes <= PAGE_MAX ? n : 0;
}

static size_t
on_body(char *bytes, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;
	long status = 0;

	if (!t->body.open) {
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		if (!transfer_has_body(status))
			return pass(t, one * n);
		if (transfer_begin_body(t) == -1)
			return 0;
	}
	t->refused = body_add(&t->body, bytes, one * n);
	if (t->refused == BODY_FAILED)
		t->failed = errno;
	return t->refused == BODY_OK ? one * n : 0;
}

int
transfer_is_slow(struct transfer *t, int64_t now_ms)
{
	const struct fetch_policy *p = t->policy;
	int64_t took = now_ms - t->mark_ms;

	if (!t->body.open || p->min_rate == 0 || took < p->rate_ms)
		return 0;
	t->slow = (t->body.stored_bytes - t->mark_bytes) * 1000 / took <
	    p->min_rate;
	t->mark_ms = now_ms;
	t->mark_bytes = t->body.stored_bytes;
	return t->slow;
}

/* --- the request --------------------------------------------------------- */

static int
add_line(struct transfer *t, const char *line)
{
	struct curl_slist *more = curl_slist_append(t->headers, line);

	if (more == NULL) {
		errno = ENOMEM;
		return -1;
	}
	t->headers = more;
	return 0;
}

/* Not CURLOPT_ACCEPT_ENCODING: libcurl would decode the body. */
static int
add_headers(struct transfer *t)
{
	const char *const *h = t->request->headers;
	char line[FETCH_HEADER + 32];

	curl_slist_free_all(t->headers);
	t->headers = NULL;
	if (add_line(t, "Accept-Encoding: gzip") == -1)
		return -1;
	if (t->request->etag != NULL) {
		snprintf(line, sizeof(line), "If-None-Match: %s",
		    t->request->etag);
		if (add_line(t, line) == -1)
			return -1;
	}
	/* libcurl would say of any body that it is a form. */
	if (t->trail->strange && add_line(t, "Content-Type:") == -1)
		return -1;
	/* They may hold secrets of the first server. */
	for (; h != NULL && *h != NULL && !t->trail->strange; h++)
		if (add_line(t, *h) == -1)
			return -1;
	return 0;
}

/* libcurl has to send the same again on another connection. */
static int
on_seek(void *arg, curl_off_t offset, int origin)
{
	struct transfer *t = arg;

	return fseeko(t->upload, offset, origin) == 0 ? CURL_SEEKFUNC_OK :
	    CURL_SEEKFUNC_FAIL;
}

/* A body goes out as it lies there, with its length. */
static int
set_upload(struct transfer *t)
{
	struct stat st;

	if ((t->upload = fopen(t->request->upload, "re")) == NULL ||
	    fstat(fileno(t->upload), &st) == -1)
		return -1;
	curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(t->easy, CURLOPT_READDATA, t->upload);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)st.st_size);
	curl_easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(t->easy, CURLOPT_SEEKDATA, t);
	return 0;
}

static void
set_text(CURL *easy, const char *text)
{
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)strlen(text));
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, text);
}

static int
becomes_get(const struct trail *trail, const char *method)
{
	return trail->other || (trail->plain &&
	    (method == NULL || strcmp(method, "POST") == 0));
}

static int
set_method(struct transfer *t)
{
	const struct fetch_request *r = t->request;

	close_upload(t);
	if (becomes_get(t->trail, r->method))
		return 0;
	if (r->upload != NULL && set_upload(t) == -1)
		return -1;
	if (r->text != NULL)
		set_text(t->easy, r->text);
	if (r->method != NULL)
		curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, r->method);
	return 0;
}

void
transfer_trust(CURL *easy)
{
	const char *file = getenv("CURL_CA_BUNDLE");

	if (file == NULL || file[0] == '\0')
		file = getenv("SSL_CERT_FILE");
	if (file != NULL && file[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, file);
}

static void
set_options(struct transfer *t, const char *url)
{
	const struct fetch_policy *p = t->policy;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_2TLS);
	/* Rather wait to share a connection than open another one. */
	if (url_has_scheme(url, "https")) {
		curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
		transfer_trust(e);
	}
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
transfer_prepare(struct transfer *t, const struct fetch_request *request,
    const struct trail *trail, void *user)
{
	t->request = request;
	t->trail = trail;
	t->mark_ms = t->mark_bytes = t->page_bytes = 0;
	t->refused = BODY_OK;
	t->foreign = t->inward = t->slow = t->failed = 0;
	t->why[0] = '\0';
	curl_easy_reset(t->easy);
	if (add_headers(t) == -1 || set_method(t) == -1)
		return -1;
	set_options(t, trail_url(trail));
	guard_addresses(t);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, user);
	return 0;
}
