/*
 * start.h -- the options that all replicas have, and the life of one.
 *
 * As opt_parse(), these say what is wrong and exit: nothing that cannot be
 * made again has been touched yet.
 */
#ifndef REPLICA_START_H
#define REPLICA_START_H

#include "base/opt.h"
#include "replica/site.h"

struct start_options {
	const char *cert, *fail, *faults, *key, *log, *robots, *tick_file;
	int64_t fault_seed, latency_ms, port, seed, tick;
};

#define START_OPTIONS_DEFAULT { .fault_seed = 1, .seed = 1, .tick = -1 }

/* Table entries that fill the struct start_options o. */
#define START_OPTIONS(o)						\
	{ "cert", 0, OPT_STRING, "file", &(o).cert,			\
	    "serve https with this certificate (PEM)", 0, 0, 0 },	\
	{ "fail", 0, OPT_STRING, "rules", &(o).fail,			\
	    "answers to spoil: PATTERN FAULT [NAME=VALUE ...][; ...]",	\
	    0, 0, 0 },							\
	{ "faults", 0, OPT_STRING, "file", &(o).faults,			\
	    "more such rules, one a line", 0, 0, 0 },			\
	{ "fault-seed", 0, OPT_INTEGER, "n", &(o).fault_seed,		\
	    "which requests a chance strikes (1)", 0, 0, INT64_MAX },	\
	{ "key", 0, OPT_STRING, "file", &(o).key,			\
	    "of the certificate (PEM)", 0, 0, 0 },			\
	{ "latency", 0, OPT_INTEGER, "ms", &(o).latency_ms,		\
	    "milliseconds before each answer (0)", 0, 0, 600000 },	\
	{ "log", 0, OPT_STRING, "file", &(o).log,			\
	    "append a JSON line per request", 0, 0, 0 },		\
	{ "port", 0, OPT_INTEGER, "port", &(o).port,			\
	    "listen there (0: any free port)", 0, 0, 65535 },		\
	{ "robots", 0, OPT_STRING, "file", &(o).robots,			\
	    "serve file as /robots.txt", 0, 0, 0 },			\
	{ "seed", 0, OPT_INTEGER, "n", &(o).seed,			\
	    "which made-up data (1)", 0, 0, INT64_MAX },		\
	{ "tick", 0, OPT_INTEGER, "n", &(o).tick,			\
	    "start at tick n (0)", 0, 0, TICK_MAX },			\
	{ "tick-file", 0, OPT_STRING, "file", &(o).tick_file,		\
	    "resume at the tick in file, and record it there", 0, 0, 0 }

/* The linked libraries, for --version. */
const char *start_libraries(void);

/* The tick that start_replica() will begin at; it says what is wrong. */
int64_t start_tick(const struct start_options *o);

/*
 * Serve site while argv, a command, runs; without one print the address
 * and serve until a signal.  Returns the status to exit with.
 */
int start_replica(const struct start_options *o, const struct site *site,
    char *argv[]);

#endif
