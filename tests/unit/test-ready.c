/* [ready] and [report] of a declaration: what is taken, each mistake. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "decl/ready.h"
#include "tap.h"

#define HEAD "{\"source\":{\"name\":\"s\",\"dataset_key\":[\"day\"]," \
	"\"part_member\":\"feed\"},\"part\":{\"a\":{\"format\":" \
	"\"json-array\",\"schema_version\":\"1\"}},\"table\":{\"items\":" \
	"{\"part\":\"a\",\"rows\":\"\",\"key\":[\"id\"],\"columns\":" \
	"{\"id\":\"/id\"}}}"
#define SAMPLE(s) HEAD ",\"ready\":{\"sample\":{" s "}}}"
#define REPORT(r) HEAD ",\"report\":{" r "}}"

static const struct {
	const char *descr, *in, *want;	/* want NULL: it is taken */
} cases[] = {
	{ "nothing said", HEAD "}", NULL },
	{ "all said", HEAD ",\"ready\":{\"sample_size\":10,"
	    "\"stale_after_minutes\":5,\"sample\":{\"x\":{\"part\":\"a\","
	    "\"text\":\"t\",\"sql\":\"q\"}}},\"report\":{\"y\":{\"title\":"
	    "\"t\",\"sql\":\"q\"}}}", NULL },
	{ "ready is no table", HEAD ",\"ready\":1}", "ready: not a table" },
	{ "an unknown member", HEAD ",\"ready\":{\"sampel\":{}}}",
	    "unknown member \"sampel\"" },
	{ "too small a sample", HEAD ",\"ready\":{\"sample_size\":9}}",
	    "\"sample_size\" is no integer from 10 to 1000" },
	{ "a sample that is no number", HEAD ",\"ready\":{\"sample_size\":"
	    "\"10\"}}", "\"sample_size\" is no integer" },
	{ "a huge number", HEAD ",\"ready\":{\"sample_size\":"
	    "18446744073709551615}}", "\"sample_size\" is no integer" },
	{ "older than the moment", HEAD ",\"ready\":{"
	    "\"stale_after_minutes\":-1}}", "\"stale_after_minutes\" is no" },
	{ "a sample that is none", SAMPLE("\"x\":[]"),
	    "ready.sample.x: not a table" },
	{ "no such part", SAMPLE("\"x\":{\"part\":\"b\",\"text\":\"t\","
	    "\"sql\":\"q\"}"), "ready.sample.x: no part \"b\"" },
	{ "a sample without sql", SAMPLE("\"x\":{\"part\":\"a\","
	    "\"text\":\"t\"}"), "\"sql\" is missing" },
	{ "a sample's name", SAMPLE("\"X y\":{\"part\":\"a\",\"text\":\"t\","
	    "\"sql\":\"q\"}"), "is no name" },
	{ "a report without title", REPORT("\"y\":{\"sql\":\"q\"}"),
	    "\"title\" is missing" },
	{ "a bar of one column", REPORT("\"y\":{\"title\":\"t\",\"sql\":"
	    "\"q\",\"bar\":[\"a\"]}"), "\"bar\" is no pair of columns" },
	{ "a report's name", REPORT("\"\":{\"title\":\"t\",\"sql\":\"q\"}"),
	    "is no name" },
	{ "report is no table", HEAD ",\"report\":[]}",
	    "report: not a table" },
};

static void
check(size_t i, const char *file, struct decl *d, struct buf *why)
{
	struct decl_ready r;
	FILE *fp = fopen(file, "w");
	int done;

	buf_clear(why);
	if (fp == NULL || fputs(cases[i].in, fp) == EOF ||
	    fclose(fp) == EOF || decl_load(d, file, why) == -1) {
		tap_ok(0, "%s: loads: %s", cases[i].descr, why->data);
		return;
	}
	errno = 0;
	done = decl_ready_read(d, &r, why);
	if (cases[i].want == NULL)
		tap_ok(done == 0, "%s", cases[i].descr);
	else
		tap_ok(done == -1 && errno == EINVAL &&
		    strstr(why->data, cases[i].want) != NULL, "%s: %s",
		    cases[i].descr, why->data);
	if (i < 2)
		tap_int(r.sample_size, i == 0 ? 20 : 10, "its sample size");
	decl_release(d);
}

int
main(void)
{
	char file[] = "/tmp/test-ready.XXXXXX.json";
	int fd = mkstemps(file, 5);
	struct decl d;
	struct buf why;
	size_t i;

	if (fd == -1)
		return 1;
	close(fd);
	buf_init(&why, 4096);
	for (i = 0; i < TAP_COUNT(cases); i++)
		check(i, file, &d, &why);
	buf_release(&why);
	unlink(file);
	return tap_done();
}
