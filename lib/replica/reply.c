#include "replica/reply.h"

#include <stdio.h>
#include <string.h>

#include "net/accept.h"
#include "net/rawreply.h"

/* Decoded bytes made at a time for a client without gzip. */
#define BLOCK 32768

/* Bytes of an ETag in its quotes, with the final zero. */
#define ETAG_TEXT (PACKED_ETAG + 2)

static int
send_answer(struct MHD_Connection *c, const struct reply_look *look,
    unsigned int status, struct MHD_Response *r)
{
	int sent;

	if (r == NULL)
		return -1;
	MHD_add_response_header(r, MHD_HTTP_HEADER_SERVER,
	    look->server);
	sent = MHD_queue_response(c, status, r) == MHD_YES;
	MHD_destroy_response(r);
	return sent ? (int)status : -1;
}

static int
send_text(struct MHD_Connection *c, const struct reply_look *look,
    unsigned int status, const char *type, const char *text, size_t n)
{
	union { const char *in; void *out; } u = { text };
	struct MHD_Response *r = MHD_create_response_from_buffer(n, u.out,
	    MHD_RESPMEM_MUST_COPY);

	if (r != NULL)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return send_answer(c, look, status, r);
}

static void
plain_page(struct buf *b, unsigned int status, const char *phrase,
    const char *message)
{
	buf_printf(b, "<!doctype html><html lang=\"en\"><head><title>%u %s"
	    "</title></head><body><h1>%u %s</h1>", status, phrase, status,
	    phrase);
	if (message != NULL)
		buf_printf(b, "<p>%s</p>", message);
	buf_str(b, "</body></html>\n");
}

const struct reply_look reply_plain = { "sluice", 0, plain_page };

int
reply_page(struct MHD_Connection *c, const struct reply_look *look,
    unsigned int status, const char *message)
{
	struct buf b;
	int r;

	buf_init(&b, BLOCK);
	look->page(&b, status, MHD_get_reason_phrase_for(status), message);
	r = send_text(c, look, status, "text/html;charset=utf-8", b.data,
	    b.len);
	buf_release(&b);
	return r;
}

int
reply_json(struct MHD_Connection *c, const struct reply_look *look,
    const char *text)
{
	return send_text(c, look, MHD_HTTP_OK, "application/json", text,
	    strlen(text));
}

static int
takes_gzip(struct MHD_Connection *c)
{
	return accept_gzip(MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_ACCEPT_ENCODING));
}

static void
release_payload(void *arg)
{
	packed_unref(arg);
}

static void
release_reader(void *arg)
{
	packed_reader_free(arg);
}

static ssize_t
read_block(void *arg, uint64_t pos, char *out, size_t n)
{
	ssize_t got = packed_read(arg, out, n);

	(void)pos;
	if (got == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *
gzip_answer(struct packed *p)
{
	struct MHD_Response *r;

	r = MHD_create_response_from_buffer_with_free_callback_cls(
	    p->gz.len, p->gz.data, release_payload, packed_ref(p));
	if (r == NULL) {
		packed_unref(p);
		return NULL;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	return r;
}

static struct MHD_Response *
plain_answer(struct packed *p)
{
	struct packed_reader *reader = packed_reader_new(p);
	struct MHD_Response *r;

	if (reader == NULL)
		return NULL;
	r = MHD_create_response_from_callback((uint64_t)p->size, BLOCK,
	    read_block, reader, release_reader);
	if (r == NULL)
		packed_reader_free(reader);
	return r;
}

static void
write_etag(const struct reply_look *look, const struct packed *p,
    char out[ETAG_TEXT])
{
	const char *quote = look->bare_etag ? "" : "\"";

	snprintf(out, ETAG_TEXT, "%s%s%s", quote, p->etag, quote);
}

int
reply_packed(struct MHD_Connection *c, const struct reply_look *look,
    const struct reply_form *form, struct packed *p)
{
	const char *known = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_IF_NONE_MATCH);
	unsigned int status = p->status != 0 ? p->status : MHD_HTTP_OK;
	char etag[ETAG_TEXT];
	struct MHD_Response *r;

	write_etag(look, p, etag);
	if (status == MHD_HTTP_OK && known != NULL &&
	    strcmp(known, etag) == 0) {
		status = MHD_HTTP_NOT_MODIFIED;
		r = MHD_create_response_from_buffer(0, NULL,
		    MHD_RESPMEM_PERSISTENT);
	} else {
		r = takes_gzip(c) ? gzip_answer(p) : plain_answer(p);
	}
	if (r != NULL) {
		if (status != MHD_HTTP_NOT_MODIFIED)
			MHD_add_response_header(r,
			    MHD_HTTP_HEADER_CONTENT_TYPE, form->type);
		MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, etag);
		if (form->cache_control != NULL)
			MHD_add_response_header(r,
			    MHD_HTTP_HEADER_CACHE_CONTROL,
			    form->cache_control);
	}
	return send_answer(c, look, status, r);
}

static int
socket_of(struct MHD_Connection *c)
{
	return MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* The headers that reply_packed() sends, without the length. */
static int
raw_headers(const struct reply_look *look, const struct reply_form *form,
    const struct packed *p, int gzip, struct buf *b)
{
	char etag[ETAG_TEXT];

	write_etag(look, p, etag);
	if (buf_printf(b, "Server: %s\r\nContent-Type: %s\r\nETag: %s\r\n",
	    look->server, form->type, etag) == -1)
		return -1;
	if (form->cache_control != NULL && buf_printf(b,
	    "Cache-Control: %s\r\n", form->cache_control) == -1)
		return -1;
	return gzip ? buf_str(b, "Content-Encoding: gzip\r\n") : 0;
}

void
reply_raw(struct MHD_Connection *c, const struct reply_look *look,
    const struct reply_form *form, struct packed *p, const struct fault *f,
    int stop)
{
	int fd = socket_of(c), gzip = takes_gzip(c);
	struct buf headers, text;

	if (p == NULL) {
		rawreply_send(fd, stop, f, NULL);
		return;
	}
	buf_init(&headers, BLOCK);
	buf_init(&text, PACKED_TEXT_MAX);
	if (raw_headers(look, form, p, gzip, &headers) == 0 &&
	    (gzip || packed_decode(p, &text) == 0))
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
