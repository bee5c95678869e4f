#include "net/paging.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/gzip.h"
#include "base/limits.h"
#include "net/judge.h"
#include "record/split.h"

/* One answer while it is read. */
struct take {
	struct paging *p;
	struct fetch_answer *a;
	int64_t max_bytes;
	struct split split;	/* of an array */
	struct buf text;	/* of what is no array */
	enum { START, ARRAY, SINGLE } kind;
	int64_t came;		/* pages of it */
	char *next;		/* owned; where the one after it begins */
	int failed;		/* errno of our own trouble */
};

/* --- the member ---------------------------------------------------------- */

static int
wrong(char *why, const char *text)
{
	snprintf(why, PAGING_WHY, "paging: %s", text);
	errno = EINVAL;
	return -1;
}

int
paging_read(struct paging *p, yyjson_val *member, const struct request *q,
    char why[PAGING_WHY])
{
	yyjson_val *key, *v;
	size_t i, max;

	*p = (struct paging){ .pages = 0 };
	if (!yyjson_is_obj(member))
		return wrong(why, "no object");
	yyjson_obj_foreach(member, i, max, key, v) {
		const char **to = yyjson_equals_str(key, "next") ? &p->next :
		    yyjson_equals_str(key, "token") ? &p->token :
		    yyjson_equals_str(key, "error") ? &p->error : NULL;

		if (to == NULL)
			return wrong(why, "unknown member");
		if ((*to = yyjson_get_str(v)) == NULL || (*to)[0] != '/')
			return wrong(why, "no JSON pointer");
	}
	if ((p->next == NULL) != (p->token == NULL))
		return wrong(why, "next and token go together");
	return p->next == NULL || q->body != NULL ? 0 :
	    wrong(why, "the request has no body for the token");
}

static void
forget_lines(struct paging *p)
{
	if (!p->open)
		return;
	p->open = 0;
	outfile_abort(&p->file);
	digest_release(&p->digest);
}

void
paging_release(struct paging *p)
{
	int saved = errno;

	forget_lines(p);
	free(p->at);
	p->at = NULL;
	errno = saved;
}

/* --- one page ------------------------------------------------------------ */

static int
fail(struct take *t, const char *code, enum exits blame, const char *text)
{
	judge_fail(t->a, code, blame, "page %" PRId64 ": %s",
	    t->p->pages + 1, text);
	return -1;
}

