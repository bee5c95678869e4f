#include "serve/pages.h"

#include <string.h>

#include "base/clock.h"
#include "record/jsonw.h"

#define JSON "application/json"

static const struct {
	const char *path, *name;
} pages[HOUSE_PAGES] = {
	[PAGE_HEALTHZ] = { "/healthz", "healthz" },
	[PAGE_READY] = { "/ready", "ready" },
	[PAGE_OTHER] = { "", "none" }
};

enum house_page
page_find(const char *path)
{
	int i;

	for (i = 0; i < PAGE_OTHER; i++)
		if (strcmp(pages[i].path, path) == 0)
			break;
	return (enum house_page)i;
}

const char *
page_name(enum house_page which)
{
	return pages[which].name;
}

/* When the source last confirmed what is served; left out if unknown. */
static void
put_verified(const struct house *h, struct jsonw *w)
{
	char at[CLOCK_TEXT];

	if (h->verified_ms == 0)
		return;
	clock_format(h->verified_ms, at);
	jsonw_str(w, "verifiedAt", at);
}

/* This process answers: with what, and is that what it should be? */
static int
make_healthz(const struct house *h, const struct desk *d, struct jsonw *w)
{
	const struct edition *e = d->edition;
	char current[SNAPSHOT_ID_BYTES];

	jsonw_str(w, "status", "ok");
	jsonw_str(w, "source", h->conf.decl->source);
	jsonw_str(w, "snapshot", e->id);
	jsonw_str(w, "version", d->db.meta.version);
	jsonw_str(w, "generatedAt", d->db.meta.generated_at);
	jsonw_str(w, "since", e->since);
	if (snapshot_link(h->conf.root, "current", current) == 1)
		jsonw_str(w, "current", current);
	else
		jsonw_null(w, "current");
	jsonw_bool(w, "isCurrent", strcmp(current, e->id) == 0);
	put_verified(h, w);
	jsonw_str(w, "startedAt", h->started_at);
	return MHD_HTTP_OK;
}

/* May readers be sent here? */
static int
make_ready(const struct house *h, const struct desk *d, struct jsonw *w)
{
	int64_t stale_ms = h->conf.rules->stale_after_minutes * 60000;
	int64_t age_ms = clock_wall_ms() - h->verified_ms;
	const char *why = h->closing ? "is about to end" : stale_ms == 0 ?
	    NULL : h->verified_ms == 0 ? "nobody knows how old the data is" :
	    age_ms > stale_ms ? "the data is too old" : NULL;

	jsonw_bool(w, "ready", why == NULL);
	jsonw_opt(w, "reason", why);
	jsonw_str(w, "snapshot", d->edition->id);
	put_verified(h, w);
	if (h->verified_ms != 0)
		jsonw_int(w, "ageSeconds", age_ms / 1000);
	if (stale_ms != 0)
		jsonw_int(w, "staleAfterSeconds", stale_ms / 1000);
	return why == NULL ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

int
page_make(struct house *h, enum house_page which, const struct desk *d,
    struct page *out, struct buf *body)
{
	struct jsonw w;

	*out = (struct page){ MHD_HTTP_OK, JSON };
	jsonw_init(&w, body);
	jsonw_obj_open(&w, NULL);
	switch (which) {
	case PAGE_HEALTHZ:
		make_healthz(h, d, &w);
		break;
	case PAGE_READY:
		out->status = (unsigned int)make_ready(h, d, &w);
		break;
	case PAGE_OTHER:
	case HOUSE_PAGES:
		break;
	}
	return jsonw_end(&w);
}
