/* [retention] of a declaration: what is taken, each mistake. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "decl/retention.h"
#include "tap.h"

#define HEAD "{\"source\":{\"name\":\"s\",\"dataset_key\":[\"day\"]," \
	"\"part_member\":\"feed\"},\"part\":{},\"table\":{}"
#define SAYS(members) HEAD ",\"retention\":{" members "}}"

static const struct {
	const char *descr, *in;
	const char *want;	/* the mistake, or NULL: it is taken */
	struct decl_retention out;
} cases[] = {
	{ "nothing said", HEAD "}", NULL, { -1, -1, -1, -1, -1 } },
	{ "an empty section", SAYS(""), NULL, { -1, -1, -1, -1, -1 } },
	{ "all said", SAYS("\"archived_days\":0,\"raw_latest\":1,"
	    "\"attempts\":16,\"runs\":5"), NULL, { 0, 1, 16, 5, -1 } },
	{ "one said", SAYS("\"runs\":1"), NULL, { -1, -1, -1, 1, -1 } },
	{ "days of logs", SAYS("\"log_days\":30"), NULL,
	    { -1, -1, -1, -1, 30 } },
	{ "no table", HEAD ",\"retention\":30}", "retention: not a table",
	    { 0 } },
	{ "an unknown member", SAYS("\"raw_days\":3"),
	    "retention: unknown member \"raw_days\"", { 0 } },
	{ "no day", SAYS("\"archived_days\":-1"),
	    "\"archived_days\" is no integer from 0 to", { 0 } },
	{ "nothing would stay", SAYS("\"raw_latest\":0"),
	    "\"raw_latest\" is no integer from 1 to", { 0 } },
	{ "fewer than the gate needs", SAYS("\"attempts\":15"),
	    "\"attempts\" is no integer from 16 to", { 0 } },
	{ "no run", SAYS("\"runs\":0"), "\"runs\" is no integer from 1 to",
	    { 0 } },
	{ "half a run", SAYS("\"runs\":1.5"), "\"runs\" is no integer",
	    { 0 } },
	{ "a text", SAYS("\"runs\":\"5\""), "\"runs\" is no integer",
	    { 0 } },
	{ "a huge number", SAYS("\"runs\":18446744073709551615"),
	    "\"runs\" is no integer", { 0 } },
};

static int
equal(const struct decl_retention *a, const struct decl_retention *b)
{
	return a->archived_days == b->archived_days &&
	    a->raw_latest == b->raw_latest && a->attempts == b->attempts &&
	    a->runs == b->runs;
}

static void
check(size_t i, const char *file, struct decl *d, struct buf *why)
{
	struct decl_retention r;
	FILE *fp = fopen(file, "w");
	int done;

	buf_clear(why);
	if (fp == NULL || fputs(cases[i].in, fp) == EOF ||
	    fclose(fp) == EOF || decl_load(d, file, why) == -1) {
		tap_ok(0, "%s: loads: %s", cases[i].descr, why->data);
		return;
	}
	errno = 0;
	done = decl_retention_read(d, &r, why);
	if (cases[i].want == NULL)
		tap_ok(done == 0 && equal(&r, &cases[i].out), "%s",
		    cases[i].descr);
	else
		tap_ok(done == -1 && errno == EINVAL &&
		    strstr(why->data, cases[i].want) != NULL, "%s: %s",
		    cases[i].descr, why->data);
	decl_release(d);
}

int
main(void)
{
	char file[] = "/tmp/test-retention.XXXXXX.json";
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
	tap_int(decl_retention_play(9), 0, "few are kept to the one");
	tap_int(decl_retention_play(100), 10, "many with some play");
	return tap_done();
}
