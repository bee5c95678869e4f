#include "net/bearer.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/stop.h"
#include "base/version.h"
#include "net/retry.h"
#include "net/transfer.h"
#include "net/url.h"

/* Bytes of a client's file, and of what the server says. */
#define TEXT_MAX ((size_t)64 << 10)

/* A token is asked for so often, with so much time for each, and so much
 * between two. */
#define ATTEMPTS 3
#define TIMEOUT_MS 30000L
#define WAIT_MS 1000

/* One is over so long before it is. */
#define EARLY_S 60

struct bearer {
	struct bearer *next;
	char name[SECRET_NAME];
	const char *token;	/* borrowed of the secrets; NULL: none yet */
	int64_t number;		/* of it, from 1 */
	int64_t until_ms;	/* monotonic; when it is over */
	enum exits blame;	/* EXIT_OK, or there is none to be had: */
	char why[160];
};

/* What a token is had by. */
struct client {
	const char *uri, *id, *secret, *refresh;
};

static void fail(struct bearer *, enum exits, const char *, ...)
    MSG_FMT(3, 4);

static void
fail(struct bearer *b, enum exits blame, const char *fmt, ...)
{
	va_list ap;

	b->blame = blame;
	va_start(ap, fmt);
	vsnprintf(b->why, sizeof(b->why), fmt, ap);
	va_end(ap);
}

/* --- the client ---------------------------------------------------------- */

static int
read_fd(int fd, struct buf *b)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || buf_add(b, chunk, (size_t)n) == -1)
			return -1;
	}
	explicit_bzero(chunk, sizeof(chunk));
	return 0;
}

/* The member's text, which never shows.  NULL if there is none. */
static const char *
take(struct secrets *s, yyjson_doc *doc, const char *name)
{
	const char *text = yyjson_get_str(yyjson_obj_get(
	    yyjson_doc_get_root(doc), name));

	return text == NULL || text[0] == '\0' ? NULL : secrets_keep(s, text);
}

/* Is it sent where nobody else can read it? */
static int
is_private(const char *uri)
{
	return url_has_scheme(uri, "https") || url_is_loopback(uri);
}

static int
read_client(struct secrets *s, struct bearer *b, struct client *c)
{
	const char *why;
	yyjson_doc *doc = NULL;
	struct buf text;
	int fd = secrets_open(s, b->name, &why);

	if (fd == -1) {
		fail(b, EXIT_DATA, "%s", why);
		return -1;
	}
	buf_init(&text, TEXT_MAX);
	if (read_fd(fd, &text) == 0 && text.len > 0)
		doc = yyjson_read(text.data, text.len, 0);
	close(fd);
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buf_release(&text);
	*c = (struct client){ take(s, doc, "token_uri"),
	    take(s, doc, "client_id"), take(s, doc, "client_secret"),
	    take(s, doc, "refresh_token") };
	yyjson_doc_free(doc);
	if (c->uri == NULL || c->id == NULL || c->secret == NULL ||
	    c->refresh == NULL)
		fail(b, EXIT_DATA, "the secret is no JSON with token_uri, "
		    "client_id, client_secret and refresh_token");
	else if (!is_private(c->uri))
		fail(b, EXIT_DATA, "the secret's token_uri is no https");
	return b->blame == EXIT_OK ? 0 : -1;
}

/* --- asking -------------------------------------------------------------- */

static size_t
on_body(char *bytes, size_t one, size_t n, void *arg)
{
	return buf_add(arg, bytes, one * n) == 0 ? one * n : 0;
}

static int
on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c,
    curl_off_t d)
{
	(void)arg;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return stop_requested();
}

static int
add_field(CURL *easy, struct buf *form, const char *name, const char *value)
{
	char *text = curl_easy_escape(easy, value, 0);
	int r = text == NULL ? -1 : buf_printf(form, "%s%s=%s",
	    form->len > 0 ? "&" : "", name, text);

	curl_free(text);
	return r;
}

static int
make_form(CURL *easy, const struct client *c, struct buf *form)
{
	return add_field(easy, form, "grant_type", "refresh_token") == -1 ||
	    add_field(easy, form, "client_id", c->id) == -1 ||
	    add_field(easy, form, "client_secret", c->secret) == -1 ||
	    add_field(easy, form, "refresh_token", c->refresh) == -1 ? -1 : 0;
}

static void
set_options(CURL *e, const struct client *c, const char *form,
    struct buf *answer)
{
	curl_easy_setopt(e, CURLOPT_URL, c->uri);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, form);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
	if (url_is_loopback(c->uri))
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	transfer_trust(e);
}

