#include "serve/pages.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/msg.h"
#include "record/jsonw.h"
#include "serve/openapi.h"
#include "serve/report.h"

#define JSON "application/json"

static const struct {
	const char *path, *name;
} pages[SERVICE_PAGES] = {
	[PAGE_HEALTHZ] = { "/healthz", "healthz" },
	[PAGE_READY] = { "/ready", "ready" },
	[PAGE_METRICS] = { "/metrics", "metrics" },
	[PAGE_OPENAPI] = { "/openapi.json", "openapi" },
	[PAGE_REPORT] = { "/report", "report" },
	[PAGE_OTHER] = { "", "none" }
};

enum service_page
page_find(const char *path)
{
	int i;

	for (i = 0; i < PAGE_OTHER; i++)
		if (strcmp(pages[i].path, path) == 0)
			break;
	return (enum service_page)i;
}

const char *
page_name(enum service_page which)
{
	return pages[which].name;
}

/* When the source last confirmed what is served; left out if unknown. */
static void
put_verified(const struct service *h, struct jsonw *w)
{
	char at[CLOCK_TEXT];

	if (h->verified_ms == 0)
		return;
	clock_format(h->verified_ms, at);
	jsonw_str(w, "verifiedAt", at);
}

/* This process answers: with what, and is that what it should be? */
static int
make_healthz(const struct service *h, const struct session *d, struct buf *body)
{
	const struct generation *e = d->generation;
	char current[SNAPSHOT_ID_BYTES];
	struct jsonw w;

	jsonw_init(&w, body);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "status", "ok");
	jsonw_str(&w, "source", h->conf.decl->source);
	jsonw_str(&w, "snapshot", e->id);
	jsonw_str(&w, "version", d->db.meta.version);
	jsonw_str(&w, "generatedAt", d->db.meta.generated_at);
	jsonw_str(&w, "since", e->since);
	if (snapshot_link(h->conf.root, "current", current) == 1)
		jsonw_str(&w, "current", current);
	else
		jsonw_null(&w, "current");
	jsonw_bool(&w, "isCurrent", strcmp(current, e->id) == 0);
	put_verified(h, &w);
	jsonw_str(&w, "startedAt", h->started_at);
	return jsonw_end(&w);
}

/* May readers be sent here? */
static int
make_ready(const struct service *h, const struct session *d, struct page *out,
    struct buf *body)
{
	int64_t stale_ms = h->conf.rules->stale_after_minutes * 60000;
	int64_t age_ms = clock_wall_ms() - h->verified_ms;
	const char *why = h->closing ? "is about to end" : stale_ms == 0 ?
	    NULL : h->verified_ms == 0 ? "nobody knows how old the data is" :
	    age_ms > stale_ms ? "the data is too old" : NULL;
	struct jsonw w;

	if (why != NULL)
		out->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	jsonw_init(&w, body);
	jsonw_obj_open(&w, NULL);
	jsonw_bool(&w, "ready", why == NULL);
	jsonw_opt(&w, "reason", why);
	jsonw_str(&w, "snapshot", d->generation->id);
	put_verified(h, &w);
	if (h->verified_ms != 0)
		jsonw_int(&w, "ageSeconds", age_ms / 1000);
	if (stale_ms != 0)
		jsonw_int(&w, "staleAfterSeconds", stale_ms / 1000);
	return jsonw_end(&w);
}

static int
make_metrics(struct service *h, const struct session *d, struct page *out,
    struct buf *body)
{
	out->type = "text/plain; version=0.0.4; charset=utf-8";
	if (metrics_write(&h->metrics, body) == -1 ||
	    metrics_one(body, "sluice_connections", "gauge",
	    "Connections that are open.", h->connections.n) == -1 ||
	    metrics_one(body, "sluice_connections_cut_total", "counter",
	    "Connections that were shut for being slow.", h->connections.cut) ==
	    -1 || metrics_one(body, "sluice_requests_under_way", "gauge",
	    "Requests that wait for their answer, or take it.",
	    connections_busy(&h->connections)) == -1 || buf_printf(body,
	    "# HELP sluice_snapshot_info What is served.\n"
	    "# TYPE sluice_snapshot_info gauge\n"
	    "sluice_snapshot_info{source=\"%s\",snapshot=\"%s\"} 1\n",
	    h->conf.decl->source, d->generation->id) == -1)
		return -1;
	return h->verified_ms == 0 ? 0 : metrics_one(body,
	    "sluice_verified_timestamp_seconds", "gauge",
	    "When the source last confirmed what is served.",
	    h->verified_ms / 1000);
}

static int
make_report(const struct service *h, const struct call *call,
    const struct session *d, struct page *out, struct buf *body)
{
	int r = report_latest(h->conf.data, h->conf.decl, &d->db.meta,
	    call->query, body);

	if (r == 1) {
		out->type = "text/html; charset=utf-8";
		return 0;
	}
	buf_clear(body);
	if (r == -1 && errno != EINVAL) {
		msg_error_errno("%s/report", h->conf.data);
		out->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
		query_error(body, "internal", "something went wrong here",
		    call->id);
	} else if (r == -1) {
		out->status = MHD_HTTP_BAD_REQUEST;
		query_error(body, "bad_request", "the one parameter is "
		    "dataset", call->id);
	} else {
		out->status = MHD_HTTP_NOT_FOUND;
		query_error(body, "not_found", "there is no report",
		    call->id);
	}
	return 0;
}

int
page_make(struct service *h, const struct call *call, enum service_page which,
    const struct session *d, struct page *out, struct buf *body)
{
	*out = (struct page){ MHD_HTTP_OK, JSON };
	switch (which) {
	case PAGE_HEALTHZ:
		return make_healthz(h, d, body);
	case PAGE_READY:
		return make_ready(h, d, out, body);
	case PAGE_METRICS:
		return make_metrics(h, d, out, body);
	case PAGE_OPENAPI:
		return openapi_write(h->conf.decl, h->conf.routes, body);
	case PAGE_REPORT:
		return make_report(h, call, d, out, body);
	case PAGE_OTHER:
	case SERVICE_PAGES:
		break;
	}
	errno = EINVAL;
	return -1;
}
