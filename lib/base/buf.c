#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes of a file read at a time. */
#define CHUNK 65536

/* What an empty buffer points at; never written to. */
static char nothing[1];

void
buf_init(struct buf *b, size_t max)
{
	b->data = nothing;
	b->len = b->cap = 0;
	b->max = max;
}

void
buf_release(struct buf *b)
{
	if (b->cap > 0)
		free(b->data);
	buf_init(b, b->max);
}

void
buf_cut(struct buf *b, size_t n)
{
	b->len = n;
	if (b->cap > 0)
		b->data[n] = '\0';
}

void
buf_clear(struct buf *b)
{
	buf_cut(b, 0);
}

int
buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (n > b->max || b->len > b->max - n) {
		errno = E2BIG;
		return -1;
	}
	need = b->len + n;
	if (need < b->cap)
		return 0;
	if (need >= SIZE_MAX / 2) {	/* more than any object can have */
		errno = ENOMEM;
		return -1;
	}
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap <= need)
		cap *= 2;
	if (cap > b->max)
		cap = b->max + 1;	/* need <= max, so need < cap */
	if ((p = realloc(b->cap > 0 ? b->data : NULL, cap)) == NULL)
		return -1;
	b->data = p;
	b->cap = cap;
	return 0;
}

int
buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (buf_reserve(b, n) == -1)
		return -1;
	if (n > 0)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	b->data[b->len] = '\0';
	return 0;
}

int
buf_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_chr(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || buf_reserve(b, (size_t)n) == -1)
		return -1;
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return 0;
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vprintf(b, fmt, ap);
	va_end(ap);
	return r;
}

/* One piece of fd; as read(2), but E2BIG for what is beyond the maximum. */
static ssize_t
read_piece(struct buf *b, int fd)
{
	size_t room = b->max - b->len;
	ssize_t n;
	char more;

	if (room == 0) {
		n = read(fd, &more, 1);
		errno = n > 0 ? E2BIG : errno;
		return n > 0 ? -1 : n;
	}
	room = room < CHUNK ? room : CHUNK;
	if (buf_reserve(b, room) == -1)
		return -1;
	if ((n = read(fd, b->data + b->len, room)) > 0)
		b->len += (size_t)n;
	b->data[b->len] = '\0';
	return n;
}

int
buf_file(struct buf *b, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	ssize_t n;

	if (fd == -1)
		return -1;
	while ((n = read_piece(b, fd)) > 0)
		;
	saved = errno;
	close(fd);
	errno = saved;
	return n == 0 ? 0 : -1;
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

char *
buf_detach(struct buf *b)
{
	char *p;

	if (b->cap == 0 && buf_reserve(b, 0) == -1)
		return NULL;
	p = b->data;
	p[b->len] = '\0';
	buf_init(b, b->max);
	return p;
}
