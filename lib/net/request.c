#include "net/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/path.h"
#include "net/bearer.h"

enum has_body { NEVER, MAYBE, ALWAYS };

/* HEAD would leave nothing to keep, CONNECT and TRACE ask for no thing. */
static const struct method {
	const char *name;
	enum has_body body;
} methods[] = {
	{ "GET", NEVER }, { "POST", ALWAYS }, { "PUT", ALWAYS },
	{ "PATCH", ALWAYS }, { "DELETE", NEVER }, { "OPTIONS", NEVER },
	{ "QUERY", ALWAYS }, { "REPORT", MAYBE }, { "SEARCH", MAYBE },
	{ "PROPFIND", MAYBE }
};

/* What the engine sends itself, or must not send: the connection's
 * headers, and those that would change what an answer means. */
static const char *const engines[] = { "accept-encoding", "connection",
    "content-length", "expect", "host", "if-match", "if-modified-since",
    "if-none-match", "if-range", "if-unmodified-since", "keep-alive",
    "range", "te", "trailer", "transfer-encoding", "upgrade",
    "user-agent" };

/* Who may see these is not for a record to say. */
static const char *const credentials[] = { "authorization", "cookie",
    "x-api-key", "x-auth-token" };

static int wrong(char *, const char *, ...) MSG_FMT(2, 3);

static int
wrong(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, REQUEST_WHY, fmt, ap);
	va_end(ap);
	errno = EINVAL;
	return -1;
}

static const struct method *
find_method(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

/* --- headers ------------------------------------------------------------- */

static int
is_one_of(const char *name, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(name, list[i]) == 0)
			return 1;
	return 0;
}

/* A token: RFC 9110 section 5.6.2. */
static int
is_token(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~");

	return n > 0 && n <= 64 && s[n] == '\0';
}

static int
check_name(const char *name, int secret, char *why)
{
	if (!is_token(name))
		return wrong(why, "a header's name is no name");
	if (strncasecmp(name, "proxy-", 6) == 0 || is_one_of(name, engines,
	    sizeof(engines) / sizeof(engines[0])))
		return wrong(why, "the header %s cannot be set", name);
	if (!secret && is_one_of(name, credentials,
	    sizeof(credentials) / sizeof(credentials[0])))
		return wrong(why, "the header %s must be a secret", name);
	return 0;
}

/* The value is a token, which is had when it is needed. */
static const char *
take_bearer(struct request *q, const char *secret, const char *name,
    char *why)
{
	if (q->bearer != NULL) {
		wrong(why, "header %s: more than one bearer", name);
		return NULL;
	}
	q->bearer = secret;
	q->bearer_at = q->n;
	return "";
}

/* The text of a header's value; NULL after wrong(). */
static const char *
header_value(struct request *q, yyjson_val *v, const char *name,
    struct secrets *s, char *why)
{
	const char *secret = yyjson_get_str(yyjson_obj_get(v, "secret"));
	const char *bearer = yyjson_get_str(yyjson_obj_get(v, "bearer"));
	const char *text = yyjson_get_str(v), *c, *said;

	if (bearer != NULL && yyjson_obj_size(v) == 1)
		return take_bearer(q, bearer, name, why);
	if (secret != NULL && yyjson_obj_size(v) == 1) {
		if ((text = secrets_get(s, secret, &said)) == NULL)
			wrong(why, "header %s: %s", name, said);
		return text;
	}
	for (c = text; c != NULL && *c >= ' ' && *c <= '~';)
		c++;
	if (text == NULL || c == text || c != text + yyjson_get_len(v) ||
	    c - text >= REQUEST_VALUE_BYTES) {
		wrong(why, "header %s: neither a line of text nor "
		    "{\"secret\":NAME} or {\"bearer\":NAME}", name);
		return NULL;
	}
	return text;
}

/* "NAME: PREFIXVALUE", owned by the caller; NULL with errno. */
static char *
header_line(const char *name, size_t n, const char *prefix, const char *value)
{
	size_t size = n + strlen(prefix) + strlen(value) + sizeof(": ");
	char *line = malloc(size);

	if (line != NULL)
		snprintf(line, size, "%.*s: %s%s", (int)n, name, prefix,
		    value);
	return line;
}

static int
take_header(struct request *q, yyjson_val *key, yyjson_val *v,
    struct secrets *s, char *why)
{
	const char *name = yyjson_get_str(key), *value;
	char *line;

	if (q->n == REQUEST_HEADERS)
		return wrong(why, "more than %d headers", REQUEST_HEADERS);
	if (strlen(name) != yyjson_get_len(key))
		return wrong(why, "a header's name is no name");
	if (check_name(name, yyjson_is_obj(v), why) == -1 ||
	    (value = header_value(q, v, name, s, why)) == NULL)
		return -1;
	if ((line = header_line(name, strlen(name), "", value)) == NULL)
		return -1;
	q->headers[q->n++] = line;
	return 0;
}

