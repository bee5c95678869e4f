#include "replica/answer.h"

#include <errno.h>
#include <string.h>

#include "net/faultreply.h"
#include "net/rawreply.h"
#include "net/spoil.h"

/* p with f done to its text; p is let go of. */
static struct packed *
spoil(const struct fault *f, struct packed *p)
{
	struct packed *spoilt = NULL;
	struct buf text, out;

	buf_init(&text, PACKED_TEXT_MAX);
	buf_init(&out, PACKED_TEXT_MAX);
	if (packed_decode(p, &text) == 0 &&
	    spoil_text(f, text.data, text.len, &out) == 0)
		spoilt = packed_from_text(out.data, out.len, p->etag);
	buf_release(&text);
	buf_release(&out);
	packed_unref(p);
	return spoilt;
}

/* The body as f wants it, or NULL with errno. */
static struct packed *
find(const struct replica *r, const struct answer *a, const struct fault *f)
{
	struct packed *p = a->find(a->arg,
	    f->kind == FAULT_OTHER ? f->as : NULL, tick_now(r->tick));

	return p != NULL && spoil_is_text(f) ? spoil(f, p) : p;
}

/* There is no right answer; errno says why. */
static int
fail(const struct replica *r, struct MHD_Connection *c)
{
	if (errno == ENOENT)
		return reply_page(c, r->site->look, MHD_HTTP_NOT_FOUND, NULL);
	return reply_page(c, r->site->look, MHD_HTTP_INTERNAL_SERVER_ERROR,
	    strerror(errno));
}

/* Answer with a, as the script says. */
static int
send_spoilt(const struct replica *r, struct MHD_Connection *c,
    struct visit *q, const struct answer *a)
{
	struct packed *p = NULL;
	struct fault f;
	int status = -1;

	faultscript_take(r->script, q->key, &f);
	q->fault = f.name;
	if (r->latency_ms + f.delay_ms > 0)
		(void)reply_wait(c, r->stop, r->latency_ms + f.delay_ms);
	if (faultreply_is(&f))
		return faultreply_send(c, &f, q->target);
	if (!rawreply_is_alone(&f) && (p = find(r, a, &f)) == NULL)
		return fail(r, c);
	if (rawreply_is(&f)) {
		tally_answer(r->tally, q, rawreply_status(&f));
		reply_raw(c, r->site->look, &a->form, p, &f, r->stop);
	} else {
		status = reply_packed(c, r->site->look, &a->form, p);
	}
	packed_unref(p);
	return status;
}

static int
is_method(const struct answer *a, const char *method)
{
	return a->method != NULL ? strcmp(method, a->method) == 0 :
	    strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

int
answer_send(const struct replica *r, struct MHD_Connection *c,
    struct visit *q, const struct answer *a)
{
	if (!is_method(a, q->method))
		return reply_page(c, r->site->look,
		    MHD_HTTP_METHOD_NOT_ALLOWED, NULL);
	if (q->body_too_big)
		return reply_page(c, r->site->look,
		    MHD_HTTP_CONTENT_TOO_LARGE, NULL);
	if (a->status != 0)
		return reply_page(c, r->site->look, a->status, a->why);
	return send_spoilt(r, c, q, a);
}
