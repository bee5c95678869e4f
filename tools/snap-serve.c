/*
 * snap-serve -- a read API over the current snapshot, as declared.
 *
 * in:   SNAPSHOTS/current and what it points at; GET requests
 * out:  the declared routes, over HTTP; its address, or a command that runs
 *       meanwhile
 * owns: DATA/serve/HOST.PID.json, as long as it runs; the access log
 *
 * It only reads, so that any number of servers may share a snapshot root.
 */
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/child.h"
#include "base/command.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "decl/start.h"
#include "serve/service.h"
#include "store/libraries.h"

static const char *config, *data = "data", *root, *logfile;
static const char *address = "127.0.0.1";
static int64_t port = 8080, threads, connections = 1024, per_address = 256;
static int64_t headers_ms = 10000, query_ms = 2000;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "root", 0, OPT_STRING, "dir", &root,
	    "where snapshots are (DATA/snapshots)", 0, 0, 0 },
	{ "address", 0, OPT_STRING, "address", &address,
	    "listen there (127.0.0.1)", 0, 0, 0 },
	{ "port", 0, OPT_INTEGER, "port", &port,
	    "and on this port (8080; 0: any free one)", 0, 0, 65535 },
	{ "threads", 0, OPT_INTEGER, "n", &threads,
	    "that answer (one a processor)", 0, 1, 256 },
	{ "log", 0, OPT_STRING, "file", &logfile,
	    "append a JSON line per request", 0, 0, 0 },
	{ "connections", 0, OPT_INTEGER, "n", &connections,
	    "open at a time (1024)", 0, 1, 100000 },
	{ "per-address", 0, OPT_INTEGER, "n", &per_address,
	    "of them from one address (256)", 0, 1, 100000 },
	{ "header-time", 0, OPT_INTEGER, "ms", &headers_ms,
	    "for all headers of a request (10000)", 0, 100, 600000 },
	{ "query-time", 0, OPT_INTEGER, "ms", &query_ms,
	    "for one answer (2000)", 0, 1, 600000 },
	OPT_END
};

static const char *
all_libraries(void)
{
	static char line[160];	/* always the same text */

	snprintf(line, sizeof(line), "libmicrohttpd %s, %s",
	    MHD_get_version(), libraries());
	return line;
}

static const struct opt_tool tool = {
	"a read API over the current snapshot, as declared", "[command ...]",
	0, -1, opts, all_libraries
};

struct work {
	struct decl decl;
	struct decl_snapshot rules;
	struct decl_routes routes;
	struct service_conf conf;
	struct service *service;
	struct buf root;
};

static void
load(struct work *w)
{
	decl_start(&w->decl, config);
	decl_start_snapshot(&w->decl, &w->rules);
	decl_start_routes(&w->decl, &w->routes);
	if (w->rules.n_files == 0)
		msg_die(EXIT_USAGE, "%s declares no snapshot",
		    w->decl.source);
	if (snapshot_root(root, data, &w->rules, &w->root) == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
}

static int
open_log(void)
{
	int fd;

	if (logfile == NULL)
		return -1;
	fd = open(logfile, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd == -1)
		msg_die_errno(EXIT_IO, "%s", logfile);
	return fd;
}

static int64_t
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 64 ? 64 : n;
}

static void
start(struct work *w)
{
	struct snapshot_error e;

	snapshot_error_init(&e);
	w->conf = (struct service_conf){ &w->decl, &w->rules, &w->routes, data,
	    w->root.data, address, port, threads > 0 ? threads :
	    processors(), connections, per_address, headers_ms, query_ms,
	    open_log() };
	if ((w->service = service_start(&w->conf, &e)) == NULL)
		msg_die(e.status, "%s", e.text.data);
	snapshot_error_release(&e);
}

/* While COMMAND runs, or until a signal; the status to exit with. */
static int
serve(struct work *w, char *argv[])
{
	pid_t pid;

	if (argv[0] == NULL) {
		if (printf("%s\n", service_url(w->service)) < 0 ||
		    fflush(stdout) == EOF)
			msg_die_errno(EXIT_IO, "standard output");
		msg_debug("signal %d", command_wait_signal());
		return EXIT_OK;
	}
	if (setenv("API", service_url(w->service), 1) == -1)
		msg_die_errno(EXIT_OS, "environment");
	if ((pid = command_start(argv)) == -1)
		msg_die_errno(errno == ENOENT ? EXIT_NOINPUT : EXIT_OS, "%s",
		    argv[0]);
	return command_wait(pid);
}

int
main(int argc, char *argv[])
{
	struct work w = { .service = NULL };
	int status, i = opt_parse(&tool, argc, argv);

	/* No counting of memory: its lock is one for all threads. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	buf_init(&w.root, PATH_BYTES_MAX);
	load(&w);
	if (command_prepare(argv[i] != NULL) == -1)
		msg_die_errno(EXIT_OS, "signals");
	start(&w);
	status = serve(&w, argv + i);
	service_stop(w.service);
	if (w.conf.log != -1)
		close(w.conf.log);
	buf_release(&w.root);
	decl_release(&w.decl);
	return status;
}
