/* Streams: what is cut, wrong or aborted never looks finished. */
#include "record/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/stop.h"
#include "forked.h"
#include "tap.h"
#include "tmpdir.h"

#define END "{\"type\":\"end\",\"n\":0}\n"
#define ABORT(s) "{\"type\":\"abort\",\"status\":" s ",\"reason\":\"r\"}\n"
#define A "{\"type\":\"a\"}\n"

/* Print the types that came; "stop" is refused with 73. */
static enum exits
see(const struct record *r, void *arg)
{
	(void)arg;
	printf("%s%lld ", r->type, (long long)r->number);
	return record_is(r, "stop") ? EXIT_REFUSED : EXIT_OK;
}

static const struct {
	const char *descr, *in;
	unsigned int flags;
	int want;
	const char *seen, *err;	/* err: the start of what is said */
} streams[] = {
	{ "end only", END, 0, 0, "", "" },
	{ "a record", A END, 0, 0, "a1 ", "" },
	{ "unknown members and types", "{\"type\":\"new\",\"x\":[1]}\n" END,
	    0, 0, "new1 ", "" },
	{ "type not first", "{\"x\":1,\"type\":\"a\"}\n" END, 0, 0, "a1 ",
	    "" },
	{ "blanks around", " {\"type\":\"a\"} \r\n" END, 0, 0, "a1 ", "" },
	{ "nothing", "", 0, 65, "", "sluice: error: in: cut: no end record "
	    "after line 0\n" },
	{ "no end", A A, 0, 65, "a1 a2 ", "sluice: error: in: cut: no end "
	    "record after line 2\n" },
	{ "no end, partial", A A, STREAM_PARTIAL, 0, "a1 a2 ", "" },
	{ "end without newline", A "{\"type\":\"end\",\"n\":1}", 0, 65, "a1 ",
	    "sluice: error: in: line 2: cut in the middle of a record\n" },
	{ "cut in a record", A "{\"type\":\"a", 0, 65, "a1 ",
	    "sluice: error: in: line 2: cut in the middle" },
	{ "cut in a record, partial", A "{\"type\":\"a", STREAM_PARTIAL, 0,
	    "a1 ", "" },
	{ "a record after end", A END A, 0, 65, "a1 ", "sluice: error: in: "
	    "line 3: record after the end of the stream\n" },
	{ "two ends", END END, 0, 65, "", "sluice: error: in: line 2: " },
	{ "an empty line after end", END "\n", 0, 65, "", "sluice: error: " },
	{ "half a line after end", END "{", 0, 65, "", "sluice: error: " },
	{ "abort", A ABORT("75"), 0, 75, "a1 ", "sluice: error: in: aborted "
	    "by its producer: r\n" },
	{ "abort, partial", A ABORT("74"), STREAM_PARTIAL, 74, "a1 ",
	    "sluice: error: in: aborted" },
	{ "abort with 0", ABORT("0"), 0, 65, "", "sluice: error: " },
	{ "abort with 1", ABORT("1"), 0, 65, "", "sluice: error: " },
	{ "abort with 3", ABORT("3"), 0, 65, "", "sluice: error: " },
	{ "abort with -1", ABORT("-1"), 0, 65, "", "sluice: error: " },
	{ "abort with 256", ABORT("256"), 0, 65, "", "sluice: error: " },
	{ "abort with 2^64-1", ABORT("18446744073709551615"), 0, 65, "",
	    "sluice: error: " },
	{ "abort with a text", ABORT("\"75\""), 0, 65, "", "sluice: error: " },
	{ "abort without anything", "{\"type\":\"abort\"}\n", 0, 65, "",
	    "sluice: error: in: aborted by its producer: data\n" },
	{ "a record after abort", ABORT("75") A, 0, 65, "",
	    "sluice: error: in: aborted" },
	{ "refused by the callback", A "{\"type\":\"stop\"}\n" A END, 0, 73,
	    "a1 stop2 ", "" },
	{ "no JSON", A "type=a\n" END, 0, 65, "a1 ",
	    "sluice: error: in: line 2: not a JSON object\n" },
	{ "an empty line", A "\n" END, 0, 65, "a1 ", "sluice: error: in: "
	    "line 2: not a JSON object\n" },
	{ "an array", "[]\n" END, 0, 65, "", "sluice: error: in: line 1: " },
	{ "a string", "\"end\"\n", 0, 65, "", "sluice: error: in: line 1: " },
	{ "no type", "{}\n" END, 0, 65, "", "sluice: error: in: line 1: not "
	    "a record: no type\n" },
	{ "type null", "{\"type\":null}\n" END, 0, 65, "", "sluice: " },
	{ "type 1", "{\"type\":1}\n" END, 0, 65, "", "sluice: error: " },
	{ "a NUL in end", A "{\"type\":\"end\\u0000\"}\n", 0, 65, "a1 ",
	    "sluice: error: in: line 2: not a record" },
	{ "two objects in a line", "{\"type\":\"a\"}{\"type\":\"end\"}\n", 0,
	    65, "", "sluice: error: " },
	{ "type twice: the first counts",
	    "{\"type\":\"a\",\"type\":\"end\"}\n" END, 0, 0, "a1 ", "" },
	{ "Latin-1", "{\"type\":\"a\",\"x\":\"caf\xe9\"}\n" END, 0, 65, "",
	    "sluice: error: in: line 1: not a JSON object\n" },
	{ "lone surrogate", "{\"type\":\"a\",\"x\":\"\\ud800\"}\n" END, 0,
	    65, "", "sluice: error: in: line 1: not a JSON object\n" },
	{ "NaN", "{\"type\":\"a\",\"x\":NaN}\n" END, 0, 65, "", "sluice: " },
	{ "a byte order mark", "\xef\xbb\xbf" A END, 0, 65, "", "sluice: " },
	{ "control characters are masked", "\x1b[2J\n" END, 0, 65, "",
	    "sluice: error: in: line 1: not" },
};

