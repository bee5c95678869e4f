#include "text/html_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/gzip.h"
#include "base/limits.h"
#include "text/html_memory.h"

/* --- in the child ---------------------------------------------------------- */

static int
gather(const char *bytes, size_t n, void *arg)
{
	return buf_add(arg, bytes, n);
}

enum finding_code
html_file_read(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum gzip_result r;

	if (fd == -1)
		return FINDING_MISSING_FILE;
	r = gzip_read(fd, HTML_PAGE_BYTES, gather, b);
	close(fd);
	switch (r) {
	case GZIP_OK:
		return FINDING_NONE;
	case GZIP_STOPPED:
		return FINDING_PAGE_LIMIT;
	case GZIP_TOO_BIG:
		return FINDING_TOO_BIG;
	case GZIP_TRUNCATED:
		return FINDING_TRUNCATED;
	case GZIP_IO:
		return FINDING_MISSING_FILE;
	default:
		return FINDING_BAD_GZIP;
	}
}

/* The next '\0'-terminated text of the request. */
static const char *
next(const char **p)
{
	const char *s = *p;

	*p += strlen(s) + 1;
	return s;
}

static void
extract(struct html_child *c, const char *path, struct html_input *in,
    struct buf *answer, struct html_outcome *o)
{
	enum finding_code code;

	buf_clear(&c->bytes);
	if ((code = html_file_read(path, &c->bytes)) == FINDING_NONE) {
		in->bytes = c->bytes.len > 0 ? c->bytes.data : "";
		in->n = c->bytes.len;
		html_memory_begin();
		(void)html_extract(c->html, in, answer, o);
		html_memory_end();
	} else {
		o->finding = (struct finding){ .code = code,
		    .severity = FINDING_ERROR, .offset = -1 };
		snprintf(o->finding.text, sizeof(o->finding.text), "%s",
		    code == FINDING_MISSING_FILE ? strerror(errno) :
		    finding_explain(code));
	}
}

/* The outcome, then the records; both sides are the same program. */
static int
answer_page(const char *request, size_t n, struct buf *answer, void *arg)
{
	struct html_child *c = arg;
	struct html_outcome o = { .total = -1 };
	const char *p = request, *path;
	struct html_input in = { 0 };
	struct part key, part;

	(void)n;
	in.page = &c->pages[strtoull(next(&p), NULL, 10)];
	path = next(&p);
	in.run = next(&p);
	in.source = next(&p);
	in.url = next(&p);
	in.fetched_at = next(&p);
	in.content_type = next(&p);
	if (part_parse(&key, next(&p)) == -1 || key.n == 0 ||
	    buf_add(answer, &o, sizeof(o)) == -1)
		return -1;
	part = key;
	part.n--;
	in.key = &key;
	in.part = &part;
	extract(c, path, &in, answer, &o);
	memcpy(answer->data, &o, sizeof(o));
	return o.memory ? -1 : 0;
}

/* --- in the parent ---------------------------------------------------------- */

void
html_child_init(struct html_child *c, struct html *html,
    const struct pages *pages, int64_t cpu_s, int64_t memory_bytes)
{
	c->html = html;
	c->pages = pages->page;
	confine_init(&c->child, answer_page, c, cpu_s, memory_bytes,
	    HTML_RECORDS_BYTES);
	buf_init(&c->request, LIMIT_RECORD_BYTES);
	buf_init(&c->answer, HTML_RECORDS_BYTES);
	buf_init(&c->bytes, (size_t)HTML_PAGE_BYTES);
}

void
html_child_release(struct html_child *c)
{
	confine_release(&c->child);
	buf_release(&c->request);
	buf_release(&c->answer);
	buf_release(&c->bytes);
}

static int
add(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text) + 1);
}

static int
write_request(struct html_child *c, const struct html_file *f)
{
	struct buf *b = &c->request;

	buf_clear(b);
	if (buf_printf(b, "%zu", (size_t)(f->page - c->pages)) == -1 ||
	    add(b, "") == -1 || add(b, f->path) == -1 ||
	    add(b, f->run) == -1 || add(b, f->source) == -1 ||
	    add(b, f->url) == -1 || add(b, f->fetched_at) == -1 ||
	    add(b, f->content_type == NULL ? "" : f->content_type) == -1 ||
	    part_json(f->key, b) == -1)
		return -1;
	return add(b, "");
}

static void
died(struct html_outcome *o, const char *how)
{
	*o = (struct html_outcome){ .total = -1, .finding = {
	    .code = FINDING_PAGE_LIMIT, .severity = FINDING_ERROR,
	    .offset = -1 } };
	snprintf(o->finding.text, sizeof(o->finding.text), "%s", how);
}

int
html_child_page(struct html_child *c, const struct html_file *f,
    struct html_outcome *o, const char **records, size_t *n)
{
	*records = "";
	*n = 0;
	if (write_request(c, f) == -1)
		return -1;
	buf_clear(&c->answer);
	switch (confine_call(&c->child, c->request.data, c->request.len,
	    &c->answer)) {
	case CONFINE_OK:
		break;
	case CONFINE_CPU:
		died(o, "the page took more time than one may");
		return 0;
	case CONFINE_DIED:
		died(o, "reading the page ended the reader");
		return 0;
	case CONFINE_FAILED:
		return -1;
	}
	if (c->answer.len < sizeof(*o)) {
		died(o, "the reader had no memory left");
		return 0;
	}
	memcpy(o, c->answer.data, sizeof(*o));
	*records = c->answer.data + sizeof(*o);
	*n = c->answer.len - sizeof(*o);
	return 0;
}
