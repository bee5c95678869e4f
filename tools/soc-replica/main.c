/*
 * soc-replica -- a loopback Schedule of Classes API to try and test with
 *
 * in:   HTTP requests on 127.0.0.1; the folder of --captures, fault rules
 * out:  HTTP answers; the URL on stdout when no COMMAND is given
 * owns: the tick file, the request log
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "net/rawreply.h"
#include "captures.h"
#include "command.h"
#include "server.h"
#include "synthetic.h"

/* Bytes of rules, or of a certificate: more than anybody writes. */
#define FILE_MAX ((size_t)1 << 20)

static const char *captures_dir, *cert_file, *fail_rules, *faults_file,
    *key_file, *log_file, *robots_file, *tick_file;
static int64_t fault_seed = 1, latency_ms, percent = 100, port, seed = 1,
    tick_start = -1;

static const struct opt opts[] = {
	{ "captures", 0, OPT_STRING, "dir", &captures_dir,
	    "serve the captures below dir, not made-up terms", 0, 0, 0 },
	{ "cert", 0, OPT_STRING, "file", &cert_file,
	    "serve https with this certificate (PEM)", 0, 0, 0 },
	{ "fail", 0, OPT_STRING, "rules", &fail_rules,
	    "answers to spoil: PATTERN FAULT [NAME=VALUE ...][; ...]",
	    0, 0, 0 },
	{ "faults", 0, OPT_STRING, "file", &faults_file,
	    "more such rules, one a line", 0, 0, 0 },
	{ "fault-seed", 0, OPT_INTEGER, "n", &fault_seed,
	    "which requests a chance strikes (1)", 0, 0, INT64_MAX },
	{ "key", 0, OPT_STRING, "file", &key_file,
	    "of the certificate (PEM)", 0, 0, 0 },
	{ "latency", 0, OPT_INTEGER, "ms", &latency_ms,
	    "milliseconds before each answer (0)", 0, 0, 600000 },
	{ "log", 0, OPT_STRING, "file", &log_file,
	    "append a JSON line per request", 0, 0, 0 },
	{ "port", 0, OPT_INTEGER, "port", &port,
	    "listen there (0: any free port)", 0, 0, 65535 },
	{ "robots", 0, OPT_STRING, "file", &robots_file,
	    "serve file as /robots.txt", 0, 0, 0 },
	{ "scale", 0, OPT_INTEGER, "percent", &percent,
	    "size of made-up terms, percent of real ones (100)", 0, 1, 100 },
	{ "seed", 0, OPT_INTEGER, "n", &seed,
	    "which made-up terms (1)", 0, 0, INT64_MAX },
	{ "tick", 0, OPT_INTEGER, "n", &tick_start,
	    "start at tick n (0)", 0, 0, TICK_MAX },
	{ "tick-file", 0, OPT_STRING, "file", &tick_file,
	    "resume at the tick in file, and record it there", 0, 0, 0 },
	{ 0 }
};

static const char *
libraries(void)
{
	return MHD_get_version();
}

static const struct opt_tool tool = {
	"a loopback Schedule of Classes API to try and test with",
	"[command ...]", 0, -1, opts, libraries
};

/* Tell COMMAND where the API is, and how many steps there are. */
static void
export_place(const char *url, int64_t steps)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, steps);
	if (setenv("SOC", url, 1) == -1 ||
	    (steps > 0 && setenv("SOC_STEPS", text, 1) == -1))
		msg_die_errno(EXIT_OS, "environment");
}

/* Serve while COMMAND runs, or until a signal; the status to exit with. */
static int
serve(const char *url, int64_t steps, char *argv[])
{
	pid_t pid;

	if (argv[0] == NULL) {
		if (printf("%s\n", url) < 0 || fflush(stdout) == EOF)
			msg_die_errno(EXIT_IO, "standard output");
		msg_debug("signal %d", command_wait_signal());
		return EXIT_OK;
	}
	export_place(url, steps);
	if ((pid = command_start(argv)) == -1)
		msg_die_errno(errno == ENOENT ? EXIT_NOINPUT : EXIT_OS, "%s",
		    argv[0]);
	return command_wait(pid);
}

/*
 * A heap for each connection's thread, holding on to freed answers, would
 * take twice the memory of what is in use.
 */