struct input {
	const char *file;
	unsigned int flags;
};

static void
read_file(const void *arg)
{
	const struct input *in = arg;

	exit((int)stream_each(open(in->file, O_RDONLY), "in", in->flags, see,
	    NULL));
}

static void
test_streams(void)
{
	struct forked f;
	size_t i;

	for (i = 0; i < TAP_COUNT(streams); i++) {
		struct input in = { "in", streams[i].flags };

		tmpdir_text("in", streams[i].in);
		forked_run(&f, read_file, &in);
		tap_int(f.status, streams[i].want, streams[i].descr);
		tap_str(f.out, streams[i].seen, "the records that came");
		tap_ok(strncmp(f.err, streams[i].err, strlen(streams[i].err))
		    == 0 && (f.err[0] == '\0') == (streams[i].err[0] == '\0'),
		    "what is said");
	}
}

/* A record line of n bytes with its newline, then end. */
static void
write_long(size_t n)
{
	char *text = malloc(n + sizeof(END));

	if (text == NULL)
		exit(99);
	memset(text, 'x', n);
	memcpy(text, "{\"type\":\"a\",\"x\":\"", 17);
	memcpy(text + n - 3, "\"}\n" END, sizeof(END) + 2);
	tmpdir_write("in", text, n + sizeof(END) - 1);
	free(text);
}

static void
test_long_lines(void)
{
	static const struct {
		size_t n;
		int want;
	} cases[] = {
		{ LIMIT_RECORD_BYTES, 0 }, { LIMIT_RECORD_BYTES + 1, 65 },
		{ 2 * LIMIT_RECORD_BYTES, 65 }, { 64 * 1024, 0 },
		{ 64 * 1024 + 1, 0 }, { 100000, 0 },
	};
	struct input in = { "in", 0 };
	struct forked f;
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		write_long(cases[i].n);
		forked_run(&f, read_file, &in);
		tap_ok(f.status == cases[i].want && (f.status == 0 ||
		    strstr(f.err, "line 1: longer than 1 MiB") != NULL),
		    "a line of %zu bytes: %d", cases[i].n, cases[i].want);
	}
}

