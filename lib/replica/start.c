#include "replica/start.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/command.h"
#include "base/msg.h"
#include "net/rawreply.h"
#include "replica/server.h"

/* Bytes of rules, or of a certificate: more than anybody writes. */
#define FILE_MAX ((size_t)1 << 20)

/* Bytes of an address, and of a variable's name. */
#define URL_TEXT 128
#define NAME_TEXT 64

const char *
start_libraries(void)
{
	return MHD_get_version();
}

/* Tell COMMAND where the site is, and how many steps there are. */
static void
export_place(const struct site *site, const char *url)
{
	char name[NAME_TEXT], text[24];

	snprintf(name, sizeof(name), "%s_STEPS", site->variable);
	snprintf(text, sizeof(text), "%" PRId64, site->steps);
	if (setenv(site->variable, url, 1) == -1 ||
	    (site->steps > 0 && setenv(name, text, 1) == -1))
		msg_die_errno(EXIT_OS, "environment");
}

/* Serve while COMMAND runs, or until a signal; the status to exit with. */
static int
serve(const struct site *site, const char *url, char *argv[])
{
	pid_t pid;

	if (argv[0] == NULL) {
		if (printf("%s\n", url) < 0 || fflush(stdout) == EOF)
			msg_die_errno(EXIT_IO, "standard output");
		msg_debug("signal %d", command_wait_signal());
		return EXIT_OK;
	}
	export_place(site, url);
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

static void
open_tick(const struct start_options *o, struct tick *tick)
{
	if (tick_init(tick, o->tick, o->tick_file) == 0)
		return;
	if (errno == EINVAL || errno == ERANGE)
		msg_die(EXIT_DATA, "%s: no tick in it", o->tick_file);
	msg_die_errno(EXIT_IO, "%s", o->tick_file);
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
open_script(const struct start_options *o)
{
	struct faultscript *script =
	    faultscript_new((uint64_t)o->fault_seed);
	struct buf text;

	if (script == NULL)
		msg_die_errno(EXIT_OS, "fault rules");
	if (o->fail != NULL)
		add_rules(script, o->fail, EXIT_USAGE, "--fail");
	if (o->faults != NULL) {
		buf_init(&text, FILE_MAX);
		load(&text, o->faults);
		add_rules(script, text.data, EXIT_DATA, o->faults);
		buf_release(&text);
	}
	return script;
}

/* The request log, or -1 when none is wanted. */
static int
open_log(const char *file)
{
	int fd;

	if (file == NULL)
		return -1;
	fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd == -1)
		msg_die_errno(EXIT_IO, "%s", file);
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
load_tls(const struct start_options *o, struct server_conf *conf,
    struct buf *cert, struct buf *key)
{
	if (o->cert == NULL && o->key == NULL)
		return;
	if (o->cert == NULL || o->key == NULL)
		msg_die(EXIT_USAGE, "--cert and --key go together");
	if (faultscript_has(conf->script, is_raw))
		msg_die(EXIT_USAGE, "--cert: a transfer can only be spoilt "
		    "over http");
	load(cert, o->cert);
	load(key, o->key);
	conf->cert = cert->data;
	conf->key = key->data;
}

static struct server *
start_server(const struct start_options *o, struct server_conf *conf)
{
	struct buf cert, key;
	struct server *s;

	buf_init(&cert, FILE_MAX);
	buf_init(&key, FILE_MAX);
	load_tls(o, conf, &cert, &key);
	if ((s = server_start(conf)) == NULL && errno == EINVAL)
		msg_die(EXIT_DATA, "%s, %s: no certificate and its key",
		    o->cert, o->key);
	if (s == NULL)
		msg_die_errno(EXIT_OS, "127.0.0.1 port %" PRId64, o->port);
	buf_release(&cert);
	buf_release(&key);
	return s;
}

int64_t
start_tick(const struct start_options *o)
{
	int64_t now;

	if (o->tick != -1)
		return o->tick;
	if (o->tick_file == NULL || tick_load(o->tick_file, &now) == -1)
		return 0;
	return now;
}

int
start_replica(const struct start_options *o, const struct site *site,
    char *argv[])
{
	struct faultscript *script;
	struct server *server;
	struct tick tick;
	char url[URL_TEXT];
	int status;

	keep_memory_small();
	script = open_script(o);
	open_tick(o, &tick);
	if (command_prepare(1) == -1)
		msg_die_errno(EXIT_OS, "signals");
	server = start_server(o, &(struct server_conf){ .port = o->port,
	    .latency_ms = o->latency_ms, .log = open_log(o->log),
	    .robots = o->robots, .site = site, .tick = &tick,
	    .script = script });
	snprintf(url, sizeof(url), "http%s://127.0.0.1:%d%s",
	    o->cert != NULL ? "s" : "", server_port(server), site->path);
	status = serve(site, url, argv);
	server_stop(server);
	tick_release(&tick);
	faultscript_free(script);
	return status;
}
