#include "record/stream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/stop.h"
#include "record/part.h"

#define READ_BYTES 65536	/* bytes asked of read(2) at a time */

/* The state of one stream_each() call. */
struct reader {
	int fd;
	const char *name;
	unsigned int flags;
	stream_fn fn;
	stream_wait_fn wait;	/* or NULL */
	void *arg;
	int64_t number;
	int over;		/* "end" or "abort" was seen */
	enum exits status;	/* what abort said */
	yyjson_alc alc;
	void *pool;		/* owned; backs alc */
	size_t pool_bytes;
};

static enum exits
bad(const struct reader *r, const char *what)
{
	msg_error("%s: line %lld: %s", r->name, (long long)r->number, what);
	return EXIT_DATA;
}

/*
 * Parse with one pool for all records: no allocation per record.
 * NULL with errno ENOMEM or EINVAL.
 */
static yyjson_doc *
parse(struct reader *r, char *line, size_t len)
{
	size_t need = yyjson_read_max_memory_usage(len, 0);

	if (need > r->pool_bytes) {
		free(r->pool);
		r->pool_bytes = need + need / 2;
		if ((r->pool = malloc(r->pool_bytes)) == NULL) {
			r->pool_bytes = 0;
			errno = ENOMEM;
			return NULL;
		}
	}
	errno = EINVAL;
	yyjson_alc_pool_init(&r->alc, r->pool, r->pool_bytes);
	return yyjson_read_opts(line, len, 0, &r->alc, NULL);
}

static enum exits
take_abort(struct reader *r, const struct record *rec)
{
	int64_t status = record_int(rec, "status", EXIT_DATA);
	const char *reason = record_str(rec, "reason");

	/* What no tool exits with, and "no", which is an answer: nonsense. */
	if (status <= EXIT_NO || status > 255 ||
	    strcmp(exits_name((int)status), "unknown") == 0)
		status = EXIT_DATA;
	msg_error("%s: aborted by its producer: %s", r->name,
	    reason != NULL ? reason : exits_name((int)status));
	r->status = (enum exits)status;
	return EXIT_OK;
}

static enum exits
no_memory(const struct reader *r)
{
	msg_error("%s: line %lld: out of memory", r->name,
	    (long long)r->number);
	return EXIT_OS;
}

static enum exits
take_line(struct reader *r, char *line, size_t len)
{
	struct record rec;
	yyjson_doc *doc;

	r->number++;
	if (r->over)
		return bad(r, "record after the end of the stream");
	if (len >= LIMIT_RECORD_BYTES)
		return bad(r, "longer than 1 MiB");
	if ((doc = parse(r, line, len)) == NULL)
		return errno == ENOMEM ? no_memory(r) :
		    bad(r, "not a JSON object");
	rec = (struct record){ NULL, line, len, yyjson_doc_get_root(doc),
	    r->number, r->name };
	if ((rec.type = record_str(&rec, "type")) == NULL)
		return bad(r, "not a record: no type");
	if (record_is(&rec, "end")) {
		r->over = 1;
		return EXIT_OK;
	}
	if (record_is(&rec, "abort")) {
		r->over = 1;
		return take_abort(r, &rec);
	}
	return r->fn(&rec, r->arg);
}

/* Take every whole line of b and leave the rest. */
static enum exits
take_lines(struct reader *r, struct buf *b)
{
	size_t start = 0;
	enum exits status = EXIT_OK;
	char *nl;

	while (status == EXIT_OK && start < b->len && !stop_requested() &&
	    (nl = memchr(b->data + start, '\n', b->len - start)) != NULL) {
		size_t len = (size_t)(nl - (b->data + start));

		status = take_line(r, b->data + start, len);
		start += len + 1;
	}
	buf_drop(b, start);
	return status;
}

static enum exits
read_records(struct reader *r, struct buf *b)
{
	enum exits status = EXIT_OK;
	ssize_t n;

	while (status == EXIT_OK) {
		if (stop_requested()) {
			msg_error("%s: interrupted", r->name);
			return EXIT_TEMP;
		}
		if (r->wait != NULL)
			status = r->wait(r->fd, r->arg);
		if (status != EXIT_OK || stop_requested())
			continue;
		if (buf_reserve(b, READ_BYTES) == -1) {
			r->number++;
			return errno == E2BIG ? bad(r, "longer than 1 MiB") :
			    no_memory(r);
		}
		n = read(r->fd, b->data + b->len, READ_BYTES);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			msg_error_errno("%s", r->name);
			return EXIT_IO;
		}
		if (n == 0)
			break;
		b->len += (size_t)n;
		status = take_lines(r, b);
	}
	if (status != EXIT_OK)
		return status;
	if (b->len > 0) {
		r->number++;
		if (r->flags & STREAM_PARTIAL)
			return r->status;
		return bad(r, "cut in the middle of a record");
	}
	if (!r->over && !(r->flags & STREAM_PARTIAL)) {
		msg_error("%s: cut: no end record after line %lld", r->name,
		    (long long)r->number);
		return EXIT_DATA;
	}
	return r->status;
}

