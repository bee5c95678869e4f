#include "route.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "base/num.h"

#define DATA_PREFIX "/soc/api/"
#define OWN_PREFIX "/_replica/"

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

static int
answer_query(const struct routes *r, struct MHD_Connection *c,
    const struct query *q)
{
	int sent, status = 0;
	enum fault_kind kind = faults_take(r->faults, q, &status);
	struct payload *p;

	if (kind == FAULT_STATUS)
		return reply_page(c, (unsigned int)status, NULL);
	if (kind == FAULT_HTML)
		return reply_page(c, MHD_HTTP_OK, "Scheduled maintenance");
	p = kind == FAULT_EMPTY ? source_nothing(q->campus) :
	    cache_get(r->cache, q, tick_now(r->tick));
	if (p == NULL)
		return reply_page(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
		    strerror(errno));
	sent = reply_payload(c, q->endpoint, p, kind == FAULT_TRUNCATED);
	payload_unref(p);
	return sent;
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

static int
answer_data(const struct routes *r, struct MHD_Connection *c, const char *url,
    const char *method)
{
	int endpoint = find_endpoint(url);
	struct query q = { 0 };
	const char *wrong;

	if (endpoint == -1)
		return reply_page(c, MHD_HTTP_NOT_FOUND, NULL);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return reply_page(c, MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	if ((wrong = parse_query(c, &q)) != NULL)
		return reply_page(c, MHD_HTTP_BAD_REQUEST, wrong);
	q.endpoint = (enum endpoint)endpoint;
	return answer_query(r, c, &q);
}

static int
answer_tick(const struct routes *r, struct MHD_Connection *c)
{
	int64_t now = tick_advance(r->tick);
	char text[64];

	if (now == -1) {
		msg_error_errno("%s", r->tick->file != NULL ?
		    r->tick->file : "tick");
		return reply_page(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
		    "the tick could not be recorded");
	}
	snprintf(text, sizeof(text), "{\"tick\":%" PRId64 "}\n", now);
	return reply_json(c, text);
}

static int
answer_state(const struct routes *r, struct MHD_Connection *c)
{
	struct buf b;
	struct jsonw j;
	int sent;

	buf_init(&b, 4096);
	jsonw_init(&j, &b);
	jsonw_obj_open(&j, NULL);
	jsonw_int(&j, "tick", tick_now(r->tick));
	if (r->source->steps > 0)
		jsonw_int(&j, "steps", r->source->steps);
	tally_write(r->tally, &j);
	sent = jsonw_end(&j) == 0 ? reply_json(c, b.data) : -1;
	buf_release(&b);
	return sent;
}

int
route_is_own(const char *url)
{
	return strncmp(url, OWN_PREFIX, strlen(OWN_PREFIX)) == 0;
}

static int
answer_own(const struct routes *r, struct MHD_Connection *c, const char *url,
    const char *method)
{
	int post = strcmp(method, "POST") == 0;

	if (strcmp(url, OWN_PREFIX "tick") == 0)
		return post ? answer_tick(r, c) :
		    reply_page(c, MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	if (strcmp(url, OWN_PREFIX "state") == 0)
		return answer_state(r, c);
	return reply_page(c, MHD_HTTP_NOT_FOUND, NULL);
}

int
route_answer(const struct routes *r, struct MHD_Connection *c,
    const char *url, const char *method)
{
	return route_is_own(url) ? answer_own(r, c, url, method) :
	    answer_data(r, c, url, method);
}
