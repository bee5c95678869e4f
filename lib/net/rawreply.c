#define _GNU_SOURCE		/* POLLRDHUP */

#include "net/rawreply.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/clock.h"

#define BLOCK 65536
#define GZIP_WRAPPER (15 + 16)	/* windowBits that mean gzip in zlib */

/* Blanks in one gzip member of a bomb: 16 kB that become 16 MB. */
#define MEMBER ((int64_t)16 << 20)

/* A drip falls at most so often a second. */
#define DROPS 20

/* For the peer to have what was sent before a reset. */
#define DRAIN_MS 2000

int
rawreply_is(const struct fault *f)
{
	return f->kind >= FAULT_CUT_GZIP;
}

int
rawreply_is_alone(const struct fault *f)
{
	return f->kind >= FAULT_CLOSE;
}

int
rawreply_status(const struct fault *f)
{
	return f->kind == FAULT_CLOSE || f->kind == FAULT_SILENT ? 0 : 200;
}

/* Wait until fd is ready for events or ms have passed; as poll(2), but -1
 * also when the client is gone or the server stops. */
static int
ready(int fd, int stop, short events, int64_t ms)
{
	struct pollfd p[2] = { { fd, (short)(events | POLLRDHUP), 0 },
	    { stop, POLLIN, 0 } };
	int n = poll(p, 2, ms > INT_MAX ? INT_MAX : (int)ms);

	if (n == -1 && errno == EINTR)
		return 0;
	if (n == -1 || p[1].revents != 0 ||
	    (p[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
		return -1;
	return n;
}

int
rawreply_wait(int fd, int stop, int64_t ms)
{
	int64_t now = clock_mono_ms(), end = now + ms;

	for (; ms < 0 || now < end; now = clock_mono_ms())
		if (ready(fd, stop, 0, ms < 0 ? -1 : end - now) == -1)
			return -1;
	return 0;
}

static int
send_all(int fd, int stop, const void *bytes, size_t n)
{
	const char *at = bytes;
	ssize_t sent;

	while (n > 0) {
		if (ready(fd, stop, POLLOUT, -1) == -1)
			return -1;
		sent = send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent == -1 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (sent > 0) {
			at += sent;
			n -= (size_t)sent;
		}
	}
	return 0;
}

/* The status line and headers; length -1: none is announced. */
static int
send_head(int fd, int stop, const char *headers, int64_t length)
{
	struct buf b;
	int r;

	buf_init(&b, BLOCK);
	r = buf_printf(&b, "HTTP/1.1 200 OK\r\n%sConnection: close\r\n",
	    headers);
	if (r == 0 && length >= 0)
		r = buf_printf(&b, "Content-Length: %" PRId64 "\r\n", length);
	if (r == 0 && (r = buf_str(&b, "\r\n")) == 0)
		r = send_all(fd, stop, b.data, b.len);
	buf_release(&b);
	return r;
}

/* The first n bytes of the answer, announced as length. */
static int
send_part(int fd, int stop, const struct rawreply *r, size_t n,
    int64_t length)
{
	if (send_head(fd, stop, r->headers, length) == -1)
		return -1;
	return send_all(fd, stop, r->bytes, n);
}

/* All of it, one bit of the byte at `at` being the other one. */
static void
send_damaged(int fd, int stop, const struct rawreply *r, size_t at)
{
	char wrong;

	if (at >= r->n)
		at = r->n > 0 ? r->n - 1 : 0;
	if (send_part(fd, stop, r, at, (int64_t)r->n) == -1 || r->n == 0)
		return;
	wrong = r->bytes[at] ^ 1;
	if (send_all(fd, stop, &wrong, 1) == 0)
		(void)send_all(fd, stop, r->bytes + at + 1, r->n - at - 1);
}

/* All of it, and what is announced beyond it does not come; or more of it
 * than was announced. */
static void
send_length(int fd, int stop, const struct fault *f,
    const struct rawreply *r)
{
	int64_t length = (int64_t)r->n + f->by;

	(void)send_part(fd, stop, r, r->n, length > 0 ? length : 0);
}

/* Reset the connection: what disconnecting a TCP socket does. */
static void
reset(int fd, int stop)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	int64_t end = clock_mono_ms() + DRAIN_MS;
	int left = 0;

	while (ioctl(fd, SIOCOUTQ, &left) == 0 && left > 0 &&
	    clock_mono_ms() < end && rawreply_wait(fd, stop, 1) == 0)
		;
	(void)connect(fd, &none, sizeof(none));
}

static void
drip(int fd, int stop, int64_t rate, const struct rawreply *r)
{
	size_t drop = rate > DROPS ? (size_t)(rate / DROPS) : 1, n, at;

	if (send_head(fd, stop, r->headers, (int64_t)r->n) == -1)
		return;
	for (at = 0; at < r->n; at += n) {
		n = r->n - at < drop ? r->n - at : drop;
		if (send_all(fd, stop, r->bytes + at, n) == -1 ||
		    rawreply_wait(fd, stop, (int64_t)n * 1000 / rate) == -1)
			return;
	}
}

/* A list that goes on and on, as fast as the client takes it. */
static void
send_endless(int fd, int stop)
{
	static const char head[] = "Content-Type: application/json\r\n";
	char *block = malloc(BLOCK);
	size_t i;
	int r;

	if (block == NULL)
		return;
	for (i = 0; i < BLOCK; i++)
		block[i] = i % 2 == 0 ? ',' : '0';
	r = send_head(fd, stop, head, -1);
	if (r == 0)
		r = send_all(fd, stop, "[0", 2);
	while (r == 0)
		r = send_all(fd, stop, block, BLOCK);
	free(block);
}

/* MEMBER blanks as one gzip member. */
static int
make_member(struct buf *gz)
{
	z_stream z = { 0 };
	char blanks[4096];
	int64_t left;
	int r = Z_OK;

	memset(blanks, ' ', sizeof(blanks));
	if (buf_reserve(gz, BLOCK) == -1 || deflateInit2(&z, 9, Z_DEFLATED,
	    GZIP_WRAPPER, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	z.next_out = (Bytef *)gz->data;
	z.avail_out = BLOCK;
	for (left = MEMBER; left > 0 && r == Z_OK; left -= sizeof(blanks)) {
		z.next_in = (Bytef *)blanks;
		z.avail_in = sizeof(blanks);
		r = deflate(&z, left > (int64_t)sizeof(blanks) ? Z_NO_FLUSH :
		    Z_FINISH);
	}
	gz->len = BLOCK - z.avail_out;
	deflateEnd(&z);
	return r == Z_STREAM_END ? 0 : -1;
}

static void
send_bomb(int fd, int stop, int64_t size)
{
	static const char head[] = "Content-Type: application/json\r\n"
	    "Content-Encoding: gzip\r\n";
	int64_t members = (size + MEMBER - 1) / MEMBER;
	struct buf gz;
	int r;

	buf_init(&gz, 2 * BLOCK);
	r = make_member(&gz);
	if (r == 0)
		r = send_head(fd, stop, head, members * (int64_t)gz.len);
	for (; r == 0 && members > 0; members--)
		r = send_all(fd, stop, gz.data, gz.len);
	buf_release(&gz);
}

void
rawreply_send(int fd, int stop, const struct fault *f,
    const struct rawreply *r)
{
	size_t share = r != NULL ? r->n * (size_t)f->share / 100 : 0;

	switch (f->kind) {
	case FAULT_CUT_GZIP:
		(void)send_part(fd, stop, r, share, (int64_t)share);
		break;
	case FAULT_DAMAGED:
		send_damaged(fd, stop, r, share);
		break;
	case FAULT_LENGTH:
		send_length(fd, stop, f, r);
		break;
	case FAULT_RESET:
		if (send_part(fd, stop, r, share, (int64_t)r->n) == 0)
			reset(fd, stop);
		break;
	case FAULT_DRIP:
		drip(fd, stop, f->rate, r);
		break;
	case FAULT_SILENT:
		(void)rawreply_wait(fd, stop, -1);
		break;
	case FAULT_ENDLESS:
		send_endless(fd, stop);
		break;
	case FAULT_BOMB:
		send_bomb(fd, stop, f->size);
		break;
	default:
		break;		/* closed without a word */
	}
}
