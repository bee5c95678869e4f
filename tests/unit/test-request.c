/* What a task asks for beyond a GET: request.h. */
#include "net/request.h"

#include <sys/stat.h>

#include "tap.h"
#include "tmpdir.h"

#define TYPE "\"headers\":{\"Content-Type\":\"x/y\"},"
#define SHA_Q "6ae0f660046dadcf5fe8462c0e00a062db4c8d67be82f4098c5ea4208d19b076"

/* Each member, and what is sent or said. */
static const struct {
	const char *in, *want;	/* want: lines sent, or a word of the error */
	int ok;
} cases[] = {
	{ "{}", "GET|", 1 },
	{ "{\"method\":\"POST\"}", "needs a body", 0 },
	{ "{\"headers\":{\"Accept\":\"text/csv\",\"X-A\":\"b\"}}",
	    "GET|Accept: text/csv|X-A: b|", 1 },
	{ "{\"headers\":{\"Authorization\":{\"secret\":\"key\"}}}",
	    "GET|Authorization: Bearer 123|", 1 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"q.json\"}",
	    "POST|Content-Type: x/y|" SHA_Q, 1 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"q.json\",\"body_sha256\":\""
	    SHA_Q "\"}", "POST|Content-Type: x/y|" SHA_Q, 1 },
	{ "{" TYPE "\"method\":\"POST\",\"safe\":true,\"body\":{\"q\": [1, "
	    "\"\u00e9\"]}}", "POST|Content-Type: x/y|{\"q\":[1,\"\xc3\xa9\"]}"
	    "|safe", 1 },
	{ "{\"headers\":{\"Authorization\":{\"bearer\":\"c.json\"}}}",
	    "GET|Authorization: |", 1 },
	{ "{\"headers\":{\"A\":{\"bearer\":\"c\"},\"B\":{\"bearer\":"
	    "\"c\"}}}", "header B: more than one", 0 },
	{ "{\"headers\":{\"A\":{\"bearer\":7}}}", "header A", 0 },
	{ "{\"safe\":1}", "neither true nor false", 0 },
	{ "{\"method\":\"POST\",\"body\":{}}", "Content-Type", 0 },
	{ "{\"body\":{}}", "a GET has no body", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body\":1,\"body_path\":\"q.json\"}",
	    "both body and", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body\":1,\"body_sha256\":\"\"}",
	    "without body_path", 0 },
	{ "[]", "object", 0 },
	{ "null", "object", 0 },
	{ "{\"metod\":\"POST\"}", "unknown member metod", 0 },
	{ "{\"Method\":\"POST\"}", "unknown member Method", 0 },
	{ "{\"method\":\"post\"}", "method", 0 },
	{ "{\"method\":\"HEAD\"}", "method", 0 },
	{ "{\"method\":\"CONNECT\"}", "method", 0 },
	{ "{\"method\":\"GET / HTTP/1.1\\r\\nX: y\"}", "method", 0 },
	{ "{\"method\":5}", "method", 0 },
	{ "{\"headers\":[]}", "headers is no object", 0 },
	{ "{\"headers\":{\"\":\"x\"}}", "no name", 0 },
	{ "{\"headers\":{\"A B\":\"x\"}}", "no name", 0 },
	{ "{\"headers\":{\"A:\":\"x\"}}", "no name", 0 },
	{ "{\"headers\":{\"A\\r\\nB\":\"x\"}}", "no name", 0 },
	{ "{\"headers\":{\"A\\u0000B\":\"x\"}}", "no name", 0 },
	{ "{\"headers\":{\"A\":\"x\\r\\nB: y\"}}", "header A", 0 },
	{ "{\"headers\":{\"A\":\"x\\u0000\"}}", "header A", 0 },
	{ "{\"headers\":{\"A\":\"\\u00e9\"}}", "header A", 0 },
	{ "{\"headers\":{\"A\":\"\"}}", "header A", 0 },
	{ "{\"headers\":{\"A\":7}}", "header A", 0 },
	{ "{\"headers\":{\"A\":null}}", "header A", 0 },
	{ "{\"headers\":{\"Host\":\"x\"}}", "cannot be set", 0 },
	{ "{\"headers\":{\"content-LENGTH\":\"1\"}}", "cannot be set", 0 },
	{ "{\"headers\":{\"Proxy-Authorization\":{\"secret\":\"key\"}}}",
	    "cannot be set", 0 },
	{ "{\"headers\":{\"If-None-Match\":\"1\"}}", "cannot be set", 0 },
	{ "{\"headers\":{\"authorization\":\"Bearer x\"}}",
	    "must be a secret", 0 },
	{ "{\"headers\":{\"Cookie\":\"a=b\"}}", "must be a secret", 0 },
	{ "{\"headers\":{\"A\":{\"secret\":\"none\"}}}", "header A: there",
	    0 },
	{ "{\"headers\":{\"A\":{\"secret\":\"key\",\"x\":1}}}", "header A",
	    0 },
	{ "{\"headers\":{\"A\":{\"secret\":7}}}", "header A", 0 },
	{ "{\"body_path\":\"q.json\"}", "a GET has no body", 0 },
	{ "{\"method\":\"PUT\",\"body_path\":\"q.json\"}", "Content-Type",
	    0 },
	{ "{\"body_sha256\":\"aa\"}", "without body_path", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":7}", "below the data root",
	    0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"/etc/passwd\"}",
	    "below the data root", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"../d/q.json\"}",
	    "below the data root", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"x/..\"}",
	    "below the data root", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"\"}",
	    "below the data root", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"none\"}", "No such file",
	    0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"folder\"}",
	    "Is a directory", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"long\"}", "longer than", 0 },
	{ "{" TYPE "\"method\":\"POST\",\"body_path\":\"q.json\","
	    "\"body_sha256\":\"aa\"}", "not the file", 0 },
};

