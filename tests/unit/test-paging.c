/* Answers that come in pages: paging.h. */
#include "net/paging.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "tmpdir.h"

#define MEMBER "{\"next\":\"/next\",\"token\":\"/at/token\",\"error\":\"/error\"}"
#define QUESTION "{\"method\":\"POST\",\"headers\":{\"Content-Type\":\"x/y\"}," \
    "\"body\":{\"q\":1,\"at\":{}}}"

/* Members that are wrong, and a word of what is said. */
static const struct {
	const char *member, *request, *want;	/* want: NULL if it is right */
} members[] = {
	{ MEMBER, QUESTION, NULL },
	{ "{\"error\":\"/error\"}", "{}", NULL },
	{ "{}", "{}", NULL },
	{ "[]", "{}", "no object" },
	{ "{\"Next\":\"/a\"}", "{}", "unknown member" },
	{ "{\"error\":\"error\"}", "{}", "no JSON pointer" },
	{ "{\"error\":7}", "{}", "no JSON pointer" },
	{ "{\"next\":\"/a\"}", QUESTION, "go together" },
	{ "{\"token\":\"/a\"}", QUESTION, "go together" },
	{ MEMBER, "{}", "no body for the token" },
};

/* Answers one after the other, and what comes of the last. */
static const struct {
	const char *descr, *answers[3];
	const char *want;	/* the lines, or the code of the failure */
	const char *asked;	/* the last question, if there was another */
} cases[] = {
	{ "one page", { "{\"rows\": [1, 2]}" }, "{\"rows\":[1,2]}\n", NULL },
	{ "what is in strings stays", { "{ \"a \\\" b\" : \"c\\\\\" ,\n"
	    "\t\"d\": \"\xc3\xa9 \\n\" }\n" },
	    "{\"a \\\" b\":\"c\\\\\",\"d\":\"\xc3\xa9 \\n\"}\n", NULL },
	{ "two pages", { "{\"n\":1,\"next\":\"t\\\"1\"}", "{\"n\":2}" },
	    "{\"n\":1,\"next\":\"t\\\"1\"}\n{\"n\":2}\n",
	    "{\"q\":1,\"at\":{\"token\":\"t\\\"1\"}}" },
	{ "three", { "{\"next\":\"1\"}", "{\"next\":\"2\"}", "{\"next\":\"\"}" },
	    "{\"next\":\"1\"}\n{\"next\":\"2\"}\n{\"next\":\"\"}\n",
	    "{\"q\":1,\"at\":{\"token\":\"2\"}}" },
	{ "what is followed by nothing", { "{\"next\":null}" },
	    "{\"next\":null}\n", NULL },
	{ "an array is several", { " [ {\"n\": 1} ,\n {\"n\": 2}]" },
	    "{\"n\":1}\n{\"n\":2}\n", NULL },
	{ "the last of them counts", { "[{\"next\":\"1\"},{}]" },
	    "{\"next\":\"1\"}\n{}\n", NULL },
	{ "an array of nothing", { "[]" }, "[]\n", NULL },
	{ "an array in an array", { "[[]]" }, "not_page", NULL },
	{ "no object", { "7" }, "not_page", NULL },
	{ "an error", { "{\"error\":{\"code\":500}}" }, "page_error", NULL },
	{ "no error", { "{\"error\":null}" }, "{\"error\":null}\n", NULL },
	{ "an error behind pages", { "[{},{\"error\":1}]" }, "page_error",
	    NULL },
	{ "an error on the second", { "{\"next\":\"1\"}", "{\"error\":\"\"}" },
	    "page_error", "{\"q\":1,\"at\":{\"token\":\"1\"}}" },
	{ "a page that follows itself", { "{\"next\":\"1\"}",
	    "{\"next\":\"1\"}" }, "page_loop",
	    "{\"q\":1,\"at\":{\"token\":\"1\"}}" },
	{ "no JSON", { "{\"a\":1,}" }, "not_json", NULL },
	{ "half an array", { "[{},{" }, "not_json", NULL },
	{ "two values", { "{} {}" }, "not_json", NULL },
	{ "nothing", { "" }, "empty_body", NULL },
	{ "no blank", { "\x01{}" }, "not_json", NULL },
	{ "blanks", { " \n" }, "empty_body", NULL },
	{ "more than is allowed", { "{\"next\":\"1\",\"long\":\"....................."
	    "....................\"}", "{\"long\":\"................................"
	    "....................\"}" }, "too_big",
	    "{\"q\":1,\"at\":{\"token\":\"1\"}}" },
};

static void
test_members(struct secrets *s)
{
	char why[REQUEST_WHY], said[PAGING_WHY];
	struct request q;
	struct paging p;
	size_t i;
	int r;

	for (i = 0; i < TAP_COUNT(members); i++) {
		yyjson_doc *m = yyjson_read(members[i].member,
		    strlen(members[i].member), 0);
		yyjson_doc *a = yyjson_read(members[i].request,
		    strlen(members[i].request), 0);

		request_read(&q, yyjson_doc_get_root(a), "d", s, why);
		r = paging_read(&p, yyjson_doc_get_root(m), &q, said);
		tap_ok(members[i].want == NULL ? r == 0 : r == -1 &&
		    strstr(said, members[i].want) != NULL, "%s",
		    members[i].member);
		if (r == 0)
			paging_release(&p);
		request_release(&q);
		yyjson_doc_free(m);
		yyjson_doc_free(a);
	}
}

/* What there is of file, or "". */
static void
show(const char *file, char out[1024])
{
	FILE *fp = fopen(file, "r");
	size_t n = fp == NULL ? 0 : fread(out, 1, 1023, fp);

	out[n] = '\0';
	if (fp != NULL)
		fclose(fp);
}

static void
test_case(size_t i, struct secrets *s)
{
	yyjson_doc *m = yyjson_read(MEMBER, strlen(MEMBER), 0);
	yyjson_doc *a = yyjson_read(QUESTION, strlen(QUESTION), 0);
	struct fetch_answer answer = { .outcome = FETCH_BODY };
	char why[REQUEST_WHY], said[PAGING_WHY], out[1024];
	struct request q;
	struct paging p;
	size_t n = 0;
	int r = 1, failed;

	request_read(&q, yyjson_doc_get_root(a), "d", s, why);
	paging_read(&p, yyjson_doc_get_root(m), &q, said);
	while (r == 1 && n < 3 && cases[i].answers[n] != NULL) {
		tmpdir_text("page", cases[i].answers[n++]);
		r = paging_take(&p, &q, "page", "body", 120, &answer);
	}
	failed = answer.outcome == FETCH_FAILED;
	show("body", out);
	tap_ok(r == 0 && (n == 3 || cases[i].answers[n] == NULL) &&
	    strcmp(failed ? answer.code : out, cases[i].want) == 0 &&
	    (failed ? out[0] == '\0' : answer.size_bytes ==
	    (int64_t)strlen(out)), "%s", cases[i].descr);
	if (cases[i].asked != NULL)
		tap_str(q.text, cases[i].asked, "and what was asked for");
	tap_ok(access("page", F_OK) == -1, "its page is gone");
	unlink("body");
	paging_release(&p);
	request_release(&q);
	yyjson_doc_free(m);
	yyjson_doc_free(a);
}

int
main(void)
{
	struct secrets s;
	size_t i;

	tmpdir_enter();
	secrets_init(&s, NULL);
	test_members(&s);
	for (i = 0; i < TAP_COUNT(cases); i++)
		test_case(i, &s);
	secrets_release(&s);
	tmpdir_leave();
	return tap_done();
}