static int
take_headers(struct request *q, yyjson_val *headers, struct secrets *s,
    char *why)
{
	yyjson_val *key, *v;
	size_t i, max;

	if (headers != NULL && !yyjson_is_obj(headers))
		return wrong(why, "headers is no object");
	yyjson_obj_foreach(headers, i, max, key, v)
		if (take_header(q, key, v, s, why) == -1)
			return -1;
	return 0;
}

/* --- the body ------------------------------------------------------------ */

/* Below the data root and nowhere else. */
static int
path_allowed(const char *path)
{
	size_t n;

	if (*path == '/' || *path == '\0')
		return 0;
	for (; *path != '\0'; path += n + (path[n] == '/')) {
		n = strcspn(path, "/");
		if (n == 2 && path[0] == '.' && path[1] == '.')
			return 0;
	}
	return 1;
}

static int
read_all(const char *file, struct buf *b)
{
	char chunk[8192];
	ssize_t n;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), saved;

	if (fd == -1)
		return -1;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 ||
	    (n == -1 && errno == EINTR))
		if (n > 0 && buf_add(b, chunk, (size_t)n) == -1)
			break;
	saved = errno;
	close(fd);
	errno = saved;
	return n == 0 ? 0 : -1;
}

static int
hash(const struct buf *b, char sha256[DIGEST_TEXT])
{
	struct digest d;

	if (digest_init(&d) == -1)
		return -1;
	digest_add(&d, b->data, b->len);
	digest_finish(&d, sha256);
	return 0;
}

/* See what the file holds, and that it is what the task says. */
static int
see_body(struct request *q, const char *path, const char *said, char *why)
{
	struct buf b;
	int r = -1;

	buf_init(&b, REQUEST_BODY_BYTES);
	if (read_all(q->body_file, &b) == -1)
		wrong(why, "body_path %.80s: %s", path, errno == E2BIG ?
		    "longer than 1 MiB" : strerror(errno));
	else if (hash(&b, q->body_sha256) == 0)
		r = said == NULL || strcmp(said, q->body_sha256) == 0 ? 0 :
		    wrong(why, "body_path %.80s: not the file of "
		    "body_sha256", path);
	buf_release(&b);
	return r;
}

/* libcurl would say of any body that it is a form. */
static int
has_type(const struct request *q)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (strncasecmp(q->headers[i], "content-type:", 13) == 0)
			return 1;
	return 0;
}

static int
no_body(const struct request *q, const char *sha256, char *why)
{
	if (sha256 != NULL)
		return wrong(why, "body_sha256 without body_path");
	if (find_method(q->method)->body == ALWAYS)
		return wrong(why, "a %s needs a body", q->method);
	return 0;
}

/* The text to send of the value v, which replaces what there was. */
static int
set_text(struct request *q, char *text)
{
	if (text == NULL) {
		errno = ENOMEM;
		return -1;
	}
	free(q->text);
	q->text = text;
	return 0;
}

static int
take_text(struct request *q, yyjson_val *body, char *why)
{
	size_t n = 0;
	char *text = yyjson_val_write(body, YYJSON_WRITE_NOFLAG, &n);

	q->body = body;
	if (set_text(q, text) == -1)
		return -1;
	return n <= REQUEST_TEXT_BYTES ? 0 : wrong(why, "body: longer than %zu "
	    "bytes", REQUEST_TEXT_BYTES);
}

static int
take_body(struct request *q, yyjson_val *member, const char *data, char *why)
{
	const char *path = yyjson_get_str(yyjson_obj_get(member,
	    "body_path"));
	const char *said = yyjson_get_str(yyjson_obj_get(member,
	    "body_sha256"));
	yyjson_val *body = yyjson_obj_get(member, "body");
	int in_file = yyjson_obj_get(member, "body_path") != NULL;
	struct buf file;

	if (!in_file && body == NULL)
		return no_body(q, said, why);
	if (in_file && body != NULL)
		return wrong(why, "both body and body_path");
	if (find_method(q->method)->body == NEVER)
		return wrong(why, "a %s has no body", q->method);
	if (!has_type(q))
		return wrong(why, "a body needs a header Content-Type");
	if (body != NULL)
		return said == NULL ? take_text(q, body, why) :
		    wrong(why, "body_sha256 without body_path");
	if (path == NULL || !path_allowed(path))
		return wrong(why, "body_path is not below the data root");
	buf_init(&file, PATH_BYTES_MAX);
	if (buf_printf(&file, "%s/%s", data, path) == -1) {
		buf_release(&file);
		return wrong(why, "body_path is too long");
	}
	if ((q->body_file = buf_detach(&file)) == NULL)
		return -1;
	return see_body(q, path, said, why);
}