static void
test_hostile_files(void)
{
	struct input in = { "in", 0 }, folder = { ".", 0 };
	struct forked f;
	char *text = malloc(LIMIT_RECORD_BYTES);
	size_t i;

	if (text == NULL)
		exit(99);
	/* {"type":"a","x":[[[… as deep as a line can be */
	memcpy(text, "{\"type\":\"a\",\"x\":", 16);
	memset(text + 16, '[', 400000);
	memset(text + 400016, ']', 400000);
	memcpy(text + 800016, "}\n" END, sizeof(END) + 1);
	tmpdir_write("in", text, 800018 + sizeof(END) - 1);
	forked_run(&f, read_file, &in);
	tap_ok(f.status == 0 && strcmp(f.out, "a1 ") == 0,
	    "a depth bomb is read, not walked");
	for (i = 0; i < 1000; i++)
		text[i] = i % 100 == 99 ? '\n' : '\0';
	tmpdir_write("in", text, 1000);
	forked_run(&f, read_file, &in);
	tap_ok(f.status == 65 && f.out[0] == '\0', "NUL bytes");
	forked_run(&f, read_file, &folder);
	tap_ok(f.status == 74 && strstr(f.err, "directory") != NULL,
	    "what cannot be read");
	free(text);
}

/* Bytes arrive as they please: split the stream at every place. */
static void
dribble(const void *arg)
{
	static const char text[] = A "{\"type\":\"b\",\"x\":\"\xc3\xa9\"}\n"
	    END;
	int p[2];
	size_t i;

	(void)arg;
	if (pipe(p) == -1)
		exit(99);
	if (fork() == 0) {
		for (i = 0; i < sizeof(text) - 1; i++)
			if (write(p[1], text + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(p[1]);
	exit((int)stream_each(p[0], "in", 0, see, NULL));
}

static void
stopped(const void *arg)
{
	int p[2];

	(void)arg;
	alarm(20);
	if (pipe(p) == -1 || write(p[1], A, sizeof(A) - 1) < 0)
		exit(99);
	stop_init();
	if (fork() == 0) {
		usleep(50000);
		kill(getppid(), SIGINT);
		_exit(0);
	}
	exit((int)stream_each(p[0], "in", 0, see, NULL));
}

static void
test_arrival(void)
{
	struct forked f;

	forked_run(&f, dribble, NULL);
	tap_ok(f.status == 0 && strcmp(f.out, "a1 b2 ") == 0,
	    "one byte at a time");
	forked_run(&f, stopped, NULL);
	tap_ok(f.status == 75 && strcmp(f.out, "a1 ") == 0,
	    "a stop request ends waiting for input with 75");
}

/* How a producer ends: its status, and what the last line then is. */
static const struct {
	const char *descr;
	enum exits status;
	int items_failed;
	const char *reason, *last;
} ends[] = {
	{ "done", EXIT_OK, 0, NULL, "{\"type\":\"end\",\"n\":1}\n" },
	{ "the answer is no", EXIT_NO, 0, NULL,
	    "{\"type\":\"end\",\"n\":1}\n" },
	{ "items failed", EXIT_TEMP, 1, NULL,
	    "{\"type\":\"end\",\"n\":1}\n" },
	{ "interrupted", EXIT_TEMP, 0, "interrupted",
	    "{\"type\":\"abort\",\"status\":75,\"reason\":\"interrupted\"}\n" },
	{ "no reason", EXIT_DATA, 0, NULL,
	    "{\"type\":\"abort\",\"status\":65,\"reason\":\"data\"}\n" },
};

struct producer {
	const char *file;
	size_t end;
	int buffered;
};

static void
produce(const void *arg)
{
	const struct producer *p = arg;
	int fd = open(p->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct stream_out o;
	struct jsonw w;

	signal(SIGPIPE, SIG_IGN);
	stream_out_init(&o, fd, p->buffered);
	stream_record(&o, &w, "a");
	jsonw_int(&w, "x", 1);
	stream_put(&o, &w);
	exit((int)stream_finish(&o, ends[p->end].status,
	    ends[p->end].items_failed, ends[p->end].reason));
}

static void
test_ends(void)
{
	struct forked f;
	char want[200];
	size_t i;

	for (i = 0; i < TAP_COUNT(ends); i++) {
		struct producer p = { "out", i, i % 2 };

		forked_run(&f, produce, &p);
		tap_int(f.status, ends[i].status, ends[i].descr);
		snprintf(want, sizeof(want), "{\"type\":\"a\",\"x\":1}\n%s",
		    ends[i].last);
		tap_str(tmpdir_read("out"), want, "and its last line");
	}
	for (i = 0; i < 4; i++) {
		struct producer p = { i < 2 ? "/dev/full" : "/nonexistent/x",
		    0, i % 2 };

		forked_run(&f, produce, &p);
		tap_int(f.status, 74, i < 2 ? "a full disk" : "no descriptor");
		tap_ok(strstr(f.err, i < 2 ? "standard output: No space" :
		    "standard output: Bad file") != NULL, "is said");
	}
}

/* Nobody reads: silent, 74, and known before the next record. */
static void
nobody(const void *arg)
{
	struct stream_out o;
	struct jsonw w;
	int p[2], i;

	(void)arg;
	signal(SIGPIPE, SIG_IGN);
	if (pipe(p) == -1)
		exit(99);
	close(p[0]);
	stream_out_init(&o, p[1], 0);
	for (i = 0; i < 100 && !stream_failed(&o); i++) {
		stream_record(&o, &w, "a");
		stream_put(&o, &w);
	}
	if (i != 1)
		exit(98);
	exit((int)stream_finish(&o, EXIT_OK, 0, NULL));
}

/* Records that cannot be: left out, the others stay. */
static void
impossible(const void *arg)
{
	char *text = calloc(1, LIMIT_RECORD_BYTES + 1);
	struct stream_out o;
	struct jsonw w;
	int bad = 0;

	(void)arg;
	if (text == NULL)
		exit(99);
	memset(text, 'x', LIMIT_RECORD_BYTES);
	stream_out_init(&o, STDOUT_FILENO, 1);
	stream_record(&o, &w, "a");
	bad |= stream_put(&o, &w) != 0;
	stream_record(&o, &w, "huge");
	jsonw_str(&w, "x", text);
	bad |= stream_put(&o, &w) != -1 || errno != E2BIG;
	stream_record(&o, &w, "latin");
	jsonw_str(&w, "x", "caf\xe9");
	bad |= stream_put(&o, &w) != -1 || errno != EILSEQ;
	stream_record(&o, &w, "b");
	bad |= stream_put(&o, &w) != 0;
	free(text);
	exit(bad ? 1 : (int)stream_finish(&o, EXIT_OK, 0, NULL));
}

static enum exits
fail_each(const struct record *r, void *arg)
{
	stream_error(arg, r, "bad_x", "got\xe9 %s", record_str(r, "x"));
	return EXIT_OK;
}

static void
errors(const void *arg)
{
	const struct input *in = arg;
	struct stream_out o;
	enum exits status;

	stream_out_init(&o, STDOUT_FILENO, 0);
	status = stream_each(open(in->file, O_RDONLY), "in", 0, fail_each, &o);
	exit((int)stream_finish(&o, status, 0, NULL));
}

static void
test_errors(void)
{
	struct input in = { "in", 0 };
	struct forked f;
	const char *of = "{\"type\":\"a\",\"run\":\"R\",\"dataset\":\"1/N\","
	    "\"part\":{\"t\":\"1\"},\"x\":\"\\u001b\\\"\"}";
	char text[500];

	snprintf(text, sizeof(text), "%s\n" END, of);
	tmpdir_text("in", text);
	forked_run(&f, errors, &in);
	snprintf(text, sizeof(text), "{\"type\":\"error\",\"code\":\"bad_x\","
	    "\"tool\":\"sluice\",\"run\":\"R\",\"dataset\":\"1/N\","
	    "\"part\":{\"t\":\"1\"},\"message\":\"got? \\u001b\\\"\","
	    "\"of\":%s}\n{\"type\":\"end\",\"n\":1}\n", of);
	tap_str(f.out, text, "an error record");
	write_long(LIMIT_RECORD_BYTES);
	forked_run(&f, errors, &in);
	tap_ok(f.status == 0 && strncmp(f.out, "{\"type\":\"error\","
	    "\"code\":\"bad_x\",\"tool\":\"sluice\",\"message\":\"got? xxx",
	    60) == 0 && strstr(f.out, "\"of\"") == NULL && f.err[0] == '\0',
	    "of a record of 1 MiB is not lost");
	tap_ok(strlen(f.out) < 1200, "its message is cut");
}

static const struct {
	const char *line, *label, *text;
	int64_t number;
} members[] = {
	{ "{\"type\":\"a\",\"x\":\"t\",\"n\":7}", "line 1", "t", 7 },
	{ "{\"type\":\"a\",\"x\":\"a\\u0000b\",\"n\":-1}", "line 1", NULL,
	    -1 },
	{ "{\"type\":\"a\",\"x\":1,\"n\":\"7\"}", "line 1", NULL, 42 },
	{ "{\"type\":\"a\",\"x\":null,\"n\":9223372036854775807}", "line 1",
	    NULL, INT64_MAX },
	{ "{\"type\":\"a\",\"n\":9223372036854775808}", "line 1", NULL, 42 },
	{ "{\"type\":\"a\",\"n\":1.0,\"dataset\":\"1/N\"}", "line 1", NULL,
	    42 },
	{ "{\"type\":\"a\",\"dataset\":\"1/N\",\"part\":{\"t\":\"1\","
	    "\"c\":\"N\",\"e\":\"x y\"}}", "1/N x%20y", NULL, 42 },
	{ "{\"type\":\"a\",\"dataset\":\"1/N\",\"part\":{\"t\":\"1\","
	    "\"c\":\"N\"}}", "1/N", NULL, 42 },
	{ "{\"type\":\"a\",\"dataset\":\"1/N\",\"part\":{\"t\":1}}", "line 1",
	    NULL, 42 },
};

static enum exits
check_members(const struct record *r, void *arg)
{
	const size_t i = *(const size_t *)arg;
	struct buf b;

	buf_init(&b, 100);
	tap_str(record_str(r, "x"), members[i].text, "a string");
	tap_int(record_int(r, "n", 42), members[i].number, "a number");
	record_label(r, &b);
	tap_str(b.data, members[i].label, members[i].line);
	buf_release(&b);
	return EXIT_OK;
}

static void
test_members(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(members); i++) {
		char text[500];
		int fd;

		snprintf(text, sizeof(text), "%s\n" END, members[i].line);
		tmpdir_text("in", text);
		fd = open("in", O_RDONLY);
		tap_int(stream_each(fd, "in", 0, check_members, &i), EXIT_OK,
		    "read");
		close(fd);
	}
}

int
main(void)
{
	struct forked f;

	tmpdir_enter();
	test_streams();
	test_long_lines();
	test_hostile_files();
	test_arrival();
	test_ends();
	forked_run(&f, nobody, NULL);
	tap_int(f.status, 74, "a closed pipe");
	tap_str(f.err, "", "is not worth a word");
	forked_run(&f, impossible, NULL);
	tap_int(f.status, 0, "records that cannot be");
	tap_str(f.out, "{\"type\":\"a\"}\n{\"type\":\"b\"}\n"
	    "{\"type\":\"end\",\"n\":2}\n", "are left out");
	test_errors();
	test_members();
	tmpdir_leave();
	return tap_done();
}
