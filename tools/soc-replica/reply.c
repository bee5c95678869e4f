#include "reply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/rawreply.h"

/* Decoded bytes made at a time for a client without gzip. */
#define BLOCK 32768

#define SERVER "Apache/2.4.56"

static int
send_answer(struct MHD_Connection *c, unsigned int status,
    struct MHD_Response *r)
{
	int sent;

	if (r == NULL)
		return -1;
	MHD_add_response_header(r, MHD_HTTP_HEADER_SERVER, SERVER);
	sent = MHD_queue_response(c, status, r) == MHD_YES;
	MHD_destroy_response(r);
	return sent ? (int)status : -1;
}

static int
send_text(struct MHD_Connection *c, unsigned int status, const char *type,
    const char *text, size_t n)
{
	union { const char *in; void *out; } u = { text };
	struct MHD_Response *r = MHD_create_response_from_buffer(n, u.out,
	    MHD_RESPMEM_MUST_COPY);

	if (r != NULL)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return send_answer(c, status, r);
}

int
reply_page(struct MHD_Connection *c, unsigned int status,
    const char *message)
{
	const char *phrase = MHD_get_reason_phrase_for(status);
	struct buf b;
	int r;

	buf_init(&b, BLOCK);
	buf_printf(&b, "<!doctype html><html lang=\"en\"><head><title>HTTP "
	    "Status %u \xe2\x80\x93 %s</title></head><body><h1>HTTP Status "
	    "%u \xe2\x80\x93 %s</h1><hr class=\"line\" /><p><b>Type</b> "
	    "Status Report</p>", status, phrase, status, phrase);
	if (message != NULL)
		buf_printf(&b, "<p><b>Message</b> %s</p>", message);
	buf_str(&b, "<hr class=\"line\" /><h3>Apache Tomcat/9.0</h3>"
	    "</body></html>");
	r = send_text(c, status, "text/html;charset=utf-8", b.data, b.len);
	buf_release(&b);
	return r;
}

int
reply_json(struct MHD_Connection *c, const char *text)
{
	return send_text(c, MHD_HTTP_OK, "application/json", text,
	    strlen(text));
}

/* Does one element of Accept-Encoding, n bytes at s, allow gzip? */
static int
allows_gzip(const char *s, size_t n)
{
	size_t name = strcspn(s, ",; \t");
	const char *q;

	if (!(name == 4 && strncasecmp(s, "gzip", 4) == 0) &&
	    !(name == 1 && *s == '*'))
		return 0;
	for (q = s + name; q + 1 < s + n; q++)
		if ((q[0] == 'q' || q[0] == 'Q') && q[1] == '=')
			return strtod(q + 2, NULL) > 0;
	return 1;
}

static int
takes_gzip(struct MHD_Connection *c)
{
	const char *s = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_ACCEPT_ENCODING);
	size_t n;

	while (s != NULL && *s != '\0') {
		s += strspn(s, ", \t");
		n = strcspn(s, ",");
		if (allows_gzip(s, n))
			return 1;
		s += n;
	}
	return 0;
}

static void
release_payload(void *arg)
{
	payload_unref(arg);
}

static void
release_reader(void *arg)
{
	payload_reader_free(arg);
}

static ssize_t
read_block(void *arg, uint64_t pos, char *out, size_t n)
{
	ssize_t got = payload_read(arg, out, n);

	(void)pos;
	if (got == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *
gzip_answer(struct payload *p)
{
	struct MHD_Response *r;

	r = MHD_create_response_from_buffer_with_free_callback_cls(
	    p->gz.len, p->gz.data, release_payload, payload_ref(p));
	if (r == NULL) {
		payload_unref(p);
		return NULL;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	return r;
}

static struct MHD_Response *
plain_answer(struct payload *p)
{
	struct payload_reader *reader = payload_reader_new(p);
	struct MHD_Response *r;

	if (reader == NULL)
		return NULL;
	r = MHD_create_response_from_callback((uint64_t)p->size, BLOCK,
	    read_block, reader, release_reader);
	if (r == NULL)
		payload_reader_free(reader);
	return r;
}

int
reply_payload(struct MHD_Connection *c, const struct reply_form *form,
    struct payload *p)
{
	const char *known = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_IF_NONE_MATCH);
	unsigned int status = MHD_HTTP_OK;
	struct MHD_Response *r;

	/* The API's ETag has no quotes, so it is compared as it is. */
	if (known != NULL && strcmp(known, p->etag) == 0) {
		status = MHD_HTTP_NOT_MODIFIED;
		r = MHD_create_response_from_buffer(0, NULL,
		    MHD_RESPMEM_PERSISTENT);
	} else {
		r = takes_gzip(c) ? gzip_answer(p) : plain_answer(p);
	}
	if (r != NULL) {
		if (status == MHD_HTTP_OK)
			MHD_add_response_header(r,
			    MHD_HTTP_HEADER_CONTENT_TYPE, form->type);
		MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, p->etag);
		MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL,
		    form->cache_control);
	}
	return send_answer(c, status, r);
}

static int
socket_of(struct MHD_Connection *c)
{
	return MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* The headers that reply_payload() sends, without the length. */
static int
raw_headers(const struct reply_form *form, const struct payload *p, int gzip,
    struct buf *b)
{
	return buf_printf(b, "Server: " SERVER "\r\nContent-Type: %s\r\n"
	    "ETag: %s\r\nCache-Control: %s\r\n%s", form->type, p->etag,
	    form->cache_control, gzip ? "Content-Encoding: gzip\r\n" : "");
}

void
reply_raw(struct MHD_Connection *c, const struct reply_form *form,
    struct payload *p, const struct fault *f, int stop)
{
	int fd = socket_of(c), gzip = takes_gzip(c);
	struct buf headers, text;

	if (p == NULL) {
		rawreply_send(fd, stop, f, NULL);
		return;
	}
	buf_init(&headers, BLOCK);
	buf_init(&text, PAYLOAD_TEXT_MAX);
	if (raw_headers(form, p, gzip, &headers) == 0 &&
	    (gzip || payload_decode(p, &text) == 0))
		rawreply_send(fd, stop, f, &(struct rawreply){ headers.data,
		    gzip ? p->gz.data : text.data,
		    gzip ? p->gz.len : text.len });
	buf_release(&headers);
	buf_release(&text);
}

int
reply_wait(struct MHD_Connection *c, int stop, int64_t ms)
{
	return rawreply_wait(socket_of(c), stop, ms);
}
