#include "sites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/clock.h"
#include "base/gzip.h"
#include "base/limits.h"
#include "base/outfile.h"
#include "base/path.h"
#include "net/url.h"
#include "record/jsonw.h"
#include "text/robots.h"

/* Bytes of a file's first line, and of a name that needs no digest. */
#define HEAD_BYTES 1024
#define NAME_BYTES 200

struct site {
	struct site *next;
	char *name;		/* owned; "https://example.org:443" */
	char *url;		/* owned; of its robots.txt */
	char *file;		/* owned; in the cache */
	char *body;		/* owned; where the answer goes */
	struct robots robots;
	int64_t fetched_ms;	/* wall clock; 0: not known */
	int looked;		/* for the kept file */
	int barred;		/* could not be had in this run */
};

/* --- one site ------------------------------------------------------------ */

static void
site_free(struct site *s)
{
	if (s == NULL)
		return;
	robots_release(&s->robots);
	free(s->name);
	free(s->url);
	free(s->file);
	free(s->body);
	free(s);
}

static char *text(const char *, ...) MSG_FMT(1, 2);

/* A new string, owned by the caller; NULL with errno. */
static char *
text(const char *fmt, ...)
{
	struct buf b;
	char *s = NULL;
	va_list ap;

	buf_init(&b, PATH_BYTES_MAX);
	va_start(ap, fmt);
	if (buf_vprintf(&b, fmt, ap) == 0)
		s = buf_detach(&b);
	va_end(ap);
	buf_release(&b);
	return s;
}

/* What a site's file is called: its name, or the digest of a long one. */
static int
add_file_name(struct buf *b, const char *name)
{
	char hex[DIGEST_TEXT];
	struct digest d;

	if (strlen(name) <= NAME_BYTES)
		return path_encode(b, name);
	if (digest_init(&d) == -1)
		return -1;
	digest_add(&d, name, strlen(name));
	digest_finish(&d, hex);
	return buf_str(b, hex);
}

/* name is given away.  NULL with errno. */
static struct site *
site_new(const char *data, char *name)
{
	struct site *s = calloc(1, sizeof(*s));
	struct buf file;

	if (s == NULL) {
		free(name);
		return NULL;
	}
	s->name = name;
	buf_init(&s->robots.text, 0);
	buf_init(&file, PATH_BYTES_MAX);
	if (add_file_name(&file, name) == -1 ||
	    (s->url = text("%s/robots.txt", name)) == NULL ||
	    (s->file = text("%s/cache/robots/%s", data, file.data)) == NULL ||
	    (s->body = text("%s/cache/robots/.%s-%ld", data, file.data,
	    (long)getpid())) == NULL) {
		site_free(s);
		s = NULL;
	}
	buf_release(&file);
	return s;
}

static int
is_fresh(int64_t fetched_ms, int64_t now_ms)
{
	return fetched_ms > 0 && fetched_ms <= now_ms &&
	    now_ms - fetched_ms < SITES_AGE_MS;
}

/* Take the rules that a status and the first bytes of a file make. */
static int
site_take(struct site *s, int64_t status, const char *bytes, size_t n,
    int64_t fetched_ms)
{
	robots_release(&s->robots);
	/* 4xx: there are no rules.  RFC 9309, section 2.3.1.3. */
	if (robots_parse(&s->robots, bytes, status < 300 ? n : 0,
	    SITES_AGENT) == -1)
		return -1;
	s->fetched_ms = fetched_ms;
	return 0;
}

/* --- the cache ----------------------------------------------------------- */

/* Take n bytes as far as there is room: more than the limit counts as it. */
static int
gather(const char *bytes, size_t n, void *arg)
{
	struct buf *b = arg;
	size_t room = b->max - b->len;

	return buf_add(b, bytes, n < room ? n : room) == -1 || n >= room;
}

/*
 * Read the first bytes of a file, decoded if it is gzip.  Returns 0, or -1
 * with errno; what is damaged ends where the damage begins.
 */
static int
read_file(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	enum gzip_result r;

	if (fd == -1)
		return -1;
	r = gzip_read(fd, INT64_MAX, gather, b);
	saved = errno;
	close(fd);
	errno = saved;
	return r == GZIP_IO ? -1 : 0;
}

/* Take a kept file that is fresh.  Returns 0, also if not, or -1. */
static int
take_kept(struct site *s, const struct buf *b, int64_t now_ms)
{
	const char *end = memchr(b->data, '\n', b->len), *at;
	size_t head = end != NULL ? (size_t)(end - b->data) + 1 : 0;
	yyjson_doc *doc = yyjson_read(b->data, head, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	int64_t status = yyjson_get_sint(yyjson_obj_get(root, "status"));
	int64_t fetched_ms;
	int r = 0;

	at = yyjson_get_str(yyjson_obj_get(root, "fetched_at"));
	if (at != NULL && clock_parse(at, &fetched_ms) == 0 &&
	    yyjson_equals_str(yyjson_obj_get(root, "site"), s->name) &&
	    is_fresh(fetched_ms, now_ms))
		r = site_take(s, status, b->data + head, b->len - head,
		    fetched_ms);
	yyjson_doc_free(doc);
	return r;
}

static int
load(struct site *s, int64_t now_ms)
{
	struct buf b;
	int r = 0;

	s->looked = 1;
	buf_init(&b, HEAD_BYTES + ROBOTS_BYTES + 1);
	if (read_file(s->file, &b) == 0)
		r = b.len > 0 ? take_kept(s, &b, now_ms) : 0;
	else if (errno == ENOMEM)
		r = -1;
	buf_release(&b);
	return r;
}

static int
write_head(const struct site *s, int64_t status, FILE *fp)
{
	char at[CLOCK_TEXT];
	struct jsonw w;
	struct buf b;
	int r;

	clock_format(s->fetched_ms, at);
	buf_init(&b, HEAD_BYTES);
	jsonw_init(&w, &b);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "site", s->name);
	jsonw_str(&w, "fetched_at", at);
	jsonw_int(&w, "status", status);
	r = jsonw_end(&w);
	if (r == 0 && fwrite(b.data, 1, b.len, fp) != b.len)
		r = -1;
	buf_release(&b);
	return r;
}

