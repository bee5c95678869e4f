#include "api.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "base/num.h"
#include "replica/answer.h"

#define DATA_PREFIX "/soc/api/"

/* Seconds a cache may keep an answer, as the real API says. */
static const struct reply_form forms[ENDPOINTS] = {
	{ "application/json", "max-age=900" },
	{ "application/json", "max-age=30" }
};

/* The page of the servlet container. */
static void
write_page(struct buf *b, unsigned int status, const char *phrase,
    const char *message)
{
	buf_printf(b, "<!doctype html><html lang=\"en\"><head><title>HTTP "
	    "Status %u \xe2\x80\x93 %s</title></head><body><h1>HTTP Status "
	    "%u \xe2\x80\x93 %s</h1><hr class=\"line\" /><p><b>Type</b> "
	    "Status Report</p>", status, phrase, status, phrase);
	if (message != NULL)
		buf_printf(b, "<p><b>Message</b> %s</p>", message);
	buf_str(b, "<hr class=\"line\" /><h3>Apache Tomcat/9.0</h3>"
	    "</body></html>");
}

static const struct reply_look look = { "Apache/2.4.56", 1, write_page };

static const char *
argument(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);
}

/* A required int of the servlet; returns what is wrong with it, or NULL. */
static const char *
int_argument(struct MHD_Connection *c, const char *name, const char *missing,
    int64_t *out)
{
	const char *s = argument(c, name);

	if (s == NULL)
		return missing;
	if (num_parse(s, INT32_MIN, INT32_MAX, out) == -1)
		return "Failed to convert a parameter to required type int";
	return NULL;
}

/* Read the query; returns the message of the 400 page, or NULL. */
static const char *
parse_query(struct MHD_Connection *c, struct query *q)
{
	const char *campus = argument(c, "campus"), *wrong;

	wrong = int_argument(c, "year",
	    "Required int parameter 'year' is not present", &q->year);
	if (wrong == NULL)
		wrong = int_argument(c, "term",
		    "Required int parameter 'term' is not present", &q->term);
	if (wrong == NULL && campus == NULL)
		wrong = "Required String parameter 'campus' is not present";
	if (wrong != NULL)
		return wrong;
	/* Too long to be a known one: any unknown code does as well. */
	snprintf(q->campus, sizeof(q->campus), "%s",
	    strlen(campus) < sizeof(q->campus) ? campus : "");
	return NULL;
}

/* The endpoint that url names, or -1. */
static int
find_endpoint(const char *url)
{
	char name[32];
	size_t n = strlen(DATA_PREFIX), len;

	if (strncmp(url, DATA_PREFIX, n) != 0)
		return -1;
	len = strlen(url += n);
	if (len < 6 || len >= sizeof(name) ||
	    strcmp(url + len - 5, ".json") != 0)
		return -1;
	memcpy(name, url, len - 5);
	name[len - 5] = '\0';
	return endpoint_find(name);
}

/* What one request asks for, and who has it. */
struct ask {
	struct cache *cache;
	const struct query *query;
};

static struct packed *
find(void *arg, const char *as, int64_t tick)
{
	const struct ask *ask = arg;
	struct query q = *ask->query;
	struct packed *p;

	if (as != NULL && query_read_key(&q, as) == -1) {
		msg_error("%s: no TERM/CAMPUS/ENDPOINT", as);
		return NULL;
	}
	/* A file that is gone is our mistake: no address is unknown here. */
	if ((p = cache_get(ask->cache, &q, tick)) == NULL && errno == ENOENT)
		errno = EIO;
	return p;
}

static int
answer(void *arg, const struct replica *r, struct MHD_Connection *c,
    const char *url, struct visit *q)
{
	struct query query = { 0 };
	struct ask ask = { arg, &query };
	struct answer a = { .find = find, .arg = &ask };
	int endpoint = find_endpoint(url);

	if (endpoint == -1)
		return SITE_NOTHING;
	if ((a.why = parse_query(c, &query)) != NULL)
		a.status = MHD_HTTP_BAD_REQUEST;
	query.endpoint = (enum endpoint)endpoint;
	a.form = forms[endpoint];
	if (a.status == 0)
		query_key(&query, q->key);
	return answer_send(r, c, q, &a);
}

void
api_site(struct cache *c, struct site *s)
{
	*s = (struct site){ "SOC", "/soc/api", 0, &look, answer, c };
}
