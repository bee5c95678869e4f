#include "serve/accesslog.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "record/jsonw.h"

/* Bytes of one line: a target, three times as long when escaped. */
#define LINE_BYTES (3 * CALL_TARGET_BYTES + 2048)

/* Append what a client sent; bytes that are no plain text as %XX. */
static int
add_plain(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if ((*s > ' ' && *s < 0x7f ? buf_chr(b, *s) :
		    buf_printf(b, "%%%02X", (unsigned char)*s)) == -1)
			return -1;
	return 0;
}

static int
add_target(struct buf *b, const struct call *c)
{
	if (add_plain(b, c->target.len > 0 ? c->target.data : "") == -1)
		return -1;
	return c->query == NULL ? 0 : buf_chr(b, '?') == -1 ? -1 :
	    add_plain(b, c->query);
}

static int
put(struct buf *line, const struct call *c, const char *client,
    const char *route, int64_t us, const char *target)
{
	char now[CLOCK_TEXT];
	struct jsonw w;

	clock_now(now);
	jsonw_init(&w, line);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "at", now);
	jsonw_str(&w, "id", c->id);
	jsonw_str(&w, "client", client);
	jsonw_opt(&w, "method", c->method);
	jsonw_str(&w, "target", target);
	jsonw_str(&w, "route", route);
	jsonw_int(&w, "status", c->status);
	jsonw_int(&w, "bytes", (int64_t)c->bytes);
	if (c->gzip)
		jsonw_bool(&w, "gzip", 1);
	jsonw_int(&w, "us", us);
	jsonw_opt(&w, "snapshot", c->snapshot[0] != '\0' ? c->snapshot :
	    NULL);
	return jsonw_end(&w);
}

int
accesslog_write(int fd, const struct call *c, const char *client,
    const char *route, int64_t us)
{
	struct buf line, target;
	int r = -1;

	buf_init(&line, 2 * LINE_BYTES);
	buf_init(&target, LINE_BYTES);
	if (add_target(&target, c) == 0 &&
	    put(&line, c, client, route, us, target.data) == 0) {
		do
			r = write(fd, line.data, line.len) ==
			    (ssize_t)line.len ? 0 : -1;
		while (r == -1 && errno == EINTR);
	}
	buf_release(&line);
	buf_release(&target);
	return r;
}
