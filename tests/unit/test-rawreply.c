/* Replies past the server, as the client's end of a TCP connection sees
 * them: rawreply.h. */
#include "net/rawreply.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/gzip.h"
#include "tap.h"

#define HEADERS "Content-Type: text/plain\r\n"
#define BODY "0123456789"

struct peer {
	int server, client;
	int stop[2];
	const struct fault *fault;
	pthread_t thread;
};

/* Both ends of one connection over the loopback interface. */
static void
meet(struct peer *p)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	p->client = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&addr, n) == -1 ||
	    listen(listener, 1) == -1 ||
	    getsockname(listener, (struct sockaddr *)&addr, &n) == -1 ||
	    connect(p->client, (struct sockaddr *)&addr, n) == -1 ||
	    (p->server = accept(listener, NULL, NULL)) == -1 ||
	    pipe(p->stop) == -1)
		tap_ok(0, "a connection");
	close(listener);
}

static void *
serve(void *arg)
{
	struct peer *p = arg;

	rawreply_send(p->server, p->stop[0], p->fault,
	    &(struct rawreply){ HEADERS, BODY, sizeof(BODY) - 1 });
	close(p->server);
	return NULL;
}

static void
start(struct peer *p, const struct fault *f)
{
	meet(p);
	p->fault = f;
	pthread_create(&p->thread, NULL, serve, p);
}

static void
finish(struct peer *p)
{
	close(p->client);
	pthread_join(p->thread, NULL);
	close(p->stop[0]);
	close(p->stop[1]);
}

/* All that comes, at most what fits; errno is that of the end, or 0. */
static void
receive(struct peer *p, struct buf *b)
{
	char bytes[4096];
	ssize_t n;

	while ((n = recv(p->client, bytes, sizeof(bytes), 0)) > 0)
		if (buf_add(b, bytes, (size_t)n) == -1)
			break;
	if (n >= 0)
		errno = 0;
}

static const struct {
	const char *descr;
	struct fault fault;
	const char *length, *body;	/* "" : no answer at all */
	int error;
} replies[] = {
	{ "half of it, as announced", { .kind = FAULT_CUT_GZIP, .share = 50 },
	    "5", "01234", 0 },
	{ "nothing of it", { .kind = FAULT_CUT_GZIP }, "0", "", 0 },
	{ "a wrong bit", { .kind = FAULT_DAMAGED, .share = 50 }, "10",
	    "0123446789", 0 },
	{ "in the last byte", { .kind = FAULT_DAMAGED, .share = 100 }, "10",
	    "0123456788", 0 },
	{ "more is announced", { .kind = FAULT_LENGTH, .by = 3 }, "13", BODY,
	    0 },
	{ "less is announced", { .kind = FAULT_LENGTH, .by = -3 }, "7", BODY,
	    0 },
	{ "never less than nothing", { .kind = FAULT_LENGTH, .by = -99 }, "0",
	    BODY, 0 },
	{ "a reset in the middle", { .kind = FAULT_RESET, .share = 30 }, "10",
	    "012", ECONNRESET },
	{ "fast drops", { .kind = FAULT_DRIP, .rate = 100000 }, "10", BODY,
	    0 },
	{ "closed", { .kind = FAULT_CLOSE }, NULL, "", 0 }
};

static void
test_reply(size_t i)
{
	struct buf want, got;
	struct peer p;

	buf_init(&want, 4096);
	buf_init(&got, 4096);
	if (replies[i].length != NULL)
		buf_printf(&want, "HTTP/1.1 200 OK\r\n" HEADERS "Connection: "
		    "close\r\nContent-Length: %s\r\n\r\n%s",
		    replies[i].length, replies[i].body);
	start(&p, &replies[i].fault);
	receive(&p, &got);
	tap_int(errno, replies[i].error, replies[i].descr);
	tap_str(got.data, want.data, "its bytes");
	finish(&p);
	buf_release(&want);
	buf_release(&got);
}

static int
count(const char *bytes, size_t n, void *arg)
{
	(void)bytes;
	*(size_t *)arg += n;
	return 0;
}

/* A bomb is sound gzip, and much smaller than what is in it. */
static void
test_bomb(void)
{
	const struct fault f = { .kind = FAULT_BOMB, .size = 20 << 20 };
	struct gzip gzip;
	struct peer p;
	struct buf b;
	size_t n = 0, head;

	buf_init(&b, 1 << 20);
	start(&p, &f);
	receive(&p, &b);
	finish(&p);
	head = (size_t)(strstr(b.data, "\r\n\r\n") + 4 - b.data);
	gzip_init(&gzip, 1 << 30, count, &n);
	tap_ok(gzip_feed(&gzip, b.data + head, b.len - head) == GZIP_OK &&
	    gzip_end(&gzip) == GZIP_OK, "a bomb is gzip");
	tap_ok(n >= (size_t)f.size && b.len < n / 500,
	    "%zu bytes become %zu", b.len, n);
	gzip_release(&gzip);
	buf_release(&b);
}

/* What has no end ends with the client, or with the server. */
static void
test_endless(enum fault_kind kind, int by_stop)
{
	const struct fault f = { .kind = kind, .rate = 1 };
	struct peer p;
	struct buf b;

	buf_init(&b, 1000000);
	start(&p, &f);
	if (kind == FAULT_ENDLESS) {
		receive(&p, &b);
		tap_ok(b.len > 900000, "endless");
	}
	if (by_stop) {
		close(p.stop[1]);
		pthread_join(p.thread, NULL);
		close(p.client);
		close(p.stop[0]);
	} else {
		finish(&p);
	}
	tap_ok(1, "%d ends with the %s", (int)kind,
	    by_stop ? "server" : "client");
	buf_release(&b);
}

static void
test_wait(void)
{
	struct peer p;

	meet(&p);
	tap_int(rawreply_wait(p.server, p.stop[0], 5), 0, "time passes");
	tap_ok(write(p.client, "x", 1) == 1 &&
	    rawreply_wait(p.server, p.stop[0], 5) == 0,
	    "what the client sends does not matter");
	shutdown(p.client, SHUT_WR);
	tap_int(rawreply_wait(p.server, p.stop[0], -1), -1,
	    "the client goes away");
	close(p.server);
	close(p.client);
	close(p.stop[1]);
	close(p.stop[0]);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(replies); i++)
		test_reply(i);
	test_bomb();
	test_endless(FAULT_ENDLESS, 0);
	test_endless(FAULT_ENDLESS, 1);
	test_endless(FAULT_SILENT, 0);
	test_endless(FAULT_SILENT, 1);
	test_endless(FAULT_DRIP, 0);
	test_endless(FAULT_DRIP, 1);
	test_wait();
	return tap_done();
}
