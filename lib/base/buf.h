/*
 * buf.h -- growable bytes with a maximum.
 *
 * data[len] is always '\0' once anything was added, so text can be used as
 * a C string.  A buffer never grows beyond max: the add fails, what was in
 * it stays.  The zero value is not usable; call buf_init().
 */
#ifndef BUF_H
#define BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/msg.h"

struct buf {
	char *data;		/* owned; never NULL after buf_init() */
	size_t len;		/* bytes used, without the final '\0' */
	size_t cap;		/* bytes allocated */
	size_t max;		/* len never exceeds this */
};

/* Start empty, holding at most max bytes.  Allocates nothing. */
void buf_init(struct buf *b, size_t max);

/* Free the contents and start anew with the same maximum. */
void buf_release(struct buf *b);

/* Forget the contents, keep the memory. */
void buf_clear(struct buf *b);

/*
 * Append.  Each returns 0, or -1 with errno ENOMEM or E2BIG (the maximum)
 * and the buffer unchanged.
 */
int buf_add(struct buf *b, const void *bytes, size_t n);
int buf_str(struct buf *b, const char *s);
int buf_chr(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...) MSG_FMT(2, 3);
int buf_vprintf(struct buf *b, const char *fmt, va_list ap) MSG_FMT(2, 0);

/*
 * Append the whole of the file path.  Returns 0, or -1 with errno (E2BIG:
 * more than the maximum) and the buffer holding a part of it.
 */
int buf_file(struct buf *b, const char *path);

/* Make room for n more bytes at data + len; the caller then adds to len. */
int buf_reserve(struct buf *b, size_t n);

/* Keep the first n bytes only (n <= len). */
void buf_cut(struct buf *b, size_t n);

/* Remove the first n bytes (n <= len). */
void buf_drop(struct buf *b, size_t n);

/*
 * Hand the '\0'-terminated contents to the caller, who owes a free(); the
 * buffer is empty afterwards.  Returns NULL with errno ENOMEM if even an
 * empty string could not be allocated.
 */
char *buf_detach(struct buf *b);

#endif
