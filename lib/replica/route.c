#include "replica/route.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "replica/answer.h"

#define OWN_PREFIX "/_replica/"
#define ROBOTS "/robots.txt"

/* RFC 9309 section 2.5: at least so much of it must be understood; more is
 * there to be cut. */
#define ROBOTS_MAX ((size_t)4 << 20)

static int
answer_tick(const struct replica *r, struct MHD_Connection *c)
{
	int64_t now = tick_advance(r->tick);
	char text[64];

	if (now == -1) {
		msg_error_errno("%s", r->tick->file != NULL ?
		    r->tick->file : "tick");
		return reply_page(c, r->site->look,
		    MHD_HTTP_INTERNAL_SERVER_ERROR,
		    "the tick could not be recorded");
	}
	snprintf(text, sizeof(text), "{\"tick\":%" PRId64 "}\n", now);
	return reply_json(c, r->site->look, text);
}

static int
answer_state(const struct replica *r, struct MHD_Connection *c)
{
	struct buf b;
	struct jsonw j;
	int sent;

	buf_init(&b, 4096);
	jsonw_init(&j, &b);
	jsonw_obj_open(&j, NULL);
	jsonw_int(&j, "tick", tick_now(r->tick));
	if (r->site->steps > 0)
		jsonw_int(&j, "steps", r->site->steps);
	tally_write(r->tally, &j);
	sent = jsonw_end(&j) == 0 ?
	    reply_json(c, r->site->look, b.data) : -1;
	buf_release(&b);
	return sent;
}

/* The file of --robots as it is now: a test may change it. */
static struct packed *
read_robots(void *arg, const char *as, int64_t tick)
{
	const struct replica *r = arg;
	struct packed *p = NULL;
	struct buf b;

	(void)as;
	(void)tick;
	errno = ENOENT;
	if (r->robots == NULL)
		return NULL;
	buf_init(&b, ROBOTS_MAX);
	if (buf_file(&b, r->robots) == 0)
		p = packed_from_text(b.data, b.len, ROBOTS);
	buf_release(&b);
	return p;
}

static int
answer_robots(const struct replica *r, struct MHD_Connection *c,
    struct visit *q)
{
	struct replica copy = *r;

	snprintf(q->key, sizeof(q->key), "%s", &ROBOTS[1]);
	return answer_send(r, c, q, &(struct answer){
	    .form = { "text/plain", "max-age=86400" },
	    .find = read_robots, .arg = &copy });
}

int
route_is_own(const char *url)
{
	return strncmp(url, OWN_PREFIX, strlen(OWN_PREFIX)) == 0;
}

static int
answer_own(const struct replica *r, struct MHD_Connection *c, const char *url,
    const char *method)
{
	int post = strcmp(method, "POST") == 0;

	if (strcmp(url, OWN_PREFIX "tick") == 0)
		return post ? answer_tick(r, c) : reply_page(c,
		    r->site->look, MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	if (strcmp(url, OWN_PREFIX "state") == 0)
		return answer_state(r, c);
	return SITE_NOTHING;
}

int
route_answer(const struct replica *r, struct MHD_Connection *c,
    const char *url, struct visit *q)
{
	const struct site *site = r->site;
	int status;

	if (route_is_own(url))
		status = answer_own(r, c, url, q->method);
	else if (strcmp(url, ROBOTS) == 0)
		status = answer_robots(r, c, q);
	else
		status = site->answer(site->arg, r, c, url, q);
	if (status == SITE_NOTHING)
		status = reply_page(c, site->look, MHD_HTTP_NOT_FOUND, NULL);
	return status;
}