int
request_stands(const struct request *q)
{
	char sha256[DIGEST_TEXT];
	struct buf b;
	int yes;

	if (q->body_file == NULL)
		return 1;
	buf_init(&b, REQUEST_BODY_BYTES);
	yes = read_all(q->body_file, &b) == 0 && hash(&b, sha256) == 0 &&
	    strcmp(sha256, q->body_sha256) == 0;
	buf_release(&b);
	return yes;
}

/* --- all of it ----------------------------------------------------------- */

/* No word that is misspelt changes the question silently. */
static int
check_members(yyjson_val *member, char *why)
{
	static const char *const known[] = { "method", "safe", "headers",
	    "body", "body_path", "body_sha256" };
	yyjson_val *key, *v;
	size_t i, max, k;

	if (!yyjson_is_obj(member))
		return wrong(why, "request is no object");
	yyjson_obj_foreach(member, i, max, key, v) {
		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (yyjson_equals_str(key, known[k]))
				break;
		if (k == sizeof(known) / sizeof(known[0]))
			return wrong(why, "request: unknown member %.40s",
			    yyjson_get_str(key));
	}
	return 0;
}

static int
take_method(struct request *q, yyjson_val *member, char *why)
{
	yyjson_val *v = yyjson_obj_get(member, "method");
	yyjson_val *safe = yyjson_obj_get(member, "safe");
	const char *name = yyjson_get_str(v);
	const struct method *m = NULL;

	if (safe != NULL && !yyjson_is_bool(safe))
		return wrong(why, "safe is neither true nor false");
	q->safe = yyjson_get_bool(safe);
	if (v == NULL)
		return 0;
	if (name == NULL || (m = find_method(name)) == NULL)
		return wrong(why, "request: this method is not for fetching");
	q->method = m->name;
	return 0;
}

int
request_read(struct request *q, yyjson_val *member, const char *data,
    struct secrets *s, char why[REQUEST_WHY])
{
	*q = (struct request){ .method = "GET" };
	if (member == NULL)
		return 0;
	if (check_members(member, why) == 0 &&
	    take_method(q, member, why) == 0 &&
	    take_headers(q, yyjson_obj_get(member, "headers"), s, why) == 0 &&
	    take_body(q, member, data, why) == 0)
		return 0;
	request_release(q);
	return -1;
}

void
request_release(struct request *q)
{
	int saved = errno;
	size_t i;

	for (i = 0; i < q->n; i++) {
		explicit_bzero(q->headers[i], strlen(q->headers[i]));
		free(q->headers[i]);
		q->headers[i] = NULL;
	}
	q->n = 0;
	free(q->text);
	q->text = NULL;
	free(q->body_file);
	q->body_file = NULL;
	errno = saved;
}

int
request_set(struct request *q, const char *pointer, const char *value)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *body = yyjson_val_mut_copy(doc, q->body);
	int r = -1;

	errno = ENOMEM;
	if (body == NULL)
		goto out;
	yyjson_mut_doc_set_root(doc, body);
	errno = EINVAL;
	if (yyjson_mut_doc_ptr_set(doc, pointer, yyjson_mut_strcpy(doc,
	    value)))
		r = set_text(q, yyjson_mut_write(doc, YYJSON_WRITE_NOFLAG,
		    NULL));
out:
	yyjson_mut_doc_free(doc);
	return r;
}

int
request_authorize(struct request *q, struct secrets *s, enum exits *blame,
    const char **why)
{
	const char *token;
	char **line = &q->headers[q->bearer_at], *new;

	if (q->bearer == NULL)
		return 0;
	if ((token = bearer_get(s, q->bearer, &q->token, blame, why)) == NULL)
		return -1;
	new = header_line(*line, strcspn(*line, ":"), "Bearer ", token);
	if (new == NULL)
		return -1;
	explicit_bzero(*line, strlen(*line));
	free(*line);
	*line = new;
	return 0;
}

void
request_write(const struct request *q, yyjson_val *member, struct jsonw *w)
{
	yyjson_val *key, *v;
	size_t i, max;

	jsonw_obj_open(w, "request");
	yyjson_obj_foreach(member, i, max, key, v)
		if (!yyjson_equals_str(key, "body_sha256"))
			jsonw_val(w, yyjson_get_str(key), v);
	if (q->body_file != NULL)
		jsonw_str(w, "body_sha256", q->body_sha256);
	jsonw_obj_close(w);
}