/* Keep what was taken, for this run and others. */
static int
keep(const struct site *s, int64_t status, const struct buf *b)
{
	struct outfile o;

	if (path_mkparents(s->file) == -1 ||
	    outfile_open(&o, s->file, OUTFILE_REPLACE) == -1)
		return -1;
	if (write_head(s, status, o.fp) == 0 &&
	    fwrite(b->data, 1, b->len, o.fp) == b->len)
		return outfile_commit(&o);
	outfile_abort(&o);
	return -1;
}

/* --- what a fetcher asks ------------------------------------------------- */

/* The site of url, which is new unless known.  NULL with errno. */
static struct site *
site_of(struct sites *all, const char *url)
{
	struct site *s = NULL;
	struct buf name;
	char *own;

	buf_init(&name, PATH_BYTES_MAX);
	if (url_site(url, &name) == -1) {
		if (errno == E2BIG)
			errno = EINVAL;		/* no host has such a name */
		goto out;
	}
	for (s = all->first; s != NULL; s = s->next)
		if (strcmp(s->name, name.data) == 0)
			goto out;
	own = buf_detach(&name);
	s = own != NULL ? site_new(all->data, own) : NULL;
	if (s != NULL) {
		s->next = all->first;
		all->first = s;
	}
out:
	buf_release(&name);
	return s;
}

/* What the rules of s, which are known, say about url. */
static enum rules_word
judge(const struct site *s, const char *url, int64_t *interval_ms)
{
	struct buf target;
	enum rules_word word = RULES_FAILED;

	buf_init(&target, LIMIT_RECORD_BYTES);
	if (url_target(url, &target) == 0)
		word = robots_allows(&s->robots, target.data) ? RULES_MAY :
		    RULES_NO;
	*interval_ms = s->robots.delay_ms > 0 ? s->robots.delay_ms : 0;
	buf_release(&target);
	return word;
}

static enum rules_word
may(const char *url, int64_t *interval_ms, void *arg)
{
	struct site *s = site_of(arg, url);
	int64_t now_ms = clock_wall_ms();

	if (s == NULL)
		return RULES_FAILED;
	if (!s->looked && load(s, now_ms) == -1)
		return RULES_FAILED;
	if (s->barred)
		return RULES_LATER;
	if (!is_fresh(s->fetched_ms, now_ms))
		return RULES_ASK;
	return judge(s, url, interval_ms);
}

static int
ask(const char *url, struct fetch_request *q, void *arg)
{
	struct site *s = site_of(arg, url);

	if (s == NULL || (unlink(s->body) == -1 && errno != ENOENT))
		return -1;
	*q = (struct fetch_request){ .url = s->url, .file = s->body,
	    .enough_bytes = (int64_t)ROBOTS_BYTES + 1 };
	return 0;
}

/* Does this answer say what the rules are, if only that there are none? */
static int
is_telling(const struct fetch_answer *a)
{
	return a->outcome == FETCH_BODY || (a->status >= 400 &&
	    a->status <= 499 && a->status != 408 && a->status != 429);
}

static int
learn(const struct fetch_answer *a, void *arg)
{
	struct site *s = site_of(arg, a->request->url);
	int64_t now_ms = clock_wall_ms();
	struct buf b;
	int r;

	if (s == NULL)
		return -1;
	if (!is_telling(a)) {
		s->barred = 1;
		return 0;
	}
	buf_init(&b, ROBOTS_BYTES + 1);
	r = a->outcome == FETCH_BODY ? read_file(s->body, &b) : 0;
	if (r == 0)
		r = site_take(s, a->status, b.data, b.len, now_ms);
	if (r == 0)
		r = keep(s, a->status, &b);
	if (r == 0 && unlink(s->body) == -1 && errno != ENOENT)
		r = -1;
	buf_release(&b);
	return r;
}

/* --- all of them --------------------------------------------------------- */

void
sites_init(struct sites *s, const char *data)
{
	*s = (struct sites){ data, NULL };
}

void
sites_release(struct sites *s)
{
	struct site *one;

	while ((one = s->first) != NULL) {
		s->first = one->next;
		site_free(one);
	}
}

struct rules
sites_rules(struct sites *s)
{
	return (struct rules){ may, ask, learn, s };
}