enum exits
stream_each(int fd, const char *name, unsigned int flags, stream_fn fn,
    void *arg)
{
	return stream_each_wait(fd, name, flags, fn, NULL, arg);
}

enum exits
stream_each_wait(int fd, const char *name, unsigned int flags, stream_fn fn,
    stream_wait_fn wait, void *arg)
{
	struct reader r;
	struct buf b;
	enum exits status;

	memset(&r, 0, sizeof(r));
	r.fd = fd;
	r.name = name;
	r.flags = flags;
	r.fn = fn;
	r.wait = wait;
	r.arg = arg;
	buf_init(&b, LIMIT_RECORD_BYTES + READ_BYTES);
	status = read_records(&r, &b);
	buf_release(&b);
	free(r.pool);
	return status;
}

void
stream_out_init(struct stream_out *o, int fd, int buffered)
{
	*o = (struct stream_out){ .fd = fd, .buffered = buffered };
	buf_init(&o->pending, 2 * LIMIT_RECORD_BYTES);
}

static void
flush(struct stream_out *o)
{
	size_t done = 0;
	ssize_t n;

	while (o->failed == 0 && done < o->pending.len) {
		n = write(o->fd, o->pending.data + done,
		    o->pending.len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			o->failed = errno;
	}
	buf_clear(&o->pending);
}

static void
added(struct stream_out *o)
{
	o->n++;
	if (!o->buffered || o->pending.len >= READ_BYTES)
		flush(o);
}

void
stream_record(struct stream_out *o, struct jsonw *w, const char *type)
{
	o->start = o->pending.len;
	jsonw_record(w, &o->pending, type);
}

int
stream_put(struct stream_out *o, struct jsonw *w)
{
	int failed = jsonw_end(w) == -1 ? errno : 0;

	if (failed == 0 && o->pending.len - o->start > LIMIT_RECORD_BYTES)
		failed = E2BIG;
	if (failed != 0) {
		o->pending.len = o->start;
		errno = failed;
		return -1;
	}
	added(o);
	return 0;
}

void
stream_drop(struct stream_out *o)
{
	o->pending.len = o->start;
}

void
stream_copy(struct stream_out *o, const struct record *r)
{
	if (buf_add(&o->pending, r->line, r->len) == -1 ||
	    buf_chr(&o->pending, '\n') == -1)
		o->failed = o->failed != 0 ? o->failed : errno;
	added(o);
}

int
stream_failed(const struct stream_out *o)
{
	return o->failed != 0;
}

static void
last_line(struct stream_out *o, enum exits status, int items_failed,
    const char *reason)
{
	struct jsonw w;

	if (status == EXIT_OK || status == EXIT_NO || items_failed) {
		jsonw_record(&w, &o->pending, "end");
		jsonw_int(&w, "n", o->n);
	} else {
		jsonw_record(&w, &o->pending, "abort");
		jsonw_int(&w, "status", status);
		jsonw_str(&w, "reason",
		    reason != NULL ? reason : exits_name(status));
	}
	if (jsonw_end(&w) == -1)
		o->failed = errno;
}

enum exits
stream_finish(struct stream_out *o, enum exits status, int items_failed,
    const char *reason)
{
	int failed;

	last_line(o, status, items_failed, reason);
	flush(o);
	failed = o->failed;
	buf_release(&o->pending);
	if (failed == 0)
		return status;
	if (failed != EPIPE) {
		errno = failed;
		msg_error_errno("standard output");
	}
	return EXIT_IO;
}

static void
copy_member(struct jsonw *w, const struct record *of, const char *name)
{
	yyjson_val *v = yyjson_obj_get(of->root, name);

	if (v != NULL)
		jsonw_val(w, name, v);
}

/* A message may quote anything: bytes that are not UTF-8 become '?'. */
static void
put_message(struct jsonw *w, char *text)
{
	size_t n = strlen(text), i;

	for (i = 0; (i += jsonw_utf8(text + i, n - i)) < n; )
		text[i] = '?';
	jsonw_strn(w, "message", text, n);
}

/* What an error record says beyond the record that it is about. */
struct fault {
	const char *code;
	char *text;
	int64_t status, attempt;	/* 0: not said */
	const char *failed_at;		/* or NULL */
};

static int
put_error(struct stream_out *o, const struct record *of,
    const struct fault *f, int whole)
{
	struct jsonw w;

	stream_record(o, &w, "error");
	jsonw_str(&w, "code", f->code);
	jsonw_str(&w, "tool", msg_tool());
	copy_member(&w, of, "run");
	copy_member(&w, of, "source");
	copy_member(&w, of, "dataset");
	copy_member(&w, of, "part");
	copy_member(&w, of, "item");
	put_message(&w, f->text);
	if (f->status != 0)
		jsonw_int(&w, "status", f->status);
	if (f->attempt != 0)
		jsonw_int(&w, "attempt", f->attempt);
	jsonw_opt(&w, "failed_at", f->failed_at);
	if (whole)
		jsonw_raw(&w, "of", of->line, of->len);
	return stream_put(o, &w);
}

/* A failure must not get lost because its record is a huge one. */
static void
put_fault(struct stream_out *o, const struct record *of,
    const struct fault *f)
{
	if (put_error(o, of, f, 1) == -1 && put_error(o, of, f, 0) == -1)
		msg_error_errno("error record");
}

void
stream_error(struct stream_out *o, const struct record *of,
    const char *code, const char *fmt, ...)
{
	char text[1024];
	struct fault f = { code, text, 0, 0, NULL };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_fault(o, of, &f);
}

void
stream_error_http(struct stream_out *o, const struct record *of,
    const char *code, int64_t status, int64_t attempt,
    const char *failed_at, const char *text)
{
	char copy[1024];
	struct fault f = { code, copy, status, attempt, failed_at };

	snprintf(copy, sizeof(copy), "%s", text);
	put_fault(o, of, &f);
}

const char *
record_str(const struct record *r, const char *name)
{
	yyjson_val *v = yyjson_obj_get(r->root, name);
	const char *s = yyjson_get_str(v);

	/* Cut at a NUL it would be another string than the record says. */
	return s != NULL && strlen(s) == yyjson_get_len(v) ? s : NULL;
}

int64_t
record_int(const struct record *r, const char *name, int64_t fallback)
{
	yyjson_val *v = yyjson_obj_get(r->root, name);

	if (!yyjson_is_int(v) ||
	    (yyjson_is_uint(v) && yyjson_get_uint(v) > INT64_MAX))
		return fallback;
	return yyjson_get_sint(v);
}

void
record_rest(const struct record *r, struct jsonw *w)
{
	static const char *const known[] = { "type", "run", "source",
	    "dataset", "part", "url", "request", "mode", "format",
	    "schema_version", "known", "sha256", "path", "encoding",
	    "size_bytes", "stored_bytes", "status", "etag", "last_modified",
	    "content_type", "fetched_at", "attempt", "connect_ms",
	    "first_byte_ms", "total_ms", "snapshot", "record_count",
	    "same_as", "confirmed_at", "seq", "kind", "verdict", "code",
	    "current", "changed", "outcome" };
	yyjson_val *key, *value;
	size_t i, j, max;

	yyjson_obj_foreach(r->root, i, max, key, value) {
		for (j = 0; j < sizeof(known) / sizeof(known[0]); j++)
			if (yyjson_equals_str(key, known[j]))
				break;
		if (j == sizeof(known) / sizeof(known[0]))
			jsonw_val(w, yyjson_get_str(key), value);
	}
}

int
record_label(const struct record *r, struct buf *b)
{
	const char *dataset = record_str(r, "dataset");
	size_t n = 1, before = b->len;
	struct part p;

	if (dataset == NULL ||
	    part_read(&p, yyjson_obj_get(r->root, "part")) == -1)
		return buf_printf(b, "line %lld", (long long)r->number);
	if (buf_str(b, dataset) == -1)
		return -1;
	for (; *dataset != '\0'; dataset++)
		n += *dataset == '/';
	if (n >= p.n)
		return 0;
	if (buf_chr(b, ' ') == -1 || part_values(&p, n, p.n, b) == -1) {
		b->len = before;
		return -1;
	}
	return 0;
}

int
record_is(const struct record *r, const char *type)
{
	return strcmp(r->type, type) == 0;
}
