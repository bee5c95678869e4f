#include "serve/respond.h"

#include <stdio.h>
#include <string.h>

#include "serve/current.h"

#define TAG_GZIP "-gzip"

static void
add(struct MHD_Response *r, const char *name, const char *value)
{
	MHD_add_response_header(r, name, value);
}

static void
add_tag(struct MHD_Response *r, const struct response *p)
{
	char text[CURRENT_TAG_BYTES + sizeof(TAG_GZIP) + 2];

	snprintf(text, sizeof(text), "\"%s%s\"", p->tag,
	    p->gzip ? TAG_GZIP : "");
	add(r, MHD_HTTP_HEADER_ETAG, text);
}

static void
add_headers(struct MHD_Response *r, const struct call *call,
    const struct response *p)
{
	if (p->body != NULL)
		add(r, MHD_HTTP_HEADER_CONTENT_TYPE, p->type);
	if (p->gzip)
		add(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	if (p->tag != NULL)
		add_tag(r, p);
	if (p->snapshot != NULL)
		add(r, "X-Snapshot", p->snapshot);
	add(r, "X-Request-Id", call->id);
	add(r, MHD_HTTP_HEADER_CACHE_CONTROL, p->tag != NULL ? "no-cache" :
	    "no-store");
	add(r, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
	add(r, "X-Content-Type-Options", "nosniff");
	add(r, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, "*");
	add(r, "Access-Control-Expose-Headers",
	    "ETag, X-Snapshot, X-Request-Id");
	if (p->status == MHD_HTTP_METHOD_NOT_ALLOWED ||
	    p->status == MHD_HTTP_NO_CONTENT)
		add(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD, OPTIONS");
	if (p->status == MHD_HTTP_NO_CONTENT) {
		add(r, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
		add(r, "Access-Control-Allow-Headers",
		    "If-None-Match, X-Request-Id");
		add(r, "Access-Control-Max-Age", "86400");
	}
	if (p->last)
		add(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

int
respond(struct MHD_Connection *c, struct call *call, const struct response *p)
{
	size_t n = p->body != NULL ? p->body->len : 0;
	struct MHD_Response *r;
	int sent;

	r = MHD_create_response_from_buffer(n, n > 0 ? p->body->data : NULL,
	    MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return -1;
	call->status = p->status;
	call->bytes = n;
	call->gzip = p->gzip;
	if (p->snapshot != NULL)
		snprintf(call->snapshot, sizeof(call->snapshot), "%s",
		    p->snapshot);
	add_headers(r, call, p);
	sent = MHD_queue_response(c, p->status, r) == MHD_YES;
	MHD_destroy_response(r);
	return sent ? 1 : -1;
}

/* Is one element of If-None-Match, n bytes at s, that tag? */
static int
is_tag(const char *s, size_t n, const char *tag)
{
	size_t len = strlen(tag);

	if (n > 2 && memcmp(s, "W/", 2) == 0) {
		s += 2;
		n -= 2;
	}
	if (n < len + 2 || s[0] != '"' || memcmp(s + 1, tag, len) != 0)
		return 0;
	s += len + 1;
	n -= len + 1;
	return (n == 1 && s[0] == '"') || (n == strlen(TAG_GZIP) + 1 &&
	    memcmp(s, TAG_GZIP "\"", n) == 0);
}

int
respond_known(struct MHD_Connection *c, const char *tag)
{
	const char *s = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_IF_NONE_MATCH);
	size_t n;

	while (s != NULL && *s != '\0') {
		s += strspn(s, ", \t");
		n = strcspn(s, ", \t");
		if (is_tag(s, n, tag))
			return 1;
		s += n;
	}
	return 0;
}