static void
keep_memory_small(void)
{
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

/* Open what the options say; made-up terms need nothing opened. */
static struct captures *
open_source(struct synthetic *y, struct source *source)
{
	struct captures *c;

	if (captures_dir == NULL) {
		y->seed = (uint64_t)seed;
		y->percent = (int)percent;
		synthetic_source(y, source);
		return NULL;
	}
	if ((c = captures_open(captures_dir, source)) == NULL) {
		if (errno == ENOENT)
			msg_die(EXIT_NOINPUT, "%s: no YEAR-TERM/CAMPUS/"
			    "ENDPOINT.TIME.json.gz below it", captures_dir);
		msg_die_errno(msg_status(errno), "%s", captures_dir);
	}
	return c;
}

static void
open_tick(struct tick *tick)
{
	if (tick_init(tick, tick_start, tick_file) == 0)
		return;
	if (errno == EINVAL || errno == ERANGE)
		msg_die(EXIT_DATA, "%s: no tick in it", tick_file);
	msg_die_errno(EXIT_IO, "%s", tick_file);
}

static void
add_rules(struct faultscript *script, const char *rules, enum exits status,
    const char *where)
{
	char why[FAULTSCRIPT_WHY];

	if (faultscript_add(script, rules, why) != -1)
		return;
	if (errno != EINVAL)
		msg_die_errno(EXIT_OS, "%s", where);
	msg_die(status, "%s: %s", where, why);
}

/* All of a small file that an option names. */
static void
load(struct buf *b, const char *file)
{
	if (buf_file(b, file) == 0)
		return;
	if (errno == E2BIG)
		msg_die_errno(EXIT_DATA, "%s", file);
	msg_die_errno(msg_status(errno), "%s", file);
}

static struct faultscript *
open_script(void)
{
	struct faultscript *script = faultscript_new((uint64_t)fault_seed);
	struct buf text;

	if (script == NULL)
		msg_die_errno(EXIT_OS, "fault rules");
	if (fail_rules != NULL)
		add_rules(script, fail_rules, EXIT_USAGE, "--fail");
	if (faults_file != NULL) {
		buf_init(&text, FILE_MAX);
		load(&text, faults_file);
		add_rules(script, text.data, EXIT_DATA, faults_file);
		buf_release(&text);
	}
	return script;
}

/* The request log, or -1 when none is wanted. */
static int
open_log(void)
{
	int fd;

	if (log_file == NULL)
		return -1;
	fd = open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd == -1)
		msg_die_errno(EXIT_IO, "%s", log_file);
	return fd;
}

/* Over TLS, bytes written past the server would be nonsense. */
static int
is_raw(const struct fault *f)
{
	return rawreply_is(f) && rawreply_status(f) != 0;
}

/* Take what --cert and --key name; all of it is borrowed by conf. */
static void
load_tls(struct server_conf *conf, struct buf *cert, struct buf *key)
{
	if (cert_file == NULL && key_file == NULL)
		return;
	if (cert_file == NULL || key_file == NULL)
		msg_die(EXIT_USAGE, "--cert and --key go together");
	if (faultscript_has(conf->script, is_raw))
		msg_die(EXIT_USAGE, "--cert: a transfer can only be spoilt "
		    "over http");
	load(cert, cert_file);
	load(key, key_file);
	conf->cert = cert->data;
	conf->key = key->data;
}

static struct server *
start(struct server_conf *conf)
{
	struct buf cert, key;
	struct server *s;

	buf_init(&cert, FILE_MAX);
	buf_init(&key, FILE_MAX);
	load_tls(conf, &cert, &key);
	if ((s = server_start(conf)) == NULL && errno == EINVAL)
		msg_die(EXIT_DATA, "%s, %s: no certificate and its key",
		    cert_file, key_file);
	if (s == NULL)
		msg_die_errno(EXIT_OS, "127.0.0.1 port %" PRId64, port);
	buf_release(&cert);
	buf_release(&key);
	return s;
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&tool, argc, argv), status;
	struct captures *captures;
	struct faultscript *script;
	struct source source;
	struct synthetic synthetic;
	struct tick tick;
	struct server *server;
	char url[64];

	keep_memory_small();
	script = open_script();
	captures = open_source(&synthetic, &source);
	open_tick(&tick);
	if (command_prepare() == -1)
		msg_die_errno(EXIT_OS, "signals");
	server = start(&(struct server_conf){ .port = port,
	    .latency_ms = latency_ms, .log = open_log(),
	    .robots = robots_file, .source = &source, .tick = &tick,
	    .script = script });
	snprintf(url, sizeof(url), "http%s://127.0.0.1:%d/soc/api",
	    cert_file != NULL ? "s" : "", server_port(server));
	status = serve(url, source.steps, argv + first);
	server_stop(server);
	tick_release(&tick);
	faultscript_free(script);
	captures_free(captures);
	return status;
}
