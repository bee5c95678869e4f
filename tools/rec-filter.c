/*
 * rec-filter -- a jq program over records, keeping the last line.
 *
 * in:   any record stream
 * out:  what jq makes of each record, then "end" or "abort" as it came
 * owns: nothing
 *
 * A bare jq 'select(…)' drops the end record, and the next tool must take
 * the stream for cut.  Here a feeder process hands jq every record but
 * the last and keeps the verdict on the stream as its exit status, while
 * this process passes jq's output on as it comes:
 *
 *	stdin -> feeder -> jq -c --unbuffered PROGRAM -> us -> stdout
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "record/stream.h"

/* jq(1), EXIT STATUS: 2 usage, 3 the program does not compile. */
enum { JQ_USAGE = 2, JQ_COMPILE = 3 };

static int partial, raw_output;

static const struct opt opts[] = {
	{ "partial", 0, OPT_FLAG, NULL, &partial,
	    "a stream without its end record is fine", 0, 0, 0 },
	{ "raw-output", 0, OPT_FLAG, NULL, &raw_output,
	    "end of the pipe: text lines, as jq -r, no end record", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"a jq program over records, keeping the end record",
	"program [jq-argument ...]", 1, -1, opts, NULL
};

/* jq may stop early (first(inputs)); the rest still has to be read. */
static enum exits
feed_record(const struct record *r, void *arg)
{
	stream_copy(arg, r);
	return EXIT_OK;
}

/*
 * The feeder: every record but the last goes to fd.  Never returns, and
 * takes no input from a producer for a parent that is dead.
 */
static _Noreturn void
feed(int fd, pid_t parent)
{
	struct stream_out jq;

	child_tie(parent, SIGKILL);
	/* Whoever reads our output must not wait for this process. */
	close(STDOUT_FILENO);
	stream_out_init(&jq, fd, 0);
	_exit((int)stream_each(STDIN_FILENO, "standard input",
	    partial ? STREAM_PARTIAL : 0, feed_record, &jq));
}

/* Put the feeder between us and our standard input. */
static pid_t
start_feeder(void)
{
	pid_t pid, self = getpid();
	int p[2];

	if (pipe(p) == -1 || (pid = fork()) == -1)
		msg_die_errno(EXIT_OS, "feeder");
	if (pid == 0) {
		close(p[0]);
		feed(p[1], self);
	}
	if (dup2(p[0], STDIN_FILENO) == -1)
		msg_die_errno(EXIT_OS, "feeder");
	close(p[0]);
	close(p[1]);
	return pid;
}

static int
start_jq(struct child *jq, char *args[], int n)
{
	char **argv = calloc((size_t)n + 5, sizeof(*argv));
	char name[] = "jq", compact[] = "-c", now[] = "--unbuffered";
	char raw[] = "-r";
	int i = 0, r;

	if (argv == NULL)
		return -1;
	argv[i++] = name;
	argv[i++] = compact;
	argv[i++] = now;
	if (raw_output)
		argv[i++] = raw;
	memcpy(argv + i, args, (size_t)n * sizeof(*argv));
	r = child_start(jq, argv, STDIN_FILENO, 0);
	free(argv);
	close(STDIN_FILENO);
	return r;
}

static enum exits
pass_record(const struct record *r, void *arg)
{
	struct stream_out *out = arg;

	stream_copy(out, r);
	return stream_failed(out) ? EXIT_IO : EXIT_OK;
}

static enum exits
pass_records(int fd, struct stream_out *out)
{
	enum exits status = stream_each(fd, "jq's output", STREAM_PARTIAL,
	    pass_record, out);

	if (status == EXIT_DATA)
		msg_note("the program has to make records; "
		    "--raw-output is for anything else");
	return status;
}

static enum exits
write_text(const char *text, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(STDOUT_FILENO, text + done, len - done);
		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			if (errno != EPIPE)
				msg_error_errno("standard output");
			return EXIT_IO;
		}
	}
	return EXIT_OK;
}

static enum exits
pass_text(int fd)
{
	char text[65536];
	enum exits status = EXIT_OK;
	ssize_t n;

	while (status == EXIT_OK && !stop_requested()) {
		n = read(fd, text, sizeof(text));
		if (n == 0)
			return EXIT_OK;
		if (n > 0)
			status = write_text(text, (size_t)n);
		else if (errno != EINTR)
			status = EXIT_IO;
	}
	return status != EXIT_OK ? status : EXIT_TEMP;
}

static enum exits
jq_status(int status)
{
	if (status == 0)
		return EXIT_OK;
	if (stop_requested())
		return EXIT_TEMP;
	if (status == JQ_USAGE || status == JQ_COMPILE)
		return EXIT_USAGE;
	if (status == -1 || status > 128) {
		msg_error("jq was killed");
		return EXIT_OS;
	}
	msg_error("jq failed on a record (its status %d)", status);
	return EXIT_DATA;
}

/* What the feeder found at the end of the stream. */
static enum exits
feeder_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return EXIT_OS;
	return WIFEXITED(status) ? (enum exits)WEXITSTATUS(status) :
	    EXIT_TEMP;
}

/* Pass jq's output on to its end; then the feeder has the last word. */
static enum exits
filter(struct child *jq, pid_t feeder, struct stream_out *out)
{
	enum exits status = raw_output ? pass_text(jq->out) :
	    pass_records(jq->out, out);
	int jq_says;

	/* The feeder may be waiting for input, and jq for the feeder. */
	if (status != EXIT_OK)
		kill(feeder, SIGKILL);
	jq_says = child_wait(jq);
	if (status == EXIT_OK)
		status = jq_status(jq_says);
	if (status == EXIT_OK)
		return feeder_status(feeder);
	kill(feeder, SIGKILL);
	feeder_status(feeder);
	return status;
}

int
main(int argc, char *argv[])
{
	enum exits status;
	struct stream_out out;
	struct child jq;
	pid_t feeder;
	int i = opt_parse(&tool, argc, argv);

	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	feeder = start_feeder();
	stream_out_init(&out, STDOUT_FILENO, 0);
	if (start_jq(&jq, argv + i, argc - i) == 0) {
		status = filter(&jq, feeder, &out);
	} else {
		msg_error_errno("jq");
		kill(feeder, SIGKILL);
		status = EXIT_OS;
	}
	return (int)(raw_output ? status :
	    stream_finish(&out, status, 0, NULL));
}
