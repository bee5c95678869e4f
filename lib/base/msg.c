#include "base/msg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Process-wide by nature: the name and the volume of this program. */
static const char *prog = "sluice";
static enum msg_level volume = MSG_NORMAL;

static void report(const char *, int, const char *, va_list) MSG_FMT(3, 0);

void
msg_init(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	int fd;

	prog = slash != NULL ? slash + 1 : argv0;
	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_OS);
	signal(SIGPIPE, SIG_IGN);
}

const char *
msg_tool(void)
{
	return prog;
}

void
msg_set_level(enum msg_level level)
{
	volume = level;
}

enum msg_level
msg_get_level(void)
{
	return volume;
}

/*
 * Control characters drive terminals: show them as '?'.  C1 ones arrive as
 * two bytes of UTF-8, c2 80 to c2 9f.
 */
void
msg_mask(char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f)
			text[i] = '?';
		else if (c == 0xc2 && i + 1 < n &&
		    ((unsigned char)text[i + 1] & 0xe0) == 0x80)
			text[i] = text[i + 1] = '?';
	}
}

/* Where to cut a line longer than n, so that no UTF-8 sequence is torn. */
static size_t
cut(const char *line, size_t n)
{
	while (n > 0 && ((unsigned char)line[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
report(const char *level, int err, const char *fmt, va_list ap)
{
	char line[2048];
	size_t n, cap = sizeof(line) - 1;	/* one byte for the newline */
	int r;

	r = snprintf(line, cap, "%s: %s: ", prog, level);
	n = r < 0 ? 0 : (size_t)r;
	if (n < cap) {
		r = vsnprintf(line + n, cap - n, fmt, ap);
		n += r < 0 ? 0 : (size_t)r;
	}
	if (err != 0 && n < cap) {
		r = snprintf(line + n, cap - n, ": %s", strerror(err));
		n += r < 0 ? 0 : (size_t)r;
	}
	if (n >= cap)
		n = cut(line, cap - 2);
	msg_mask(line, n);
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);
}

#define REPORT(min, level, err) do {				\
	va_list ap;						\
	int saved = errno;					\
								\
	if (volume >= (min)) {					\
		va_start(ap, fmt);				\
		report(level, err, fmt, ap);			\
		va_end(ap);					\
	}							\
	errno = saved;						\
} while (0)

void
msg_debug(const char *fmt, ...)
{
	REPORT(MSG_VERBOSE, "debug", 0);
}

void
msg_note(const char *fmt, ...)
{
	REPORT(MSG_NORMAL, "note", 0);
}

void
msg_warn(const char *fmt, ...)
{
	REPORT(MSG_NORMAL, "warning", 0);
}

void
msg_error(const char *fmt, ...)
{
	REPORT(MSG_QUIET, "error", 0);
}

void
msg_error_errno(const char *fmt, ...)
{
	REPORT(MSG_QUIET, "error", saved);
}

void
msg_die(enum exits status, const char *fmt, ...)
{
	REPORT(MSG_QUIET, "error", 0);
	exit((int)status);
}

void
msg_die_errno(enum exits status, const char *fmt, ...)
{
	REPORT(MSG_QUIET, "error", saved);
	exit((int)status);
}

enum exits
msg_status(int err)
{
	switch (err) {
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EAGAIN:
		return EXIT_OS;
	case ENOENT:
	case ENOTDIR:
		return EXIT_NOINPUT;
	case EINTR:
		return EXIT_TEMP;
	case EEXIST:
		return EXIT_REFUSED;
	default:
		return EXIT_IO;
	}
}
