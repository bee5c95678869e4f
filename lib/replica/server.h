/*
 * server.h -- listen on the loopback interface and answer in threads.
 */
#ifndef REPLICA_SERVER_H
#define REPLICA_SERVER_H

#include <stdint.h>

#include "replica/site.h"

struct server_conf {
	int64_t port;		/* 0: one that the kernel gives */
	int64_t latency_ms;	/* before every data answer */
	const char *cert, *key;	/* PEM, for https; NULL: http */
	int log;		/* descriptor for the request log, or -1 */
	const char *robots;	/* the file for /robots.txt, or NULL */
	const struct site *site;	/* borrowed, as the next two */
	struct tick *tick;
	struct faultscript *script;
};

struct server;

/* Listen and answer in threads of its own.  Returns NULL with errno, EINVAL
 * if TLS cannot be had from cert and key. */
struct server *server_start(const struct server_conf *conf);

/* End all connections and free s. */
void server_stop(struct server *s);

/* The port it listens on. */
int server_port(const struct server *s);

#endif