static int
our_trouble(struct take *t)
{
	t->failed = errno;
	return -1;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Take the blanks between values out of JSON.  Returns its new length. */
static size_t
squeeze(char *text, size_t n)
{
	size_t i, to = 0;
	int in_string = 0;

	for (i = 0; i < n; i++) {
		if (!in_string && is_blank(text[i]))
			continue;
		if (text[i] == '"')
			in_string = !in_string;
		else if (in_string && text[i] == '\\')
			text[to++] = text[i++];
		text[to++] = text[i];
	}
	return to;
}

/* Does the page say that it is none? */
static int
is_error(struct take *t, yyjson_val *page)
{
	yyjson_val *v = t->p->error == NULL ? NULL :
	    yyjson_ptr_get(page, t->p->error);
	char *text;

	if (v == NULL || yyjson_is_null(v))
		return 0;
	text = yyjson_val_write(v, YYJSON_WRITE_NOFLAG, NULL);
	fail(t, "page_error", EXIT_TEMP, text != NULL ? text : "an error");
	free(text);
	return 1;
}

/* Keep where the page after this one begins. */
static int
find_next(struct take *t, yyjson_val *page)
{
	const char *text = t->p->next == NULL ? NULL :
	    yyjson_get_str(yyjson_ptr_get(page, t->p->next));

	free(t->next);
	t->next = NULL;
	if (text == NULL || text[0] == '\0')
		return 0;
	if (t->p->at != NULL && strcmp(text, t->p->at) == 0)
		return fail(t, "page_loop", EXIT_PROTO,
		    "it is followed by itself");
	return (t->next = strdup(text)) != NULL ? 0 : our_trouble(t);
}

static int
put_line(struct take *t, const char *text, size_t n)
{
	struct paging *p = t->p;

	if ((int64_t)n + 1 > t->max_bytes - p->size_bytes)
		return fail(t, "too_big", EXIT_PROTO,
		    "more bytes than allowed");
	p->size_bytes += (int64_t)n + 1;
	digest_add(&p->digest, text, n);
	digest_add(&p->digest, "\n", 1);
	if (fwrite(text, 1, n, p->file.fp) != n ||
	    putc('\n', p->file.fp) == EOF)
		return our_trouble(t);
	p->pages++;
	t->came++;
	return 0;
}

/* A page; its text may be changed. */
static int
take_page(char *text, size_t n, struct take *t)
{
	yyjson_doc *doc = yyjson_read(text, n, 0);
	yyjson_val *page = yyjson_doc_get_root(doc);
	int r = -1;

	if (doc == NULL)
		fail(t, "not_json", EXIT_PROTO, "it is no JSON");
	else if (!yyjson_is_obj(page))
		fail(t, "not_page", EXIT_PROTO, "it is no object");
	else if (!is_error(t, page) && find_next(t, page) == 0)
		r = put_line(t, text, squeeze(text, n));
	yyjson_doc_free(doc);
	return r;
}

/* split_fn */
static int
take_element(char *text, size_t n, int64_t number, void *arg)
{
	(void)number;
	return take_page(text, n, arg);
}

/* --- one answer ---------------------------------------------------------- */

/* gzip_fn */
static int
take_bytes(const char *bytes, size_t n, void *arg)
{
	struct take *t = arg;
	enum split_result r;
	size_t i = 0;

	while (t->kind == START && i < n && is_blank(bytes[i]))
		i++;
	if (t->kind == START && i < n)
		t->kind = bytes[i] == '[' ? ARRAY : SINGLE;
	if (t->kind == SINGLE && buf_add(&t->text, bytes + i, n - i) == -1)
		return errno != E2BIG ? our_trouble(t) :
		    fail(t, "too_big", EXIT_PROTO, "it is over 16 MiB");
	if (t->kind != ARRAY || (r = split_feed(&t->split, bytes + i, n - i))
	    == SPLIT_OK)
		return 0;
	if (r == SPLIT_MEMORY)
		errno = ENOMEM;
	return r == SPLIT_STOPPED ? -1 : r == SPLIT_MEMORY ? our_trouble(t) :
	    fail(t, r == SPLIT_TOO_BIG ? "too_big" : "not_json", EXIT_PROTO,
	    split_text(r));
}

/* The answer is over. */
static int
take_end(struct take *t)
{
	enum split_result r;

	if (t->kind == START)
		return fail(t, "empty_body", EXIT_PROTO, "it has no bytes");
	if (t->kind == SINGLE)
		return take_page(t->text.data, t->text.len, t);
	if ((r = split_end(&t->split)) != SPLIT_OK)
		return fail(t, "not_json", EXIT_PROTO, split_text(r));
	return t->came > 0 ? 0 : put_line(t, "[]", 2);
}

static int
read_answer(struct take *t, const char *page)
{
	int fd = open(page, O_RDONLY | O_CLOEXEC), r = -1;

	if (fd == -1)
		return our_trouble(t);
	switch (gzip_read(fd, t->max_bytes, take_bytes, t)) {
	case GZIP_OK:
		r = take_end(t);
		break;
	case GZIP_IO:
		our_trouble(t);
		break;
	case GZIP_STOPPED:
		break;		/* and said so */
	default:
		fail(t, "bad_gzip", EXIT_PROTO, "it is no sound gzip");
	}
	close(fd);
	return r;
}

static int
open_lines(struct paging *p, const char *file)
{
	if (p->open)
		return 0;
	if (digest_init(&p->digest) == -1)
		return -1;
	if (outfile_open(&p->file, file, OUTFILE_NEW) == -1) {
		digest_release(&p->digest);
		return -1;
	}
	p->open = 1;
	return 0;
}

/* All pages are there: they are a's body. */
static int
finish(struct paging *p, const char *file, struct fetch_answer *a)
{
	digest_finish(&p->digest, a->sha256);
	p->open = 0;
	a->encoding = "identity";
	a->size_bytes = a->stored_bytes = p->size_bytes;
	a->total_ms = p->total_ms;
	a->etag[0] = a->last_modified[0] = '\0';
	if (outfile_commit_loose(&p->file) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	judge_fail(a, "exists", EXIT_REFUSED, "%s holds other bytes already",
	    file);
	return 0;
}

int
paging_take(struct paging *p, struct request *q, const char *page,
    const char *file, int64_t max_bytes, struct fetch_answer *a)
{
	struct take t = { .p = p, .a = a, .max_bytes = max_bytes };
	int r;

	if (open_lines(p, file) == -1)
		return -1;
	split_init(&t.split, LIMIT_ELEMENT_BYTES, take_element, &t);
	buf_init(&t.text, LIMIT_ELEMENT_BYTES);
	r = read_answer(&t, page);
	split_release(&t.split);
	buf_release(&t.text);
	free(p->at);
	p->at = t.next;
	p->total_ms += a->total_ms;
	if (unlink(page) == -1 && t.failed == 0)
		our_trouble(&t);
	errno = t.failed;
	if (t.failed != 0)
		return -1;
	if (r == -1) {
		forget_lines(p);
		return 0;
	}
	if (p->at == NULL)
		return finish(p, file, a);
	return request_set(q, p->token, p->at) == 0 ? 1 : -1;
}
