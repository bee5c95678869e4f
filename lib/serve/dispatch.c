#include "serve/dispatch.h"

#include <string.h>

#include "base/gzip.h"
#include "base/msg.h"
#include "base/rng.h"
#include "net/accept.h"
#include "serve/pages.h"
#include "serve/respond.h"

/* Smaller bodies fit in one packet as they are. */
#define GZIP_BYTES 1024

#define JSON "application/json"

static const char *
header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

const char *
dispatch_place(const struct service *h, size_t place)
{
	return h->metrics.places[place].name;
}

/* An error that no route has a say in. */
static int
refuse(struct service *h, struct MHD_Connection *c, struct call *call,
    unsigned int status, const char *code, const char *message)
{
	struct buf body;
	struct response p = { .status = status, .type = JSON,
	    .body = &body, .last = h->closing };
	int sent;

	buf_init(&body, 4096);
	query_error(&body, code, message, call->id);
	sent = respond(c, call, &p);
	buf_release(&body);
	return sent;
}

/* A body that is announced, in whatever way. */
static int
has_body(struct MHD_Connection *c)
{
	const char *n = header(c, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (n != NULL && strcmp(n, "0") != 0) ||
	    header(c, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

static int
is_reading(const char *method)
{
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	    strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static int
dispatch_early(struct service *h, struct MHD_Connection *c, struct call *call)
{
	uint64_t state = h->ids++;

	call->place = h->conf.routes->n + PAGE_OTHER;
	call_name(call, header(c, "X-Request-Id"), rng_next(&state));
	if (!is_reading(call->method) &&
	    strcmp(call->method, MHD_HTTP_METHOD_OPTIONS) != 0)
		return refuse(h, c, call, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "method_not_allowed", "there is only GET and HEAD");
	if (has_body(c))
		return refuse(h, c, call, MHD_HTTP_CONTENT_TOO_LARGE,
		    "body_refused", "a request here has no body");
	return 0;
}

/* Send what is in the session's body, packed if that is worth it. */
static int
send_body(struct MHD_Connection *c, struct call *call, struct session *d,
    struct response *p)
{
	p->snapshot = d->generation->id;
	p->body = &d->body;
	if (d->body.len >= GZIP_BYTES && accept_gzip(header(c,
	    MHD_HTTP_HEADER_ACCEPT_ENCODING)) &&
	    gzip_quick(d->body.data, d->body.len, &d->packed) == 0) {
		p->gzip = 1;
		p->body = &d->packed;
	}
	return respond(c, call, p);
}

static int
send_page(struct service *h, struct MHD_Connection *c, struct call *call,
    struct session *d, enum service_page which)
{
	struct response p = { .last = h->closing };
	struct page made;

	if (page_make(h, call, which, d, &made, &d->body) == -1)
		return -1;
	p.status = made.status;
	p.type = made.type;
	return send_body(c, call, d, &p);
}

static int
send_route(struct service *h, struct MHD_Connection *c, struct call *call,
    struct session *d, const struct route *r,
    const struct route_capture *captures, size_t n)
{
	struct query_options o = { call->id, h->conf.query_ms };
	struct response p = { .type = JSON, .last = h->closing };

	if (respond_known(c, d->generation->tag)) {
		p.status = MHD_HTTP_NOT_MODIFIED;
		p.tag = d->generation->tag;
		p.snapshot = d->generation->id;
		return respond(c, call, &p);
	}
	p.status = (unsigned int)query_answer(&d->query, &d->db, r, captures,
	    n, call->query, &o, &d->body);
	if (p.status == MHD_HTTP_OK)
		p.tag = d->generation->tag;
	if (p.status == MHD_HTTP_INTERNAL_SERVER_ERROR)
		msg_error("%s: %s", call->id, db_message(&d->db.db));
	return send_body(c, call, d, &p);
}

/* What a request for a path gets. */
static int
dispatch_path(struct service *h, struct MHD_Connection *c, struct call *call)
{
	struct route_capture captures[ROUTE_CAPTURES_MAX];
	const char *path = call->target.data;
	enum service_page page = page_find(path);
	const struct route *r = NULL;
	struct session *d;
	size_t n = 0;
	int sent;

	if (page == PAGE_OTHER) {
		r = route_match(h->conf.routes, path, captures, &n);
		if (r == NULL)
			return refuse(h, c, call, MHD_HTTP_NOT_FOUND,
			    "not_found", "there is no such path");
	}
	call->place = r != NULL ? (size_t)(r - h->conf.routes->list) :
	    h->conf.routes->n + page;
	d = current_take(&h->current);
	sent = r != NULL ? send_route(h, c, call, d, r, captures, n) :
	    send_page(h, c, call, d, page);
	current_give(&h->current, d);
	return sent;
}

int
dispatch(struct service *h, struct MHD_Connection *c, struct call *call,
    int early)
{
	struct response p = { .status = MHD_HTTP_NO_CONTENT,
	    .last = h->closing };

	if (early)
		return dispatch_early(h, c, call);
	if (call->too_long)
		return refuse(h, c, call, MHD_HTTP_URI_TOO_LONG,
		    "uri_too_long", "the address is too long");
	if (!is_reading(call->method))
		return respond(c, call, &p);
	return dispatch_path(h, c, call);
}