/* The token that the server gave, and until when. */
static void
take_token(struct secrets *s, struct bearer *b, const struct buf *answer)
{
	yyjson_doc *doc = answer->len == 0 ? NULL :
	    yyjson_read(answer->data, answer->len, 0);
	yyjson_val *life = yyjson_obj_get(yyjson_doc_get_root(doc),
	    "expires_in");

	b->token = take(s, doc, "access_token");
	if (b->token == NULL)
		fail(b, EXIT_PROTO, "the token's server gave none");
	else if (strpbrk(b->token, "\r\n") != NULL)
		fail(b, EXIT_PROTO, "the token is no line of text");
	b->number++;
	b->until_ms = yyjson_is_int(life) && yyjson_get_int(life) > 0 ?
	    clock_mono_ms() + ((int64_t)yyjson_get_int(life) - EARLY_S) *
	    1000 : INT64_MAX;
	yyjson_doc_free(doc);
}

/* Ask once.  Returns 1 if that may be worth another attempt, else 0. */
static int
ask(struct secrets *s, struct bearer *b, CURL *easy)
{
	struct buf answer;
	CURLcode rc;
	long status = 0;
	int again;

	buf_init(&answer, TEXT_MAX);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
	rc = curl_easy_perform(easy);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	b->blame = EXIT_OK;
	if (rc != CURLE_OK)
		fail(b, EXIT_TEMP, "no token: %s", curl_easy_strerror(rc));
	else if (status != 200)
		fail(b, retry_status(status) ? EXIT_TEMP : EXIT_PROTO,
		    "no token: its server answered with %ld", status);
	else
		take_token(s, b, &answer);
	again = b->blame == EXIT_TEMP;
	if (answer.data != NULL)
		explicit_bzero(answer.data, answer.len);
	buf_release(&answer);
	return again;
}

static void
ask_until(struct secrets *s, struct bearer *b, const struct client *c)
{
	CURL *easy = curl_easy_init();
	struct buf form;
	int i;

	buf_init(&form, TEXT_MAX);
	if (easy == NULL || make_form(easy, c, &form) == -1) {
		fail(b, EXIT_TEMP, "no token: out of memory");
	} else {
		set_options(easy, c, form.data, NULL);
		for (i = 1; ask(s, b, easy) && i < ATTEMPTS &&
		    !stop_requested(); i++)
			poll(NULL, 0, WAIT_MS);
	}
	if (form.data != NULL)
		explicit_bzero(form.data, form.len);
	buf_release(&form);
	curl_easy_cleanup(easy);
}

/* --- tokens -------------------------------------------------------------- */

static struct bearer *
find(struct secrets *s, const char *name)
{
	struct bearer *b;

	for (b = s->bearers; b != NULL; b = b->next)
		if (strcmp(b->name, name) == 0)
			break;
	return b;
}

/* One of that name; NULL if there is no memory, or it is no name. */
static struct bearer *
add(struct secrets *s, const char *name)
{
	struct bearer *b;

	if (strlen(name) >= SECRET_NAME ||
	    (b = calloc(1, sizeof(*b))) == NULL)
		return NULL;
	memcpy(b->name, name, strlen(name) + 1);
	b->next = s->bearers;
	s->bearers = b;
	return b;
}

const char *
bearer_get(struct secrets *s, const char *name, int64_t *number,
    enum exits *blame, const char **why)
{
	struct bearer *b = NULL;
	struct client c;

	errno = EACCES;
	*blame = EXIT_DATA;
	*why = "a secret is asked for without --secrets";
	if (s == NULL || s->dir == NULL)
		return NULL;
	*why = "no name of a secret";
	if ((b = find(s, name)) == NULL && (b = add(s, name)) == NULL)
		return NULL;
	if (b->blame == EXIT_OK && (b->token == NULL ||
	    clock_mono_ms() >= b->until_ms) && read_client(s, b, &c) == 0)
		ask_until(s, b, &c);
	errno = EACCES;
	*number = b->number;
	*blame = b->blame;
	*why = b->why;
	return b->blame == EXIT_OK ? b->token : NULL;
}

void
bearer_refused(struct secrets *s, const char *name, int64_t number)
{
	struct bearer *b = find(s, name);

	if (b != NULL && b->number == number)
		b->until_ms = INT64_MIN;
}

void
bearers_free(struct bearer *first)
{
	struct bearer *next;

	for (; first != NULL; first = next) {
		next = first->next;
		free(first);
	}
}