static void
show(const struct request *q, char *out, size_t size)
{
	size_t i;
	int n = snprintf(out, size, "%s|", q->method);

	for (i = 0; i < q->n; i++)
		n += snprintf(out + n, size - (size_t)n, "%s|",
		    q->headers[i]);
	snprintf(out + n, size - (size_t)n, "%s%s%s", q->body_sha256,
	    q->text != NULL ? q->text : "", q->safe ? "|safe" : "");
}

static void
test_cases(struct secrets *s)
{
	char why[REQUEST_WHY], out[1024];
	struct request q;
	yyjson_doc *doc;
	size_t i;
	int r;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		doc = yyjson_read(cases[i].in, strlen(cases[i].in), 0);
		r = request_read(&q, yyjson_doc_get_root(doc), "d", s, why);
		if (r == 0)
			show(&q, out, sizeof(out));
		else
			snprintf(out, sizeof(out), "%s", why);
		if (!tap_ok((r == 0) == cases[i].ok && (r == 0 ?
		    strcmp(out, cases[i].want) == 0 :
		    strstr(out, cases[i].want) != NULL) &&
		    (r == 0 || strstr(out, "123") == NULL), "%s",
		    cases[i].in))
			printf("# %s\n", out);
		if (r == 0)
			request_release(&q);
		yyjson_doc_free(doc);
	}
}

/* The same question twice is one partition; its file must not change. */
static void
test_body(struct secrets *s)
{
	const char *in = "{\"method\":\"PUT\",\"body_path\":\"q.json\","
	    "\"headers\":{\"Content-Type\":\"x/y\",\"A\":{\"secret\":\"key\"}}}";
	yyjson_doc *doc = yyjson_read(in, strlen(in), 0);
	char why[REQUEST_WHY];
	struct request q;
	struct jsonw w;
	struct buf b;

	buf_init(&b, REQUEST_BODY_BYTES);
	request_read(&q, yyjson_doc_get_root(doc), "d", s, why);
	tap_ok(request_stands(&q), "the body is what it was");
	tmpdir_text("d/q.json", "another");
	tap_ok(!request_stands(&q), "not when it has changed");
	jsonw_init(&w, &b);
	jsonw_obj_open(&w, NULL);
	request_write(&q, yyjson_doc_get_root(doc), &w);
	jsonw_end(&w);
	tap_str(b.data, "{\"request\":{\"method\":\"PUT\","
	    "\"body_path\":\"q.json\",\"headers\":{\"Content-Type\":"
	    "\"x/y\",\"A\":{\"secret\":\"key\"}},\"body_sha256\":\"" SHA_Q "\"}}\n",
	    "the record says what was asked");
	request_release(&q);
	tap_ok(request_read(&q, NULL, "d", s, why) == 0 &&
	    strcmp(q.method, "GET") == 0 && q.n == 0 && request_stands(&q),
	    "no member: a GET");
	request_release(&q);
	buf_release(&b);
	yyjson_doc_free(doc);
}

/* What is put into a body is sent, and told to nobody. */
static void
test_set(struct secrets *s)
{
	const char *in = "{\"method\":\"POST\",\"headers\":{\"Content-Type\":"
	    "\"x/y\"},\"body\":{\"q\":\"a\"}}";
	yyjson_doc *doc = yyjson_read(in, strlen(in), 0);
	char why[REQUEST_WHY];
	struct request q;
	struct jsonw w;
	struct buf b;

	request_read(&q, yyjson_doc_get_root(doc), "d", s, why);
	tap_int(request_set(&q, "/token", "t\"1"), 0, "a value for a place");
	tap_str(q.text, "{\"q\":\"a\",\"token\":\"t\\\"1\"}", "it is sent");
	tap_int(request_set(&q, "/token", "t2"), 0, "another one");
	tap_str(q.text, "{\"q\":\"a\",\"token\":\"t2\"}", "in its place");
	tap_int(request_set(&q, "/q/x", "t"), -1, "no such place");
	buf_init(&b, 4096);
	jsonw_init(&w, &b);
	request_write(&q, yyjson_doc_get_root(doc), &w);
	tap_ok(strstr(b.data, "token") == NULL, "not told");
	buf_release(&b);
	request_release(&q);
	yyjson_doc_free(doc);
}

int
main(void)
{
	static char zeros[REQUEST_BODY_BYTES + 1];
	struct secrets s;

	tmpdir_enter();
	mkdir("s", 0700);
	mkdir("d", 0700);
	mkdir("d/folder", 0700);
	tmpdir_text("s/key", "Bearer 123\n");
	chmod("s/key", 0600);
	tmpdir_text("d/q.json", "{\"q\":1}");
	tmpdir_write("d/long", zeros, sizeof(zeros));
	secrets_init(&s, "s");
	test_cases(&s);
	test_body(&s);
	test_set(&s);
	secrets_release(&s);
	tmpdir_leave();
	return tap_done();
}
