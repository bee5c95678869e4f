#include "net/trail.h"

#include <stdlib.h>
#include <string.h>

#include "net/url.h"

void
trail_init(struct trail *t, const char *url)
{
	*t = (struct trail){ .first = url, .scope = ADDR_LOOPBACK };
}

void
trail_clear(struct trail *t)
{
	while (t->hops > 0)
		free(t->urls[--t->hops]);
	trail_init(t, t->first);
}

const char *
trail_url(const struct trail *t)
{
	return t->hops > 0 ? t->urls[t->hops - 1] : t->first;
}

static int
has_seen(const struct trail *t, const char *next)
{
	int i;

	for (i = 0; i < t->hops; i++)
		if (strcmp(t->urls[i], next) == 0)
			return 1;
	return strcmp(t->first, next) == 0;
}

/* What is wrong with going to next, or NULL. */
static const char *
refuse(const struct trail *t, const char *next, enum addr_scope scope)
{
	char *host;

	if (!url_has_scheme(next, "https") &&
	    (!url_has_scheme(next, "http") ||
	    url_has_scheme(trail_url(t), "https")))
		return "redirect_scheme";
	if ((host = url_host(next)) == NULL)
		return "redirect_url";
	free(host);
	if (has_seen(t, next))
		return "redirect_loop";
	if (t->hops == TRAIL_HOPS)
		return "redirect_limit";
	/* A name is known when it has been looked up. */
	if (url_scope(next) > scope)
		return "redirect_private";
	return NULL;
}

const char *
trail_follow(struct trail *t, long status, const char *next,
    enum addr_scope scope)
{
	const char *why = refuse(t, next, scope);
	char *copy;

	if (why != NULL)
		return why;
	if ((copy = strdup(next)) == NULL)
		return "";
	t->urls[t->hops++] = copy;
	t->scope = scope;
	/* RFC 9110 section 15.4: 303 means another thing, to be had by GET;
	 * 301 and 302 say so of a POST only, which is history. */
	t->plain |= status != 307 && status != 308;
	t->other |= status == 303;
	t->strange |= !url_same_server(t->first, next);
	return NULL;
}

int
trail_allows(const struct trail *t, enum addr_scope scope)
{
	return scope <= t->scope;
}
