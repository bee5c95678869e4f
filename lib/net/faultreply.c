#include "net/faultreply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"

#define PAGE_MAX 4096
#define TARGET_MAX 8192

int
faultreply_is(const struct fault *f)
{
	return f->kind >= FAULT_STATUS && f->kind <= FAULT_CHAIN;
}

static struct MHD_Response *
text_answer(const char *type, const struct buf *b)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(b->len,
	    b->data, MHD_RESPMEM_MUST_COPY);

	if (r != NULL)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return r;
}

static struct MHD_Response *
page(unsigned int status, const char *message)
{
	const char *phrase = MHD_get_reason_phrase_for(status);
	struct MHD_Response *r = NULL;
	struct buf b;

	buf_init(&b, PAGE_MAX);
	if (buf_printf(&b, "<!doctype html><html lang=\"en\"><head><title>"
	    "%u %s</title></head><body><h1>%u %s</h1><p>%s</p></body></html>"
	    "\n", status, phrase, status, phrase, message) == 0)
		r = text_answer("text/html;charset=utf-8", &b);
	buf_release(&b);
	return r;
}

static struct MHD_Response *
denied(void)
{
	struct MHD_Response *r = NULL;
	struct buf b;

	buf_init(&b, PAGE_MAX);
	if (buf_str(&b, "Access denied") == 0)
		r = text_answer("application/json", &b);
	buf_release(&b);
	return r;
}

/* Source: RFC 9110 section 10.2.3, and 5.6.7 for the date. */
static void
add_retry_after(struct MHD_Response *r, const struct fault *f)
{
	time_t then = (time_t)(clock_wall_ms() / 1000 + f->retry_date);
	char text[64] = "";
	struct tm tm;

	if (f->retry_after >= 0)
		snprintf(text, sizeof(text), "%" PRId64, f->retry_after);
	else if (f->retry_date >= 0 && gmtime_r(&then, &tm) != NULL)
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (text[0] != '\0')
		MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, text);
}

/* target again, with a number in its query that is one higher. */
static int
next_hop(const char *target, struct buf *b)
{
	const char *end = target + strlen(target), *hop = strstr(target,
	    "hop=");
	int64_t n = 0;

	if (hop != NULL && hop > target && strchr("?&", hop[-1]) != NULL &&
	    num_parse(hop + 4, 0, INT32_MAX, &n) == 0)
		end = hop - 1;
	if (buf_add(b, target, (size_t)(end - target)) == -1)
		return -1;
	return buf_printf(b, "%chop=%" PRId64,
	    memchr(target, '?', (size_t)(end - target)) != NULL ? '&' : '?',
	    n + 1);
}

static struct MHD_Response *
redirect(const struct fault *f, const char *target)
{
	struct MHD_Response *r = page((unsigned int)f->status, "Elsewhere");
	struct buf b;
	int made;

	buf_init(&b, TARGET_MAX);
	if (f->kind == FAULT_CHAIN)
		made = next_hop(target, &b);
	else
		made = buf_str(&b, f->kind == FAULT_LOOP ? target : f->to);
	if (r != NULL && (made == -1 || MHD_add_response_header(r,
	    MHD_HTTP_HEADER_LOCATION, b.data) == MHD_NO)) {
		MHD_destroy_response(r);
		r = NULL;
	}
	buf_release(&b);
	return r;
}

int
faultreply_send(struct MHD_Connection *c, const struct fault *f,
    const char *target)
{
	unsigned int status = (unsigned int)f->status;
	struct MHD_Response *r;
	int sent;

	if (f->kind == FAULT_STATUS) {
		if ((r = page(status, "Try again later")) != NULL)
			add_retry_after(r, f);
	} else if (f->kind == FAULT_HTML || f->kind == FAULT_DENIED) {
		status = MHD_HTTP_OK;
		r = f->kind == FAULT_HTML ?
		    page(status, "Scheduled maintenance") : denied();
	} else {
		r = redirect(f, target);
	}
	if (r == NULL)
		return -1;
	sent = MHD_queue_response(c, status, r) == MHD_YES;
	MHD_destroy_response(r);
	return sent ? (int)status : -1;
}
