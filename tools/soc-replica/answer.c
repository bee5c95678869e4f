#include "answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "base/num.h"
#include "net/faultreply.h"
#include "net/rawreply.h"
#include "net/spoil.h"
#include "reply.h"

#define DATA_PREFIX "/soc/api/"
#define ROBOTS "/robots.txt"

/* RFC 9309 section 2.5: at least so much of it must be understood; more is
 * there to be cut. */
#define ROBOTS_MAX ((size_t)4 << 20)

/* Seconds a cache may keep an answer, as the real API says. */
static const struct reply_form forms[ENDPOINTS] = {
	{ "application/json", "max-age=900" },
	{ "application/json", "max-age=30" }
};
static const struct reply_form robots_form = { "text/plain", "max-age=86400" };

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

/* The file of --robots as it is now: a test may change it. */
static struct payload *
read_robots(const char *file)
{
	struct payload *p = NULL;
	struct buf b;

	errno = ENOENT;
	if (file == NULL)
		return NULL;
	buf_init(&b, ROBOTS_MAX);
	if (buf_file(&b, file) == 0)
		p = payload_from_text(b.data, b.len, ROBOTS);
	buf_release(&b);
	return p;
}

/* p with f done to its text; p is let go of. */
static struct payload *
spoil(const struct fault *f, struct payload *p)
{
	struct payload *spoilt = NULL;
	struct buf text, out;

	buf_init(&text, PAYLOAD_TEXT_MAX);
	buf_init(&out, PAYLOAD_TEXT_MAX);
	if (payload_decode(p, &text) == 0 &&
	    spoil_text(f, text.data, text.len, &out) == 0)
		spoilt = payload_from_text(out.data, out.len, p->etag);
	buf_release(&text);
	buf_release(&out);
	payload_unref(p);
	return spoilt;
}

/* The answer to q, NULL meaning /robots.txt, as f wants it; or NULL with
 * errno. */
static struct payload *
find_payload(const struct answers *a, const struct query *q,
    const struct fault *f)
{
	struct query other;
	struct payload *p;

	if (q == NULL) {
		p = read_robots(a->robots);
	} else {
		other = *q;
		if (f->kind == FAULT_OTHER &&
		    query_read_key(&other, f->as) == -1) {
			msg_error("%s: no TERM/CAMPUS/ENDPOINT", f->as);
			return NULL;
		}
		p = cache_get(a->cache, &other, tick_now(a->tick));
	}
	return p != NULL && spoil_is_text(f) ? spoil(f, p) : p;
}

/* There is no right answer; errno says why. */
static int
answer_failed(struct MHD_Connection *c, const struct query *query)
{
	if (query == NULL && errno == ENOENT)
		return reply_page(c, MHD_HTTP_NOT_FOUND, NULL);
	return reply_page(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
	    strerror(errno));
}

/* Answer q with what query (NULL: robots) asks for, as the script says. */
static int
answer_query(const struct answers *a, struct MHD_Connection *c,
    struct request *q, const struct query *query)
{
	const struct reply_form *form = query == NULL ? &robots_form :
	    &forms[query->endpoint];
	struct payload *p = NULL;
	struct fault f;
	int status = -1;

	faultscript_take(a->script, q->key, &f);
	q->fault = f.name;
	if (a->latency_ms + f.delay_ms > 0)
		(void)reply_wait(c, a->stop, a->latency_ms + f.delay_ms);
	if (faultreply_is(&f))
		return faultreply_send(c, &f, q->target);
	if (!rawreply_is_alone(&f) &&
	    (p = find_payload(a, query, &f)) == NULL)
		return answer_failed(c, query);
	if (rawreply_is(&f)) {
		tally_answer(a->tally, q, rawreply_status(&f));
		reply_raw(c, form, p, &f, a->stop);
	} else {
		status = reply_payload(c, form, p);
	}
	payload_unref(p);
	return status;
}

int
answer_is_for(const char *url)
{
	return strcmp(url, ROBOTS) == 0 || find_endpoint(url) != -1;
}

int
answer_data(const struct answers *a, struct MHD_Connection *c,
    const char *url, struct request *q)
{
	struct query query = { 0 };
	const char *wrong;

	if (strcmp(url, ROBOTS) == 0) {
		snprintf(q->key, sizeof(q->key), "%s", url + 1);
		return answer_query(a, c, q, NULL);
	}
	if ((wrong = parse_query(c, &query)) != NULL)
		return reply_page(c, MHD_HTTP_BAD_REQUEST, wrong);
	query.endpoint = (enum endpoint)find_endpoint(url);
	query_key(&query, q->key);
	return answer_query(a, c, q, &query);
}
