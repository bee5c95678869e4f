#include "route.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "reply.h"

#define OWN_PREFIX "/_replica/"

static int
answer_tick(const struct answers *a, struct MHD_Connection *c)
{
	int64_t now = tick_advance(a->tick);
	char text[64];

	if (now == -1) {
		msg_error_errno("%s", a->tick->file != NULL ?
		    a->tick->file : "tick");
		return reply_page(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
		    "the tick could not be recorded");
	}
	snprintf(text, sizeof(text), "{\"tick\":%" PRId64 "}\n", now);
	return reply_json(c, text);
}

static int
answer_state(const struct answers *a, struct MHD_Connection *c)
{
	struct buf b;
	struct jsonw j;
	int sent;

	buf_init(&b, 4096);
	jsonw_init(&j, &b);
	jsonw_obj_open(&j, NULL);
	jsonw_int(&j, "tick", tick_now(a->tick));
	if (a->source->steps > 0)
		jsonw_int(&j, "steps", a->source->steps);
	tally_write(a->tally, &j);
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
answer_own(const struct answers *a, struct MHD_Connection *c, const char *url,
    const char *method)
{
	int post = strcmp(method, "POST") == 0;

	if (strcmp(url, OWN_PREFIX "tick") == 0)
		return post ? answer_tick(a, c) :
		    reply_page(c, MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	if (strcmp(url, OWN_PREFIX "state") == 0)
		return answer_state(a, c);
	return reply_page(c, MHD_HTTP_NOT_FOUND, NULL);
}

int
route_answer(const struct answers *a, struct MHD_Connection *c,
    const char *url, struct request *q)
{
	if (route_is_own(url))
		return answer_own(a, c, url, q->method);
	if (!answer_is_for(url))
		return reply_page(c, MHD_HTTP_NOT_FOUND, NULL);
	if (strcmp(q->method, "GET") != 0 && strcmp(q->method, "HEAD") != 0)
		return reply_page(c, MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	return answer_data(a, c, url, q);
}
